"""The applications that an agent allowed to act for him, in his own settings."""

from __future__ import annotations

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.admin.fields import in_words
from accounts.door import AgentRequest, signed_in
from apitokens.actions import tokens
from apitokens.models import Consent


@require_safe
@signed_in
def applications(request: AgentRequest) -> HttpResponseBase:
    rows = Consent.objects.live().filter(agent=request.user).select_related("application", "usage")
    allowed = [(row, in_words(row.permissions & row.application.permissions)) for row in rows]
    return render(request, "oauth/applications.html", {"allowed": allowed})


@require_POST
@signed_in
def withdraw(request: AgentRequest, pk: int) -> HttpResponseBase:
    own = get_object_or_404(Consent.objects.select_related("application"), pk=pk, agent=request.user)
    tokens.withdraw(own, actor=request.actor)
    told = _("%(application)s may not act for you any more.") % {"application": own.application.name}
    messages.success(request, told)
    return redirect("apitokens:applications")
