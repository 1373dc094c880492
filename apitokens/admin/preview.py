"""While the form is being filled in: what the key could really do. Nothing is written."""

from __future__ import annotations

from copy import copy
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.actions.agents import refuse_wider as refuse_wider_role
from accounts.actions.agents import refuse_wider_team
from accounts.admin.base import actor_of
from accounts.admin.forms import described
from accounts.policy import NotAllowed
from activity.actor import Actor
from apitokens import preview
from apitokens.actions import widened
from apitokens.actions.limits import refuse_wider
from apitokens.admin.pages import KeyPages
from apitokens.forms import KeyForm, in_short
from apitokens.models import AccessLevel, ApiKey


class PreviewPages(KeyPages):
    def get_urls(self) -> list[URLPattern]:
        view, name = self.admin_site.admin_view, f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("preview/", view(self.preview_view), name=f"{name}_preview"),
            path("<int:pk>/preview/", view(self.preview_view), name=f"{name}_preview_of"),
            *super().get_urls(),
        ]

    @method_decorator(sensitive_post_parameters("password"))
    @method_decorator(require_POST)
    def preview_view(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        key = self._key(request, pk) if pk else None
        if not (self.has_change_permission(request, key) if key else self.has_add_permission(request)):
            raise PermissionDenied
        form = self.get_form(request, key, change=key is not None)(
            request.POST, instance=copy(key) or ApiKey()
        )
        form.is_valid()
        return TemplateResponse(request, "apitokens/_preview.html", self._told(request, form))

    def _told(self, request: HttpRequest, form: KeyForm) -> dict[str, Any]:
        """Only what the verb would let this person do is counted: the preview is no way to see more."""
        key = form.candidate(form.cleaned_data)
        if not key.is_superuser_key and key.agent is None:
            return {"waits_for": "agent"}
        if key.access_level == AccessLevel.CUSTOM and not key.permissions:
            return {"waits_for": "scopes"}
        try:
            refuse_what_the_verbs_would(request, form, key)
        except NotAllowed as refusal:
            return {"refusal": described(refusal)[1]}
        wider = widened(form.before, key) if key.pk else {}
        return {"lines": preview.lines(key), "wider": in_short(wider)}


def may_count(actor: Actor, key: ApiKey) -> bool:
    """Whoever could make such a key could ask with it."""
    try:
        refuse_wider(actor, key)
    except NotAllowed:
        return False
    return True


def refuse_what_the_verbs_would(request: HttpRequest, form: KeyForm, key: ApiKey) -> None:
    actor = actor_of(request)
    if key.pk:
        refuse_wider(actor, form.before)
    if form.makes_an_agent(form.cleaned_data) and key.agent is not None:
        refuse_wider_role(actor, key.agent.role)
        for team in form.cleaned_data.get("service_teams", ()):
            refuse_wider_team(actor, team)
    refuse_wider(actor, key)
