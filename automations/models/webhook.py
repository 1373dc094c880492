from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.sealing import seal, unseal

SEALED_FOR = "webhook"


class Why(models.TextChoices):
    """Why nothing is sent."""

    BY_HAND = "by_hand", _("switched off by hand")
    GONE = "gone", _("the receiver said that it is gone (410)")
    FAILING = "failing", _("nothing got through for days")


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def active(self) -> WebhookQuerySet:
        return self.filter(disabled_at=None)


class Webhook(models.Model):
    """A URL that is told of events, as far as its owner may read of them: a key, or an administrator in person.

    The secret is kept sealed, because every message is signed with it. While it is rotated there are two.
    """

    name = models.CharField(_("name"), max_length=100)
    description = models.CharField(
        _("used for"),
        max_length=300,
        blank=True,
        help_text=_("What is behind the URL, and who looks after it."),
    )
    url = models.CharField(
        _("URL"),
        max_length=2000,
        help_text=_("It gets a POST for each event. https:// keeps it from being read."),
    )
    types = ArrayField(
        models.CharField(max_length=64), verbose_name=_("events"), help_text=_("ticket.opened, ticket.*, or *."),
    )  # fmt: skip
    key = models.ForeignKey(
        "apitokens.ApiKey",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="webhooks",
        verbose_name=_("key"),
        help_text=_("Only what this key may read is sent, and nothing once it is refused."),
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="webhooks",
        verbose_name=_("administrator"),
        help_text=_("Instead of a key: what this administrator may read is sent."),
    )
    secret = models.BinaryField(editable=False)
    previous_secret = models.BinaryField(null=True, editable=False)
    previous_until = models.DateTimeField(_("signed with both secrets until"), null=True, editable=False)
    disabled_at = models.DateTimeField(_("off since"), null=True, editable=False)
    disabled_why = models.CharField(
        _("off because"), max_length=8, choices=Why.choices, blank=True, editable=False
    )
    failures = models.PositiveIntegerField(_("failed in a row"), default=0, editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, editable=False)
    resting_until = models.DateTimeField(null=True, editable=False)
    """The receiver asked us to wait (Retry-After)."""
    succeeded_at = models.DateTimeField(_("last success"), null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("created by"),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["name", "id"]
        indexes = [GinIndex(fields=["types"], name="webhook_types")]
        constraints = [
            models.CheckConstraint(
                condition=Q(key=None, agent__isnull=False) | Q(key__isnull=False, agent=None),
                name="webhook_has_one_owner",
                violation_error_message=_("A webhook belongs to a key, or to an administrator."),
            ),
            models.CheckConstraint(
                condition=Q(disabled_at=None, disabled_why="")
                | Q(disabled_at__isnull=False) & ~Q(disabled_why=""),
                name="webhook_is_off_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.disabled_at is None

    def is_rotating(self, now: datetime) -> bool:
        return self.previous_until is not None and now < self.previous_until

    def keep_secret(self, secret: str) -> None:
        """Seal it into the row, which is not saved yet."""
        self.secret = seal(secret.encode(), purpose=SEALED_FOR)

    def signing_secrets(self, now: datetime) -> list[str]:
        """The newest first. Raises `accounts.sealing.Unreadable`."""
        sealed = [self.secret]
        if self.is_rotating(now) and self.previous_secret is not None:
            sealed.append(self.previous_secret)
        return [unseal(one, purpose=SEALED_FOR).decode() for one in sealed]
