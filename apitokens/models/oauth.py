"""What OAuth 2.0 stores: applications, what agents allowed them, and digests of codes and tokens.

The toolkit's own models keep secrets in columns of their own. These keep an HMAC of each, as keys do, and hang on the
consent: the one row of an application and an agent, which outlives its tokens.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import (
    AbstractAccessToken,
    AbstractApplication,
    AbstractGrant,
    AbstractRefreshToken,
)

from accounts.permissions import Permission, meaning
from apitokens import redirects


class ClientType(models.TextChoices):
    CONFIDENTIAL = "confidential", _("Confidential: it runs on a server and keeps a secret")
    PUBLIC = "public", _("Public: an app on a phone, a computer or in a browser")


class ApplicationQuerySet(models.QuerySet["Application"]):
    def enabled(self) -> ApplicationQuerySet:
        return self.filter(disabled_at=None)


class Application(AbstractApplication):
    """A program that agents may allow to act for them. Of its secret only a keyed digest is kept."""

    user = None
    hash_client_secret = None  # type: ignore[assignment]
    post_logout_redirect_uris = None  # type: ignore[assignment]
    algorithm = None  # type: ignore[assignment]
    allowed_origins = None  # type: ignore[assignment]
    skip_authorization = None  # type: ignore[assignment]
    registration_source = None  # type: ignore[assignment]
    cimd_expires_at = None

    name = models.CharField(_("name"), max_length=100)
    description = models.CharField(
        _("used for"),
        max_length=300,
        blank=True,
        help_text=_("Agents read it when they are asked to allow it."),
    )
    client_type = models.CharField(
        _("kind"), max_length=32, choices=ClientType.choices, default=ClientType.CONFIDENTIAL
    )
    authorization_grant_type = models.CharField(
        max_length=44, default=AbstractApplication.GRANT_AUTHORIZATION_CODE, editable=False
    )
    redirect_uris = models.TextField(
        _("redirect addresses"),
        help_text=_(
            "Where agents are sent back to, one address a line. A request must name one of them exactly."
        ),
    )
    scopes = ArrayField(
        models.CharField(max_length=40), verbose_name=_("scopes"), default=list,
        help_text=_("What the application may ask agents for, at most."),
    )  # fmt: skip
    digest = models.BinaryField(max_length=32, null=True, editable=False)
    hint = models.CharField(_("secret ends with"), max_length=4, blank=True, default="", editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("created by"),
    )
    regenerated_at = models.DateTimeField(_("regenerated"), null=True, editable=False)
    disabled_at = models.DateTimeField(_("disabled"), null=True, editable=False)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("OAuth application")
        verbose_name_plural = _("OAuth applications")
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(client_type=ClientType.PUBLIC, digest=None)
                | Q(client_type=ClientType.CONFIDENTIAL, digest__isnull=False),
                name="confidential_applications_have_a_secret",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """What an application may be, its verbs know. The toolkit asks about columns that we do not keep."""

    @property
    def client_secret(self) -> bytes | None:
        """What the toolkit compares with; its own column of this name holds more than we keep."""
        return None if self.digest is None else bytes(self.digest)

    @property
    def is_public(self) -> bool:
        return self.client_type == ClientType.PUBLIC

    @property
    def permissions(self) -> frozenset[Permission]:
        """What it may ask for, before the agent's role narrows it."""
        return meaning(self.scopes)

    @property
    def addresses(self) -> list[str]:
        """Where agents may be sent back to."""
        return self.redirect_uris.split()

    def is_usable(self, request: object) -> bool:
        return self.disabled_at is None

    def redirect_uri_allowed(self, uri: str) -> bool:
        """Exactly one of its addresses; of a loopback address of a public application, whatever the port."""
        return redirects.is_one_of(uri, self.addresses, any_loopback_port=self.is_public)

    def get_allowed_schemes(self) -> list[str]:
        return sorted({redirects.scheme_of(address) for address in self.addresses})


class ConsentQuerySet(models.QuerySet["Consent"]):
    def live(self) -> ConsentQuerySet:
        return self.filter(withdrawn_at=None)


