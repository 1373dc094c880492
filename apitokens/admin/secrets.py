"""A key's secret on the key desk: regenerated at once, rotated without an outage, shut for good."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.utils.translation import gettext as _t
from django.views.decorators.debug import sensitive_variables

from accounts.admin.base import actor_of
from accounts.admin.forms import described
from apitokens import other_uses
from apitokens.actions import end_rotation, regenerate, revoke, rotate
from apitokens.admin.pages import KeyPages, View, use_up
from apitokens.forms import RotationForm, new_form_token
from apitokens.models import ApiKey


class SecretPages(KeyPages):
    def pages(self) -> Mapping[str, View]:
        own = {
            "regenerate": self.regenerate_view,
            "rotate": self.rotate_view,
            "end-rotation": self.end_rotation_view,
            "revoke": self.revoke_view,
        }
        return {**super().pages(), **own}

    def _changeable(self, request: HttpRequest, pk: int) -> ApiKey:
        key = self._key(request, pk)
        if not self.has_change_permission(request, key):
            raise PermissionDenied
        return key

    @sensitive_variables("secret")
    def regenerate_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        key, error = self._changeable(request, pk), ""
        if request.method == "POST":
            try:
                with transaction.atomic():
                    use_up(request.POST.get("form_token", ""))
                    secret = regenerate(key, actor=actor_of(request))
                return self._show_once(request, self._key(request, pk), secret)
            except self.refusals as refusal:
                error = described(refusal)[1]
        return self._tab(request, key, "regenerate", error=error, form_token=new_form_token())

    @sensitive_variables("secret")
    def rotate_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        key, error = self._changeable(request, pk), ""
        form = RotationForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                with transaction.atomic():
                    use_up(request.POST.get("form_token", ""))
                    secret = rotate(key, until=form.until(), actor=actor_of(request))
                return self._show_once(request, self._key(request, pk), secret)
            except self.refusals as refusal:
                error = described(refusal)[1]
        return self._tab(request, key, "rotate", form=form, error=error, form_token=new_form_token())

    def end_rotation_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        key = self._changeable(request, pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        end_rotation(key, actor=actor_of(request))
        self.message_user(request, _t("The old secret is refused from now on."), messages.SUCCESS)
        return HttpResponseRedirect(self.url("overview", key.pk))

    def revoke_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        key = self._changeable(request, pk)
        if request.method != "POST":
            return self._tab(request, key, "revoke", needed=other_uses.of([key.pk]).get(key.pk, []))
        revoke(key, actor=actor_of(request))
        self.message_user(
            request, _t("“%s” is revoked. It is refused from now on.") % key.name, messages.SUCCESS
        )
        return HttpResponseRedirect(self.url("overview", key.pk))
