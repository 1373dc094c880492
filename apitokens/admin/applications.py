"""OAuth applications: which programs may ask agents to act for them, who allowed it, and what they did then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from accounts.admin.base import actor_of
from accounts.admin.fields import in_words
from accounts.admin.forms import described
from activity.actor import Actor
from apitokens import health, policy
from apitokens.actions import applications
from apitokens.admin.consents import ConsentPages, known
from apitokens.admin.pages import use_up
from apitokens.forms import new_form_token
from apitokens.forms.application import ApplicationForm
from apitokens.models import Application


class ApplicationList(ChangeList):
    def url_for_result(self, result: Any) -> str:
        page: Any = self.model_admin
        return str(page.url("overview", result.pk))

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list: Any = known(self.result_list)


@admin.register(Application)
class ApplicationAdmin(ConsentPages):
    form = ApplicationForm
    about = _("Which programs may ask agents to act for them, by OAuth.")
    change_form_template = "apitokens/applications/edit.html"
    delete_confirmation_template = "apitokens/applications/delete.html"
    object_history_template = "apitokens/applications/history.html"
    list_display = ("name", "standing", "client_type", "may", "allowed_by", "last_used")
    search_fields = ("name", "=client_id")
    fieldsets = (
        (_("Which program?"), {"fields": ("name", "description", "client_type")}),
        (_("Where do agents go back to?"), {"fields": ("redirect_uris",)}),
        (_("What may it ask for?"), {"fields": ("scopes", "special")}),
    )

    # --- Who may what -------------------------------------------------------------------------------------

    def visible(self, actor: Actor) -> QuerySet[Application]:
        used = Max("consents__usage__last_used_at")
        allowed = Count("consents", filter=Q(consents__withdrawn_at=None), distinct=True)
        return policy.visible_applications(actor).annotate(agents=allowed, used_at=used)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) and request.user.is_superuser

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Application | None = None) -> bool:
        may = super().has_delete_permission(request, obj) and request.user.is_superuser
        return may and (obj is None or obj.disabled_at is not None)

    # --- The list -----------------------------------------------------------------------------------------

    @admin.display(description=_("may ask for"))
    def may(self, application: Application) -> str:
        return in_words(application.permissions)

    @admin.display(description=_("allowed by"), ordering="agents")
    def allowed_by(self, application: Any) -> int:
        return int(application.agents)

    @admin.display(description=_("last used"), ordering="used_at")
    def last_used(self, application: Any) -> Any:
        return application.used_at

    @admin.display(description=_("health"), ordering="disabled_at")
    def standing(self, application: Any) -> str:
        if application.disabled_at:
            return format_html('<span class="badge badge-revoked">{}</span>', _t("disabled"))
        finding = application.finding
        return format_html('<span class="badge health-{}">{}</span>', finding.tone, finding.badge)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return ApplicationList

    # --- Writing ------------------------------------------------------------------------------------------

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form says itself which of its fields there are."""
        return super().get_form(request, obj, change, **{**kwargs, "fields": None})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Of what kind it is, is settled when it is registered."""
        shown = super().get_fieldsets(request, obj)
        hidden = {"client_type"} if obj else set()
        return [
            (name, {**options, "fields": [f for f in options["fields"] if f not in hidden]})
            for name, options in shown
        ]

    def write(self, instance: Any, form: Any, actor: Actor) -> None:
        if instance.pk:
            applications.edit(instance, actor=actor, **form.application_fields())
            return
        use_up(form.data.get("form_token", ""))
        made, form.secret = applications.register(actor=actor, **form.application_fields())
        instance.pk = made.pk

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        request.new_secret = getattr(form, "secret", "")  # type: ignore[attr-defined]

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        applications.delete_application(obj, actor=actor_of(request))

    def response_add(
        self, request: HttpRequest, obj: Application, post_url_continue: Any = None
    ) -> HttpResponse:
        return self._once(request, self.found(request, str(obj.pk)), request.new_secret)  # type: ignore[attr-defined]

    def response_post_save_change(self, request: HttpRequest, obj: Application) -> HttpResponseRedirect:
        return HttpResponseRedirect(self.url("overview", obj.pk))

    # --- Pages --------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        pages: dict[str, Callable[..., HttpResponse]] = {
            "overview": self.overview_view,
            "regenerate": self.regenerate_view,
            "disable": self.disable_view,
            "enable": self.enable_view,
        }
        view = self.admin_site.admin_view
        own = [
            path(f"<int:pk>/{name}/", view(show), name=f"apitokens_application_{name}")
            for name, show in pages.items()
        ]
        return [*own, *super().get_urls()]

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
        application = self.found(request, object_id)
        if not self.has_change_permission(request, application):
            return HttpResponseRedirect(self.url("overview", application.pk))
        return super().change_view(request, object_id, form_url, {"tab": "edit", **(extra_context or {})})

    def overview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        application = self.found(request, str(pk))
        rows = policy.visible_consents(actor_of(request)).filter(application=application)
        allowed = list(rows.select_related("agent__role", "application", "usage"))
        found = health.of_consents(allowed)
        consents = [(row, in_words(row.permissions), health.worst(found.get(row.pk, []))) for row in allowed]
        return self._tab(
            request, application, "overview", consents=consents, access=in_words(application.permissions)
        )

    @sensitive_variables("secret")
    def regenerate_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        application, error = self._changeable(request, pk), ""
        if request.method == "POST":
            try:
                with transaction.atomic():
                    use_up(request.POST.get("form_token", ""))
                    secret = applications.regenerate_client_secret(application, actor=actor_of(request))
                return self._once(request, self.found(request, str(pk)), secret)
            except self.refusals as refusal:
                error = described(refusal)[1]
        return self._tab(request, application, "regenerate", error=error, form_token=new_form_token())

    def disable_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        application = self._changeable(request, pk)
        if request.method != "POST":
            return self._tab(request, application, "disable")
        applications.disable(application, actor=actor_of(request))
        told = _t("“%(name)s” is disabled. Its tokens are refused from now on.") % {"name": application.name}
        self.message_user(request, told, messages.SUCCESS)
        return HttpResponseRedirect(self.url("overview", pk))

    def enable_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        application = self._changeable(request, pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        applications.enable(application, actor=actor_of(request))
        told = _t("“%(name)s” is enabled: what agents allowed it holds again.") % {"name": application.name}
        self.message_user(request, told, messages.SUCCESS)
        return HttpResponseRedirect(self.url("overview", pk))

    def _changeable(self, request: HttpRequest, pk: int) -> Application:
        application: Application = self.found(request, str(pk))
        if not self.has_change_permission(request, application):
            raise PermissionDenied
        return application

    def _tab(self, request: HttpRequest, application: Application, tab: str, **context: Any) -> HttpResponse:
        template = f"apitokens/applications/{tab}.html"
        return self.page(request, template, application.name, application, tab=tab, **context)

    @sensitive_variables("secret")
    def _once(self, request: HttpRequest, application: Application, secret: str) -> HttpResponse:
        """The only page that ever shows the secret: the answer to the POST that made it. Kept by nobody."""
        template = "apitokens/applications/once.html"
        response = self.page(request, template, application.name, application, secret=secret)
        response["Cache-Control"] = "no-store"
        response.render()
        return response
