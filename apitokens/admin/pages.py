"""What all pages of a key have in common: their addresses, their frame, and the one page that shows a secret."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.views.decorators.debug import sensitive_variables

from accounts.actions import Refused
from accounts.admin.base import ModelAdmin
from accounts.attempts import too_many
from apitokens.models import ApiKey

MONTH = 30 * 24 * 3600
"""How long a sent form is remembered: longer than any tab stays open to be reloaded."""

View = Callable[..., HttpResponse]


class KeyPages(ModelAdmin):
    """The base of each group of a key's pages. A group adds its own to `pages`."""

    def pages(self) -> Mapping[str, View]:
        """The last part of the address → the view."""
        return {}

    def get_urls(self) -> list[URLPattern]:
        view, name = self.admin_site.admin_view, f"{self.opts.app_label}_{self.opts.model_name}"
        own = [
            path(f"<int:pk>/{page}/", view(show), name=f"{name}_{page}")
            for page, show in self.pages().items()
        ]
        return [*own, *super().get_urls()]

    def _key(self, request: HttpRequest, pk: int) -> ApiKey:
        key: ApiKey = self.found(request, str(pk))
        return key

    def page(
        self, request: HttpRequest, template: str, title: str, obj: Any = None, **context: Any
    ) -> TemplateResponse:
        """With what every page of a key shows: what may be done to it, and how it is used."""
        about = {
            "may_change": self.has_change_permission(request, obj),
            "may_delete": self.has_delete_permission(request, obj),
            "examples": _examples(obj, "$KEY"),
        }
        return super().page(request, template, title, obj, **about, **context)

    def _tab(self, request: HttpRequest, key: ApiKey, tab: str, **context: Any) -> HttpResponse:
        return self.page(request, f"apitokens/{tab}.html", key.name, key, tab=tab, **context)

    @sensitive_variables("secret")
    def _show_once(self, request: HttpRequest, key: ApiKey, secret: str) -> HttpResponse:
        """The only page that ever shows the secret: the answer to the POST that made it. Kept by nobody."""
        old_until = key.previous_until if key.accepts_previous(timezone.now()) else None
        context = {"old_until": old_until, "secret": secret, "ready": _ready(key, secret)}
        response = self.page(request, "apitokens/once.html", key.name, key, **context)
        response["Cache-Control"] = "no-store"
        response.render()
        return response


@dataclass(frozen=True, slots=True)
class Snippet:
    """Something to be copied into a program or a terminal."""

    id: str
    label: str
    value: str
    rows: int = 0


@sensitive_variables("secret")
def _ready(key: ApiKey, secret: str) -> list[Snippet]:
    """The secret as it is pasted into programs."""
    if key.is_bot_token:
        return [
            Snippet("bearer", _t("As a header"), f"Authorization: Bearer {secret}"),
            *_for_clients(secret),
        ]
    code = f"Authorization: key {key.pk}:{secret}"
    me = f"{settings.SITE_URL}/api/v1/me"
    curl = f"curl -H 'Authorization: Bearer {secret}' {me}"
    return [
        Snippet("bearer", _t("As a header"), f"Authorization: Bearer {secret}"),
        Snippet("code", _t("As a header with the key's number"), code),
        Snippet("curl", _t("First request, with curl"), curl, rows=2),
        Snippet("python", _t("First request, in Python"), _PYTHON % {"secret": secret, "me": me}, rows=5),
    ]


def _examples(key: ApiKey, secret: str) -> list[Snippet]:
    """How to use the key, with a variable where the secret belongs."""
    if key.is_bot_token:
        return _for_clients(secret)
    me = f"{settings.SITE_URL}/api/v1/me"
    return [
        Snippet("bearer", _t("Bearer"), f'curl -H "Authorization: Bearer {secret}" {me}'),
        Snippet("code", _t("With the key's number"), f'curl -H "Authorization: key {key.pk}:{secret}" {me}'),
    ]


@sensitive_variables("secret")
def _for_clients(secret: str) -> list[Snippet]:
    """How assistants are told of an MCP server."""
    url = f"{settings.SITE_URL}/mcp"
    command = f'claude mcp add --transport http helpdesk {url} --header "Authorization: Bearer {secret}"'
    server = {"type": "http", "url": url, "headers": {"Authorization": f"Bearer {secret}"}}
    file = json.dumps({"mcpServers": {"helpdesk": server}}, indent=2)
    return [
        Snippet("address", _t("Address of the MCP server"), url),
        Snippet("claude", _t("With Claude Code"), command, rows=2),
        Snippet("file", _t("In the settings of other clients"), file, rows=11),
    ]


_PYTHON = """\
from urllib.request import Request, urlopen

request = Request("%(me)s", headers={"Authorization": "Bearer %(secret)s"})
print(urlopen(request).read().decode())"""


def asked(request: HttpRequest, *names: str) -> dict[str, str]:
    """What a filter's form asks for: each parameter, empty where there is none."""
    return {name: request.GET.get(name, "").replace("\x00", "").strip()[:100] for name in names}


def use_up(form_token: str) -> None:
    """Of all sendings of one rendered form the first succeeds: a reload must not make a second secret.

    Counted in the transaction that makes the secret, so a refused attempt uses nothing up.
    """
    if (
        not form_token
        or not form_token.isprintable()
        or too_many(f"key-form:{form_token}", limit=1, seconds=MONTH)
    ):
        raise Refused(
            "",
            "sent_twice",
            _t(
                "This form was sent before, and its secret was shown then. If it is lost, open the key and "
                "regenerate it. To go on all the same, send the form again."
            ),
        )
