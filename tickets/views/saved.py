"""Saving a search as a view, and changing and deleting views."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actions.refusal import Refused
from accounts.permissions import Permission
from accounts.policy import NotAllowed, require
from tickets import actions, policy
from tickets.forms import SavedViewForm
from tickets.models import SavedView
from tickets.models.view import Sort
from tickets.views.door import AgentRequest, workspace
from tickets.views.pages import shell
from tickets.views.places import Place, saved_at


@require_http_methods(["GET", "HEAD", "POST"])
@workspace
def new(request: AgentRequest) -> HttpResponseBase:
    require(request.actor, Permission.VIEWS_WRITE)
    if request.method != "POST":
        return _page(request, SavedViewForm(request.actor, initial={"query": request.GET.get("q", "")}))
    form = SavedViewForm(request.actor, request.POST)
    return _saved(request, form, lambda: actions.create_view(actor=request.actor, **form.given))


@require_http_methods(["GET", "HEAD", "POST"])
@workspace
def edit(request: AgentRequest, pk: int) -> HttpResponseBase:
    view = saved_at(request.actor, pk)
    decision = policy.can_change_view(request.actor, Permission.VIEWS_WRITE, view)
    if not decision:
        raise NotAllowed(decision)
    if request.method != "POST":
        return _page(
            request, SavedViewForm(request.actor, view=view, initial=SavedViewForm.values_of(view)), view
        )
    form = SavedViewForm(request.actor, request.POST, view=view)
    return _saved(request, form, lambda: actions.change_view(view, actor=request.actor, **form.given), view)


@require_POST
@workspace
def delete(request: AgentRequest, pk: int) -> HttpResponseBase:
    view = saved_at(request.actor, pk)
    actions.delete_view(view, actor=request.actor)
    messages.success(request, _("The view “%(name)s” is deleted.") % {"name": view.name})
    return redirect("tickets:home")


def _saved(
    request: AgentRequest, form: SavedViewForm, verb: Callable[[], SavedView], view: SavedView | None = None
) -> HttpResponseBase:
    """Do what the form says and show the view; or show the form again with what is wrong."""
    if form.is_valid():
        try:
            return redirect("tickets:saved", verb().pk)
        except Refused as refused:
            field = "audience" if refused.field == "team" else refused.field
            form.add_error(field if field in form.fields else None, refused.message)
    return _page(request, form, view)


def _page(request: AgentRequest, form: SavedViewForm, view: SavedView | None = None) -> HttpResponse:
    form.initial.setdefault("sort", Sort.UPDATED)
    may_delete = bool(view and policy.can_change_view(request.actor, Permission.VIEWS_DELETE, view))
    context = {"form": form, "view": view, "may_delete": may_delete}
    place = Place(saved=view) if view else Place()
    return render(
        request,
        "tickets/saved_view.html",
        shell(request, place) | context,
        status=422 if form.is_bound else 200,
    )
