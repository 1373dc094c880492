"""The verbs that change one property of a ticket."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.actions.language import language_tag
from accounts.actions.refusal import Refused, Taken
from accounts.models import Team
from accounts.permissions import Permission
from accounts.sentences import gettext as _
from activity.actor import Actor
from activity.recording import record
from activity.screening import screened
from tickets import policy, search
from tickets.actions.locking import locked, name_of, save
from tickets.models import Category, Priority, Status, Ticket
from tickets.text import clean_line


@transaction.atomic
def set_status(ticket: Ticket, *, status: Status, actor: Actor) -> Ticket:
    """Move the ticket to a status. The event is named by what it means: solved, closed, reopened, …"""
    ticket = locked(ticket, actor, Permission.TICKETS_WRITE)
    if ticket.status_id == status.pk:
        return ticket
    before, was_unresolved = ticket.status, ticket.unresolved
    place(ticket, status)
    save(ticket, ["status", "category", "solved_at", "snoozed_until"])
    record(
        actor, _named(status, was_unresolved), ticket, changes={"status": (name_of(before), name_of(status))}
    )
    return ticket


def place(ticket: Ticket, status: Status) -> None:
    """Set the status with all that follows from it, unsaved."""
    resolved = status.category in {Category.SOLVED, Category.CLOSED}
    ticket.status, ticket.category = status, status.category
    ticket.solved_at = (ticket.solved_at or timezone.now()) if resolved else None
    ticket.snoozed_until = None if resolved else ticket.snoozed_until


def _named(status: Status, was_unresolved: bool) -> str:
    match status.category:
        case Category.SOLVED:
            return "ticket.solved"
        case Category.CLOSED:
            return "ticket.closed"
        case _:
            return "ticket.status_changed" if was_unresolved else "ticket.reopened"


@transaction.atomic
def set_priority(ticket: Ticket, *, priority: Priority, actor: Actor) -> Ticket:
    ticket = locked(ticket, actor, Permission.TICKETS_WRITE)
    if ticket.priority == priority:
        return ticket
    before, ticket.priority = Priority(ticket.priority), priority
    save(ticket, ["priority"])
    record(actor, "ticket.priority_changed", ticket, changes={"priority": (before.word, priority.word)})
    return ticket


@transaction.atomic
def move_to_team(ticket: Ticket, *, team: Team | None, actor: Actor) -> Ticket:
    """Put the ticket into a team's queue, or into none. It may thereby leave the actor's own reach."""
    ticket = locked(ticket, actor, Permission.TICKETS_WRITE)
    if ticket.team == team:
        return ticket
    before, ticket.team = ticket.team, team
    save(ticket, ["team"])
    record(actor, "ticket.moved", ticket, changes={"team": (name_of(before), name_of(team))})
    return ticket


@transaction.atomic
def edit_subject(ticket: Ticket, *, subject: str, actor: Actor) -> Ticket:
    ticket = locked(ticket, actor, Permission.TICKETS_WRITE)
    subject = screened(clean_line(subject), actor=actor, where="ticket", ticket=ticket.pk)
    if not subject:
        raise Refused("subject", "required", _("A ticket needs a subject."))
    if ticket.subject == subject:
        return ticket
    before, ticket.subject = ticket.subject, subject
    save(ticket, ["subject"])
    search.rebuild(ticket)
    record(actor, "ticket.subject_edited", ticket, changes={"subject": (before, subject)})
    return ticket


@transaction.atomic
def link_external(ticket: Ticket, *, external_id: str | None, actor: Actor) -> Ticket:
    """Remember what another system calls this ticket."""
    ticket = locked(ticket, actor, Permission.TICKETS_WRITE)
    external_id = (
        screened(clean_line(external_id or ""), actor=actor, where="ticket", ticket=ticket.pk) or None
    )
    if ticket.external_id == external_id:
        return ticket
    refuse_taken(external_id, actor)
    before, ticket.external_id = ticket.external_id, external_id
    save(ticket, ["external_id"])
    search.rebuild(ticket)
    record(actor, "ticket.external_id_changed", ticket, changes={"external_id": (before, external_id)})
    return ticket


@transaction.atomic
def set_language(ticket: Ticket, *, language: str, actor: Actor) -> Ticket:
    """Say what the contact writes in. Empty when nobody knows."""
    ticket = locked(ticket, actor, Permission.TICKETS_WRITE)
    language = language_tag(language)
    if ticket.language == language:
        return ticket
    before, ticket.language = ticket.language, language
    save(ticket, ["language"])
    record(actor, "ticket.language_changed", ticket, changes={"language": (before, language)})
    return ticket


def refuse_taken(external_id: str | None, actor: Actor) -> None:
    """A clear answer before the unique constraint gives an unclear one. Names only what the actor may see."""
    if not external_id or not Ticket.objects.filter(external_id=external_id).exists():
        return
    seen = policy.visible(actor).filter(external_id=external_id).values_list("pk", flat=True).first()
    raise Taken(
        "external_id",
        _("Another ticket already has the external_id “%(external_id)s”.") % {"external_id": external_id},
        seen,
    )
