"""What the composer asks for while somebody writes: keeping the draft, files, templates, colleagues, a preview."""

from __future__ import annotations

from django.http import Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from accounts.actions.refusal import Refused
from accounts.models import Agent
from accounts.policy import NotAllowed
from tickets import actions, placeholders, policy
from tickets.actions.drafts import Elsewhere
from tickets.actions.mentioning import may_be_called
from tickets.actions.writing import Body
from tickets.forms import DraftForm, UploadForm, assignable
from tickets.models import Draft, Ticket
from tickets.views.door import AgentRequest, found, workspace

MOST_TEMPLATES = 200
MOST_COLLEAGUES = 300


@require_POST
@workspace
def draft(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Keep what is being written. 409 with the other text when another window wrote on.

    When the ticket is gone, 410 with the way to what is kept of the text, or 404 where that is nothing.
    """
    form = DraftForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"error": _("This cannot be kept as it is.")}, status=422)
    try:
        ticket = policy.visible(request.actor).filter(pk=pk).first()
        if ticket is None:
            return _kept_without_its_ticket(request, pk, form)
        kept = actions.keep_draft(ticket, actor=request.actor, **form.cleaned_data)
    except Elsewhere as elsewhere:
        return render(request, "tickets/_elsewhere.html", {"elsewhere": elsewhere}, status=409)
    except Refused as refused:
        return JsonResponse({"error": refused.message}, status=422)
    return JsonResponse({"version": kept.version if kept else 0})


def _kept_without_its_ticket(request: AgentRequest, pk: int, form: DraftForm) -> HttpResponse:
    try:
        kept = actions.keep_left_text(pk, actor=request.actor, **form.cleaned_data)
    except Draft.DoesNotExist:
        return render(request, "tickets/_left_text.html", status=404)
    response = render(request, "tickets/_left_text.html", {"draft": kept}, status=410)
    response["X-Draft-Version"] = str(kept.version)
    return response


@require_POST
@workspace
def upload(request: AgentRequest, pk: int) -> HttpResponseBase:
    """One file, chosen, dropped or pasted. It waits with the draft."""
    ticket, form = found(request.actor, pk), UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return JsonResponse(
            {"error": " ".join(str(e) for es in form.errors.values() for e in es)}, status=422
        )
    try:
        file = form.cleaned_data["file"]
        kept = actions.attach_to_draft(ticket, file, kind=form.cleaned_data["kind"], actor=request.actor)
    except Refused as refused:
        return JsonResponse({"error": refused.message}, status=422)
    page = render(request, "tickets/_pending_file.html", {"file": kept, "ticket": ticket})
    page["X-Draft-Version"] = str(kept.draft.version if kept.draft else 0)
    return page


@require_POST
@workspace
def remove_upload(request: AgentRequest, pk: int, file_pk: int) -> HttpResponseBase:
    ticket = found(request.actor, pk)
    file = policy.own_uploads(request.actor).filter(pk=file_pk, draft__ticket=ticket).first()
    if file is None:
        raise Http404(_("There is no such file, or it was sent already."))
    left = actions.remove_from_draft(file, actor=request.actor)
    if not request.htmx:
        return redirect("tickets:ticket", pk)
    return HttpResponse(headers={"X-Draft-Version": str(left.version if left else 0)})


@require_POST
@workspace
def preview(request: AgentRequest, pk: int) -> HttpResponseBase:
    """The text as it will look. Nothing is kept."""
    found(request.actor, pk)
    try:
        return HttpResponse(Body.from_markdown(request.POST.get("body", "")).html)
    except Refused as refused:
        return HttpResponse(refused.message, status=422, content_type="text/plain; charset=utf-8")


@require_safe
@workspace
def templates(request: AgentRequest, pk: int) -> HttpResponseBase:
    """What “/” offers."""
    ticket = found(request.actor, pk)
    rows = list(policy.visible_templates(request.actor).only("name", "body")[:MOST_TEMPLATES])
    bodies = placeholders.fill_for_a_glance([row.body for row in rows], ticket=ticket, actor=request.actor)
    offered = list(zip(rows, bodies, strict=True))
    return render(request, "tickets/_templates.html", {"templates": offered, "ticket": ticket})


@require_safe
@workspace
def filled_template(request: AgentRequest, pk: int, template_pk: int) -> HttpResponseBase:
    """One template, filled in for this ticket, as text."""
    ticket = found(request.actor, pk)
    template = policy.visible_templates(request.actor).filter(pk=template_pk).first()
    if template is None:
        raise Http404(_("There is no such template, or it is not shared with you."))
    try:
        return _text(placeholders.fill(template.body, ticket=ticket, actor=request.actor))
    except (Refused, NotAllowed) as refusal:
        return _text(str(refusal), status=422)


def _text(text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


@require_GET
@workspace
def colleagues(request: AgentRequest, pk: int) -> HttpResponseBase:
    """What “@” offers in a note: those whom it would reach first, the others marked as such."""
    ticket = found(request.actor, pk)
    rows = assignable(request.actor).select_related("role").prefetch_related("teams")[:MOST_COLLEAGUES]
    people = [(agent, _reached(agent, ticket)) for agent in rows if agent != request.actor.agent]
    people.sort(key=lambda person: not person[1])
    return render(request, "tickets/_colleagues.html", {"colleagues": people})


def _reached(agent: Agent, ticket: Ticket) -> bool:
    agent._team_ids = [team.pk for team in agent.teams.all()]  # type: ignore[attr-defined]
    return may_be_called(agent, ticket)


@require_http_methods(["GET", "HEAD", "POST"])
@workspace
def own_draft(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Where a draft is: in its ticket; or, where that is closed to its writer or gone, on a page to copy it from.

    What is left of a deleted ticket can be thrown away there.
    """
    kept = policy.own_drafts(request.actor).filter(pk=pk).first() if pk < 2**63 else None
    if kept is None:
        raise Http404(_("There is no such draft. It was sent, or thrown away."))
    if kept.ticket_id is None:
        return _left(request, kept)
    if policy.visible(request.actor).filter(pk=kept.ticket_id, merged_into=None).exists():
        return redirect(reverse("tickets:ticket", args=[kept.ticket_id]))
    return render(request, "tickets/own_draft.html", {"draft": kept})


def _left(request: AgentRequest, kept: Draft) -> HttpResponseBase:
    if request.method == "POST":
        actions.throw_away(kept, actor=request.actor)
        return redirect("tickets:home")
    return render(request, "tickets/own_draft.html", {"draft": kept})
