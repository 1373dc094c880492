from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Sharing(models.TextChoices):
    EVERYONE = "everyone", _("Everyone")
    TEAM = "team", _("One team")
    PERSONAL = "personal", _("Only its owner")


class Template(models.Model):
    """A reply that was written once, with places where the ticket's own facts go (`tickets.placeholders`)."""

    name = models.CharField(_("name"), max_length=100)
    body = models.TextField(
        _("text"), help_text=_("Markdown. What stands between {{ and }} is filled in when it is used.")
    )
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
    """Who wrote it."""
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sharing="team", team__isnull=False)
                | (~models.Q(sharing="team") & models.Q(team__isnull=True)),
                name="template_team_when_shared_with_one",
            ),
        ]

    def __str__(self) -> str:
        return self.name
