"""Tickets and what a verb says of one."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api.shapes import LINKED, VERSION, CustomFieldsShown, Id, Text
from tickets.clocks import State
from tickets.models import Category, Priority

_PRIORITIES = [priority.word for priority in Priority]


class SlaPolicy(serializers.Serializer[Any]):
    """The service-level policy that applies, by the name that it had."""

    id = Id()
    name = Text()


class SlaClock(serializers.Serializer[Any]):
    """How one target of a policy stands."""

    due_at = serializers.DateTimeField(
        allow_null=True, help_text="Null while the clock stands still: what is left is added when it goes on."
    )
    done_at = serializers.DateTimeField(allow_null=True, help_text="When it was reached, in time or not.")
    state = serializers.ChoiceField(
        State.values,
        help_text="Running, or soon (near_breach) or already (breached) past its time; paused, while the contact "
        "is waited for or the ticket is done; reached in time (met) or too late (missed).",
    )


class Sla(serializers.Serializer[Any]):
    """The clocks of a ticket to which a service-level policy applies; empty for any other. A clock that the policy
    does not have is null."""

    policy = SlaPolicy(required=False)
    first_response = SlaClock(required=False, allow_null=True)
    resolution = SlaClock(required=False, allow_null=True)
    paused = serializers.BooleanField(required=False, help_text="Whether a clock stands still.")


class Ticket(serializers.Serializer[Any]):
    """A request for help. Relations are ids; `include` adds what they point to."""

    id = Id()
    number = Id(help_text="What people call the ticket by.")
    subject = Text()
    status = serializers.ChoiceField(Category.values)
    status_name = Text(help_text="The status's own name, where a category has several.")
    priority = serializers.ChoiceField(_PRIORITIES)
    channel = Id(allow_null=True, help_text="Where the ticket came from.")
    contact = Id(help_text="Whose ticket it is.")
    organization = Id(allow_null=True)
    team = Id(allow_null=True)
    assignee = Id(allow_null=True, help_text="The id of the agent in charge.")
    tags = serializers.ListField(child=Text(), help_text="Names of tags.")
    followers = serializers.ListField(child=Id(), help_text="The ids of the agents who follow it.")
    external_id = Text(allow_null=True, help_text="The ticket's id in another system. Unique.")
    language = Text(help_text="What the contact writes in, as a language tag such as de-AT, or empty.")
    custom_fields = CustomFieldsShown()
    snoozed_until = serializers.DateTimeField(
        allow_null=True, help_text="Until then it is in no working view, unless its contact writes."
    )
    merged_into = Id(
        allow_null=True,
        help_text="The id of the ticket in which its conversation goes on. It is read-only then.",
    )
    sla = Sla(
        help_text="The clocks of the service-level policy that applies, `{}` where none does: see “Service levels”."
    )
    version = Id(help_text=VERSION)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    first_replied_at = serializers.DateTimeField(allow_null=True)
    solved_at = serializers.DateTimeField(allow_null=True)
    url = serializers.URLField(help_text="The ticket's page in the workspace.")


class TicketAlone(Ticket):
    """A ticket read by itself."""

    linked_tickets = serializers.ListField(
        child=Id(), help_text="The ids of related tickets, as far as the acting agent may see them."
    )
    abilities = serializers.ListField(
        child=Text(), help_text="The operations that this credential may perform on this ticket."
    )


class TicketReceipt(serializers.Serializer[Any]):
    """All that is told of a ticket which this very request has moved out of the acting agent's reach."""

    id = Id()
    number = Id()


CHANGED = (Ticket, TicketReceipt)


class Outcome(serializers.Serializer[Any]):
    """What became of one ticket of many."""

    id = Id()
    outcome = serializers.ChoiceField(["ok", "not_found", "refused"])
    ticket = Ticket(
        allow_null=True,
        help_text="The ticket now. Null if it was refused, or has left the agent's reach with it.",
    )
    error = serializers.DictField(
        allow_null=True, help_text="What `error` would be in the answer to the request for this ticket alone."
    )


LINKED["ticket"] = Ticket
