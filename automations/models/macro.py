from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.models import Sharing


class Macro(models.Model):
    """Several steps that agents take often, under one name. Each is taken by the agent himself, with his rights."""

    name = models.CharField(_("name"), max_length=100)
    steps: models.JSONField[Any, Any] = models.JSONField(_("what it does"), default=list)
    """As `automations.steps` understands them: by ids, never by names."""
    sharing = models.CharField(
        _("who uses it"), max_length=8, choices=Sharing.choices, default=Sharing.EVERYONE
    )
    team = models.ForeignKey(
        "accounts.Team", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("owner"),
    )
    """Who made it; nobody for what came with the demonstration."""
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("macro")
        verbose_name_plural = _("macros")
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sharing="team", team__isnull=False)
                | (~models.Q(sharing="team") & models.Q(team__isnull=True)),
                name="macro_team_when_shared_with_one",
            ),
            models.CheckConstraint(
                condition=~models.Q(sharing="personal") | models.Q(owner__isnull=False),
                name="macro_personal_has_an_owner",
            ),
        ]

    def __str__(self) -> str:
        return self.name
