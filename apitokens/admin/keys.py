from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions import create_agent
from accounts.admin.base import actor_of
from accounts.models import HelpdeskSettings
from accounts.policy import rights
from activity.actor import Actor
from apitokens import health, other_uses, policy, preview, usage
from apitokens.actions import LONGEST_OVERLAP, create_key, delete_key, edit_key
from apitokens.admin import words
from apitokens.admin.access import AccessPages
from apitokens.admin.changes import ChangePages
from apitokens.admin.health import HealthPages
from apitokens.admin.listing import ListPages
from apitokens.admin.pages import View, use_up
from apitokens.admin.preview import PreviewPages, may_count
from apitokens.admin.requests import RequestPages
from apitokens.admin.secrets import SecretPages
from apitokens.forms import (
    SERVICE_FIELDS,
    SPECIAL_FIELDS,
    KeyForm,
    administers,
    kinds_for,
    may_make_agents,
    new_form_token,
)
from apitokens.models import ApiKey


@admin.register(ApiKey)
class KeyAdmin(ListPages, PreviewPages, SecretPages, RequestPages, ChangePages, HealthPages, AccessPages):
    form = KeyForm
    about = _("Which programs may do what, and what they did.")
    change_form_template = "apitokens/edit.html"
    delete_confirmation_template = "apitokens/delete.html"
    object_history_template = "apitokens/history.html"
    fieldsets = (
        (_("Which program?"), {"fields": ("name", "description", "kind")}),
        (_("As whom does it act?"), {"fields": ("acting", "agent", *SERVICE_FIELDS[1:])}),
        (_("What may it do?"), {"fields": ("access_level", "scopes", "proposes", "imports")}),
        (_("How long?"), {"fields": ("expiry", "expiry_date")}),
        (
            _("More"),
            {
                "classes": ("more",),
                "fields": ("admin_functions", "tags", "addresses", "rate_limit", "owner"),
            },
        ),
    )

    # --- Who may what -------------------------------------------------------------------------------------

    def visible(self, actor: Actor) -> QuerySet[ApiKey]:
        return policy.visible(actor)

    def has_change_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or not obj.revoked_at)

    def has_delete_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.revoked_at is not None)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Only an administrator makes keys that act as others or administer. Only a change may need a password."""
        actor = actor_of(request)
        hidden = set() if kinds_for(actor, obj) else {"kind"}
        hidden |= set() if administers(actor, obj) else {"admin_functions"}
        hidden |= {name for name, permission in SPECIAL_FIELDS.items() if permission not in rights(actor)}
        hidden |= set() if may_make_agents(actor) else set(SERVICE_FIELDS)
        shown = super().get_fieldsets(request, obj)
        confirm = [(None, {"fields": ["password"]})] if obj else []
        return [
            *(
                (name, {**options, "fields": [f for f in options["fields"] if f not in hidden]})
                for name, options in shown
            ),
            *confirm,
        ]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form says itself which of its fields there are; several are not the model's own."""
        return super().get_form(request, obj, change, **{**kwargs, "fields": None})

    # --- Writing ------------------------------------------------------------------------------------------

    def write(self, instance: Any, form: Any, actor: Actor) -> None:
        fields, service = form.key_fields(), form.service_agent()
        if service is not None:
            fields["agent"] = create_agent(actor=actor, **service)
        if instance.pk:
            password = form.cleaned_data["password"]
            edit_key(ApiKey(pk=instance.pk), actor=actor, password=password, **fields)
            return
        use_up(form.data.get("form_token", ""))
        key, form.secret = create_key(actor=actor, **fields)
        instance.pk = key.pk

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        request.new_secret = getattr(form, "secret", "")  # type: ignore[attr-defined]

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        delete_key(obj, actor=actor_of(request))

    def response_add(self, request: HttpRequest, obj: ApiKey, post_url_continue: Any = None) -> HttpResponse:
        # Whoever makes a key for another owner sees it now, and never again.
        return self._show_once(request, ApiKey.objects.get(pk=obj.pk), request.new_secret)  # type: ignore[attr-defined]

    def response_post_save_change(self, request: HttpRequest, obj: ApiKey) -> HttpResponseRedirect:
        return HttpResponseRedirect(self.url("overview", obj.pk))

    # --- Pages --------------------------------------------------------------------------------------------

    def pages(self) -> Mapping[str, View]:
        return {**super().pages(), "overview": self.overview_view}

    def overview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        key = self._key(request, pk)
        facts = {"access": words.access(key), "acts_as": words.acts_as(key), "expires": words.expires(key)}
        return self._tab(
            request,
            key,
            "overview",
            effects=preview.effects(key, counts=may_count(actor_of(request), key)),
            rate=words.rate(key),
            rotation=_rotation(key),
            leak=words.leak(key),
            findings=health.of([key]).get(key.pk, []),
            needed=other_uses.of([key.pk]).get(key.pk, []),
            desk_addresses=HelpdeskSettings.objects.get(pk=1).api_addresses,
            **facts,
        )

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().add_view(request, form_url, {"form_token": new_form_token(), **(extra_context or {})})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        key = self.found(request, object_id)
        if not self.has_change_permission(request, key):
            return HttpResponseRedirect(self.url("overview", key.pk))
        context = {"tab": "edit", "may_change": True, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)


def _rotation(key: ApiKey) -> dict[str, Any] | None:
    """How far the last rotation is, as long as it is news: two weeks, or until the key is regenerated."""
    over = key.rotated_at is None or key.rotated_at < timezone.now() - 2 * LONGEST_OVERLAP
    if (
        key.rotated_at is None
        or over
        or key.revoked_at
        or (key.regenerated_at or key.rotated_at) > key.rotated_at
    ):
        return None
    seen = usage.still_with_the_old_secret(key, since=key.rotated_at)
    return {"is_open": key.accepts_previous(timezone.now()), "seen": seen}
