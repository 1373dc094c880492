"""What keeps the clocks of service levels going: reactors on events, and a look at what runs out every minute."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from procrastinate.contrib.django import app as queue

from accounts import notices
from accounts.actions import notify
from accounts.models import Agent, Notification
from accounts.permissions import Permission
from activity.models import Event
from activity.recording import reactor
from automations.actions.clocks import reckon_clocks, reckon_open_clocks, ring_due_clocks
from tickets.clocks import Target
from tickets.models import Ticket


@reactor(
    "ticket.opened", "ticket.imported", "ticket.assigned", "ticket.moved", "ticket.priority_changed",
    "ticket.tagged", "ticket.fields_changed", "ticket.external_id_changed", "ticket.replied", "ticket.solved",
    "ticket.closed", "ticket.reopened", "ticket.status_changed", "ticket.merged", "ticket.unmerged",
    even_quiet=True,
)  # fmt: skip
def keep_clocks_right(event_id: int) -> None:
    """What a policy may go by has changed, or what stops a clock or lets it go on."""
    event = Event.objects.get(pk=event_id)
    reckon_clocks([event.subject_id], silent=bool(event.facts.get("quiet")))


@reactor(
    "slapolicy.created", "slapolicy.changed", "slapolicy.deleted", "businesshours.created",
    "businesshours.changed", "businesshours.deleted", "status.changed", "team.deleted",
)  # fmt: skip
def begin_to_reckon_anew(event_id: int) -> None:
    reckon_open.defer(after=0)


@queue.task(name="automations.reckon_open", lock="automations.reckon_open", retry=5)
def reckon_open(after: int) -> None:
    """One batch after the other, each a task of its own, so that other work comes in between."""
    last = reckon_open_clocks(after)
    if last is not None:
        reckon_open.defer(after=last)


@queue.periodic(cron="* * * * *")
@queue.task(name="automations.ring_due_clocks", queueing_lock="automations.ring_due_clocks")
def ring(timestamp: int) -> None:
    ring_due_clocks()


@reactor("ticket.sla_near_breach", harmless=True)
def tell_who_can_still_help(event_id: int) -> None:
    _tell("sla_near_breach", event_id)


@reactor("ticket.sla_breached", harmless=True)
def tell_who_is_late(event_id: int) -> None:
    _tell("sla_breached", event_id)


def _tell(kind: str, event_id: int) -> None:
    """The assignee, or the team as long as there is none."""
    event = Event.objects.get(pk=event_id)
    ticket = Ticket.objects.filter(pk=event.subject_id).first()
    if ticket is None:
        return
    nobodys = Q(teams=ticket.team_id) if ticket.team_id else Q(pk=None)
    agents = Agent.objects.filter(Q(pk=ticket.assignee_id) if ticket.assignee_id else nobodys)
    facts = {name: event.facts[name] for name in ("target", "due_at")}
    notify(agents.active().people(), kind, event=event, **facts)


def _near(told: Notification) -> str:
    due = timezone.localtime(datetime.fromisoformat(told.facts["due_at"]))
    sentences = {
        Target.FIRST_RESPONSE: _("The first reply is due at %(time)s"),
        Target.RESOLUTION: _("The solution is due at %(time)s"),
    }
    return sentences[told.facts["target"]] % {"time": date_format(due, "H:i")}


def _over(told: Notification) -> str:
    sentences = {
        Target.FIRST_RESPONSE: _("The first reply is overdue"),
        Target.RESOLUTION: _("The solution is overdue"),
    }
    return sentences[told.facts["target"]]


def _ticket(told: Notification) -> str:
    return reverse("tickets:ticket", args=[told.subject_id])


def register_kinds() -> None:
    notices.register(
        notices.Kind(
            "sla_near_breach",
            "ticket",
            gettext_lazy("A ticket of mine, or of my team and nobody’s, must soon be answered or solved"),
            _near,
            _ticket,
            Permission.TICKETS_READ,
        ),
        notices.Kind(
            "sla_breached",
            "ticket",
            gettext_lazy("Such a ticket was not answered or solved in time"),
            _over,
            _ticket,
            Permission.TICKETS_READ,
        ),
    )
