from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Mention(models.Model):
    """Whom a note calls by name: an agent who may see its ticket."""

    message = models.ForeignKey(
        "tickets.Message", models.CASCADE, related_name="mentions", verbose_name=_("message"), db_index=False
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("agent")
    )

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        constraints = [models.UniqueConstraint(fields=["message", "agent"], name="mention_once")]

    def __str__(self) -> str:
        return f"@{self.agent}"
