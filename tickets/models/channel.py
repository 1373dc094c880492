from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ChannelKind(models.TextChoices):
    WORKSPACE = "workspace", _("Workspace")
    APP = "app", _("App")
    SHOP = "shop", _("Shop")
    FORM = "form", _("Form")
    MAILBOX = "mailbox", _("Mailbox")


class ChannelQuerySet(models.QuerySet["Channel"]):
    def of(self, kind: str) -> Channel | None:
        """The first channel of a kind: where a ticket comes from when nobody says so."""
        return self.filter(kind=kind).order_by("id").first()


class Channel(models.Model):
    """Where tickets come from, and the team they go to unless somebody says otherwise."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=ChannelKind.choices, default=ChannelKind.APP)
    default_team = models.ForeignKey(
        "accounts.Team",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("default team"),
    )

    objects = ChannelQuerySet.as_manager()

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
