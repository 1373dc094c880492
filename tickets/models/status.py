from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Category(models.TextChoices):
    """What a status means to the helpdesk, whatever a team calls it."""

    OPEN = "open", _("Open")
    PENDING = "pending", _("Pending")
    SOLVED = "solved", _("Solved")
    CLOSED = "closed", _("Closed")


UNRESOLVED = (Category.OPEN, Category.PENDING)


class StatusQuerySet(models.QuerySet["Status"]):
    def of(self, category: str) -> Status:
        """The first status of a category: what “solved” means when somebody says only that."""
        return self.filter(category=category).order_by("position", "id")[:1].get()


class Status(models.Model):
    """A team's own name for a step of the work, in one of four categories."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    category = models.CharField(_("category"), max_length=8, choices=Category.choices)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = StatusQuerySet.as_manager()

    class Meta:
        verbose_name = _("status")
        verbose_name_plural = _("statuses")
        ordering = ["position", "id"]
        constraints = [
            # The target of a ticket's (status, category) foreign key: see the migration that adds it.
            models.UniqueConstraint(fields=["id", "category"], name="status_id_category"),
        ]

    def __str__(self) -> str:
        return self.name
