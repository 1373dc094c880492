"""`/webhooks`: for credentials with admin functions. No access level and no wildcard opens it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import filters, lists
from accounts.api.operations import Operation
from accounts.api.resources import BY_ID, BY_NAME, WITHOUT_TIMES, Collection, Member, Resource
from accounts.api.shown_once import ShownOnce
from accounts.api.views import ApiView
from accounts.permissions import Permission
from activity.actor import Actor
from apitokens.models import ApiKey
from automations import actions, policy
from automations.api import webhook_shapes as shapes
from automations.api.representations import SHOWN_DELIVERY, SHOWN_WEBHOOK, attempt
from automations.models import Delivery, State, Webhook
from automations.webhook_inputs import NewWebhook, SecretRotation, Span, SwitchOn, WebhookFields

LISTING = lists.Listing(BY_ID | BY_NAME, default="id", includes={"agent": "agent", "created_by": "agent"})
DELIVERIES = lists.Listing(BY_ID, default="-id")
_ATTEMPTS = 50


def _active(name: str, text: str, actor: Actor) -> Q:
    return filters.flag("disabled_at__isnull")(name, text, actor)


class Webhooks(Collection):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("webhooks.list", Permission.WEBHOOKS_READ, "List webhooks"),
        "POST": Operation("webhooks.create", Permission.WEBHOOKS_WRITE, "Create a webhook"),
    }
    shown = SHOWN_WEBHOOK
    filters = {"key": filters.owner("key"), "active": _active}
    parameters = WITHOUT_TIMES | set(filters)
    listing = LISTING
    query = shapes.WebhookFilters
    body = NewWebhook
    answers = {"GET": [shapes.Webhook], "POST": shapes.WebhookWithSecret}
    creates = True

    @sensitive_variables("secret")
    def post(self, request: Request, **path: Any) -> Response:
        given = self.given(request)
        if not given.get("key") and not given.get("agent"):
            given["key"] = self._own_key()
        webhook, secret = actions.create_webhook(actor=self.actor, **given)
        location = request.build_absolute_uri(f"{request.path.rstrip('/')}/{webhook.pk}")
        return _shown_once(webhook, secret, status=201, headers={"Location": location})

    def _own_key(self) -> ApiKey | None:
        """The key that asks."""
        grant = self.actor.grant
        keys = ApiKey.objects.select_related("agent__role")
        return keys.filter(pk=grant.id).first() if grant and grant.kind == "api_key" else None


class WebhookDetail(Member):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("webhooks.read", Permission.WEBHOOKS_READ, "Read a webhook"),
        "PUT": Operation("webhooks.update", Permission.WEBHOOKS_WRITE, "Change a webhook"),
        "PATCH": Operation("webhooks.update", Permission.WEBHOOKS_WRITE, "Change a webhook"),
        "DELETE": Operation("webhooks.delete", Permission.WEBHOOKS_DELETE, "Delete a webhook"),
    }
    shown = SHOWN_WEBHOOK
    listing = LISTING
    body = WebhookFields
    answers = dict.fromkeys(("GET", "PUT", "PATCH"), shapes.Webhook)

    def change(self, row: Webhook, **given: Any) -> object:
        return actions.edit_webhook(row, actor=self.actor, **given)

    def remove(self, row: Webhook) -> None:
        actions.delete_webhook(row, actor=self.actor)


class OneWebhook(Resource):
    """What is asked of one webhook besides the webhook itself."""

    shown = SHOWN_WEBHOOK

    def webhook(self, pk: int) -> Webhook:
        """As the agent sees it: a key that may only write can name it."""
        return policy.visible_webhooks(self.actor_as_agent).get(pk=pk)


class Rotate(OneWebhook):
    operations: ClassVar[dict[str, Operation]] = {
        "POST": Operation("webhooks.rotate", Permission.WEBHOOKS_WRITE, "Give a webhook a new secret"),
    }
    body = SecretRotation
    answers = {"POST": shapes.WebhookWithSecret}

    @sensitive_variables("secret")
    def post(self, request: Request, pk: int) -> Response:
        webhook = self.webhook(pk)
        until = timezone.now() + timedelta(hours=self.given(request)["hours"])
        return _shown_once(webhook, actions.rotate_webhook(webhook, until=until, actor=self.actor))


class EndRotation(OneWebhook):
    operations: ClassVar[dict[str, Operation]] = {
        "POST": Operation(
            "webhooks.end_rotation", Permission.WEBHOOKS_WRITE, "Sign with the new secret alone"
        ),
    }
    answers = {"POST": shapes.Webhook}

    def post(self, request: Request, pk: int) -> Response:
        return Response({"data": _shown(actions.end_webhook_rotation(self.webhook(pk), actor=self.actor))})


class Disable(OneWebhook):
    operations: ClassVar[dict[str, Operation]] = {
        "POST": Operation("webhooks.disable", Permission.WEBHOOKS_WRITE, "Switch a webhook off"),
    }
    answers = {"POST": shapes.Webhook}

    def post(self, request: Request, pk: int) -> Response:
        return Response({"data": _shown(actions.switch_off(self.webhook(pk), actor=self.actor))})


class Enable(OneWebhook):
    operations: ClassVar[dict[str, Operation]] = {
        "POST": Operation("webhooks.enable", Permission.WEBHOOKS_WRITE, "Switch a webhook on"),
    }
    body = SwitchOn
    answers = {"POST": shapes.Webhook}

    def post(self, request: Request, pk: int) -> Response:
        webhook, given = self.webhook(pk), self.given(request)
        return Response({"data": _shown(actions.switch_on(webhook, actor=self.actor, **given))})


class Test(OneWebhook):
    operations: ClassVar[dict[str, Operation]] = {
        "POST": Operation("webhooks.test", Permission.WEBHOOKS_WRITE, "Send a webhook a test"),
    }
    answers = {"POST": shapes.Delivery}

    def post(self, request: Request, pk: int) -> Response:
        return Response({"data": _shown_delivery(actions.send_test(self.webhook(pk), actor=self.actor))})


class RedeliverSpan(OneWebhook):
    operations: ClassVar[dict[str, Operation]] = {
        "POST": Operation(
            "webhooks.redeliver_span", Permission.WEBHOOKS_WRITE, "Send again what did not arrive"
        ),
    }
    body = Span
    answers = {"POST": shapes.Queued}

    def post(self, request: Request, pk: int) -> Response:
        webhook, given = self.webhook(pk), self.given(request)
        return Response({"data": {"queued": actions.redeliver_span(webhook, actor=self.actor, **given)}})


class Deliveries(Collection):
    """The deliveries of one webhook."""

    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("webhooks.deliveries", Permission.WEBHOOKS_READ, "List a webhook's deliveries"),
    }
    shown = SHOWN_DELIVERY
    filters = {
        "state": filters.choice("state", State.values),
        "type": filters.equals("type"),
        "event": filters.owner("event"),
    }
    parameters = WITHOUT_TIMES - {"include"} | set(filters)
    listing = DELIVERIES
    query = shapes.DeliveryFilters
    answers = {"GET": [shapes.Delivery]}

    def named(self) -> QuerySet[Webhook]:
        return policy.visible_webhooks(self.actor)

    def rows(self) -> QuerySet[Delivery]:
        return Delivery.objects.filter(webhook=self.named().get(pk=self.kwargs["pk"]))


class OneDelivery(ApiView):
    def named(self) -> QuerySet[Delivery]:
        """As the agent sees it: a key that may only write can name it."""
        return policy.visible_deliveries(self.actor_as_agent)


class DeliveryDetail(OneDelivery):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("webhooks.delivery", Permission.WEBHOOKS_READ, "Read a delivery with its attempts"),
    }
    answers = {"GET": shapes.DeliveryWithLog}

    def get(self, request: Request, pk: int) -> Response:
        rows = policy.visible_deliveries(self.actor).select_related("webhook__key__agent__role")
        row = rows.get(pk=pk)
        readable = policy.may_read_bodies(self.actor, row.webhook)
        log = [attempt(one, with_bodies=readable) for one in row.log.order_by("-id")[:_ATTEMPTS]]
        return Response({"data": {**_shown_delivery(row), "log": log}})


class Redeliver(OneDelivery):
    operations: ClassVar[dict[str, Operation]] = {
        "POST": Operation("webhooks.redeliver", Permission.WEBHOOKS_WRITE, "Send a delivery again"),
    }
    answers = {"POST": shapes.Delivery}

    def post(self, request: Request, pk: int) -> Response:
        row = self.named().select_related("webhook").get(pk=pk)
        return Response({"data": _shown_delivery(actions.redeliver(row, actor=self.actor))})


def _shown(webhook: Webhook) -> lists.Row:
    """A webhook as the answer to whoever just wrote it."""
    return SHOWN_WEBHOOK.show(lists.select(Webhook.objects.all(), SHOWN_WEBHOOK.columns).get(pk=webhook.pk))


def _shown_delivery(row: Delivery) -> lists.Row:
    return SHOWN_DELIVERY.show(lists.select(Delivery.objects.all(), SHOWN_DELIVERY.columns).get(pk=row.pk))


@sensitive_variables("secret")
def _shown_once(
    webhook: Webhook, secret: str, *, status: int = 200, headers: dict[str, str] | None = None
) -> ShownOnce:
    return ShownOnce(_shown(webhook), secret={"secret": secret}, status=status, headers=headers or {})
