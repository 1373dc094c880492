from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.custom_fields import Shown, as_told, shown
from accounts.models import AfterSending, Contact, Organization
from accounts.permissions import Permission
from accounts.policy import Decision, decide
from activity.actor import Actor
from tickets import clocks, policy
from tickets.forms import MessageForm
from tickets.models import Ticket
from tickets.views.cards import Tried, cards
from tickets.views.door import AgentRequest, found, is_fragment_for, workspace
from tickets.views.habits import habit_of
from tickets.views.held import writing_of
from tickets.views.pages import of_rows, page_of, row_of, shell, views
from tickets.views.places import Place, place_of
from tickets.views.reasons import reasons
from tickets.views.timeline import Extent, timeline
from tickets.views.whole import in_full

NO = Decision(False)


@require_safe
@workspace
def ticket(request: AgentRequest, pk: int) -> HttpResponseBase:
    place = place_of(request)
    try:
        opened = found(request.actor, pk, in_full)
    except Http404:
        mine = policy.own_drafts(request.actor).filter(send_at=None)
        kept = mine.filter(Q(ticket=pk) | Q(deleted_ticket=pk)).first() if pk < 2**63 else None
        if kept is None or request.htmx:
            raise
        return redirect("tickets:own_draft", kept.pk)  # Who wrote here gets at least his text.
    context = conversation(request, opened, place)
    if is_fragment_for(request, "main"):
        return render(request, "tickets/_ticket.html", context)
    if is_fragment_for(request, "timeline"):
        return render(request, "tickets/_timeline.html", context | {"changed": True})
    return ticket_page(request, place, context)


def ticket_page(
    request: AgentRequest, place: Place, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """The ticket with its list and the views beside it."""
    context |= shell(request, place, held=context["outbox"]) | {"page": page_of(place, request.actor)}
    return render(request, "tickets/ticket.html", context, status=status)


def conversation(
    request: AgentRequest, ticket: Ticket, place: Place, tried: Tried | None = None
) -> dict[str, Any]:
    """What the ticket itself shows."""
    actor = request.actor
    writing = writing_of(actor, ticket)
    draft = writing.draft
    told = timeline(ticket, actor, _extent(request, place))
    return {
        "place": place,
        "ticket": ticket,
        "timeline": told,
        "proposals": cards(ticket, actor, tried),
        "reasons": list(reasons(ticket, place, told)),
        "draft": draft,
        "written": {"body": draft.body, "kind": draft.kind} if draft else {},
        "held": writing.here,
        "outbox": writing.outbox,
        "habit": habit_of(request.user, ticket.sent_with),  # type: ignore[attr-defined]
        "after_sending": AfterSending.choices,
        "can": abilities(actor, ticket),
        **_fields(ticket, actor),
        "follows": any(one["id"] == request.user.pk for one in ticket.reading_along),  # type: ignore[attr-defined]
        "form": MessageForm(),
    }


def _extent(request: AgentRequest, place: Place) -> Extent:
    """What is asked for, else what the page shows already. Who comes from a search finds its words anywhere."""
    asked = request.GET.get("show") or request.headers.get("X-Shown") or (place.words and Extent.NEWEST)
    return Extent(asked) if asked in set(Extent) else Extent.FOLDED


def _fields(ticket: Ticket, actor: Actor) -> dict[str, list[Shown]]:
    """The ticket's custom fields, and what is filled in of its contact's and organization's."""
    fields = as_told(ticket.own_fields)  # type: ignore[attr-defined]
    people: list[Contact | Organization | None] = []
    if decide(actor, Permission.CONTACTS_READ):
        people.append(ticket.contact)
    if decide(actor, Permission.ORGANIZATIONS_READ):
        people.append(ticket.organization)
    told = [one for row in people for one in shown(row, fields) if one.words]
    return {"ticket_fields": shown(ticket, fields), "person_fields": told}


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the agent may do here. Each is falsy and carries a sentence when not."""

    reply: Decision
    note: Decision
    change: Decision
    follow: Decision
    unmerge: Decision
    contacts: Decision
    edit_contact: Decision
    edit_organization: Decision

    @property
    def write(self) -> bool:
        return bool(self.reply or self.note)


def abilities(actor: Actor, ticket: Ticket) -> Abilities:
    changes = policy.can(actor, Permission.TICKETS_WRITE, ticket)
    merged = ticket.merged_into_id is not None

    def unless_merged(decision: Decision) -> Decision:
        return _merged(ticket) if merged and decision else decision

    return Abilities(
        reply=unless_merged(policy.can(actor, Permission.MESSAGES_WRITE, ticket)),
        note=unless_merged(policy.can(actor, Permission.NOTES_WRITE, ticket)),
        change=unless_merged(changes),
        follow=unless_merged(policy.can(actor, Permission.TICKETS_READ, ticket)),
        unmerge=changes if ticket.outer else NO,  # type: ignore[attr-defined]
        contacts=decide(actor, Permission.CONTACTS_READ),
        edit_contact=decide(actor, Permission.CONTACTS_WRITE),
        edit_organization=decide(actor, Permission.ORGANIZATIONS_READ)
        and decide(actor, Permission.ORGANIZATIONS_WRITE),
    )


def _merged(ticket: Ticket) -> Decision:
    sentence = _("This ticket was merged into ticket %(number)s. Its conversation goes on there.")
    return Decision(False, "merged", sentence % {"number": ticket.merged_into_id})


def after_change(
    request: AgentRequest, pk: int, place: Place, *, tried: Tried | None = None
) -> HttpResponseBase:
    """After a verb: the parts of the page that may look different now, or the page anew without scripts.

    `tried` is an answer to a proposal that was refused: what was typed stands in its card again.
    """
    if request.method == "POST":
        clocks.reckon([pk])
    ticket = in_full(request.actor, pk)
    if ticket is None:
        return _out_of_reach(request, pk, place)
    context = conversation(request, ticket, place, tried) if request.htmx or tried else {}
    if not request.htmx and tried:
        return ticket_page(request, place, context, status=422)
    if not request.htmx:
        return redirect(f"{reverse('tickets:ticket', args=[pk])}?{place.query}")
    context |= {"row": row_of(request, pk), "changed": True}
    context |= views(request.actor) | of_rows(request.actor)
    response = render(request, "tickets/_changed.html", context)
    response["HX-Reswap"] = "none"
    return response


def _out_of_reach(request: AgentRequest, pk: int, place: Place) -> HttpResponseBase:
    messages.info(request, _("Done. Ticket %(number)s is now out of your reach.") % {"number": pk})
    return HttpResponseClientRedirect(place.url) if request.htmx else redirect(place.url)
