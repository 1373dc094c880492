"""What all pages of a key have in common: their addresses, their frame, and the one page that shows a secret."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
        me = f"{settings.SITE_URL}/api/v1/me"
        about = {
            "may_change": self.has_change_permission(request, obj),
            "may_delete": self.has_delete_permission(request, obj),
            "bearer_example": f'curl -H "Authorization: Bearer $KEY" {me}',
            "code_example": f'curl -H "Authorization: key {obj.pk}:$KEY" {me}',
        }
        return super().page(request, template, title, obj, **about, **context)

    def _tab(self, request: HttpRequest, key: ApiKey, tab: str, **context: Any) -> HttpResponse:
        return self.page(request, f"apitokens/{tab}.html", key.name, key, tab=tab, **context)

    @sensitive_variables("secret")
    def _show_once(self, request: HttpRequest, key: ApiKey, secret: str) -> HttpResponse:
        """The only page that ever shows the secret: the answer to the POST that made it. Kept by nobody."""
        old_until = key.previous_until if key.accepts_previous(timezone.now()) else None
        spellings = _spellings(key, secret)
        response = self.page(request, "apitokens/once.html", key.name, key, old_until=old_until, **spellings)
        response["Cache-Control"] = "no-store"
        response.render()
        return response


@sensitive_variables("secret")
def _spellings(key: ApiKey, secret: str) -> dict[str, str]:
    """The secret as it is pasted into programs."""
    me = f"{settings.SITE_URL}/api/v1/me"
    return {
        "secret": secret,
        "bearer": f"Authorization: Bearer {secret}",
        "code": f"Authorization: key {key.pk}:{secret}",
        "curl": f"curl -H 'Authorization: Bearer {secret}' {me}",
        "python": _PYTHON % {"secret": secret, "me": me},
    }


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
