from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class TagQuerySet(models.QuerySet["Tag"]):
    def named(self, name: str) -> Tag | None:
        return self.filter(name=normalize_tag(name)).first()


class TagGroup(models.Model):
    """Tags that belong together, such as the reasons for a refund."""

    name = models.CharField(_("name"), max_length=60, unique=True)

    class Meta:
        verbose_name = _("tag group")
        verbose_name_plural = _("tag groups")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    """A word that tickets are grouped by."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    group = models.ForeignKey(
        TagGroup, models.SET_NULL, null=True, blank=True, related_name="tags", verbose_name=_("group")
    )

    objects = TagQuerySet.as_manager()

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=models.Q(name=Lower("name")), name="tag_lower_case"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        self.name = normalize_tag(self.name)


def normalize_tag(name: str) -> str:
    """Tags are lower case, with single spaces: “ Late  Delivery” and “late delivery” are one tag."""
    return " ".join(name.lower().split())
