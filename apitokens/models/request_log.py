from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apitokens.models.key import Which

RING_SIZE = 50
"""How many requests each credential remembers."""


class LogLine(models.Model):
    """One of the last 50 requests of a credential. Holds no secret, header, body or query value worth hiding."""

    slot = models.PositiveSmallIntegerField()
    sequence = models.BigIntegerField()
    at = models.DateTimeField(_("time"))
    method = models.CharField(_("method"), max_length=10)
    path = models.CharField(_("path"), max_length=500)
    query = models.CharField(_("query"), max_length=500)
    operation = models.CharField(_("operation"), max_length=60)
    status = models.PositiveSmallIntegerField(_("status"))
    code = models.CharField(_("error"), max_length=40)
    reason = models.CharField(_("reason"), max_length=40)
    duration_ms = models.FloatField(_("duration"))
    size = models.PositiveIntegerField(_("bytes"))
    address = models.GenericIPAddressField(_("address"), null=True)
    user_agent = models.CharField(_("program"), max_length=256)
    request_id = models.CharField(_("request id"), max_length=64)
    scheme = models.CharField(_("header"), max_length=6)
    secret = models.CharField(
        _("secret"), max_length=8, choices=Which.choices, default=Which.CURRENT, db_default=Which.CURRENT
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("acting agent"),
    )
    agent_source = models.CharField(_("chosen by"), max_length=8)
    replayed = models.BooleanField(_("replayed"), default=False)
    required_scope = models.CharField(_("required scope"), max_length=40)

    class Meta:
        abstract = True
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        ordering = ["-sequence"]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"

    @property
    def owner_id(self) -> int:
        """The number of the credential, by which history knows it."""
        raise NotImplementedError


class LoggedRequest(LogLine):
    """One of the last 50 requests of a key."""

    pk = models.CompositePrimaryKey("key_id", "slot")
    key = models.ForeignKey(
        "apitokens.ApiKey", models.CASCADE, related_name="requests", db_index=False, verbose_name=_("key")
    )

    class Meta(LogLine.Meta):
        pass

    @property
    def owner_id(self) -> int:
        return self.key_id


class ConsentRequest(LogLine):
    """One of the last 50 requests of an application for one agent, with whichever of its tokens."""

    pk = models.CompositePrimaryKey("consent_id", "slot")
    consent = models.ForeignKey(
        "apitokens.Consent",
        models.CASCADE,
        related_name="requests",
        db_index=False,
        verbose_name=_("allowed"),
    )

    class Meta(LogLine.Meta):
        pass

    @property
    def owner_id(self) -> int:
        return self.consent_id
