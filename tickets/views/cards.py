"""What is proposed in a ticket, as cards to look at, edit, approve or decline."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.kept import Kept
from activity.actor import Actor
from tickets import actions, policy
from tickets.actions.proposing import NEEDS
from tickets.models import Priority, Proposal, ProposalKind, ProposalState, Ticket
from tickets.models.proposal import ProposalQuerySet

_LABELS = {
    "status": gettext_lazy("Status"),
    "assignee": gettext_lazy("Assignee"),
    "team": gettext_lazy("Team"),
    "priority": gettext_lazy("Priority"),
    "tags": gettext_lazy("Tags"),
}


@dataclass(frozen=True, slots=True)
class Tried:
    """What was typed into a card, and why it was not done."""

    proposal: int
    body: str | None
    only: list[str]
    sentence: str
    has_moved_on: bool


@dataclass(frozen=True, slots=True)
class Change:
    field: str
    label: str
    now: str
    then: str
    is_chosen: bool = True

    @property
    def is_done(self) -> bool:
        """Somebody set it meanwhile, or it was so from the start."""
        return self.now == self.then


@dataclass(frozen=True, slots=True)
class Card:
    """One waiting proposal. `version` is the one of the ticket that approving answers to."""

    proposal: Proposal
    body: str
    version: int
    may_decide: bool
    changes: list[Change] = field(default_factory=list)
    refusal: str = ""


def cards(ticket: Ticket, actor: Actor, tried: Tried | None = None) -> list[Card]:
    """Those that wait; and the one that somebody else decided meanwhile, for what was typed into its card."""
    rows = _shown(actor, ticket.pk, tried.proposal if tried else 0)
    return [_card(ticket, proposal, actor, tried) for proposal in rows]


@Kept
def _shown(actor: Actor, ticket: int, answered: int) -> ProposalQuerySet:
    shown = Q(state=ProposalState.WAITING) | Q(pk=answered)
    return policy.visible_proposals(actor).filter(shown, ticket=ticket).select_related("agent")


def _card(ticket: Ticket, proposal: Proposal, actor: Actor, tried: Tried | None) -> Card:
    may_decide = proposal.is_waiting and bool(policy.can(actor, NEEDS[ProposalKind(proposal.kind)], ticket))
    changes = list(_changes(ticket, proposal))
    card = Card(proposal, proposal.body, proposal.version, may_decide and not ticket.merged_into_id, changes)
    if tried is None or tried.proposal != proposal.pk:
        return card
    return replace(
        card,
        body=card.body if tried.body is None else tried.body,
        changes=[replace(one, is_chosen=one.field in tried.only) for one in changes],
        version=ticket.version if tried.has_moved_on else card.version,
        refusal=tried.sentence,
    )


def _changes(ticket: Ticket, proposal: Proposal) -> list[Change]:
    wanted = actions.proposed_changes(proposal)
    return [
        Change(name, str(_LABELS[name]), _now(ticket, name), _in_words(name, wanted[name]))
        for name in actions.PROPOSABLE
        if name in wanted
    ]


def _now(ticket: Ticket, name: str) -> str:
    value = ticket.tag_names if name == "tags" else getattr(ticket, name)  # type: ignore[attr-defined]
    return _in_words(name, value)


def _in_words(name: str, value: Any) -> str:
    if name == "tags":
        return ", ".join(value) or _("No tags")
    if value is None:
        return _("Nobody") if name == "assignee" else _("No team")
    return str(Priority(value).label) if name == "priority" else str(value)
