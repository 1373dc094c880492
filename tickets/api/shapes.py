"""What the API answers with about tickets, described for the OpenAPI document. Nothing is rendered with these."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.shapes import LINKED, VERSION, CustomFieldFilter, CustomFieldsShown, Id, Text
from activity.actor import Door
from tickets.clocks import State
from tickets.models import Category, ChannelKind, Priority, ProposalKind, ProposalState, Sharing
from tickets.models.message import Delivery, Direction, MessageKind
from tickets.models.view import Sort

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


class Author(serializers.Serializer[Any]):
    type = serializers.ChoiceField(["agent", "contact", "system"])
    id = Id(allow_null=True)
    name = Text(allow_null=True)


class WritingKey(serializers.Serializer[Any]):
    """The key with which a message was written."""

    id = Id()
    name = Text()


class Via(serializers.Serializer[Any]):
    """The way by which a message came in."""

    door = serializers.ChoiceField(Door.values)
    key = WritingKey(allow_null=True)


class ProposedChangesShown(serializers.Serializer[Any]):
    """Only what is proposed is there: rows by their ids."""

    status = Id(required=False)
    assignee = Id(required=False, allow_null=True)
    team = Id(required=False, allow_null=True)
    priority = serializers.ChoiceField(_PRIORITIES, required=False)
    tags = serializers.ListField(child=Text(), required=False)


class Proposal(serializers.Serializer[Any]):
    """A reply, a note or a change that waits for an agent, or what became of it."""

    id = Id()
    ticket = Id()
    kind = serializers.ChoiceField(ProposalKind.values)
    state = serializers.ChoiceField(ProposalState.values)
    body = Text(help_text="Of a reply or a note, in Markdown.")
    changes = ProposedChangesShown()
    reason = Text(help_text="Why it was proposed.")
    version = Id(help_text="The version of the ticket that it was made for.")
    agent = Id(allow_null=True, help_text="The agent as whom it was proposed.")
    via = Via()
    created_at = serializers.DateTimeField()
    decided_by = Id(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    answer = Text(help_text="Why it was declined.")


class ProposalFilters(serializers.Serializer[Any]):
    state = serializers.ChoiceField(ProposalState.values)
    kind = serializers.ChoiceField(ProposalKind.values)


class MessageAttachment(serializers.Serializer[Any]):
    id = Id()
    name = Text()
    content_type = Text()
    size = serializers.IntegerField(min_value=0, help_text="In bytes.")
    url = serializers.URLField(help_text="Download it here, with the same credential.")


class MessageDelivery(serializers.Serializer[Any]):
    """What the program that carries a reply said of it last."""

    state = serializers.ChoiceField(Delivery.values, required=False)
    detail = Text(required=False, help_text="In words, such as the other server's answer.")
    at = serializers.DateTimeField(required=False)


class Delivered(serializers.Serializer[Any]):
    """A reply, and how far it has come."""

    id = Id()
    ticket = Id()
    delivery = MessageDelivery()


class Message(serializers.Serializer[Any]):
    """A public reply or an internal note."""

    id = Id()
    ticket = Id()
    kind = serializers.ChoiceField(MessageKind.values)
    direction = serializers.ChoiceField(
        Direction.values, help_text="in: from the contact; out: from the helpdesk."
    )
    author = Author()
    via = Via()
    body_text = Text()
    body_html = Text(help_text="Sanitised: safe to show.")
    to = serializers.ListField(child=Text(), help_text="The addresses that it is for.")
    cc = serializers.ListField(child=Text(), help_text="The addresses that get a copy.")
    attachments = MessageAttachment(many=True)
    created_at = serializers.DateTimeField()
    delivery = MessageDelivery(help_text="How far a reply has come. Empty as long as no program has told.")


class Attachment(MessageAttachment):
    """A file: waiting to be sent, or part of a message."""

    message = Id(allow_null=True, help_text="Null as long as it waits to be sent.")
    sha256 = Text(help_text="The checksum of its content, in hexadecimal.")
    created_at = serializers.DateTimeField()


@extend_schema_field({"type": "string", "format": "binary"})
class UploadedFile(serializers.FileField):
    pass


class Upload(serializers.Serializer[Any]):
    """A form of type multipart/form-data."""

    file = UploadedFile()


class Tag(serializers.Serializer[Any]):
    id = Id()
    name = Text()
    group = Id(allow_null=True, help_text="The id of the tag group that it belongs to.")


class TagGroup(serializers.Serializer[Any]):
    """Tags that belong together. A tag is in one group at most."""

    id = Id()
    name = Text()
    tags = serializers.ListField(child=Id(), help_text="The ids of its tags.")


class Channel(serializers.Serializer[Any]):
    """Where tickets come from."""

    id = Id()
    name = Text()
    kind = serializers.ChoiceField(ChannelKind.values)
    default_team = Id(allow_null=True, help_text="The id of the team that its tickets go to.")


class Template(serializers.Serializer[Any]):
    """A reply that was written once."""

    id = Id()
    name = Text()
    body = Text(help_text="Markdown with placeholders such as {{ticket.number}}.")
    sharing = serializers.ChoiceField(
        Sharing.values, help_text="Who uses it: everyone; one team; only its owner."
    )
    team = Id(allow_null=True, help_text="The id of the team, where it is shared with one.")
    owner = Id(allow_null=True, help_text="The id of the agent who wrote it.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class RenderedTemplate(serializers.Serializer[Any]):
    template = Id()
    ticket = Id(allow_null=True)
    text = Text(help_text="Markdown, to be sent as the `body` of a reply.")


class View(serializers.Serializer[Any]):
    """A filter under a name. Whoever asks finds his own tickets through it, no others."""

    id = Id()
    name = Text()
    query = Text(help_text="The filter, as `q` of `/tickets` takes it.")
    sharing = serializers.ChoiceField(
        Sharing.values, help_text="Who sees it: everyone; one team; only its owner."
    )
    team = Id(allow_null=True, help_text="The id of the team, where it is shared with one.")
    owner = Id(help_text="The id of the agent who keeps it.")
    sort = serializers.ChoiceField(Sort.values, help_text="The order of its tickets.")
    position = serializers.IntegerField(min_value=0, help_text="Views with a smaller number stand higher.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class StandingView(serializers.Serializer[Any]):
    """A view that every agent has. Its tickets are those of `/tickets?q=` with its filter."""

    key = Text()
    name = Text()
    query = Text()


class ViewCount(serializers.Serializer[Any]):
    id = Id()
    name = Text()
    count = serializers.IntegerField(
        min_value=0, allow_null=True, help_text="Null where it cannot be counted."
    )
    is_capped = serializers.BooleanField(help_text="Counting stops at 1,000: there are more.")
    problem = Text(allow_null=True, help_text="Why it cannot be counted: its filter names what is gone, say.")


class StandingCount(StandingView):
    count = serializers.IntegerField(min_value=0)
    is_capped = serializers.BooleanField()
    problem = Text(allow_null=True)


class ViewCounts(serializers.Serializer[Any]):
    """How many tickets each view holds for the acting agent."""

    standing = StandingCount(many=True)
    saved = ViewCount(
        many=True, help_text="The first 100 of the agent's own views and those shared with him."
    )


class ViewFilters(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="Has exactly this name, whatever the case.")
    sharing = serializers.ChoiceField(Sharing.values)
    team = serializers.CharField(help_text="The id of a team, or `none`.")
    owner = Id(help_text="The agent with this id keeps it.")


class TicketFilters(serializers.Serializer[Any]):
    status = serializers.ChoiceField(Category.values)
    priority = serializers.ChoiceField(_PRIORITIES)
    assignee = serializers.CharField(help_text="An agent's id or e-mail address, `me`, or `none`.")
    contact = serializers.CharField(
        help_text="A contact's id, or an e-mail address (this needs the scope contacts:read)."
    )
    organization = serializers.CharField(help_text="An organization's id, or `none`.")
    team = serializers.CharField(help_text="A team's id, or `none`.")
    channel = serializers.CharField(help_text="A channel's id, or `none`.")
    tag = serializers.CharField(help_text="Has the tag with this name.")
    external_id = serializers.CharField(help_text="Has exactly this id in another system.")
    q = serializers.CharField(
        max_length=500,
        help_text='A filter such as `status:open tag:refund updated:>7d "lost parcel"`: see the resource views. '
        "Words are looked for in subjects, numbers, contacts and messages.",
    )

    custom_fields = CustomFieldFilter()
    follower = serializers.CharField(help_text="An agent's id or e-mail address, or `me`.")
    snoozed = serializers.BooleanField(help_text="Only tickets that are snoozed, or only those that are not.")
    merged = serializers.BooleanField(
        help_text="Only tickets that were merged into others, or only those that were not. Without it, merged "
        "tickets are listed only with `ids`, `external_id` or `updated_since`."
    )


class ConversationFilters(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(MessageKind.values)


class MessageFilters(ConversationFilters):
    ticket = Id(
        help_text="Belongs to the conversation of the ticket with this id, with what was merged into it."
    )


class TicketFilter(serializers.Serializer[Any]):
    ticket = Id(
        help_text="Belongs to the conversation of the ticket with this id, with what was merged into it."
    )


class AttachmentFilters(TicketFilter):
    message = Id(help_text="Belongs to the message with this id.")


class TagFilters(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="Has exactly this name.")
    group = serializers.CharField(help_text="The id of a tag group, or `none`.")


class NameFilter(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="Has exactly this name, whatever the case.")


class ChannelFilters(NameFilter):
    kind = serializers.ChoiceField(ChannelKind.values)


class TemplateFilters(NameFilter):
    sharing = serializers.ChoiceField(Sharing.values)
    team = serializers.CharField(help_text="The id of a team, or `none`.")
    owner = Id(help_text="The agent with this id wrote it.")


class RenderFor(serializers.Serializer[Any]):
    ticket = Id(help_text="The id of the ticket whose facts are filled in.")


LINKED |= {"tag": Tag, "tag_group": TagGroup}
LINKED["ticket"] = Ticket
