"""What the API answers with about people, described for the OpenAPI document. Nothing is rendered with these."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.models import FieldKind, Thing
from accounts.models.agent import AgentKind
from accounts.models.role import Reach
from accounts.permissions import Permission
from activity.actor import Door


class Text(serializers.CharField):
    """Text of an answer: it may be empty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"allow_blank": True} | kwargs)


class Id(serializers.IntegerField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 1} | kwargs)


VERSION = "Grows with every change."


class CustomFieldsShown(serializers.DictField):
    """The values of a row's custom fields, by key."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{
                "help_text": "The values of custom fields that are in use, by key (see `/custom_fields`). What is "
                "not filled in is not there."
            }
            | kwargs
        )


class CustomField(serializers.Serializer[Any]):
    """A field that an admin added to tickets, contacts or organizations."""

    id = Id()
    applies_to = serializers.ChoiceField(Thing.values, help_text="What has the field.")
    key = Text(help_text="Its name in `custom_fields` and in filters. It never changes.")
    label = Text(help_text="What people read.")  # type: ignore[assignment]
    kind = serializers.ChoiceField(FieldKind.values, help_text="It never changes.")
    help_text = Text(help_text="What people should know when they fill it in.")  # type: ignore[assignment]
    choices = serializers.ListField(child=Text(), help_text="What can be chosen, in order.")
    position = serializers.IntegerField(min_value=0, help_text="Where it stands among the others.")
    active = serializers.BooleanField(help_text="Whether it is in use: shown, and filled in.")


class CustomFieldFilters(serializers.Serializer[Any]):
    applies_to = serializers.ChoiceField(Thing.values, help_text="Belongs to this kind of thing.")
    key = serializers.CharField(help_text="Has exactly this key.")
    active = serializers.BooleanField(help_text="Only fields in use, or only others.")


class Contact(serializers.Serializer[Any]):
    """Somebody who writes to the helpdesk."""

    id = Id()
    name = Text()
    emails = serializers.ListField(child=Text(), help_text="The first one is written to.")
    phones = serializers.ListField(child=Text())
    organization = Id(allow_null=True, help_text="The id of the contact's organization.")
    language = Text(help_text="A language tag such as de-AT, or empty.")
    time_zone = Text(help_text="A time zone's name such as Europe/Vienna, or empty.")
    notes = Text(help_text="What agents should know. The contact never sees it.")
    external_id = Text(allow_null=True, help_text="The contact's id in another system. Unique.")
    custom_fields = CustomFieldsShown()
    version = Id(help_text=VERSION)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class Agent(serializers.Serializer[Any]):
    """Somebody, or some program, that works here."""

    id = Id()
    name = Text()
    email = Text()
    kind = serializers.ChoiceField(AgentKind.values, help_text="service: a program, which cannot sign in.")
    role = Text(help_text="The role's name.")
    teams = serializers.ListField(child=Id(), help_text="The ids of the agent's teams.")
    active = serializers.BooleanField(help_text="Only active agents can be acted as.")
    available = serializers.BooleanField(help_text="Whether the agent takes tickets at the moment.")


class Team(serializers.Serializer[Any]):
    """Agents who share a queue."""

    id = Id()
    name = Text()
    description = Text()
    agents = serializers.ListField(child=Id(), help_text="The ids of its agents.")


class Role(serializers.Serializer[Any]):
    """What its agents may do, and to which tickets."""

    id = Id()
    name = Text()
    permissions = serializers.ListField(
        child=serializers.ChoiceField(list(Permission)), help_text="`admin` includes all others."
    )
    reach = serializers.ChoiceField(
        Reach.values,
        help_text="Which tickets exist for its agents: all; their teams' and their own; unassigned ones "
        "and their own; their own.",
    )
    enters_admin = serializers.BooleanField(help_text="Whether its agents may sign in to the admin.")


class Organization(serializers.Serializer[Any]):
    """A company or group that contacts belong to."""

    id = Id()
    name = Text()
    notes = Text()
    external_id = Text(allow_null=True, help_text="The organization's id in another system. Unique.")
    custom_fields = CustomFieldsShown()
    version = Id(help_text=VERSION)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class CustomFieldFilter(serializers.DictField):
    """Any number of parameters `custom_fields.KEY`."""

    child = serializers.CharField()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{
                "help_text": "`custom_fields.KEY=VALUE`: the custom field with this key has this value, or, with "
                "`none`, no value. Of several choices, this is one. Each field is a parameter of its own."
            }
            | kwargs
        )


class ContactFilters(serializers.Serializer[Any]):
    email = serializers.CharField(help_text="Has exactly this e-mail address.")
    external_id = serializers.CharField(help_text="Has exactly this id in another system.")
    organization = Id(help_text="Belongs to the organization with this id.")
    custom_fields = CustomFieldFilter()


class AgentFilters(serializers.Serializer[Any]):
    email = serializers.CharField(help_text="Has exactly this e-mail address.")
    role = Id(help_text="Has the role with this id.")
    team = Id(help_text="Is in the team with this id.")
    kind = serializers.ChoiceField(AgentKind.values)
    active = serializers.BooleanField(help_text="Only active agents, or only disabled ones.")


class NameFilter(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="Has exactly this name, whatever the case.")


class OrganizationFilters(NameFilter):
    external_id = serializers.CharField(help_text="Has exactly this id in another system.")
    custom_fields = CustomFieldFilter()


class TeamFilters(NameFilter):
    agent = Id(help_text="The agent with this id is in it.")


class EventSubject(serializers.Serializer[Any]):
    """What an event is about: its kind, its id, and what it was called then."""

    type = Text()
    id = Id()
    label = Text()  # type: ignore[assignment]


class EventKey(serializers.Serializer[Any]):
    """The API key by which it was done. It may be gone by now."""

    id = Id()
    name = Text()


class Event(serializers.Serializer[Any]):
    """One thing that happened. Never changed, never deleted."""

    id = Id(help_text="Ascending. Any id is a `cursor` to read on from.")
    type = Text(help_text="In the past tense: `ticket.assigned`.")
    at = serializers.DateTimeField()
    subject = EventSubject()
    door = serializers.ChoiceField(Door.values, help_text="The way in by which it was done.")
    agent = Id(allow_null=True, help_text="The agent who did it, or as whom a program did.")
    contact = Id(allow_null=True, help_text="The contact who did it.")
    key = EventKey(allow_null=True)
    changes = serializers.DictField(
        child=serializers.ListField(),
        help_text="By field, before and after. Other rows are named as far as the key may read them.",
    )
    facts = serializers.DictField(help_text="What else belongs to it, such as the id of the message.")
    cause = Id(allow_null=True, help_text="The id of the event that brought it about.")


class EventFilters(serializers.Serializer[Any]):
    types = serializers.CharField(help_text="With commas between: `ticket.opened,contact.*`.")
    subject_type = serializers.CharField(
        help_text="About this kind of thing: `ticket`, `contact`, `order`, …"
    )
    subject_id = Id(help_text="About the one with this id, of the kind that subject_type says.")
    since = serializers.DateTimeField(help_text="Happened then or later.")


LINKED: dict[str, type[serializers.Serializer[Any]]] = {
    "contact": Contact,
    "agent": Agent,
    "team": Team,
    "organization": Organization,
}
"""What `linked` holds, by kind. Each app adds its own kinds."""
