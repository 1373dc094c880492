"""`/custom_fields`: which fields admins have added; and `custom_fields.KEY=`, by which lists are filtered."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from rest_framework.request import Request

from accounts import actions
from accounts.api import filters, lists, shapes
from accounts.api.errors import ApiError
from accounts.api.inputs import CustomFieldInput
from accounts.api.operations import Operation
from accounts.api.representations import SHOWN_FIELD
from accounts.api.resources import BY_ID, WITHOUT_TIMES, Collection, Member
from accounts.api.views import CUSTOM
from accounts.keyset import Order
from accounts.models import CustomField, Thing
from accounts.models.field_values import Unfit
from accounts.permissions import Permission
from accounts.policy import READS_FIELDS, require_any

_BY_POSITION = {"position": Order("position", False), "-position": Order("position")}


class CustomFields(Collection):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("custom_fields.list", None, "List custom fields", either=READS_FIELDS),
        "POST": Operation("custom_fields.create", Permission.SETTINGS_WRITE, "Define a custom field"),
    }
    shown = SHOWN_FIELD
    filters = {
        "applies_to": filters.choice("applies_to", Thing.values),
        "key": filters.equals("key"),
        "active": filters.flag("is_active"),
    }
    parameters = WITHOUT_TIMES - {"include"} | set(filters)
    listing = lists.Listing(_BY_POSITION | BY_ID, default="position")
    query = shapes.CustomFieldFilters
    body = CustomFieldInput
    answers = {"GET": [shapes.CustomField], "POST": shapes.CustomField}
    creates = True

    def rows(self) -> QuerySet[Any]:
        require_any(self.actor, READS_FIELDS)
        return super().rows()

    def create(self, **given: Any) -> CustomField:
        return actions.define_field(actor=self.actor, **_stored(given))


class CustomFieldDetail(Member):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("custom_fields.read", None, "Read a custom field", either=READS_FIELDS),
        "PUT": Operation("custom_fields.update", Permission.SETTINGS_WRITE, "Change a custom field"),
        "PATCH": Operation("custom_fields.update", Permission.SETTINGS_WRITE, "Change a custom field"),
        "DELETE": Operation("custom_fields.delete", Permission.ADMIN, "Delete a custom field"),
    }
    shown = SHOWN_FIELD
    parameters = frozenset()
    listing = CustomFields.listing
    body = CustomFieldInput
    answers = dict.fromkeys(("GET", "PUT", "PATCH"), shapes.CustomField)

    def rows(self) -> QuerySet[Any]:
        require_any(self.actor, READS_FIELDS)
        return super().rows()

    def change(self, row: CustomField, **given: Any) -> object:
        return actions.change_field(row, actor=self.actor, **_stored(given))

    def remove(self, row: CustomField) -> None:
        actions.delete_field(row, actor=self.actor)


def _stored(given: dict[str, Any]) -> dict[str, Any]:
    """The API speaks of `active` fields."""
    return {"is_active" if name == "active" else name: value for name, value in given.items()}


def condition(request: Request, thing: Thing) -> Q:
    """All `custom_fields.KEY=VALUE` of the query string together. One query for the fields, if there are any."""
    asked = {
        name[len(CUSTOM) :]: text
        for name, text in request.query_params.dict().items()
        if name.startswith(CUSTOM)
    }
    if "custom_fields" in request.query_params:
        raise filters.wrong("custom_fields", "Name the field: custom_fields.KEY=VALUE.")
    fields = {field.key: field for field in CustomField.objects.on(thing).active()} if asked else {}
    together = Q()
    for key, text in asked.items():
        if key not in fields:
            raise _unknown(key, sorted(fields))
        together &= _has(fields[key], text)
    return together


def _has(field: CustomField, text: str) -> Q:
    if text.strip() == "none":
        return ~Q(custom_fields__has_key=field.key)
    try:
        value = field.read(text)
    except Unfit as unfit:
        raise filters.wrong(field.path, str(unfit)) from None
    if value is None:
        raise filters.wrong(field.path, f"{field.path} is empty. Say none for rows without a value.")
    return Q(custom_fields__contains={field.key: value})


def _unknown(key: str, known: list[str]) -> ApiError:
    names = ", ".join(CUSTOM + name for name in known) or "none"
    name = CUSTOM + key[:40]
    return ApiError(
        400,
        "unknown_parameter",
        f"There is no parameter {name!r} here. Custom fields in use are: {names}.",
        parameter=name,
    )
