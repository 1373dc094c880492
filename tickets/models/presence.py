from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Presence(models.Model):
    """Who looks at a ticket, and who writes in it. Its table is unlogged: a crash may empty it, and nobody minds."""

    ticket = models.ForeignKey(
        "tickets.Ticket", models.CASCADE, related_name="+", verbose_name=_("ticket"), db_index=False
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("agent"), db_index=False
    )
    seen_at = models.DateTimeField(_("seen"))
    typed_at = models.DateTimeField(_("typed"), null=True)

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presences")
        constraints = [models.UniqueConstraint(fields=["ticket", "agent"], name="presence_once")]

    def __str__(self) -> str:
        return f"{self.agent_id} at #{self.ticket_id}"
