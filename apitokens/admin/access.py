"""The access tester: what would the API say to this key, for that operation?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import actor_of
from accounts.admin.forms import described
from accounts.api.routes import routes
from accounts.networks import address_of
from accounts.policy import NotAllowed
from activity.actor import Actor
from apitokens import policy
from apitokens.actions.limits import refuse_wider
from apitokens.admin.pages import KeyPages
from apitokens.models import ApiKey
from apitokens.rehearsal import Question, Verdict, rehearse

DECIDED = {
    "scope": _("the key’s scopes"),
    "tag": _("the key’s operations"),
    "role": _("the role of the acting agent"),
    "reach": _("the reach of the acting agent’s role"),
    "agent": _("the acting agent"),
    "address": _("the addresses"),
    "plan": _("the plan"),
    "door": _("the tools that assistants have"),
}
BY_STATUS = {401: _("the key’s state"), 404: _("what exists for the acting agent")}


class AccessForm(forms.Form):
    key = forms.ModelChoiceField(ApiKey.objects.none(), label=_("Key"))
    operation = forms.ChoiceField(label=_("Operation"))
    name = forms.CharField(
        label=_("Ticket, or whatever the address names"),
        required=False,
        max_length=200,
        help_text=_("Its number, or the external id where the operation takes one."),
    )
    agent = forms.CharField(
        label=_("Acting agent"),
        required=False,
        max_length=40,
        help_text=_("What the header X-Agent-ID would say. Empty: no such header."),
    )
    address = forms.GenericIPAddressField(label=_("From the address"))
    body = forms.CharField(
        label=_("Body"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_(
            "JSON. With it the request is tried to its end and taken back; without it, up to the body."
        ),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].queryset = policy.visible(actor).order_by("name", "id")  # type: ignore[attr-defined]
        ways = [
            (name, f"{name} – {route.in_words}")
            for name, route in routes().items()
            if route.view.needs_credential
        ]
        self.fields["operation"].choices = ways  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        route = routes().get(cleaned.get("operation", ""))
        if route is not None and route.names_one and not cleaned.get("name"):
            self.add_error("name", _("Say which one."))
        for name in ("agent", "name", "body"):
            if "\x00" in cleaned.get(name, "") or (
                name == "agent" and not cleaned.get(name, "").isprintable()
            ):
                self.add_error(name, _("This holds a character that cannot be sent."))
        return cleaned

    def question(self) -> Question:
        said = self.cleaned_data
        return Question(
            said["key"].pk,
            routes()[said["operation"]],
            said["address"],
            said["agent"],
            said["name"],
            said["body"],
            is_of_a_bot=said["key"].is_bot_token,
        )


class AccessPages(KeyPages):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.access_view)
        return [path("access/", view, name="apitokens_apikey_access"), *super().get_urls()]

    def access_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        actor = actor_of(request)
        if request.method != "POST":
            form = AccessForm(initial=_suggested(request, actor), actor=actor)
            return self._answer(request, form)
        form = AccessForm(request.POST, actor=actor)
        if not form.is_valid():
            return self._answer(request, form)
        try:
            # Whoever may do less than the key must not learn through it what he may not know.
            refuse_wider(actor, form.cleaned_data["key"])
        except NotAllowed as refusal:
            form.add_error("key", described(refusal)[1])
            return self._answer(request, form)
        return self._answer(request, form, rehearse(form.question()))

    def _answer(self, request: HttpRequest, form: AccessForm, verdict: Verdict | None = None) -> HttpResponse:
        about = {"form": form, "verdict": verdict, "decided": _decided(verdict) if verdict else ""}
        frame = self.admin_site.each_context(request)
        context = {**frame, "opts": self.opts, "title": _t("Test access"), **about}
        return TemplateResponse(request, "apitokens/access.html", context)


def _decided(verdict: Verdict) -> Any:
    rule = str(verdict.error.get("decided_by", ""))
    return DECIDED.get(rule) or BY_STATUS.get(verdict.status) or rule


def _suggested(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    """From a key's page comes the key, from a refused request also what it asked."""
    typed = request.GET.get("key", "")
    keys = policy.visible(actor).select_related("usage")
    key = (
        keys.filter(pk=int(typed)).first()
        if typed.isascii() and typed.isdecimal() and len(typed) <= 18
        else None
    )
    last = key.usage.last_address if key else None
    asked = {
        name: request.GET.get(name, "").replace("\x00", "")[:200] for name in ("operation", "name", "agent")
    }
    return {
        **asked,
        "operation": asked["operation"] or "tickets.read",
        "key": key,
        "address": last or address_of(request),
    }
