"""The verbs by which an admin decides which custom fields there are."""

from __future__ import annotations

import re
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.actions import configure
from accounts.actions.refusal import Refused, Taken
from accounts.models import Contact, CustomField, FieldKind, Organization, Thing
from accounts.models.custom_field import KEY, MOST, WHAT_A_KEY_IS
from accounts.numbers import grouped
from activity.actor import Actor

MAX_CHOICES = 200

_FIXED = {
    "applies_to": gettext_lazy("What a field belongs to"),
    "key": gettext_lazy("The key of a field"),
    "kind": gettext_lazy("The kind of a field"),
}
"""What never changes, and how a sentence about it begins."""


@transaction.atomic
def define_field(*, actor: Actor, **given: Any) -> CustomField:
    """Add a field. `given` are those of the model. Raises Refused."""
    field = CustomField(**given)
    _refuse_nonsense(field)
    same = CustomField.objects.on(field.applies_to).filter(key=field.key).first()
    if same is not None:
        raise Taken(
            "key",
            _("The field “%(label)s” has the key “%(key)s” already.")
            % {"label": same.label, "key": same.key},
            same.pk,
        )
    if CustomField.objects.on(field.applies_to).count() >= MOST:
        raise Refused(
            "",
            "too_many",
            _("There are %(most)s fields already. Delete one that nobody uses first.") % {"most": MOST},
        )
    configure.save(field, actor=actor)
    return field


@transaction.atomic
def change_field(field: CustomField, *, actor: Actor, **given: Any) -> CustomField:
    """Change what may change of a field. Choices that are taken away stay in the values that have them."""
    now = CustomField.objects.select_for_update(no_key=True).get(pk=field.pk)
    for name, begins in _FIXED.items():
        if name in given and given[name] != getattr(now, name):
            raise Refused(
                name,
                "fixed",
                _("%(subject)s cannot change: values depend on it. Add another field.") % {"subject": begins},
            )
    if "choices" in given:
        known = [*now.choices, *now.former_choices]
        now.former_choices = [choice for choice in known if choice not in given["choices"]]
    for name, value in given.items():
        setattr(now, name, value)
    _refuse_nonsense(now)
    configure.save(now, actor=actor)
    return now


def delete_field(field: CustomField, *, actor: Actor) -> None:
    """Only a field that has no values: they would mean nothing any more. Raises InUse, which says how many."""
    configure.remove(field, actor=actor)


@configure.guard(CustomField)
def _hold(before: models.Model, after: models.Model | None) -> None:
    """Waits for those who are writing values at this moment (`held`), so that what is counted next has theirs."""
    if after is None:
        CustomField.objects.select_for_update().get(pk=before.pk)


def why_kept(field: CustomField, rows: models.QuerySet[Any]) -> str:
    """A sentence when some of these rows have a value of the field."""
    used = rows.filter(custom_fields__has_key=field.key).count()
    if not used:
        return ""
    names = rows.model._meta.verbose_name if used == 1 else rows.model._meta.verbose_name_plural
    sentence = ngettext(
        "%(count)s %(names)s has a value of “%(field)s”. Take the field out of use instead: its values are kept and "
        "shown nowhere.",
        "%(count)s %(names)s have a value of “%(field)s”. Take the field out of use instead: its values are kept and "
        "shown nowhere.",
        used,
    )
    return sentence % {"count": grouped(used), "names": names, "field": field.label}


@configure.keeper(CustomField)
def _values_of_people(row: models.Model, actor: Actor) -> str:
    assert isinstance(row, CustomField)
    match row.applies_to:
        case Thing.CONTACT:
            return why_kept(row, Contact.objects.all())
        case Thing.ORGANIZATION:
            return why_kept(row, Organization.objects.all())
    return ""


def _refuse_nonsense(field: CustomField) -> None:
    if not re.fullmatch(KEY, field.key, re.ASCII):
        raise Refused("key", "invalid", str(WHAT_A_KEY_IS))
    field.label = field.label.strip()
    if not field.label:
        raise Refused("label", "required", _("Give the field a label: it is what people read."))
    if field.has_choices and not field.choices:
        raise Refused("choices", "required", _("Give at least one choice."))
    if field.choices and not field.has_choices:
        kinds = {"one": FieldKind.CHOICE.value, "other": FieldKind.MULTI_CHOICE.value}
        raise Refused(
            "choices", "invalid", _("Only fields of the kinds %(one)s and %(other)s have choices.") % kinds
        )
    _refuse_choices(field.choices)


def _refuse_choices(choices: list[str]) -> None:
    if len(choices) > MAX_CHOICES:
        raise Refused(
            "choices", "too_many", _("A field may have at most %(most)s choices.") % {"most": MAX_CHOICES}
        )
    seen = set[str]()
    for choice in choices:
        if choice != choice.strip() or not choice or not choice.isprintable():
            raise Refused(
                "choices",
                "invalid",
                _("“%(choice)s” cannot be a choice: it must be a line of text.") % {"choice": choice[:40]},
            )
        if len(choice) > 100:
            raise Refused(
                "choices",
                "too_long",
                _("“%(choice)s…” is too long: at most 100 characters.") % {"choice": choice[:40]},
            )
        if choice.casefold() in seen:
            raise Refused(
                "choices",
                "duplicate",
                _("“%(choice)s” is there twice, whatever the case.") % {"choice": choice},
            )
        seen.add(choice.casefold())
