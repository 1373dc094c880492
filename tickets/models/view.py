from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.models.sharing import Sharing, team_when_shared_with_one


class Sort(models.TextChoices):
    """As the API spells it."""

    UPDATED = "-updated_at", _("Latest change first")
    UPDATED_LAST = "updated_at", _("Longest unchanged first")
    CREATED = "-created_at", _("Newest first")
    CREATED_LAST = "created_at", _("Oldest first")
    PRIORITY = "-priority", _("Most urgent first")
    DUE = "sla_due", _("Due soonest")


class SavedView(models.Model):
    """A filter that somebody keeps under a name. Whoever opens it sees his own tickets through it, no others."""

    name = models.CharField(_("name"), max_length=100)
    query = models.CharField(
        _("filter"),
        max_length=500,
        help_text=_("As in the search: status:open tag:refund updated:>7d “words”. “me” is whoever looks."),
    )
    sharing = models.CharField(
        _("who sees it"), max_length=8, choices=Sharing.choices, default=Sharing.PERSONAL
    )
    team = models.ForeignKey(
        "accounts.Team", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+", verbose_name=_("owner")
    )
    sort = models.CharField(_("order"), max_length=12, choices=Sort.choices, default=Sort.UPDATED)
    position = models.PositiveSmallIntegerField(
        _("position"), default=0, help_text=_("Views with a smaller number stand higher.")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["position", "id"]
        constraints = [
            team_when_shared_with_one("view_team_when_shared_with_one"),
            models.UniqueConstraint("owner", Lower("name"), name="view_name_of_owner"),
        ]

    def __str__(self) -> str:
        return self.name
