from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.sentences import tell

TEST = "test"
"""The type of the message that the test button sends. It is about no event."""

CALLED = "ticket.webhook_called"
"""The type of the event by which a trigger calls a webhook."""


class State(models.TextChoices):
    PENDING = "pending", _("waiting")
    DELIVERED = "delivered", _("delivered")
    FAILED = "failed", _("given up")
    WITHHELD = "withheld", _("withheld")


WITHHELD: dict[str, Promise] = {
    "revoked": _("its key is revoked"),
    "suspended": _("its key is suspended"),
    "expired": _("its key has expired"),
    "agent_disabled": _("the agent it reads as is not active"),
    "agent_required": _("its key acts as no agent of its own"),
    "operation_denied": _("its key’s operations leave out events.list"),
    "plan_required": _("the helpdesk’s plan does not include the API"),
    "secret_unreadable": _("its secret was sealed with another SECRET_KEY: rotate it"),
    "not_readable": _("its owner may not read this event"),
    "address_not_allowed": _("the URL leads to an address that is not on the public internet"),
    "exhausted": _("every attempt failed"),
    "gone": _("the receiver said that it is gone"),
}
"""Why a delivery was withheld or given up, by its reason."""


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def locked(self) -> DeliveryQuerySet:
        """Held until the transaction ends, by their numbers and after their webhooks.

        Whoever holds several takes them in this order, or skips what others hold: so nobody waits in a circle.
        """
        return self.select_for_update().order_by("pk")


class Delivery(models.Model):
    """One event on its way to one webhook. Written in the event's own transaction, so neither is without the other.

    No foreign key is enforced: the verb that makes the event must not fail because a webhook is deleted meanwhile.
    """

    webhook = models.ForeignKey(
        "automations.Webhook",
        models.DO_NOTHING,
        related_name="deliveries",
        db_constraint=False,
        db_index=False,
        verbose_name=_("webhook"),
    )
    event = models.ForeignKey(
        "activity.Event",
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
        verbose_name=_("event"),
    )
    type = models.CharField(_("type"), max_length=64)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.PENDING)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    due_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    claimed_until = models.DateTimeField(null=True)
    """A worker is sending it. Had it died, others would take it up after this moment."""
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    """Attempts since it was last sent off by hand: the place in the schedule."""
    done_at = models.DateTimeField(_("done"), null=True)
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    """Why it was withheld or given up, in a word."""

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["webhook", "due_at"], name="delivery_due", condition=Q(state="pending")),
            models.Index(fields=["webhook"], name="delivery_busy", condition=Q(claimed_until__isnull=False)),
            models.Index(fields=["webhook", "-id"], name="delivery_log"),
            models.Index(fields=["created_at"], name="delivery_age"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["event", "webhook"], name="one_delivery_for_each_webhook"),
        ]

    def __str__(self) -> str:
        return self.message_id

    @property
    def message_id(self) -> str:
        """The `webhook-id`: the same however often it is sent."""
        return (
            f"evt_{self.event_id}_{self.webhook_id}" if self.event_id else f"test_{self.pk}_{self.webhook_id}"
        )

    @property
    def why(self) -> str:
        """Why it was withheld or given up, for people."""
        return str(WITHHELD.get(self.reason, self.reason))

    @property
    def is_done(self) -> bool:
        return self.state != State.PENDING


class Attempt(models.Model):
    """One request of a delivery and what came of it. Signatures are not kept."""

    delivery = models.ForeignKey(
        Delivery, models.DO_NOTHING, related_name="log", db_constraint=False, verbose_name=_("delivery")
    )
    number = models.PositiveSmallIntegerField(_("attempt"))
    at = models.DateTimeField(_("time"))
    duration_ms = models.PositiveIntegerField(_("duration"))
    address = models.GenericIPAddressField(_("address"), null=True)
    request_body = models.TextField(_("what was sent"))
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    error = models.CharField(_("error"), max_length=40, blank=True)
    """Why there was no answer, in a word; or why one was no success."""
    sentence = models.CharField(_("what happened"), max_length=300, blank=True)
    sentence_kept: models.JSONField[Any, Any] = models.JSONField(null=True)
    """The same, as `accounts.sentences` keeps it: for people in their languages."""
    answer_headers = ArrayField(
        models.CharField(max_length=300), verbose_name=_("headers of the answer"), default=list
    )
    answer_body = models.TextField(_("answer"), blank=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.delivery_id}/{self.number}: {self.status or self.error}"

    @property
    def told(self) -> str:
        return tell(self.sentence_kept) if self.sentence_kept else self.sentence

    @property
    def has_succeeded(self) -> bool:
        return self.status is not None and 200 <= self.status < 300
