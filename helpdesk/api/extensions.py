"""How our own kinds of inputs and fields look in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from drf_spectacular import openapi
from drf_spectacular.extensions import OpenApiSerializerExtension, OpenApiSerializerFieldExtension

from accounts.api.inputs import ContactReference
from accounts.models.custom_field import KEY
from accounts.models.field_values import MAX_TEXT
from helpdesk.api.components.parts import Part
from helpdesk.api.notes import FIELDS
from tickets.inputs import InlineFile


class InputExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """Inputs refuse what they do not know."""

    target_class = "accounts.api.inputs.Input"
    match_subclasses = True

    def map_serializer(self, auto_schema: openapi.AutoSchema, direction: Any) -> Part:
        mapped = auto_schema._map_serializer(  # type: ignore[no-untyped-call]
            self.target, direction, bypass_extensions=True
        )
        if self.target.__class__.__doc__ is None:
            mapped.pop("description", None)  # That of the base class speaks to programmers.
        fields = {name: _explained(name, schema) for name, schema in mapped["properties"].items()}
        return {**mapped, "properties": fields, "additionalProperties": False}


def _explained(name: str, schema: Part) -> Part:
    """A field of a body. Left out, many are empty; to send them empty is refused."""
    kept = {key: value for key, value in schema.items() if (key, value) != ("default", "")}
    return ({"description": FIELDS[name]} if name in FIELDS else {}) | kept


class ReferenceExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """A related row: its id, or what people know it by."""

    target_class = "accounts.api.inputs.Reference"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: openapi.AutoSchema, direction: Any) -> Part:
        ways: list[Part] = [_ID, {"type": "string", "minLength": 1}]
        if isinstance(self.target, ContactReference):
            ways.append(auto_schema.resolve_serializer(self.target.described, direction).ref)
        return {"oneOf": ways, "description": f"Give {self.target.form}."}


class AttachmentExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "tickets.inputs.AttachmentField"

    def map_serializer_field(self, auto_schema: openapi.AutoSchema, direction: Any) -> Part:
        inline = auto_schema.resolve_serializer(InlineFile, direction).ref
        return {"oneOf": [_ID, inline], "description": "The id of an upload, or a small file itself."}


class CustomFieldValuesExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Fields are data, and this document is public: their keys are told by `/custom_fields`."""

    target_class = "accounts.api.inputs.CustomFieldValues"

    def map_serializer_field(self, auto_schema: openapi.AutoSchema, direction: Any) -> Part:
        return _by_key({"anyOf": [*_VALUES, {"type": "null"}]})


class CustomFieldsShownExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.api.shapes.CustomFieldsShown"

    def map_serializer_field(self, auto_schema: openapi.AutoSchema, direction: Any) -> Part:
        return _by_key({"anyOf": _VALUES})


class CustomFieldFilterExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.api.shapes.CustomFieldFilter"

    def map_serializer_field(self, auto_schema: openapi.AutoSchema, direction: Any) -> Part:
        return {
            "type": "object",
            "propertyNames": {"pattern": rf"^custom_fields\.{KEY}$"},
            "additionalProperties": {"type": "string"},
        }


class PriorityExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "tickets.inputs.PriorityField"

    def map_serializer_field(self, auto_schema: openapi.AutoSchema, direction: Any) -> Part:
        from tickets.models import Priority

        return {"type": "string", "enum": [priority.word for priority in Priority]}


def _by_key(value: Part) -> Part:
    return {"type": "object", "propertyNames": {"pattern": f"^{KEY}$"}, "additionalProperties": value}


_VALUES: list[Part] = [
    {"type": "string", "maxLength": MAX_TEXT},
    {"type": "number"},
    {"type": "boolean"},
    {"type": "array", "items": {"type": "string"}},
]
"""What a custom field may hold: a text, a day or a URL; a number; yes or no; several choices."""
_ID: Part = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
