"""The admin as a whole: who may enter, what its menu lists, and where it leads back to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite as UnfoldAdminSite
else:
    from unfold.sites import UnfoldAdminSite

MENU: tuple[tuple[Promise, tuple[str, ...]], ...] = (
    (_("Work"), ("tickets.Ticket", "orders.Order", "activity.Event")),
    (_("Programs"), ("apitokens.ApiKey", "apitokens.Application", "automations.Webhook")),
    (
        _("People"),
        (
            "accounts.Agent",
            "accounts.Role",
            "accounts.Team",
            "accounts.Contact",
            "accounts.Organization",
        ),
    ),
    (
        _("Set-up"),
        (
            "tickets.Channel",
            "tickets.Status",
            "tickets.Tag",
            "tickets.TagGroup",
            "tickets.Template",
            "tickets.SavedView",
            "automations.Macro",
            "automations.Trigger",
            "automations.SlaPolicy",
            "automations.BusinessHours",
            "accounts.CustomField",
            "accounts.HelpdeskSettings",
        ),
    ),
)
"""The admin's pages by what they are for. A page that is not listed here cannot be found, and a test says so."""


UNFOLDS = (_("Select value"),)
"""What unfold says and has no German for."""

SIDE_DOORS = {"view_on_site", "autocomplete", "jsi18n"}


class HelpdeskAdminSite(UnfoldAdminSite):
    site_title = _("Helpdesk admin")
    site_header = _("Helpdesk")
    index_title = _("Admin")
    enable_nav_sidebar = False  # The menu is our own.

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only pages that write through verbs. Those which other packages bring along would write around them."""
        from accounts.admin.base import ModelAdmin

        if admin_class is not None and issubclass(admin_class, ModelAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def get_urls(self) -> list[Any]:
        """The pages, without the side doors to rows: unfold's search keeps for minutes what one person may see,
        and Django's “view on site” tells everybody which tickets exist."""
        return [url for url in admin.AdminSite.get_urls(self) if getattr(url, "name", "") not in SIDE_DOORS]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().each_context(request), "menu": self.menu(request)}

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Nothing shows Django's list, and making it asks each page's every right, on every page. See `menu`."""
        return []

    def menu(self, request: HttpRequest) -> list[dict[str, Any]]:
        """The groups of pages that this person may open, with the one that is open now."""
        if not self.has_permission(request):
            return []
        groups = [
            {"name": name, "pages": list(filter(None, (self._item(request, label) for label in labels)))}
            for name, labels in MENU
        ]
        return [group for group in groups if group["pages"]]

    def _item(self, request: HttpRequest, label: str) -> dict[str, Any] | None:
        page = next((page for model, page in self._registry.items() if model._meta.label == label), None)
        if page is None or not page.has_view_permission(request):
            return None
        opts = page.opts
        url = reverse(f"{self.name}:{opts.app_label}_{opts.model_name}_changelist")
        add = f"{self.name}:{opts.app_label}_{opts.model_name}_add"
        return {
            "name": opts.verbose_name_plural,
            "url": url,
            "is_open": request.path.startswith(url),
            "add_url": reverse(add) if page.has_add_permission(request) else "",
            "one": opts.verbose_name,
            "about": getattr(page, "about", ""),
        }

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The admin's home. It says so when the plan lets no program in."""
        from accounts.admin import home
        from accounts.admin.base import actor_of
        from accounts.models import HelpdeskSettings

        desk = HelpdeskSettings.objects.get(pk=1)
        may_open = request.user.has_perm("accounts.change_helpdesksettings")
        shut = {"api_is_shut": not desk.includes_api(timezone.now()), "may_open_api": may_open}
        cards = home.cards(actor_of(request))
        return super().index(request, {**shut, "cards": cards, **(extra_context or {})})

    def app_index(self, request: HttpRequest, app_label: str, extra_context: Any = None) -> Any:
        """The menu is grouped by purpose, not by app."""
        return HttpResponseRedirect(reverse("admin:index"))


class AdminConfig(DjangoAdminConfig):
    default_site = "helpdesk.admin_site.HelpdeskAdminSite"
