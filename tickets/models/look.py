from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Look(models.Model):
    """How far an agent has read a ticket. Seen by nobody else, and no history."""

    ticket = models.ForeignKey(
        "tickets.Ticket", models.CASCADE, related_name="looks", verbose_name=_("ticket"), db_index=False
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("agent"), db_index=False
    )
    newest = models.BigIntegerField(_("newest message"), default=0)
    """The newest message that the agent had in front of him, by id."""
    is_unread = models.BooleanField(_("unread"), default=False)
    """The agent put it back to be read again."""

    class Meta:
        verbose_name = _("look")
        verbose_name_plural = _("looks")
        constraints = [models.UniqueConstraint(fields=["ticket", "agent"], name="look_once")]

    def __str__(self) -> str:
        return f"{self.agent_id} at #{self.ticket_id}"
