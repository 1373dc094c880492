"""What an agent answers to a proposal."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.actions.refusal import Refused, Stale
from tickets import actions, policy
from tickets.models import Proposal, ProposalKind
from tickets.views.answers import told
from tickets.views.cards import Tried
from tickets.views.door import AgentRequest, found, number_in, workspace
from tickets.views.places import place_of
from tickets.views.ticket import after_change


@require_POST
@workspace
def decide(request: AgentRequest, pk: int, proposal_pk: int, answer: str) -> HttpResponseBase:
    """Approve or decline. What is refused is shown again, with the ticket as it is now and the text as it was typed."""
    if answer not in _ANSWERS:
        raise Http404(_("A proposal is approved or declined."))
    ticket = found(request.actor, pk)
    proposal = policy.visible_proposals(request.actor).filter(ticket=ticket, pk=proposal_pk).first()
    if proposal is None:
        raise Http404(_("This proposal is gone."))
    verb, sentence = _ANSWERS[answer]
    try:
        verb(request, proposal)
    except Refused as refused:
        return after_change(request, pk, place_of(request), tried=_tried(request, proposal, refused))
    return told(request, after_change(request, pk, place_of(request)), str(sentence))


def _approve(request: AgentRequest, proposal: Proposal) -> None:
    says = proposal.kind != ProposalKind.CHANGE
    actions.approve(
        proposal,
        actor=request.actor,
        seen=number_in(request.POST.get("version", "")),
        body=request.POST.get("body", "") if says else None,
        only=None if says else request.POST.getlist("only"),
    )


def _decline(request: AgentRequest, proposal: Proposal) -> None:
    actions.decline(proposal, actor=request.actor, reason=request.POST.get("reason", "")[:500])


_ANSWERS: dict[str, tuple[Callable[[AgentRequest, Proposal], None], Promise]] = {
    "approve": (_approve, gettext_lazy("Approved. It is done in your name.")),
    "decline": (_decline, gettext_lazy("Declined. Nothing was changed.")),
}


def _tried(request: AgentRequest, proposal: Proposal, refused: Refused) -> Tried:
    return Tried(
        proposal.pk,
        request.POST.get("body"),
        request.POST.getlist("only"),
        refused.message,
        isinstance(refused, Stale),
    )
