"""What became of a reply on its way to the contact, as the program that carries it tells."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.refusal import Refused
from accounts.permissions import Permission
from activity.actor import Actor
from activity.recording import record
from activity.screening import screened
from tickets import policy
from tickets.models import Delivery, Direction, Message, MessageKind
from tickets.text import clean_line

MOST_WORDS = 300


@transaction.atomic
def report_delivery(
    message: Message, *, state: Delivery, actor: Actor, detail: str = "", at: datetime | None = None
) -> Message:
    """Remember how far a reply has come. What is reported late changes nothing that is newer.

    The ticket itself is not changed by it, merged or not. Raises Refused for what was never on its way.
    """
    message = _held(message, actor)
    at = at or timezone.now()
    detail = screened(clean_line(detail)[:MOST_WORDS], actor=actor, where="message", message=message.pk)
    if at > timezone.now():
        raise Refused("at", "in_the_future", _("This time is still to come."))
    if (message.delivery, message.delivery_detail) == (state, detail) or _is_old_news(message, at):
        return message
    before = message.delivery
    message.delivery, message.delivery_detail, message.delivery_at = state, detail, at
    message.save(update_fields=["delivery", "delivery_detail", "delivery_at"])
    if before != state:
        record(
            actor,
            f"ticket.reply_{state.value}",
            message.ticket,
            changes={"delivery": (before, state)},
            message=message.pk,
        )
    return message


def _held(message: Message, actor: Actor) -> Message:
    rows = policy.visible_messages(actor).select_for_update(of=("self",)).select_related("ticket")
    now = rows.get(pk=message.pk)
    policy.authorize(actor, Permission.MESSAGES_WRITE, now.ticket)
    if now.kind != MessageKind.REPLY or now.direction != Direction.OUT:
        raise Refused("", "not_sent", _("Only a reply to the contact is delivered. This is none."))
    return now


def _is_old_news(message: Message, at: datetime) -> bool:
    return message.delivery_at is not None and at < message.delivery_at
