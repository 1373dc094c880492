"""What follows from events about tickets: agents hear of what concerns them."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import notices
from accounts.actions import notify
from accounts.models import Agent, Notification
from accounts.permissions import Permission
from activity.models import Event
from activity.recording import reactor
from tickets import policy
from tickets.models import Mention, Message, Ticket


@reactor("ticket.assigned", harmless=True)
def tell_the_assignee(event_id: int) -> None:
    event = Event.objects.get(pk=event_id)
    after = event.changes["assignee"][1]
    notify(Agent.objects.filter(pk=after["id"] if after else None), "assigned", event=event)


@reactor("ticket.opened", harmless=True)
def tell_whom_it_was_opened_for(event_id: int) -> None:
    event = Event.objects.get(pk=event_id)
    if "split_from" not in event.facts:  # Its assignee had the messages before.
        notify(Agent.objects.filter(pk=_first_assignee(event.subject_id)), "assigned", event=event)


@reactor("ticket.noted", harmless=True)
def tell_whom_a_note_calls(event_id: int) -> None:
    event = Event.objects.get(pk=event_id)
    called = Mention.objects.filter(message=event.facts["message"]).values("agent")
    notify(Agent.objects.filter(pk__in=called), "mentioned", event=event)


@reactor("ticket.message_received", harmless=True)
def tell_who_waits_for_the_contact(event_id: int) -> None:
    """The assignee and the followers."""
    event = Event.objects.get(pk=event_id)
    ticket = Ticket.objects.select_related("contact").filter(pk=event.subject_id).first()
    if ticket is not None:
        waiting = Agent.objects.filter(Q(pk=ticket.assignee_id) | Q(followed_tickets=ticket)).distinct()
        notify(waiting, "contact_replied", event=event, by=str(ticket.contact))


@reactor("ticket.proposed", harmless=True)
def tell_who_decides(event_id: int) -> None:
    """The assignee."""
    event = Event.objects.get(pk=event_id)
    ticket = Ticket.objects.select_related("assignee").filter(pk=event.subject_id).first()
    if ticket is not None and ticket.assignee is not None:
        notify([ticket.assignee], "proposed", event=event, by=event.key_name or str(event.agent))


@reactor("ticket.reply_failed", harmless=True)
def tell_whose_reply_failed(event_id: int) -> None:
    """Its writer, as only he knows what to do about it."""
    event = Event.objects.get(pk=event_id)
    message = Message.objects.select_related("agent").filter(pk=event.facts["message"]).first()
    if message is not None and message.agent is not None:
        notify([message.agent], "reply_failed", event=event, reason=message.delivery_detail)


def _first_assignee(ticket_id: int) -> int | None:
    """Whom the ticket had from the start: by now it may have another one, who hears of that by itself."""
    later = Event.objects.filter(subject_type="ticket", subject_id=ticket_id, type="ticket.assigned")
    first = later.order_by("id").values_list("changes", flat=True).first()
    if first is not None:
        before = first["assignee"][0]
        return int(before["id"]) if before else None
    return Ticket.objects.filter(pk=ticket_id).values_list("assignee", flat=True).first()


def _ticket(notification: Notification) -> str:
    return reverse("tickets:ticket", args=[notification.subject_id])


def register_kinds() -> None:
    notices.register(
        notices.Kind(
            "assigned",
            "ticket",
            gettext_lazy("Somebody assigns a ticket to me"),
            lambda told: _("%(who)s assigned a ticket to you") % {"who": notices.somebody(told)},
            _ticket,
            Permission.TICKETS_READ,
        ),
        notices.Kind(
            "mentioned",
            "ticket",
            gettext_lazy("Somebody mentions me in a note"),
            lambda told: _("%(who)s mentioned you in a note") % {"who": notices.somebody(told)},
            _ticket,
            Permission.NOTES_READ,
        ),
        notices.Kind(
            "contact_replied",
            "ticket",
            gettext_lazy("A contact answers in a ticket that is mine or that I follow"),
            lambda told: _("%(who)s answered") % {"who": notices.somebody(told)},
            _ticket,
            Permission.MESSAGES_READ,
        ),
        notices.Kind(
            "proposed",
            "ticket",
            gettext_lazy("Something is proposed in a ticket of mine"),
            lambda told: _("%(who)s proposes something") % {"who": notices.somebody(told)},
            _ticket,
            Permission.TICKETS_READ,
            of_own_acts=True,  # It is his program that proposes, not he.
        ),
        notices.Kind(
            "reply_failed",
            "ticket",
            gettext_lazy("A reply of mine could not be delivered"),
            lambda told: _("Your reply was not delivered. %(reason)s") % told.facts,
            _ticket,
            Permission.MESSAGES_READ,
        ),
        notices.Kind(
            "reply_refused",
            "draft",
            gettext_lazy("A reply of mine could not go out"),
            lambda told: _("Your reply did not go out, and is a draft again. %(reason)s") % told.facts,
            lambda told: reverse("tickets:own_draft", args=[told.subject_id]),
            Permission.TICKETS_READ,
            visible=policy.own_drafts,
        ),
        notices.Kind(
            "text_left",
            "draft",
            gettext_lazy("A ticket that I write in is deleted"),
            lambda told: str(told.facts["reason"]),
            lambda told: reverse("tickets:own_draft", args=[told.subject_id]),
            Permission.TICKETS_READ,
            visible=policy.own_drafts,
        ),
    )
