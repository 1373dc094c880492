from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.models.sharing import Shared, team_when_shared_with_one


class Macro(Shared):
    """Several steps that agents take often, under one name. Each is taken by the agent himself, with his rights."""

    steps: models.JSONField[Any, Any] = models.JSONField(_("what it does"), default=list)
    """As `automations.steps` understands them: by ids, never by names."""

    class Meta:
        verbose_name = _("macro")
        verbose_name_plural = _("macros")
        ordering = ["name", "id"]
        constraints = [
            team_when_shared_with_one("macro_team_when_shared_with_one"),
            models.CheckConstraint(
                condition=~models.Q(sharing="personal") | models.Q(owner__isnull=False),
                name="macro_personal_has_an_owner",
            ),
        ]
