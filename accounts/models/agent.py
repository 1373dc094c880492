from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import make_password
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission


class AgentKind(models.TextChoices):
    PERSON = "person", _("Person")
    SERVICE = "service", _("Service agent")


class AfterSending(models.TextChoices):
    """Where an agent goes after a reply."""

    STAY = "stay", _("Stay here")
    NEXT = "next", _("Go to the next ticket")
    LIST = "list", _("Go back to the list")


class SendsAs(models.TextChoices):
    """What a reply of an agent sets the status to, by category."""

    UNCHANGED = "", _("Leave the status as it is")
    PENDING = "pending", _("Set it to pending")
    SOLVED = "solved", _("Set it to solved")


class AgentQuerySet(models.QuerySet["Agent"]):
    def active(self) -> AgentQuerySet:
        return self.filter(is_active=True)

    def people(self) -> AgentQuerySet:
        return self.filter(kind=AgentKind.PERSON)

    def assignable(self) -> AgentQuerySet:
        return self.active().people().order_by("name", "id")

    def with_email(self, email: str) -> AgentQuerySet:
        return self.filter(email=normalize_email(email))


class AgentManager(BaseUserManager["Agent"].from_queryset(AgentQuerySet)):  # type: ignore[misc]
    """Also what `createsuperuser` and Django's sign-in talk to."""

    def get_by_natural_key(self, username: str | None) -> Agent:
        agent: Agent = self.get(email=normalize_email(username or ""))
        return agent

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Agent:
        email = normalize_email(email)
        fields.setdefault("name", email.partition("@")[0])
        agent: Agent = self.create(email=email, password=make_password(password), **fields)
        return agent

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Agent:
        """An agent with the Administrator role, which is made anew should someone have deleted it."""
        role, _created = apps.get_model("accounts", "Role").objects.get_or_create(
            name="Administrator",
            defaults={"permissions": [Permission.ADMIN], "reach": "all", "enters_admin": True},
        )
        return self.create_user(email, password, role=role, **fields)


def normalize_email(email: str) -> str:
    """Addresses are compared, and therefore stored, in lower case."""
    return email.strip().lower()


class Agent(AbstractBaseUser):
    """Somebody (a person) or something (a service agent) that works tickets. The user model."""

    email = models.EmailField(_("e-mail address"), unique=True, max_length=254)
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=8, choices=AgentKind.choices, default=AgentKind.PERSON)
    role = models.ForeignKey("accounts.Role", models.PROTECT, related_name="agents", verbose_name=_("role"))
    teams: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        "accounts.Team", related_name="agents", blank=True, verbose_name=_("teams")
    )
    is_active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("An inactive agent is out at once: sessions and keys stop working."),
    )
    is_available = models.BooleanField(_("available"), default=True)
    signature = models.TextField(_("signature"), max_length=1000, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True, db_default="")
    """Such as de. Empty means that of the browser."""
    after_sending = models.CharField(
        _("after sending"),
        max_length=8,
        choices=AfterSending.choices,
        default=AfterSending.STAY,
        db_default=AfterSending.STAY,
    )
    sends_as = models.CharField(
        _("a reply sets the status"),
        max_length=8,
        choices=SendsAs.choices,
        default=SendsAs.UNCHANGED,
        db_default=SendsAs.UNCHANGED,
        blank=True,
    )
    caught_up_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    """What was written before is not news, though the agent never looked at it."""
    is_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = AgentManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("agent")
        verbose_name_plural = _("agents")
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="agent_email_lower_case"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        self.email = normalize_email(self.email)

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.partition(" ")[0]

    @property
    def is_person(self) -> bool:
        return self.kind == AgentKind.PERSON

    @property
    def can_sign_in(self) -> bool:
        return self.is_active and self.is_person

    # The names below are those that the Django admin asks for. All of them answer from `Permission`.

    @property
    def is_staff(self) -> bool:
        return self.can_sign_in and self.role.enters_admin

    @property
    def is_superuser(self) -> bool:
        return self.can_sign_in and self.role.administers

    def has_perm(self, perm: str, obj: models.Model | None = None) -> bool:
        from accounts.admin_permissions import holds_model_permission

        return holds_model_permission(self, perm)

    def has_perms(self, perms: list[str], obj: models.Model | None = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perms)

    def has_module_perms(self, app_label: str) -> bool:
        from accounts.admin_permissions import holds_any_permission_in

        return holds_any_permission_in(self, app_label)
