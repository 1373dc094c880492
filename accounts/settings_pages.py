"""The pages of an agent's own settings."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PAGES: dict[str, str | Promise] = {
    "accounts:profile": _("Profile"),
    "accounts:notification_choices": _("Notifications"),
    "accounts:security": _("Sign-in and security"),
}
"""Name of the URL → what the page is called, in the order of the menu."""


def settings_pages(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the menu of those pages, on them alone."""
    if not request.path.startswith(reverse("accounts:profile")):
        return {}
    here = max((reverse(url) for url in PAGES if request.path.startswith(reverse(url))), key=len)
    pages = [
        {"url": reverse(url), "name": name, "is_here": reverse(url) == here} for url, name in PAGES.items()
    ]
    return {"settings_pages": pages}
