"""How a key is used, and what to do about what stands out: each remedy is shown before it is done."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _t

from accounts.admin.base import actor_of
from accounts.admin.forms import described
from accounts.permissions import ADMINISTRATIVE, Permission
from apitokens import facts, health, other_uses, preview, usage
from apitokens.actions import edit_key
from apitokens.admin.charts import bars
from apitokens.admin.pages import KeyPages, View
from apitokens.health import Health
from apitokens.models import AccessLevel, ApiKey


def used(credential: usage.Credential) -> dict[str, Any]:
    """What a page about its usage shows."""
    today = timezone.now().date()
    days, operations = usage.by_day(credential, today), usage.by_operation(credential, today)
    total = sum(days.values(), usage.Outcomes())
    context = {"days": days, "operations": operations, "total": total, "chart": bars(days)}
    return context | {"places": usage.places(credential)}


class HealthPages(KeyPages):
    def pages(self) -> Mapping[str, View]:
        own = {"usage": self.usage_view, "narrow": self.narrow_view, "lock": self.lock_view}
        return {**super().pages(), **own}

    def usage_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        key = self._key(request, pk)
        return self._tab(request, key, "usage", **used(key))

    def narrow_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take away the scopes that the key has not needed. What goes and what stays is shown first."""
        key = self._editable(request, pk)
        used = facts.used_scopes([key.pk], timezone.now()).get(key.pk, set())
        used |= health.needed_scopes(key, other_uses.of([key.pk]))
        kept = [scope for scope in Permission if scope in key.permissions - ADMINISTRATIVE and scope in used]
        if request.method == "POST":
            # What was shown, and not what has been used since, is what somebody agreed to.
            agreed = [
                scope for scope in key.permissions - ADMINISTRATIVE if scope in request.POST.getlist("scope")
            ]
            change = {"access_level": AccessLevel.CUSTOM, "scopes": sorted(agreed)}
            return self._narrowed(request, key, change, _t("“%s” keeps only what it needed."))
        watched = any(one.health == Health.UNUSED_SCOPES for one in health.of([key]).get(key.pk, []))
        after = copy(key)
        after.access_level, after.scopes = AccessLevel.CUSTOM, [str(scope) for scope in kept]
        gone = sorted(key.permissions - ADMINISTRATIVE - set(kept)) if watched else []
        lines = preview.lines(after) if gone else []
        return self._tab(request, key, "narrow", kept=kept, gone=gone, lines=lines)

    def lock_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let the key be used from nowhere else than from where it is used."""
        key = self._editable(request, pk)
        if request.method == "POST":
            change = {"addresses": request.POST.getlist("address")}
            if change["addresses"]:
                return self._narrowed(request, key, change, _t("“%s” works only from these addresses now."))
            self.message_user(request, _t("Choose at least one address."), messages.ERROR)
        new_since = timezone.now() - facts.NEW_NETWORK
        return self._tab(request, key, "lock", places=usage.places(key), new_since=new_since)

    def _editable(self, request: HttpRequest, pk: int) -> ApiKey:
        key = self._key(request, pk)
        if not self.has_change_permission(request, key):
            raise PermissionDenied
        return key

    def _narrowed(
        self, request: HttpRequest, key: ApiKey, change: dict[str, Any], done: str
    ) -> HttpResponseRedirect:
        try:
            edit_key(key, actor=actor_of(request), **change)
        except self.refusals as refusal:
            self.message_user(request, described(refusal)[1], messages.ERROR)
        else:
            self.message_user(request, done % key.name, messages.SUCCESS)
        return HttpResponseRedirect(self.url("overview", key.pk))
