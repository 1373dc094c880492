from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.refusal import Refused
from accounts.numbers import grouped
from accounts.permissions import Permission
from accounts.policy import Decision, NotAllowed, require
from activity.actor import Actor
from activity.recording import record
from activity.screening import screened
from orders import policy
from orders.actions.rules import locked
from orders.models import Order, OrderNote
from tickets.text import clean_text

MAX_NOTE = 20_000
"""Characters of one note."""


@transaction.atomic
def note(order: Order, *, text: str, actor: Actor) -> OrderNote:
    """Remark something on an order. Customers never see it."""
    order = locked(order, actor, Permission.ORDER_NOTES_WRITE)
    written = OrderNote.objects.create(
        order=order,
        text=screened(_worded(text), actor=actor, where="ordernote", order=order.pk),
        agent=actor.agent,
        door=actor.door,
        key_id=actor.grant.id if actor.grant else None,
        key_name=actor.grant.name if actor.grant else "",
    )
    record(actor, "order.noted", order, note=written.pk)
    return written


@transaction.atomic
def edit_note(note: OrderNote, *, text: str, actor: Actor) -> OrderNote:
    """Word a note anew. Only who wrote it may."""
    note = _locked(note, actor, Permission.ORDER_NOTES_WRITE)
    if not actor.is_system and note.agent != actor.agent:
        sentence = _("Only the agent who wrote a note may change it. Write another one.")
        raise NotAllowed(Decision(False, "author", sentence))
    text = screened(_worded(text), actor=actor, where="ordernote", order=note.order_id)
    if note.text == text:
        return note
    note.text, note.updated_at = text, timezone.now()
    note.save(update_fields=["text", "updated_at"])
    record(actor, "order.note_edited", note.order, note=note.pk)
    return note


@transaction.atomic
def delete_note(note: OrderNote, *, actor: Actor) -> None:
    note = _locked(note, actor, Permission.ORDER_NOTES_DELETE)
    record(actor, "order.note_deleted", note.order, note=note.pk)
    note.delete()


def _locked(note: OrderNote, actor: Actor, permission: Permission) -> OrderNote:
    """The note as it is now, if its order exists for the actor."""
    rows = OrderNote.objects.select_for_update(of=("self",)).select_related("order", "agent")
    now = rows.filter(order__in=policy.visible(actor).values("pk")).get(pk=note.pk)
    require(actor, permission)
    return now


def _worded(text: str) -> str:
    text = clean_text(text).strip()
    if not text:
        raise Refused("text", "required", _("Write something."))
    if len(text) > MAX_NOTE:
        raise Refused(
            "text",
            "too_long",
            _("A note may have at most %(most)s characters.") % {"most": grouped(MAX_NOTE)},
        )
    return text
