from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Notification(models.Model):
    """One thing that an agent wants to hear of: what happened, to what, and whether he has seen it.

    Like an event it holds names and ids, never a body. Whether it may be shown is asked each time it is
    (`accounts.notices`): what it is about may have left the agent's reach since.
    """

    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications", verbose_name=_("agent")
    )
    kind = models.CharField(_("kind"), max_length=32)
    event = models.ForeignKey(
        "activity.Event", models.CASCADE, null=True, related_name="+", verbose_name=_("event")
    )
    subject_type = models.CharField(_("about"), max_length=32)
    subject_id = models.BigIntegerField(_("number"))
    subject_label = models.CharField(_("name"), max_length=200, blank=True)
    facts: models.JSONField[Any, Any] = models.JSONField(_("facts"), default=dict, blank=True)
    is_shown = models.BooleanField(_("shown"), default=True)
    """False for what the agent wants by mail only."""
    mailed_at = models.DateTimeField(_("mailed"), null=True)
    read_at = models.DateTimeField(_("read"), null=True)
    created_at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["-id"]
        constraints = [
            # Reactors may run twice; the second time changes nothing.
            models.UniqueConstraint(fields=["agent", "kind", "event"], name="notification_once"),
        ]
        indexes = [
            models.Index(fields=["agent", "-id"], name="notification_agent"),
            models.Index(
                fields=["agent", "-id"],
                name="notification_unread",
                condition=models.Q(read_at=None, is_shown=True),
            ),
            models.Index(fields=["created_at"], name="notification_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_label or self.subject_id}"


class NotificationChoice(models.Model):
    """How an agent wants to hear of one kind, where that differs from the usual."""

    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("agent"), db_index=False
    )
    kind = models.CharField(_("kind"), max_length=32)
    shown = models.BooleanField(_("in the workspace"))
    mailed = models.BooleanField(_("by mail"))

    class Meta:
        verbose_name = _("choice of notifications")
        verbose_name_plural = _("choices of notifications")
        constraints = [models.UniqueConstraint(fields=["agent", "kind"], name="notification_choice_once")]

    def __str__(self) -> str:
        return self.kind
