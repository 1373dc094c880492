"""The log of a webhook: what was sent and what came back; sent again, one by one or a span; and the test."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext

from accounts.admin.base import actor_of
from accounts.admin.forms import described
from apitokens.admin.pages import asked
from automations import actions, event_types, policy
from automations.models import Attempt, Delivery, State, Webhook
from automations.webhook_forms import SpanForm

PAGE = 50


class DeliveryPages:
    """Mixed into the webhooks' admin, whose frame and permissions it uses."""

    admin_site: Any
    opts: Any
    url: Callable[..., str]
    found: Callable[[HttpRequest, str], Any]
    tab: Callable[..., HttpResponse]
    changeable: Callable[[HttpRequest, int], Webhook]
    message_user: Callable[..., None]
    refusals: tuple[type[Exception], ...]

    def pages(self) -> Mapping[str, Callable[..., HttpResponse]]:
        return {"deliveries": self.deliveries_view, "test": self.test_view, "again": self.span_view}

    def get_urls(self) -> list[URLPattern]:
        view, name = self.admin_site.admin_view, f"{self.opts.app_label}_{self.opts.model_name}"
        one = "<int:pk>/deliveries/<int:delivery>/"
        return [
            path(one, view(self.delivery_view), name=f"{name}_delivery"),
            path(f"{one}again/", view(self.again_view), name=f"{name}_redeliver"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def deliveries_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        webhook = self.found(request, str(pk))
        wanted = asked(request, "state", "type", "before")
        rows = list(_wanted(webhook, wanted)[: PAGE + 1])
        older = rows[PAGE - 1].pk if len(rows) > PAGE else None
        return self.tab(
            request,
            webhook,
            "deliveries",
            rows=rows[:PAGE],
            older=older,
            wanted=wanted,
            states=State.choices,
            has_any=bool(rows) or webhook.deliveries.exists(),
        )

    def delivery_view(self, request: HttpRequest, pk: int, delivery: int) -> HttpResponse:
        webhook = self.found(request, str(pk))
        row = self._delivery(webhook, delivery)
        log = list(row.log.order_by("-id")[:PAGE])
        return self.tab(
            request,
            webhook,
            "delivery",
            delivery=row,
            log=[(one, _pretty(one)) for one in log],
            may_read=policy.may_read_bodies(actor_of(request), webhook),
            words=event_types.in_words(row.type),
            reason=row.why,
            is_waiting=not row.is_done and not log,
        )

    def test_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Sends a test and shows what comes of it."""
        webhook = self.changeable(request, pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            row = actions.send_test(webhook, actor=actor_of(request))
        except self.refusals as refusal:
            self.message_user(request, described(refusal)[1], messages.ERROR)
            return HttpResponseRedirect(self.url("overview", pk))
        return HttpResponseRedirect(self.url("delivery", pk, row.pk))

    def again_view(self, request: HttpRequest, pk: int, delivery: int) -> HttpResponse:
        webhook = self.changeable(request, pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            actions.redeliver(self._delivery(webhook, delivery), actor=actor_of(request))
            self.message_user(request, _t("It is sent again."), messages.SUCCESS)
        except self.refusals as refusal:
            self.message_user(request, described(refusal)[1], messages.ERROR)
        return HttpResponseRedirect(self.url("delivery", pk, delivery))

    def span_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Everything of a span that did not arrive."""
        webhook, error, now = self.changeable(request, pk), "", timezone.now()
        form = SpanForm(request.POST or None, initial={"since": now - timedelta(days=1), "until": now})
        if request.method == "POST" and form.is_valid():
            try:
                count = actions.redeliver_span(webhook, actor=actor_of(request), **form.cleaned_data)
                told = ngettext("%(count)d event is sent.", "%(count)d events are sent.", count)
                self.message_user(request, told % {"count": count}, messages.SUCCESS)
                return HttpResponseRedirect(self.url("deliveries", pk))
            except self.refusals as refusal:
                error = described(refusal)[1]
        return self.tab(request, webhook, "again", form=form, error=error)

    def _delivery(self, webhook: Webhook, pk: int) -> Delivery:
        row = webhook.deliveries.select_related("webhook").filter(pk=pk).first()
        if row is None:
            raise Http404
        return row


def _wanted(webhook: Webhook, wanted: dict[str, str]) -> QuerySet[Delivery]:
    """What is not offered finds nothing."""
    rows = webhook.deliveries.order_by("-id")
    if wanted["state"]:
        rows = rows.filter(state=wanted["state"])
    if wanted["type"]:
        rows = rows.filter(type=wanted["type"])
    if wanted["before"]:
        typed = wanted["before"]
        rows = rows.filter(
            pk__lt=int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 19 else 0
        )
    return rows


def _pretty(attempt: Attempt) -> str:
    """Set out for reading; cut off, it is shown as it is."""
    try:
        return json.dumps(json.loads(attempt.request_body), indent=2, ensure_ascii=False)
    except ValueError:
        return attempt.request_body
