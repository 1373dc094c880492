from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from accounts.admin.base import ModelAdmin, actor_of
from accounts.admin.forms import described
from activity.actor import Actor
from apitokens.admin.pages import use_up
from apitokens.forms import RotationForm, new_form_token
from automations import actions, event_types, policy
from automations.admin.deliveries import DeliveryPages
from automations.admin.standing import standing
from automations.models import Trigger, Webhook
from automations.webhook_forms import CatchUpForm, WebhookForm


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("on", _("on")), ("failing", _("failing")), ("off", _("off"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> QuerySet[Webhook]:
        match self.value():
            case "on":
                return queryset.filter(disabled_at=None)
            case "failing":
                return queryset.filter(disabled_at=None, failures__gt=0)
            case "off":
                return queryset.exclude(disabled_at=None)
        return queryset


class WebhookList(ChangeList):
    def url_for_result(self, result: Any) -> str:
        page: Any = self.model_admin
        return str(page.url("overview", result.pk))


@admin.register(Webhook)
class WebhookAdmin(DeliveryPages, ModelAdmin):
    form = WebhookForm
    about = _("Which URLs are told of what happens, and what they answered.")
    list_display = ("name", "standing", "reads_as", "url", "events", "last_success")
    list_filter = (StateFilter, ("key", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("key", "agent")
    search_fields = ("name", "description", "url", "key__name")
    search_help_text = _("Name, use, URL or key")
    ordering = ("name", "id")
    change_form_template = "automations/webhooks/edit.html"
    delete_confirmation_template = "automations/webhooks/delete.html"
    object_history_template = "automations/webhooks/history.html"
    fieldsets = (
        (_("Who is told?"), {"fields": ("name", "description", "url")}),
        (_("What may be told?"), {"fields": ("key",)}),
        (_("Of what?"), {"fields": ("types", "others")}),
    )

    # --- Who may what -------------------------------------------------------------------------------------

    def visible(self, actor: Actor) -> QuerySet[Webhook]:
        return policy.visible_webhooks(actor).select_related("key__agent__role", "agent")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fieldsets

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form says itself which of its fields there are; several are not the model's own."""
        return super().get_form(request, obj, change, **{**kwargs, "fields": None})

    # --- Columns ------------------------------------------------------------------------------------------

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return WebhookList

    @admin.display(description=_("health"))
    def standing(self, webhook: Webhook) -> str:
        found = standing(webhook)
        return format_html('<span class="badge health-{}">{}</span>', found.tone, found.badge)

    @admin.display(description=_("reads as"))
    def reads_as(self, webhook: Webhook) -> str:
        return str(webhook.key or webhook.agent)

    @admin.display(description=_("events"))
    def events(self, webhook: Webhook) -> str:
        return ", ".join(webhook.types) or _t("when triggers call it")

    @admin.display(description=_("last success"), ordering="succeeded_at")
    def last_success(self, webhook: Webhook) -> str:
        return webhook.succeeded_at.strftime("%Y-%m-%d %H:%M") if webhook.succeeded_at else _t("never")

    # --- Writing ------------------------------------------------------------------------------------------

    @sensitive_variables("secret")
    def write(self, instance: Any, form: Any, actor: Actor) -> None:
        fields = form.webhook_fields()
        if instance.pk:
            actions.edit_webhook(Webhook(pk=instance.pk), actor=actor, **fields)
            return
        use_up(form.data.get("form_token", ""))
        webhook, secret = actions.create_webhook(actor=actor, **fields)
        form.secret, instance.pk = secret, webhook.pk

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        request.new_secret = getattr(form, "secret", "")  # type: ignore[attr-defined]

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        actions.delete_webhook(obj, actor=actor_of(request))

    def response_add(self, request: HttpRequest, obj: Webhook, post_url_continue: Any = None) -> HttpResponse:
        return self._show_once(request, Webhook.objects.get(pk=obj.pk), request.new_secret)  # type: ignore[attr-defined]

    def response_post_save_change(self, request: HttpRequest, obj: Webhook) -> HttpResponseRedirect:
        return HttpResponseRedirect(self.url("overview", obj.pk))

    # --- Pages --------------------------------------------------------------------------------------------

    def pages(self) -> Mapping[str, Callable[..., HttpResponse]]:
        own = {
            "overview": self.overview_view,
            "rotate": self.rotate_view,
            "end-rotation": self.end_rotation_view,
            "switch-off": self.switch_off_view,
            "switch-on": self.switch_on_view,
        }
        return {**super().pages(), **own}

    def get_urls(self) -> list[URLPattern]:
        view, name = self.admin_site.admin_view, f"{self.opts.app_label}_{self.opts.model_name}"
        own = [
            path(f"<int:pk>/{page}/", view(show), name=f"{name}_{page}")
            for page, show in self.pages().items()
        ]
        return [*own, *super().get_urls()]

    def page(
        self, request: HttpRequest, template: str, title: str, obj: Any = None, **context: Any
    ) -> TemplateResponse:
        """With what every page of a webhook shows: how it does, and what may be done to it."""
        about = {
            "standing": standing(obj) if obj else None,
            "may_change": self.has_change_permission(request, obj),
            "may_delete": self.has_delete_permission(request, obj),
        }
        return super().page(request, template, title, obj, **about, **context)

    def tab(self, request: HttpRequest, webhook: Webhook, tab: str, **context: Any) -> HttpResponse:
        return self.page(
            request, f"automations/webhooks/{tab}.html", webhook.name, webhook, tab=tab, **context
        )

    def changeable(self, request: HttpRequest, pk: int) -> Webhook:
        webhook: Webhook = self.found(request, str(pk))
        if not self.has_change_permission(request, webhook):
            raise PermissionDenied
        return webhook

    def overview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        webhook = self.found(request, str(pk))
        told = [event_types.in_words(kind) for kind in webhook.types]
        latest = webhook.deliveries.order_by("-id")[:5]
        rotating = webhook.is_rotating(timezone.now())
        calls = _calling(request, webhook)
        return self.tab(
            request, webhook, "overview", told=told, latest=latest, rotating=rotating, calls=calls
        )

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        calls = _calling(request, self.found(request, object_id))
        return super().delete_view(request, object_id, {"calls": calls, **(extra_context or {})})

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
        webhook = self.found(request, object_id)
        if not self.has_change_permission(request, webhook):
            return HttpResponseRedirect(self.url("overview", webhook.pk))
        about = {"tab": "edit", "may_change": True, "standing": standing(webhook)}
        return super().change_view(request, object_id, form_url, {**about, **(extra_context or {})})

    @sensitive_variables("secret")
    def rotate_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        webhook, error = self.changeable(request, pk), ""
        form = RotationForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                with transaction.atomic():
                    use_up(request.POST.get("form_token", ""))
                    secret = actions.rotate_webhook(webhook, until=form.until(), actor=actor_of(request))
                return self._show_once(request, Webhook.objects.get(pk=pk), secret)
            except self.refusals as refusal:
                error = described(refusal)[1]
        return self.tab(request, webhook, "rotate", form=form, error=error, form_token=new_form_token())

    def end_rotation_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        done = _t("Messages have one signature now, by the new secret.")
        return self.done(request, pk, lambda row, actor: actions.end_webhook_rotation(row, actor=actor), done)

    def switch_off_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        done = _t("The webhook is off. What waits stays where it is.")
        return self.done(request, pk, lambda row, actor: actions.switch_off(row, actor=actor), done)

    def switch_on_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method != "POST":
            return self.tab(request, self.changeable(request, pk), "switch_on", form=CatchUpForm())
        form = CatchUpForm(request.POST)
        catch_up = form.is_valid() and form.cleaned_data["catch_up"]
        return self.done(
            request,
            pk,
            lambda row, actor: actions.switch_on(row, actor=actor, catch_up=catch_up),
            _t("The webhook is on."),
        )

    def done(
        self, request: HttpRequest, pk: int, verb: Callable[[Webhook, Actor], object], sentence: str
    ) -> HttpResponse:
        """What a button does, and then the webhook again."""
        webhook = self.changeable(request, pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            verb(webhook, actor_of(request))
            self.message_user(request, sentence, messages.SUCCESS)
        except self.refusals as refusal:
            self.message_user(request, described(refusal)[1], messages.ERROR)
        return HttpResponseRedirect(self.url("overview", pk))

    @sensitive_variables("secret")
    def _show_once(self, request: HttpRequest, webhook: Webhook, secret: str) -> HttpResponse:
        """The only page that ever shows the secret: the answer to the POST that made it."""
        until = webhook.previous_until if webhook.is_rotating(timezone.now()) else None
        template = "automations/webhooks/once.html"
        response = self.page(request, template, webhook.name, webhook, secret=secret, old_until=until)
        response["Cache-Control"] = "no-store"
        response.render()
        return response


def _calling(request: HttpRequest, webhook: Webhook) -> QuerySet[Trigger]:
    """The triggers that call it, as far as they are for these eyes."""
    return policy.visible_triggers(actor_of(request)).calling(webhook)
