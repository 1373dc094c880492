from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from accounts.models.field_values import FieldKind, Unfit, Value, fitting, read

KEY = r"[a-z][a-z0-9_]{0,39}"
"""What a key looks like: the same in the API, in filters and in the database."""

WHAT_A_KEY_IS = _("A key begins with a letter from a to z; small letters, digits and _ follow: order_number.")

MOST = 100
"""Fields of one kind of thing."""


class Thing(models.TextChoices):
    """What has custom fields. The values are the names of the models."""

    TICKET = "ticket", _("Tickets")
    CONTACT = "contact", _("Contacts")
    ORGANIZATION = "organization", _("Organizations")


class CustomFieldQuerySet(models.QuerySet["CustomField"]):
    def active(self) -> CustomFieldQuerySet:
        return self.filter(is_active=True)

    def on(self, *things: str) -> CustomFieldQuerySet:
        return self.filter(applies_to__in=things)

    def held(self, thing: str, keys: Iterable[str]) -> dict[str, CustomField]:
        """The fields with these keys, which nobody deletes until the transaction ends.

        Django cannot say FOR KEY SHARE, the one lock by which writers of values do not wait for each other.
        """
        rows = self.raw(
            "SELECT * FROM accounts_customfield WHERE applies_to = %s AND key = ANY(%s) ORDER BY id FOR KEY SHARE",
            [thing, list(keys)],
        )
        return {row.key: row for row in rows}


class CustomField(models.Model):
    """A field that an admin added to tickets, contacts or organizations.

    Its values lie in the column `custom_fields` of these, by key; what is not filled in is not there. A choice that
    is no longer offered stays in the values that have it, and a field out of use keeps all of its values unseen.
    """

    applies_to = models.CharField(_("belongs to"), max_length=12, choices=Thing.choices)
    key = models.CharField(_("key"), max_length=40)
    label = models.CharField(_("label"), max_length=100)
    help_text = models.CharField(_("help"), max_length=300, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=FieldKind.choices)
    choices = ArrayField(
        models.CharField(max_length=100), verbose_name=_("choices"), default=list, blank=True
    )
    former_choices = ArrayField(
        models.CharField(max_length=100),
        verbose_name=_("former choices"),
        default=list,
        blank=True,
        editable=False,
    )
    """Choices that were taken away. Values may still have them, so filters know them."""
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = CustomFieldQuerySet.as_manager()

    class Meta:
        verbose_name = _("custom field")
        verbose_name_plural = _("custom fields")
        ordering = ["applies_to", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["applies_to", "key"], name="one_custom_field_of_a_key"),
            models.CheckConstraint(
                condition=models.Q(key__regex=f"^{KEY}$"),
                name="custom_field_key_is_a_name",
                violation_error_message=WHAT_A_KEY_IS,
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def path(self) -> str:
        """What the field is called among the others of its thing."""
        return f"custom_fields.{self.key}"

    @property
    def has_choices(self) -> bool:
        return self.kind in {FieldKind.CHOICE, FieldKind.MULTI_CHOICE}

    def fitting(self, value: Any, current: Value | None = None) -> Value | None:
        """The value as it is stored, None for no value. What is there already fits, also a former choice.

        Raises Unfit with a sentence.
        """
        if value is None or (type(value) is type(current) and value == current):
            return current if value is not None else None
        kept = [one for one in self.former_choices if isinstance(current, list) and one in current]
        try:
            return fitting(self.kind, value, [*self.choices, *kept])
        except Unfit as error:
            raise Unfit(f"{self.label}: {error}.") from None

    def read(self, given: str | list[str]) -> Value | None:
        """What somebody typed, or chose of several, as it is stored. A former choice is understood.

        Raises Unfit with a sentence.
        """
        known = [*self.choices, *self.former_choices]
        try:
            typed = read(self.kind, given) if isinstance(given, str) else given
            return None if typed is None else fitting(self.kind, typed, known)
        except Unfit as error:
            raise Unfit(f"{self.label}: {error}.") from None


def values_in_use(thing: Thing) -> models.Func:
    """The column `custom_fields` without the values of fields that are out of use, as part of any query of rows."""
    hidden = CustomField.objects.on(thing).filter(is_active=False).order_by().values("key")
    keys = Cast(ArraySubquery(hidden), ArrayField(models.TextField()))
    return models.Func(
        models.F("custom_fields"),
        keys,
        template="(%(expressions)s)",
        arg_joiner=" - ",
        output_field=models.JSONField(),
    )


class WithCustomFields(models.Model):
    """What has values of custom fields."""

    custom_fields = models.JSONField(
        _("custom fields"),
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        editable=False,
    )

    class Meta:
        abstract = True


def index_of_values(name: str) -> GinIndex:
    """Finds the rows with a value of a field: `custom_fields @> '{"color": "red"}'`.

    Without a pending list, so that no write waits for the ones before it.
    """
    return GinIndex(fields=["custom_fields"], name=name, opclasses=["jsonb_path_ops"], fastupdate=False)