class Consent(models.Model):
    """What an agent allowed an application. It stays when it is withdrawn, and with it the log and the rate."""

    id = models.BigIntegerField(
        primary_key=True,
        editable=False,
        db_default=Func(
            Value("apitokens_apikey_id_seq"), function="nextval", output_field=models.BigIntegerField()
        ),
    )
    """From the sequence of the keys: history knows one number for whatever let somebody in."""
    application = models.ForeignKey(
        Application, models.CASCADE, related_name="consents", verbose_name=_("application")
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="consents", verbose_name=_("allowed by")
    )
    scopes = ArrayField(models.CharField(max_length=40), verbose_name=_("scopes"), default=list)
    allowed_at = models.DateTimeField(_("allowed"), default=timezone.now)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("allowed application")
        verbose_name_plural = _("allowed applications")
        ordering = ["-allowed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "agent"], name="one_consent_for_agent_and_application"
            )
        ]

    def __str__(self) -> str:
        return f"{self.application}, {self.agent}"

    @property
    def permissions(self) -> frozenset[Permission]:
        """What the agent allowed, as far as the application may still ask for it."""
        return meaning(self.scopes) & self.application.permissions

    @property
    def state(self) -> str:
        """As that of a key: `live`, or why its tokens are refused."""
        if self.withdrawn_at:
            return "revoked"
        return "suspended" if self.application.disabled_at else "live"

    @property
    def created_at(self) -> datetime:
        return self.allowed_at

    @property
    def addresses(self) -> list[str]:
        """It is not held to any."""
        return []

    @property
    def is_superuser_key(self) -> bool:
        return False

    @property
    def is_open(self) -> bool:
        """May the application get and use tokens for the agent at all?"""
        return self.withdrawn_at is None and self.agent.is_active and self.application.disabled_at is None


class AuthorizationCode(AbstractGrant):
    """A code on its way from the browser to the application, good for a minute. `code` holds its digest in hex."""

    nonce = None  # type: ignore[assignment]
    claims = None  # type: ignore[assignment]
    resource = None

    family = models.UUIDField(default=uuid.uuid4, editable=False)
    """Of the tokens that it is exchanged for: whoever brings it a second time ends them."""
    consumed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("authorization code")
        verbose_name_plural = _("authorization codes")
        indexes = [models.Index("expires", name="code_expires")]

    def __str__(self) -> str:
        return f"Code {self.pk}"


class AccessToken(AbstractAccessToken):
    """What lets an application in for an hour."""

    user = None
    application = None
    token = None  # type: ignore[assignment]
    token_checksum = None
    id_token = None
    source_refresh_token = None
    resource = None

    digest = models.BinaryField(max_length=32, unique=True, editable=False)
    consent = models.ForeignKey(Consent, models.CASCADE, related_name="access_tokens")
    family = models.UUIDField(editable=False, db_index=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")
        indexes = [models.Index("expires", name="access_token_expires")]

    def __str__(self) -> str:
        return f"Access token {self.pk}"

    @property
    def is_live(self) -> bool:
        return self.revoked_at is None and timezone.now() < self.expires and self.consent.is_open


class RefreshToken(AbstractRefreshToken):
    """What gets an application its next access token, once. Its scope is that of the consent it came from."""

    user = None  # type: ignore[assignment]
    application = None  # type: ignore[assignment]
    token = None  # type: ignore[assignment]
    token_checksum = None
    access_token = None
    token_family = None
    resource = None

    digest = models.BinaryField(max_length=32, unique=True, editable=False)
    consent = models.ForeignKey(Consent, models.CASCADE, related_name="refresh_tokens")
    family = models.UUIDField(editable=False, db_index=True)
    scope = models.TextField()
    expires = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("refresh token")
        verbose_name_plural = _("refresh tokens")
        indexes = [models.Index("expires", name="refresh_token_expires")]
        unique_together = ()

    def __str__(self) -> str:
        return f"Refresh token {self.pk}"

    @property
    def is_live(self) -> bool:
        spent = self.used_at is not None or self.revoked is not None
        return not spent and timezone.now() < self.expires and self.consent.is_open
