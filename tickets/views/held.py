"""An agent's drafts and the replies that he can still take back, as his pages show them."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.utils import timezone

from accounts.kept import Kept
from activity.actor import Actor
from tickets import policy
from tickets.actions.writing import Body
from tickets.models import Attachment, Draft, Ticket


@dataclass(frozen=True, slots=True)
class Held:
    """A reply on its way, and how long it can be taken back."""

    draft: Draft
    seconds: float

    @property
    def html(self) -> str:
        return Body.signed(self.draft.body, self.draft.agent).html


def outbox(actor: Actor) -> list[Held]:
    """Everything of the agent's that is about to go out."""
    return [_held(row) for row in _sent(actor)]


@Kept
def _sent(actor: Actor) -> QuerySet[Draft]:
    rows = policy.own_drafts(actor).filter(send_at__isnull=False)
    return rows.select_related("ticket").order_by("send_at")


@dataclass(frozen=True, slots=True)
class Writing:
    """What an agent writes in a ticket, and what of his is about to go out: in it, and anywhere."""

    draft: Draft | None
    here: list[Held]
    outbox: list[Held]


def writing_of(actor: Actor, ticket: Ticket) -> Writing:
    """With the files, in one query."""
    drafts = _drafts(actor, ticket.pk)
    held = [_held(draft) for draft in drafts if draft.send_at is not None]
    here = [one for one in held if one.draft.ticket_id == ticket.pk]
    return Writing(next((draft for draft in drafts if draft.send_at is None), None), here, held)


@Kept
def _drafts(actor: Actor, ticket: int) -> QuerySet[Draft]:
    files = Attachment.objects.filter(draft=OuterRef("pk")).order_by("id")
    rows = policy.own_drafts(actor).filter(Q(ticket=ticket) | Q(send_at__isnull=False))
    told = JSONObject(pk="id", name="name", size="size")
    rows = rows.annotate(files=ArraySubquery(files.values(told=told)))
    return rows.select_related("agent", "ticket").order_by("send_at", "id")


def _held(draft: Draft) -> Held:
    assert draft.send_at is not None
    return Held(draft, max(0.0, (draft.send_at - timezone.now()).total_seconds()))
