"""What the API accepts: strict objects, and relations named by id or by what people really have."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping
from typing import Any, NoReturn

from django.db import models
from rest_framework import serializers

from accounts.models import Agent, AgentKind, Contact, FieldKind, Organization, Role, Team, Thing
from accounts.models.agent import normalize_email
from accounts.models.custom_field import KEY, MOST
from accounts.policy import as_person, visible
from activity.actor import Actor


class Input(serializers.Serializer[Any]):
    """A JSON object of known fields. A field that does not exist is an error, never ignored."""

    def to_internal_value(self, data: Any) -> Any:
        errors = self._unknown(data)
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as invalid:
            if not errors or not isinstance(invalid.detail, dict):
                raise
            errors |= invalid.detail
        if errors:
            raise serializers.ValidationError(errors)
        return value

    def _unknown(self, data: Any) -> dict[str, Any]:
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, Mapping) else []
        message = f"There is no such field to send. Known are: {', '.join(self.fields)}."
        return {name: [serializers.ErrorDetail(message, "unknown_field")] for name in unknown}


def read(schema: type[Input], data: Any, actor: Actor, *, partial: bool = False) -> dict[str, Any]:
    """The validated body. Raises ValidationError.

    Relations are looked up with the agent's own eyes: to assign by e-mail a key needs no agents:read.
    """
    if not isinstance(data, Mapping):
        raise serializers.ValidationError("Send a JSON object.", code="not_an_object")
    given = schema(data=dict(data), partial=partial, context={"actor": as_person(actor)})
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


class Choice(serializers.ChoiceField):
    """One of a few words. Who writes another one is told which there are."""

    default_error_messages = {"invalid_choice": "“{value}” is none of these: {known}."}

    def fail(self, key: str, **values: Any) -> NoReturn:
        known = ", ".join(map(str, self.choices))
        super().fail(key, value=str(values.pop("input", ""))[:80], known=known, **values)


class Reference(serializers.Field[Any, Any, Any, Any]):
    """A related row, given by id or by a natural name."""

    default_error_messages = {
        "does_not_exist": "There is no {kind} “{value}”, or the acting agent may not see it.",
        "incorrect_type": "Give {form}.",
    }
    model: type[models.Model]
    kind = ""
    form = "an id"

    def rows(self) -> models.QuerySet[Any]:
        return visible(self.context["actor"], self.model)

    def by_name(self, name: str) -> models.QuerySet[Any] | None:
        return None

    def to_internal_value(self, data: Any) -> Any:
        rows = self._matching(data)
        if rows is None:
            self.fail("incorrect_type", form=self.form)
        row = rows.first()
        if row is None:
            self.fail("does_not_exist", kind=self.kind, value=str(data)[:80])
        return row

    def _matching(self, data: Any) -> models.QuerySet[Any] | None:
        if isinstance(data, int) and not isinstance(data, bool) and 0 < data < 2**63:
            return self.rows().filter(pk=data)
        if isinstance(data, str) and data.strip() and _storable(data):
            return self.by_name(data.strip())
        return None

    def to_representation(self, value: Any) -> Any:
        return value.pk


def _storable(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


class AgentReference(Reference):
    model, kind, form = Agent, "agent", "an agent's id or e-mail address"

    def rows(self) -> models.QuerySet[Any]:
        return super().rows().select_related("role")

    def by_name(self, name: str) -> models.QuerySet[Any]:
        return self.rows().filter(email=normalize_email(name))


class TeamReference(Reference):
    model, kind, form = Team, "team", "a team's id or name"

    def by_name(self, name: str) -> models.QuerySet[Any]:
        return self.rows().filter(name__iexact=name)


class RoleReference(Reference):
    model, kind, form = Role, "role", "a role's id or name"

    def by_name(self, name: str) -> models.QuerySet[Any]:
        return self.rows().filter(name__iexact=name)


class OrganizationReference(Reference):
    model, kind, form = Organization, "organization", "an organization's id or name"

    def by_name(self, name: str) -> models.QuerySet[Any]:
        return self.rows().filter(name__iexact=name)


class Versioned(Input):
    """Changes, perhaps made against a version: others' changes of other fields since then are kept."""

    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)


class ExternalName(Input):
    """The part of an address by which a row is known in another system."""

    external_id = serializers.CharField(max_length=200)


class NewContact(Input):
    """Somebody known by an address, or new."""

    email = serializers.EmailField(max_length=254)
    name = serializers.CharField(max_length=200, required=False, default="")


