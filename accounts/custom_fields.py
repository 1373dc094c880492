"""Custom fields on pages: what their values read as, and the controls by which they are filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.db.models.functions import JSONObject
from django.utils.formats import date_format, number_format
from django.utils.html import conditional_escape
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import CustomField, FieldKind
from accounts.models.custom_field import WithCustomFields
from accounts.models.field_values import MAX_TEXT, Unfit


@dataclass(frozen=True, slots=True)
class Shown:
    """A field with the value that a row has in it; None where it is not filled in."""

    field: CustomField
    value: Any

    @property
    def words(self) -> str:
        return in_words(self.value, self.field.kind)

    @property
    def address(self) -> str:
        """Where the value leads to, if it is an address."""
        return str(self.value or "") if self.field.kind == FieldKind.URL else ""


def in_use(*things: str) -> list[CustomField]:
    """The fields of these things that are in use, in order. One query."""
    return list(CustomField.objects.on(*things).active())


def told(*things: str) -> ArraySubquery:
    """The same as a column of any query, for `as_told`: what is needed to show values."""
    rows = CustomField.objects.on(*things).active().order_by("applies_to", "position", "id")
    columns = ("applies_to", "key", "label", "kind")
    return ArraySubquery(rows.values(told=JSONObject(**{name: name for name in columns})))


def as_told(columns: Iterable[Mapping[str, str]]) -> list[CustomField]:
    return [CustomField(**values) for values in columns]


def shown(row: WithCustomFields | None, fields: Iterable[CustomField]) -> list[Shown]:
    """Those of the fields that belong to the row, with its values."""
    if row is None:
        return []
    thing = row._meta.model_name
    return [Shown(field, row.custom_fields.get(field.key)) for field in fields if field.applies_to == thing]


def in_words(value: Any, kind: str = "") -> str:
    """A value as people read it, also when all that is known of it is the value."""
    match value:
        case None:
            return ""
        case bool():
            return _("yes") if value else _("no")
        case list():
            return ", ".join(map(str, value))
        case float():
            return number_format(value)
        case str() if kind == FieldKind.DATE:
            return date_format(date.fromisoformat(value), pgettext("date", "j M Y"))
    return str(value)


class ValueField(forms.Field):
    """Takes what somebody typed or chose, and returns the value for the verb. None empties the field."""

    def __init__(self, field: CustomField, current: Any = None) -> None:
        self.field = field
        if field.kind == FieldKind.MULTI_CHOICE:
            self.hidden_widget = forms.MultipleHiddenInput
        super().__init__(
            label=field.label,
            help_text=conditional_escape(field.help_text),
            required=False,
            widget=_widget(field, current),
            initial=typed(current),
        )

    def clean(self, value: Any) -> Any:
        try:
            return self.field.read(value if isinstance(value, list) else str(value or ""))
        except Unfit as unfit:
            raise ValidationError(str(unfit)) from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((initial or "") != (data or ""))


def value_fields(fields: Iterable[CustomField], values: Mapping[str, Any]) -> dict[str, ValueField]:
    """A control for each field, under the name by which a verb says that its value does not fit."""
    return {field.path: ValueField(field, values.get(field.key)) for field in fields}


def typed(value: Any) -> Any:
    """The value as a control holds it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value


def options(field: CustomField, current: Any) -> list[tuple[str, str]]:
    """What can be chosen, and what was chosen before and cannot be any more."""
    if field.kind == FieldKind.BOOLEAN:
        return [("yes", _("yes")), ("no", _("no"))]
    chosen = current if isinstance(current, list) else [current] if current else []
    former = [choice for choice in chosen if choice not in field.choices]
    return [(choice, choice) for choice in field.choices] + [(choice, _former(choice)) for choice in former]


def _former(choice: str) -> str:
    return _("%(choice)s (no longer offered)") % {"choice": choice}


def _widget(field: CustomField, current: Any) -> forms.Widget:
    match field.kind:
        case FieldKind.CHOICE | FieldKind.BOOLEAN:
            nothing = ("", pgettext("value", "none"))
            return forms.Select(choices=[nothing, *options(field, current)])
        case FieldKind.MULTI_CHOICE:
            return forms.CheckboxSelectMultiple(choices=options(field, current))
        case FieldKind.NUMBER:
            return forms.NumberInput({"step": "any"})
        case FieldKind.DATE:
            return forms.DateInput({"type": "date"}, format="%Y-%m-%d")
        case FieldKind.URL:
            return forms.URLInput({"maxlength": MAX_TEXT, "placeholder": "https://"})
    return forms.TextInput({"maxlength": MAX_TEXT})
