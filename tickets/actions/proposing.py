"""Proposals: suggested by whoever may not decide, and done by an agent in his own name, or not at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.refusal import Refused, Stale
from accounts.models import Agent, Team
from accounts.permissions import Permission
from accounts.policy import Decision, NotAllowed
from activity.actor import Actor
from activity.models import Event
from activity.recording import record
from activity.screening import screen
from tickets import policy, text
from tickets.actions.locking import locked
from tickets.actions.note import note
from tickets.actions.reply import reply
from tickets.actions.tags import named_tags
from tickets.actions.update import refuse_clash, update
from tickets.actions.writing import Body
from tickets.models import Priority, Proposal, ProposalKind, ProposalState, Status, Ticket

MOST_WAITING = 20
"""In one ticket: a program that runs wild shall not bury it."""
PROPOSABLE = ("status", "assignee", "team", "priority", "tags")
NEEDS = {
    ProposalKind.REPLY: Permission.MESSAGES_WRITE,
    ProposalKind.NOTE: Permission.NOTES_WRITE,
    ProposalKind.CHANGE: Permission.TICKETS_WRITE,
}
"""What the agent who approves or declines it has to be allowed himself."""
_NEWS = ("ticket.message_received", "ticket.replied")


class MovedOn(Stale):
    """What a proposed reply answers is no longer the latest that was said."""

    def __init__(self, conflicts: dict[str, dict[str, Any]], version: int) -> None:
        super().__init__(conflicts, version)
        self.message = _(
            "Something was said in the ticket since this was proposed. Read it, then approve anew."
        )
        self.args = (self.message,)


@transaction.atomic
def propose(
    ticket: Ticket,
    *,
    kind: str,
    actor: Actor,
    body: str = "",
    changes: Mapping[str, Any] | None = None,
    reason: str = "",
) -> Proposal:
    """Suggest a reply, a note (`body`, in Markdown), or `changes` of the ticket's properties. Raises Refused."""
    ticket = locked(ticket, actor, Permission.TICKETS_PROPOSE)
    if Proposal.objects.waiting().filter(ticket=ticket).count() >= MOST_WAITING:
        sentence = _("%(most)s proposals wait in this ticket already. Withdraw one first.")
        raise Refused("", "too_many", sentence % {"most": MOST_WAITING})
    proposal = Proposal(
        ticket=ticket,
        kind=kind,
        body=Body.from_markdown(body).text,
        changes={field: _stored(field, value) for field, value in (changes or {}).items()},
        reason=text.clean_line(reason),
        version=ticket.version,
        agent=actor.agent,
        door=actor.door,
        key_id=actor.grant.id if actor.grant else None,
        key_name=actor.grant.name if actor.grant else "",
    )
    _refuse_empty(proposal)
    screen(proposal, actor=actor, ticket=ticket.pk)
    proposal.save(force_insert=True)
    record(actor, "ticket.proposed", ticket, proposal=proposal.pk, kind=proposal.kind)
    return proposal


@transaction.atomic
def approve(
    proposal: Proposal,
    *,
    actor: Actor,
    seen: int | None = None,
    body: str | None = None,
    only: Collection[str] | None = None,
) -> Proposal:
    """Do what is proposed, as the acting agent's own work; perhaps with another text, or `only` some of the changes.

    `seen` is the version of the ticket that the agent looked at, the proposal's own if he does not say. Raises Stale
    when what matters to the proposal was different then: for a reply what was said, for a change what it changes.
    """
    proposal, ticket = _undecided(proposal, actor)
    _refuse_what_it_has_not(proposal, body, only)
    based_on = proposal.version if seen is None else seen
    if proposal.kind == ProposalKind.CHANGE:
        _change(proposal, ticket, only, based_on, actor)
    else:
        _say(proposal, ticket, proposal.body if body is None else body, based_on, actor)
    _decide(proposal, ProposalState.APPROVED, actor)
    record(
        actor, "ticket.proposal_approved", ticket, proposal=proposal.pk, kind=proposal.kind, by=proposal.by
    )
    return proposal


@transaction.atomic
def decline(proposal: Proposal, *, actor: Actor, reason: str = "") -> Proposal:
    """Leave it undone. Whoever proposed it can read why."""
    proposal, ticket = _undecided(proposal, actor)
    proposal.answer = text.clean_line(reason)
    screen(proposal, actor=actor, ticket=ticket.pk)
    _decide(proposal, ProposalState.DECLINED, actor)
    record(
        actor, "ticket.proposal_declined", ticket, proposal=proposal.pk, kind=proposal.kind, by=proposal.by
    )
    return proposal


