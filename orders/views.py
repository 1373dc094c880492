"""The orders beside a ticket in the workspace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, Q
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission
from accounts.policy import decide, require
from orders import actions, policy
from orders.models import Order
from tickets import policy as tickets
from tickets.models import Ticket
from tickets.views.door import AgentRequest, found, workspace

SHOWN = 10
"""Orders beside one ticket: its own, then the contact's latest others."""


@dataclass(frozen=True)
class Beside:
    """An order beside a ticket: is it about this conversation, or only the same contact's?"""

    order: Order
    is_here: bool


@require_safe
@workspace
def panel(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Nothing at all where there are no orders, so that nothing is shown."""
    return _panel(request, found(request.actor, pk))


@require_POST
@workspace
def attach(request: AgentRequest, pk: int, order_pk: int) -> HttpResponseBase:
    """Say that the ticket is about this order, or with `detach` that it is not."""
    ticket = found(request.actor, pk)
    order = policy.visible(request.actor).filter(pk=order_pk).first()
    if order is None:
        raise Http404(_("There is no such order, or you may not see it."))
    actions.attach(order, ticket=None if "detach" in request.POST else ticket, actor=request.actor)
    return _panel(request, ticket) if request.htmx else redirect("tickets:ticket", pk)


def _panel(request: AgentRequest, ticket: Ticket) -> HttpResponseBase:
    require(request.actor, Permission.ORDERS_READ)
    orders = _beside(request, ticket)
    if not orders:
        return HttpResponse()
    context: dict[str, Any] = {
        "ticket": ticket,
        "orders": orders,
        "can_attach": bool(decide(request.actor, Permission.ORDERS_WRITE)),
    }
    return render(request, "orders/_panel.html", context)


def _beside(request: AgentRequest, ticket: Ticket) -> list[Beside]:
    notes = policy.visible_notes(request.actor).select_related("agent").order_by("id")
    conversation = tickets.conversation(ticket)
    its_own = Q(ticket__in=conversation)
    rows = policy.visible(request.actor).filter(its_own | Q(contact=ticket.contact_id))
    newest = rows.prefetch_related(Prefetch("notes", queryset=notes)).order_by("-placed_at", "-id")
    own = list(newest.filter(its_own)[:SHOWN])
    others = newest.exclude(pk__in=[order.pk for order in own])[: SHOWN - len(own)]
    return [Beside(order, is_here=order.ticket_id in conversation) for order in (*own, *others)]
