"""What is being written: kept as it is typed, found again on another machine, seen by nobody else.

Drafts are no history: nothing is recorded of them.
"""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.refusal import Refused
from accounts.models import Agent
from accounts.numbers import grouped
from accounts.permissions import Permission
from accounts.policy import NotAllowed
from activity.actor import Actor
from activity.screening import screened
from tickets import policy, text
from tickets.actions.attach import MAX_FILES, File, discard_upload, store
from tickets.models import Attachment, Draft, MessageKind, Ticket

MOST = text.MAX_BODY * 4
"""Characters of a draft. What is too long to be sent is still worth keeping."""


class Elsewhere(Refused):
    """The text was changed, or sent, in another window. `draft` is what it is now, if it is still there."""

    def __init__(self, draft: Draft | None) -> None:
        message = (
            _("You wrote on in another window. Look at both texts.")
            if draft
            else _("This was sent already, or thrown away in another window.")
        )
        super().__init__("body", "written_elsewhere", message)
        self.draft = draft


@transaction.atomic
def keep_draft(
    ticket: Ticket, *, kind: str, body: str, based_on: int, actor: Actor, writer: str = ""
) -> Draft | None:
    """Keep the text for its writer. None when there is nothing to keep. Raises Elsewhere.

    `based_on` is the version of the draft that the text goes on from, 0 for none.
    """
    agent = _writer(ticket, actor)
    body = screened(text.clean_text(body), actor=actor, where="draft", ticket=ticket.pk)
    if len(body) > MOST:
        raise Refused(
            "body", "too_long", _("A draft may have at most %(most)s characters.") % {"most": grouped(MOST)}
        )
    draft = writing(ticket, agent)
    _refuse_what_is_older(draft, body, based_on, writer)
    if draft is None:
        return _begin(ticket, agent, kind=kind, body=body, writer=writer) if body.strip() else None
    if not body.strip() and not draft.attachments.exists():
        draft.delete()
        return None
    if (draft.body, draft.kind) == (body, kind):
        return draft
    return _rewrite(draft, kind=kind, body=body, writer=writer)


@transaction.atomic
def keep_left_text(
    number: int, *, kind: str, body: str, based_on: int, actor: Actor, writer: str = ""
) -> Draft:
    """Keep the last words of a text whose ticket was deleted, or left its writer's reach, with what there is of it.

    Raises Elsewhere, and Draft.DoesNotExist where nothing was kept while the ticket was there.
    """
    rows = Draft.objects.being_written().select_for_update(of=("self",)).filter(agent=actor.agent)
    draft = rows.get(Q(ticket=number) | Q(deleted_ticket=number))
    body = screened(text.clean_text(body), actor=actor, where="draft", ticket=number)[:MOST]
    _refuse_what_is_older(draft, body, based_on, writer)
    if not body.strip() or (draft.body, draft.kind) == (body, kind):
        return draft
    return _rewrite(draft, kind=kind, body=body, writer=writer)


@transaction.atomic
def throw_away(draft: Draft, *, actor: Actor) -> None:
    """Delete one's own text whose ticket was deleted, with its files."""
    now = Draft.objects.select_for_update(of=("self",)).get(pk=draft.pk, agent=actor.agent, ticket=None)
    for attachment in now.attachments.all():
        discard_upload(attachment, actor=actor)
    now.delete()


def refuse_what_is_older(ticket: Ticket, *, body: str, based_on: int, actor: Actor, writer: str = "") -> None:
    """Stop where another window knows more of the text than the one that is about to send it. Raises Elsewhere."""
    assert actor.agent is not None
    draft = Draft.objects.being_written().filter(ticket=ticket, agent=actor.agent).first()
    # Not there any more: it was sent, and would go out twice.
    _refuse_what_is_older(draft, text.clean_text(body), based_on, writer)


def _refuse_what_is_older(draft: Draft | None, body: str, based_on: int, writer: str) -> None:
    now = draft.version if draft else 0
    if based_on == now or (draft is not None and draft.body.strip() == body.strip()):
        return
    # Its own last words, whose receipt got lost on the way.
    if draft is not None and writer and draft.writer == writer and based_on == now - 1:
        return
    raise Elsewhere(draft)


@transaction.atomic
def attach_to_draft(ticket: Ticket, file: File, *, kind: str, actor: Actor) -> Attachment:
    """Keep a file with what is being written. It goes with the message, and nobody else sees it before."""
    agent = _writer(ticket, actor)
    draft = writing(ticket, agent) or _begin(ticket, agent, kind=kind)
    if draft.attachments.count() >= MAX_FILES:
        raise Refused(
            "attachments", "too_many", _("A message may have at most %(most)s files.") % {"most": MAX_FILES}
        )
    attachment = store(file, actor=actor, message=None)
    attachment.draft = draft
    attachment.save(update_fields=["draft"])
    return attachment


@transaction.atomic
def remove_from_draft(attachment: Attachment, *, actor: Actor) -> Draft | None:
    """Says what is left of the draft, None when that was all of it."""
    draft = attachment.draft
    discard_upload(attachment, actor=actor)
    if draft is not None and not draft.body.strip() and not draft.attachments.exists():
        draft.delete()
        return None
    return draft


def writing(ticket: Ticket, agent: Agent) -> Draft | None:
    """What the agent writes in this ticket at the moment, held until the transaction ends."""
    rows = Draft.objects.being_written().select_for_update(of=("self",))
    return rows.filter(ticket=ticket, agent=agent).first()


def _begin(ticket: Ticket, agent: Agent, *, kind: str, body: str = "", writer: str = "") -> Draft:
    try:
        with transaction.atomic():
            return Draft.objects.create(ticket=ticket, agent=agent, kind=kind, body=body, writer=writer)
    except IntegrityError:  # Another window was quicker.
        raise Elsewhere(writing(ticket, agent)) from None


def _rewrite(draft: Draft, *, kind: str, body: str, writer: str) -> Draft:
    draft.kind, draft.body, draft.writer = kind, body, writer
    draft.version += 1
    draft.updated_at = timezone.now()
    draft.save(update_fields=["kind", "body", "writer", "version", "updated_at"])
    return draft


def _writer(ticket: Ticket, actor: Actor) -> Agent:
    """Whoever may write replies or notes may begin to."""
    policy.visible(actor).get(pk=ticket.pk)
    decision = policy.can(actor, Permission.NOTES_WRITE, ticket)
    decision = decision or policy.can(actor, Permission.MESSAGES_WRITE, ticket)
    if not decision or actor.agent is None:
        raise NotAllowed(decision)
    return actor.agent


def join(first: Draft, second: Draft) -> Draft:
    """One text of two that were written in a ticket. What was partly a note stays a note: that harms nobody."""
    second.body = "\n\n".join(part for part in (first.body.strip(), second.body) if part.strip())
    second.kind = MessageKind.NOTE if second.kind == MessageKind.NOTE and second.body else first.kind
    first.attachments.update(draft=second)
    first.delete()
    return _rewrite(second, kind=second.kind, body=second.body, writer="")
