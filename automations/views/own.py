"""An agent's own macros, among his settings."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions.refusal import Refused
from accounts.door import AgentRequest, signed_in
from accounts.permissions import Permission
from accounts.policy import require, rights
from automations import actions, policy, steps
from automations.forms import OwnMacroForm
from automations.models import Macro
from tickets.models import Sharing


@require_safe
@signed_in
def macros(request: AgentRequest) -> HttpResponseBase:
    """His own, and those that others share with him."""
    rows = list(policy.offered_macros(request.actor).select_related("team"))
    names = steps.rows_of([macro.steps for macro in rows])
    told = [
        (macro, steps.told(macro.steps, names), steps.broken(macro.steps, Macro), _is_own(request, macro))
        for macro in rows
    ]
    held = rights(request.actor)
    context = {
        "macros": told,
        "may_write": Permission.MACROS_WRITE in held,
        "may_read": Permission.MACROS_READ in held,
    }
    return render(request, "automations/settings/macros.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new(request: AgentRequest) -> HttpResponseBase:
    require(request.actor, Permission.MACROS_WRITE)
    return _edit(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def edit(request: AgentRequest, pk: int) -> HttpResponseBase:
    return _edit(request, _own(request, pk))


@require_POST
@signed_in
def delete(request: AgentRequest, pk: int) -> HttpResponseBase:
    macro = _own(request, pk)
    actions.delete_macro(macro, actor=request.actor)
    messages.success(request, _("The macro “%(name)s” is deleted.") % {"name": macro.name})
    return redirect("automations:own_macros")


def _edit(request: AgentRequest, macro: Macro | None) -> HttpResponse | HttpResponseBase:
    kept = {"name": macro.name, "steps": macro.steps} if macro else None
    form = OwnMacroForm(request.POST or None, initial=kept, actor=request.actor)
    if form.is_valid() and _saved(request, macro, form):
        messages.success(request, _("The macro is saved."))
        return redirect("automations:own_macros")
    status = 422 if form.is_bound and not form.is_being_edited else 200
    return render(request, "automations/settings/macro.html", {"form": form, "macro": macro}, status=status)


def _saved(request: AgentRequest, macro: Macro | None, form: OwnMacroForm) -> bool:
    try:
        if macro is None:
            actions.create_macro(actor=request.actor, **form.cleaned_data)
        else:
            actions.change_macro(macro, actor=request.actor, **form.cleaned_data)
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, refused.message)
        return False
    return True


def _own(request: AgentRequest, pk: int) -> Macro:
    rows = policy.visible_macros(request.actor).filter(sharing=Sharing.PERSONAL)
    macro = rows.filter(pk=pk).first() if pk < 2**63 else None
    if macro is None:
        raise Http404(_("There is no such macro of yours."))
    return macro


def _is_own(request: AgentRequest, macro: Macro) -> bool:
    return macro.sharing == Sharing.PERSONAL and macro.owner_id == request.user.pk