@transaction.atomic
def withdraw(proposal: Proposal, *, actor: Actor) -> Proposal:
    """Take back what was proposed as the same agent."""
    ticket = locked(proposal.ticket, actor, Permission.TICKETS_PROPOSE)
    proposal = _locked(proposal)
    if not actor.is_system and proposal.agent != actor.agent:
        sentence = _("Only whoever made a proposal withdraws it. Decline it instead.")
        raise NotAllowed(Decision(False, "owner", sentence))
    _refuse_decided(proposal)
    _decide(proposal, ProposalState.WITHDRAWN, actor)
    record(actor, "ticket.proposal_withdrawn", ticket, proposal=proposal.pk, kind=proposal.kind)
    return proposal


def proposed_changes(proposal: Proposal) -> dict[str, Any]:
    """What a change would set, as domain objects. A row that is gone by now is left out."""
    found = {field: _READ[field](value) for field, value in proposal.changes.items()}
    return {
        field: value for field, value in found.items() if value is not None or proposal.changes[field] is None
    }


def _change(
    proposal: Proposal, ticket: Ticket, only: Collection[str] | None, based_on: int, actor: Actor
) -> None:
    wanted = proposed_changes(proposal)
    chosen = {field: value for field, value in wanted.items() if only is None or field in only}
    if not chosen:
        raise Refused("only", "required", _("Choose at least one of the changes, or decline them all."))
    if "tags" in chosen:
        chosen["tags"] = named_tags(chosen["tags"], actor=actor)
    refuse_clash(ticket, chosen, based_on=based_on, actor=actor)
    update(ticket, actor=actor, **chosen)


def _say(proposal: Proposal, ticket: Ticket, body: str, based_on: int, actor: Actor) -> None:
    if proposal.kind == ProposalKind.NOTE:
        note(ticket, body=Body.from_markdown(body), actor=actor)
        return
    said = Event.objects.about(ticket).filter(type__in=_NEWS, facts__version__gt=based_on).count()
    if said:
        raise MovedOn({"messages": {"yours": based_on, "now": ticket.version}}, ticket.version)
    reply(ticket, body=Body.from_markdown(body), actor=actor)


def _undecided(proposal: Proposal, actor: Actor) -> tuple[Proposal, Ticket]:
    """Both held, if the agent may do himself what is proposed."""
    ticket = locked(proposal.ticket, actor, NEEDS[ProposalKind(proposal.kind)])
    row = policy.visible_proposals(actor).filter(pk=proposal.pk).first()
    if row is None:
        raise Proposal.DoesNotExist
    row = _locked(row)
    _refuse_decided(row)
    return row, ticket


def _refuse_what_it_has_not(proposal: Proposal, body: str | None, only: Collection[str] | None) -> None:
    if proposal.kind == ProposalKind.CHANGE and body is not None:
        raise Refused("body", "invalid", _("A change has no text: leave it out."))
    if proposal.kind != ProposalKind.CHANGE and only is not None:
        raise Refused("only", "invalid", _("A text has no parts to choose from: leave it out."))


def _locked(proposal: Proposal) -> Proposal:
    return Proposal.objects.select_for_update(of=("self",)).select_related("agent").get(pk=proposal.pk)


def _refuse_decided(proposal: Proposal) -> None:
    if not proposal.is_waiting:
        sentence = _("This proposal is %(state)s already.") % {"state": proposal.get_state_display()}
        raise Refused("", "decided", sentence)


def _decide(proposal: Proposal, state: ProposalState, actor: Actor) -> None:
    proposal.state, proposal.decided_by, proposal.decided_at = state, actor.agent, timezone.now()
    proposal.save(update_fields=["state", "decided_by", "decided_at", "answer"])


def _refuse_empty(proposal: Proposal) -> None:
    if proposal.kind == ProposalKind.CHANGE:
        if proposal.body:
            raise Refused("body", "invalid", _("A change says nothing: propose a reply or a note besides."))
        if not proposal.changes:
            raise Refused("changes", "required", _("Say what to change."))
        return
    if proposal.changes:
        raise Refused("changes", "invalid", _("A reply or a note changes nothing: propose a change besides."))
    if not proposal.body:
        raise Refused("body", "required", _("Write what you propose."))


def _stored(field: str, value: Any) -> Any:
    if field == "tags":
        return sorted(value)
    return int(value) if field == "priority" else value and value.pk


_READ: dict[str, Any] = {
    "status": lambda pk: Status.objects.filter(pk=pk).first(),
    "assignee": lambda pk: pk and Agent.objects.filter(pk=pk).select_related("role").first(),
    "team": lambda pk: pk and Team.objects.filter(pk=pk).first(),
    "priority": Priority,
    "tags": list,
}
