from __future__ import annotations

from functools import lru_cache

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.permissions import ALL, Permission


class Reach(models.TextChoices):
    """Which tickets exist for an agent."""

    ALL = "all", _("All tickets")
    TEAMS = "teams", _("Tickets of own teams, and own")
    UNASSIGNED = "unassigned", _("Unassigned tickets, and own")
    OWN = "own", _("Own tickets only")


class Role(models.Model):
    """What its agents may do (permissions) and to which tickets (reach)."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    permissions = ArrayField(
        models.CharField(max_length=40), verbose_name=_("permissions"), default=list, blank=True
    )
    reach = models.CharField(_("reach"), max_length=12, choices=Reach.choices, default=Reach.TEAMS)
    enters_admin = models.BooleanField(
        _("enters the admin"),
        default=False,
        help_text=_(
            "Agents with this role may sign in to the admin and do there what their permissions allow."
        ),
    )

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def administers(self) -> bool:
        return Permission.ADMIN in self.permissions

    @property
    def rights(self) -> frozenset[Permission]:
        """What the role allows. `admin` includes everything else."""
        return _rights(tuple(self.permissions))

    def clean(self) -> None:
        unknown = sorted(set(self.permissions) - _KNOWN)
        if unknown:
            raise ValidationError({"permissions": _("Unknown permissions: %s.") % ", ".join(unknown)})


_KNOWN = frozenset(p.value for p in Permission)


@lru_cache(maxsize=256)
def _rights(permissions: tuple[str, ...]) -> frozenset[Permission]:
    """Kept, because a page asks for it forty times."""
    if Permission.ADMIN in permissions:
        return ALL
    return frozenset(Permission(value) for value in permissions if value in _KNOWN)