class ContactReference(Reference):
    """A contact's id or e-mail address, or `{"email", "name"}`. Who is unknown is described, not refused."""

    model, kind = Contact, "contact"
    described: type[Input] = NewContact
    form = 'a contact\'s id or e-mail address, or {"email": …, "name": …}'

    def by_name(self, name: str) -> models.QuerySet[Any] | None:
        return self.rows().filter(emails__address=normalize_email(name))

    def to_internal_value(self, data: Any) -> Any:
        described = {"email": data} if isinstance(data, str) else data
        if not isinstance(described, Mapping):
            return super().to_internal_value(data)
        given = self.described(data=dict(described))
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)


class CustomFieldValues(serializers.Field[dict[str, Any], Any, Any, Any]):
    """Values of custom fields by key. Whether they fit, the verb decides, which knows the fields and the row."""

    default_error_messages = {
        "not_an_object": 'Give an object of fields by key, such as {{"order_number": "1042"}}.',
        "too_many": "Give at most {most} fields.",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False} | kwargs)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            self.fail("not_an_object")
        if len(data) > MOST:
            self.fail("too_many", most=MOST)
        return dict(data)

    def to_representation(self, value: Any) -> Any:
        return value


class ContactInput(Input):
    """A contact as the API accepts it."""

    name = serializers.CharField(max_length=200, required=False)
    emails = serializers.ListField(
        child=serializers.EmailField(max_length=254), max_length=20, required=False
    )
    phones = serializers.ListField(child=serializers.CharField(max_length=40), max_length=20, required=False)
    organization = OrganizationReference(required=False, allow_null=True)
    language = serializers.CharField(max_length=12, required=False, allow_blank=True)
    time_zone = serializers.CharField(max_length=64, required=False, allow_blank=True)
    notes = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    external_id = serializers.CharField(max_length=200, required=False, allow_null=True)
    custom_fields = CustomFieldValues()

    def validate_time_zone(self, value: str) -> str:
        if value and value not in zoneinfo.available_timezones():
            raise serializers.ValidationError(
                "Give a time zone's name, such as Europe/Vienna.", code="invalid"
            )
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not self.partial and not attrs.get("name") and not attrs.get("emails"):
            raise serializers.ValidationError({"name": ["Give a name, or at least one e-mail address."]})
        return attrs


class ContactChanges(ContactInput, Versioned):
    pass


class OrganizationInput(Input):
    name = serializers.CharField(max_length=200)
    notes = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    external_id = serializers.CharField(max_length=200, required=False, allow_null=True)
    custom_fields = CustomFieldValues()


class CustomFieldInput(Input):
    """A custom field as admins define it. What it belongs to, its key and its kind never change."""

    applies_to = Choice(Thing.choices)
    key = serializers.RegexField(f"^{KEY}\\Z", max_length=40)
    label = serializers.CharField(max_length=100)  # type: ignore[assignment]
    kind = Choice(FieldKind.choices)
    help_text = serializers.CharField(  # type: ignore[assignment]
        max_length=300, required=False, allow_blank=True
    )
    choices = serializers.ListField(
        child=serializers.CharField(max_length=100), max_length=200, required=False
    )
    position = serializers.IntegerField(min_value=0, max_value=10_000, required=False)
    active = serializers.BooleanField(required=False, help_text="Whether it is in use.")


class OrganizationChanges(OrganizationInput, Versioned):
    pass


class TeamFields(Input):
    name = serializers.CharField(max_length=100)
    description = serializers.CharField(max_length=300, required=False, allow_blank=True)
    agents = serializers.ListField(child=AgentReference(), max_length=500, required=False)


class AgentFields(Input):
    """What may be changed of an agent."""

    name = serializers.CharField(max_length=100, required=False)
    email = serializers.EmailField(max_length=254, required=False)
    role = RoleReference(required=False)
    teams = serializers.ListField(child=TeamReference(), max_length=200, required=False)
    kind = Choice(AgentKind.choices, required=False)
    active = serializers.BooleanField(required=False)
    available = serializers.BooleanField(required=False)

    def validate_email(self, value: str) -> str:
        return normalize_email(value)


class NewAgent(Input):
    name = serializers.CharField(max_length=100)
    email = serializers.EmailField(max_length=254)
    role = RoleReference()
    teams = serializers.ListField(child=TeamReference(), max_length=200, required=False)
    kind = Choice(AgentKind.choices, default=AgentKind.PERSON)
    invite = serializers.BooleanField(
        default=True, help_text="Send a person a link to choose a password. Service agents get none."
    )
