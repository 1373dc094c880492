"""What may be asked of the fields that admins added: `field.color:red`, `field.amount:>100`, `field.due:<2026-12-01`.

Equality is asked of an index; a comparison is not, so it is checked on the way down from the newest ticket.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import BooleanField, F, Func, JSONField, Q
from django.db.models import Value as Constant
from django.utils.translation import gettext_lazy

from accounts.models import CustomField, FieldKind
from accounts.models.field_values import Unfit, named
from accounts.sentences import gettext as _
from tickets.filters import times
from tickets.filters.errors import FilterError
from tickets.filters.grammar import OWN, unknown
from tickets.filters.tree import Property, Value

_COMPARES = {FieldKind.NUMBER, FieldKind.DATE}
_NUMBERS = gettext_lazy("Write 100, >100, <=99.5 or 10..20.")
_DAYS = gettext_lazy("Write 2026-11-01, 2026-11, today, yesterday, <2026-12-01 or 2026-11-01..2026-11-05.")


def condition(asked_for: Property, fields: Mapping[str, CustomField], now: datetime) -> Q:
    """One of the values must hold. Raises FilterError for a field that there is not."""
    field = fields.get(asked_for.name.removeprefix(OWN))
    if field is None:
        raise _no_such_field(asked_for, fields)
    either = Q()
    for value in asked_for.values:
        if value.comparison and field.kind not in _COMPARES:
            sentence = _("%(field)s cannot be compared: leave out %(comparison)s, or quote it.") % {
                "field": asked_for.name,
                "comparison": value.comparison,
            }
            raise value.error(sentence)
        either |= _has(field, value, now)
    return either


def _no_such_field(asked_for: Property, fields: Mapping[str, CustomField]) -> FilterError:
    names = [OWN + key for key in fields]
    known = (
        unknown(asked_for.name, names)
        if names
        else _("There is no field “%(field)s”: none is defined yet.") % {"field": asked_for.name}
    )
    return FilterError(known, asked_for.position, len(asked_for.name))


def _has(field: CustomField, value: Value, now: datetime) -> Q:
    if not value.quoted and value.text.lower() == "none" and not value.comparison:
        return ~Q(custom_fields__has_key=field.key)
    match field.kind:
        case FieldKind.NUMBER if value.comparison or ".." in value.text:
            return _number(field, value)
        case FieldKind.DATE:
            return _day(field, value, now)
        case FieldKind.CHOICE | FieldKind.MULTI_CHOICE:
            return _choice(field, value)
    return Q(custom_fields__contains={field.key: _read(field, value, value.text)})


def _read(field: CustomField, value: Value, text: str) -> Any:
    try:
        found = field.read(text)
    except Unfit as unfit:
        raise value.error(str(unfit)) from None
    if found is None:
        raise value.error(_("Say none for tickets without a value."))
    return found


def _choice(field: CustomField, value: Value) -> Q:
    """Whatever the case; also one that is no longer offered."""
    known = {choice.casefold(): choice for choice in [*field.former_choices, *field.choices]}
    wanted = " ".join(value.text.casefold().split())
    if wanted not in known:
        offered = named(field.choices)
        raise value.error(
            _("%(field)s has no choice “%(value)s”. There are: %(offered)s, and none.")
            % {"field": OWN + field.key, "value": value.text, "offered": offered}
        )
    choice = known[wanted]
    held: Any = [choice] if field.kind == FieldKind.MULTI_CHOICE else choice
    return Q(custom_fields__contains={field.key: held})


def _number(field: CustomField, value: Value) -> Q:
    if ".." not in value.text:
        return _compared(field, value.comparison, _read(field, value, value.text))
    low, _dots, high = value.text.partition("..")
    if value.comparison or not (low or high):
        raise value.error(str(_NUMBERS))
    condition = _compared(field, ">=", _read(field, value, low)) if low else Q()
    return condition & _compared(field, "<=", _read(field, value, high)) if high else condition


def _day(field: CustomField, value: Value, now: datetime) -> Q:
    if value.quoted:
        raise value.error(str(_DAYS))
    if ".." in value.text:
        return _between(field, value, now)
    days = times.days(value, value.text, now, str(_DAYS))
    return {
        "": _compared(field, ">=", days.first) & _compared(field, "<", days.end),
        ">": _compared(field, ">=", days.end),
        ">=": _compared(field, ">=", days.first),
        "<": _compared(field, "<", days.first),
        "<=": _compared(field, "<", days.end),
    }[value.comparison]


def _between(field: CustomField, value: Value, now: datetime) -> Q:
    first, _dots, last = value.text.partition("..")
    if value.comparison or not (first or last):
        raise value.error(str(_DAYS))
    condition = _compared(field, ">=", times.days(value, first, now, str(_DAYS)).first) if first else Q()
    return (
        condition & _compared(field, "<", times.days(value, last, now, str(_DAYS)).end) if last else condition
    )


def _compared(field: CustomField, sign: str, value: float | date) -> Q:
    """As the column's own language says it: what is no number, or no day, is neither greater nor less.

    The key is one of ours, and letters, digits and _ are all it has. Days are text in the order of time.
    """
    path = Func(Constant(f"$.{field.key} ? (@ {sign} $wanted)"), template="%(expressions)s::jsonpath")
    wanted = value.isoformat() if isinstance(value, date) else value
    return Q(
        Func(
            F("custom_fields"),
            path,
            Constant({"wanted": wanted}, JSONField()),
            function="jsonb_path_exists",
            output_field=BooleanField(),
        )
    )
