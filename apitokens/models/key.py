from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import ADMINISTRATIVE, ORDINARY, SPECIAL, Permission, is_special, meaning, of_action


class KeyKind(models.TextChoices):
    AGENT = "agent", _("Agent key")
    SUPERUSER = "superuser", _("Superuser key")
    BOT = "bot", _("Bot token")


class AccessLevel(models.TextChoices):
    READ_ONLY = "read", _("Read only")
    FULL = "full", _("Full access")
    CUSTOM = "custom", _("Custom")


class Which(models.TextChoices):
    """A rotated key has two secrets for a while. Which of them a request sent."""

    CURRENT = "current", _("current")
    PREVIOUS = "previous", _("previous")


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def live(self) -> ApiKeyQuerySet:
        """Neither revoked nor suspended nor expired."""
        expired = Q(expires_at__lte=timezone.now())
        return self.filter(revoked_at=None, suspended_at=None).exclude(expired)


class ApiKey(models.Model):
    """What lets a program in: it acts as one agent, or, as a superuser key, as any agent it names.

    Keys open the API, bot tokens open MCP, and neither the other's door.

    Of the secret only a keyed digest is kept, and its last four characters to recognise it by.
    """

    name = models.CharField(_("name"), max_length=100)
    description = models.CharField(
        _("used for"), max_length=300, blank=True, help_text=_("What the program does with this key.")
    )
    kind = models.CharField(_("kind"), max_length=9, choices=KeyKind.choices, default=KeyKind.AGENT)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="keys",
        verbose_name=_("acts as"),
        help_text=_("A superuser key acts as this agent when a request names no other."),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="owned_keys",
        verbose_name=_("owner"),
        help_text=_("The person who answers for this key."),
    )
    access_level = models.CharField(
        _("access"), max_length=6, choices=AccessLevel.choices, default=AccessLevel.READ_ONLY
    )
    scopes = ArrayField(
        models.CharField(max_length=40), verbose_name=_("scopes"), default=list, blank=True,
        help_text=_("Of a key with custom access."),
    )  # fmt: skip
    admin_functions = models.BooleanField(
        _("admin functions"),
        default=False,
        help_text=_("May also administer, while the agent it acts as is an administrator."),
    )
    tags = ArrayField(
        models.CharField(max_length=60), verbose_name=_("operations"), default=list, blank=True,
        help_text=_("Narrow the key to operations: tickets.create, or everything but deleting: * and -*.delete."),
    )  # fmt: skip
    addresses = ArrayField(
        models.CharField(max_length=50), verbose_name=_("addresses"), default=list, blank=True,
        help_text=_("IP addresses or networks from which alone the key may be used."),
    )  # fmt: skip
    rate_limit = models.PositiveIntegerField(
        _("requests per minute"), null=True, blank=True, help_text=_("Empty: as the helpdesk's plan says.")
    )
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    digest = models.BinaryField(max_length=32, unique=True, editable=False)
    hint = models.CharField(_("secret ends with"), max_length=4, editable=False)
    previous_digest = models.BinaryField(max_length=32, unique=True, null=True, editable=False)
    previous_hint = models.CharField(max_length=4, blank=True, default="", db_default="", editable=False)
    previous_until = models.DateTimeField(_("previous secret accepted until"), null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("created by"),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    regenerated_at = models.DateTimeField(_("regenerated"), null=True, editable=False)
    rotated_at = models.DateTimeField(_("rotated"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)
    suspended_at = models.DateTimeField(_("suspended"), null=True, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=KeyKind.SUPERUSER) | Q(agent__isnull=False),
                name="agent_keys_have_an_agent",
                violation_error_message=_("Choose the agent that this key acts as."),
            ),
            models.CheckConstraint(
                condition=Q(previous_digest=None, previous_until=None)
                | Q(previous_digest__isnull=False, previous_until__isnull=False),
                name="previous_secrets_end",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_superuser_key(self) -> bool:
        return self.kind == KeyKind.SUPERUSER

    @property
    def is_bot_token(self) -> bool:
        return self.kind == KeyKind.BOT

    @property
    def state(self) -> str:
        """`live`, or why the key is refused: `revoked`, `suspended` or `expired`."""
        if self.revoked_at:
            return "revoked"
        if self.suspended_at:
            return "suspended"
        return "expired" if self.has_expired(timezone.now()) else "live"

    def has_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    def accepts_previous(self, now: datetime) -> bool:
        """Is the secret from before the last rotation still good?"""
        return self.previous_until is not None and now < self.previous_until

    @property
    def granted_scopes(self) -> list[str]:
        """The scopes as an admin would write them, aliases included."""
        return granted_scopes(self.access_level, self.scopes, admin_functions=self.admin_functions)

    @property
    def permissions(self) -> frozenset[Permission]:
        """What the key allows, before the acting agent's role narrows it."""
        return granted_permissions(self.access_level, self.scopes, admin_functions=self.admin_functions)


def granted_scopes(level: str, scopes: list[str], *, admin_functions: bool) -> list[str]:
    levels = {AccessLevel.READ_ONLY.value: ["*:read"], AccessLevel.FULL.value: _FULL}
    chosen = [*levels[level], *filter(is_special, scopes)] if level in levels else scopes
    return [*chosen, "admin"] if admin_functions else list(chosen)


def granted_permissions(level: str, scopes: list[str], *, admin_functions: bool) -> frozenset[Permission]:
    """Admin functions and special scopes open what no level does; the acting agent's role still has to hold it."""
    match level:
        case AccessLevel.READ_ONLY:
            granted = of_action("read")
        case AccessLevel.FULL:
            granted = ORDINARY
        case _:
            granted = meaning(scopes) & ORDINARY
    granted |= meaning(scopes) & SPECIAL
    return granted | ADMINISTRATIVE if admin_functions else granted


_FULL = ["*:read", "*:write", "*:delete"]
