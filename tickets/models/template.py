from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.models.sharing import Shared, team_when_shared_with_one


class Template(Shared):
    """A reply that was written once, with places where the ticket's own facts go (`tickets.placeholders`)."""

    body = models.TextField(
        _("text"), help_text=_("Markdown. What stands between {{ and }} is filled in when it is used.")
    )

    class Meta:
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        ordering = ["name", "id"]
        constraints = [team_when_shared_with_one("template_team_when_shared_with_one")]
