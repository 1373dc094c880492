"""Sending from the workspace: a reply is held for ten seconds, in which its writer can take it back.

Until then it is a row that only he sees, and there is no event of it. The row is the truth: whoever comes first once
its time has come (the task, the housekeeping, or the writer's own page) makes the message of it and deletes the row in
one transaction, so there is exactly one reply, whatever is killed when.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app as queue

from accounts.actions import notify
from accounts.actions.refusal import Refused
from accounts.languages import spoken_to
from accounts.permissions import Permission
from accounts.policy import NotAllowed
from accounts.sentences import gettext as _
from activity.actor import Actor, Door
from activity.screening import screened
from tickets.actions.attach import File
from tickets.actions.drafts import attach_to_draft, join, writing
from tickets.actions.locking import locked
from tickets.actions.note import note
from tickets.actions.reply import reply
from tickets.actions.writing import Body
from tickets.models import Draft, Message, MessageKind, Status, Ticket

HOLD = timedelta(seconds=10)
"""How long a reply can be taken back."""
A_MOMENT = timedelta(milliseconds=300)
"""So that the task does not find a reply which is not quite due by another machine’s clock."""


@transaction.atomic
def hold_reply(
    ticket: Ticket, *, body: str, actor: Actor, files: Sequence[File] = (), status: Status | None = None
) -> Draft:
    """Send a reply, with the files of its draft and these, in ten seconds. Refuses what `reply` would refuse."""
    ticket = locked(ticket, actor, Permission.MESSAGES_WRITE)
    assert actor.agent is not None
    for file in files:
        attach_to_draft(ticket, file, kind=MessageKind.REPLY, actor=actor)
    draft = writing(ticket, actor.agent) or Draft(ticket=ticket, agent=actor.agent)
    _refuse_emptiness(draft, Body.signed(body, actor.agent))
    draft.kind, draft.status = MessageKind.REPLY, status
    draft.body = screened(body, actor=actor, where="draft", ticket=ticket.pk)
    draft.updated_at = timezone.now()
    draft.send_at = draft.updated_at + HOLD
    draft.save()
    deliver_reply.configure(schedule_at=draft.send_at + A_MOMENT).defer(draft_id=draft.pk)
    return draft


@transaction.atomic
def send_note(ticket: Ticket, *, body: str, actor: Actor, files: Sequence[File] = ()) -> Message:
    """Write a note at once, with the files of its draft, which is done with."""
    assert actor.agent is not None
    ticket = locked(ticket, actor, Permission.NOTES_WRITE)
    draft = writing(ticket, actor.agent)
    kept = list(draft.attachments.all()) if draft else []
    message = note(ticket, body=Body.from_markdown(body), actor=actor, attachments=[*kept, *files])
    if draft is not None:
        draft.delete()
    return message


@transaction.atomic
def take_back(held: Draft, *, actor: Actor) -> Draft:
    """Make a held reply a draft again. Raises Refused when it has gone out."""
    now = Draft.objects.held().select_for_update(of=("self",)).filter(pk=held.pk, agent=actor.agent).first()
    if now is None:
        raise Refused("", "sent", _("It has gone out already."))
    return _give_back(now)


def leave_to_their_writers(ticket: Ticket) -> None:
    """What is being written in a ticket that is about to be deleted stays with its writers, who are told."""
    for held in Draft.objects.held().filter(ticket=ticket).select_for_update(of=("self",)):
        _give_back(held)
    for draft in Draft.objects.filter(ticket=ticket).select_related("agent"):
        draft.ticket, draft.deleted_ticket = None, ticket.pk
        draft.save(update_fields=["ticket", "deleted_ticket"])
        with spoken_to(draft.agent):
            sentence = _("Ticket %(number)s was deleted. What you wrote in it is kept.")
            notify([draft.agent], "text_left", about=draft, reason=sentence % {"number": ticket.pk})


def deliver(held_id: int, *, actor: Actor | None = None) -> None:
    """Send a held reply if its time has come, or now, if its writer asks for it."""
    with transaction.atomic():
        rows = Draft.objects.held().select_for_update(of=("self",), skip_locked=True)
        held = rows.select_related("agent__role", "ticket", "status").filter(pk=held_id).first()
        if held is None:
            return
        hurried = actor is not None and actor.agent == held.agent
        if hurried or (held.send_at is not None and held.send_at <= timezone.now()):
            with spoken_to(
                held.agent
            ):  # Whoever's page or process this is: what is refused, its writer reads.
                _deliver(held)


def deliver_due() -> None:
    """Send everything whose time has come: what a lost task left behind."""
    due = Draft.objects.filter(send_at__lte=timezone.now()).order_by("send_at")
    for held_id in list(due.values_list("pk", flat=True)[:100]):
        deliver(held_id)


@queue.task(name="tickets.deliver_reply", retry=5)
def deliver_reply(draft_id: int) -> None:
    deliver(draft_id)


def _deliver(held: Draft) -> None:
    """The rights are asked for again: who lost them since has a draft, and is told why."""
    actor, files = Actor(Door.WEB, agent=held.agent), list(held.attachments.all())
    assert held.ticket is not None
    try:
        with transaction.atomic():
            body = Body.signed(held.body, held.agent)
            reply(held.ticket, body=body, actor=actor, attachments=files, status=held.status)
    except (Refused, NotAllowed) as refusal:
        _tell(_give_back(held), str(refusal))
    except Ticket.DoesNotExist:
        _tell(_give_back(held), _("You may not see the ticket any more."))
    else:
        held.delete()


def _give_back(held: Draft) -> Draft:
    assert held.ticket is not None
    newer = writing(held.ticket, held.agent)
    if newer is not None:
        return join(held, newer)
    held.send_at, held.writer = None, ""
    held.version += 1
    held.save(update_fields=["send_at", "writer", "version"])
    return held


def _tell(draft: Draft, reason: str) -> None:
    notify([draft.agent], "reply_refused", about=draft, reason=reason)


def _refuse_emptiness(draft: Draft, body: Body) -> None:
    if not body.text and not (draft.pk and draft.attachments.exists()):
        raise Refused("body", "required", _("Write something, or attach a file."))
