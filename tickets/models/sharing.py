from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Sharing(models.TextChoices):
    EVERYONE = "everyone", _("Everyone")
    TEAM = "team", _("One team")
    PERSONAL = "personal", _("Only its owner")


class Shared(models.Model):
    """What one agent makes under a name, and others may use: everyone, one team, or nobody but him."""

    name = models.CharField(_("name"), max_length=100)
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
        abstract = True

    def __str__(self) -> str:
        return self.name


def team_when_shared_with_one(name: str) -> models.CheckConstraint:
    """A team is named where something is shared with one, and only there. Each table needs a name of its own for it."""
    with_one = models.Q(sharing="team", team__isnull=False)
    return models.CheckConstraint(
        condition=with_one | (~models.Q(sharing="team") & models.Q(team__isnull=True)), name=name
    )
