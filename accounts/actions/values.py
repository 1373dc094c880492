"""How the values of custom fields change: one way for tickets, contacts and organizations, at every door."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.actions.refusal import Faulty
from accounts.models import CustomField, Thing
from accounts.models.custom_field import KEY, WithCustomFields
from accounts.models.field_values import Unfit
from accounts.sentences import gettext as _


@dataclass(frozen=True, slots=True)
class Filled:
    """The values of a row as they shall be, what changes by that, and what the changed fields are called."""

    values: dict[str, Any]
    changes: dict[str, tuple[Any, Any]]
    labels: dict[str, str]


def fill(row: WithCustomFields, given: Mapping[str, Any] | None) -> Filled:
    """The row's values with those that are given, by key; None takes one away. Changes nothing yet.

    The row is held by the caller. Raises Faulty with a sentence for every value that does not fit.
    """
    return fill_in(Thing(str(row._meta.model_name)), row.custom_fields, given or {})


def fill_in(thing: Thing, before: Mapping[str, Any], given: Mapping[str, Any]) -> Filled:
    keys = [key for key in given if re.fullmatch(KEY, key, re.ASCII)]
    fields = CustomField.objects.held(thing, keys) if keys else {}
    values, faults = dict(before), dict[str, tuple[str, str]]()
    for key, value in given.items():
        if key not in fields or not fields[key].is_active:
            faults[_path(key)] = ("unknown_field", _unusable(fields.get(key)))
            continue
        try:
            values[key] = fields[key].fitting(value, before.get(key))
        except Unfit as unfit:
            faults[_path(key)] = ("invalid", str(unfit))
    if faults:
        raise Faulty(_with_known(thing, faults))
    kept = {key: value for key, value in values.items() if value is not None}
    changed = sorted(key for key in given if before.get(key) != kept.get(key))
    changes = {f"custom_fields.{key}": (before.get(key), kept.get(key)) for key in changed}
    return Filled(kept, changes, {key: fields[key].label for key in changed})


def _unusable(field: CustomField | None) -> str:
    return (
        _("There is no such field.")
        if field is None
        else _("“%(field)s” is not in use any more.") % {"field": field.label}
    )


def _with_known(thing: Thing, faults: dict[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """Whoever names a field that is not there is told which are."""
    if all(code != "unknown_field" for code, _message in faults.values()):
        return faults
    known = _known(thing)
    return {
        path: (code, f"{message} {known}" if code == "unknown_field" else message)
        for path, (code, message) in faults.items()
    }


def _known(thing: Thing) -> str:
    keys = CustomField.objects.on(thing).active().values_list("key", flat=True)
    return (
        _("Known are: %(known)s.") % {"known": ", ".join(keys)}
        if keys
        else _("An admin has defined none yet.")
    )


def _path(key: str) -> str:
    shown = key.encode(errors="replace").decode()
    return f"custom_fields.{shown[:40]}"
