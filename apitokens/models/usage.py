from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apitokens.models.key import Which


class Usage(models.Model):
    """The narrow row that every request of a credential updates, once (`apitokens.metering`)."""

    sequence = models.BigIntegerField(default=0)
    """How many requests have been logged; the next goes into slot `sequence % 50`."""
    window = models.BigIntegerField(default=0)
    """The minute the rate is counted in, since the epoch."""
    window_count = models.IntegerField(default=0)
    allowed = models.BooleanField(default=True)
    """Whether the latest counted request was within the limit."""
    last_used_at = models.DateTimeField(_("last used"), null=True)
    last_address = models.GenericIPAddressField(_("last address"), null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.pk}: {self.sequence}"


class KeyUsage(Usage):
    """That of a key."""

    key = models.OneToOneField("apitokens.ApiKey", models.CASCADE, primary_key=True, related_name="usage")


class ConsentUsage(Usage):
    """That of an application for one agent: new tokens neither fill its bucket again nor empty its log."""

    consent = models.OneToOneField(
        "apitokens.Consent", models.CASCADE, primary_key=True, related_name="usage"
    )


class Day(models.Model):
    """How often a credential did something on a day (UTC), and with what outcome. Kept for longer than the log."""

    day = models.DateField()
    operation = models.CharField(max_length=60)
    outcome = models.PositiveSmallIntegerField()
    """The first digit of the status."""
    requests = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.day} {self.operation} {self.outcome}xx: {self.requests}"


class Address(models.Model):
    """From where it was used, by which program and with which of its secrets. Times are true to the minute."""

    secret = models.CharField(max_length=8, choices=Which.choices)
    address = models.GenericIPAddressField()
    user_agent = models.CharField(max_length=256)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.address} {self.user_agent}"


class Scope(models.Model):
    """The last day (UTC) on which it needed one of its permissions."""

    permission = models.CharField(max_length=40)
    last_day = models.DateField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.permission} {self.last_day}"


class DailyUse(Day):
    pk = models.CompositePrimaryKey("key_id", "day", "operation", "outcome")
    key = models.ForeignKey("apitokens.ApiKey", models.CASCADE, related_name="days", db_index=False)


class SeenAddress(Address):
    pk = models.CompositePrimaryKey("key_id", "secret", "address", "user_agent")
    key = models.ForeignKey("apitokens.ApiKey", models.CASCADE, related_name="seen_addresses", db_index=False)


class UsedScope(Scope):
    pk = models.CompositePrimaryKey("key_id", "permission")
    key = models.ForeignKey("apitokens.ApiKey", models.CASCADE, related_name="used_scopes", db_index=False)


class ConsentDailyUse(Day):
    pk = models.CompositePrimaryKey("consent_id", "day", "operation", "outcome")
    consent = models.ForeignKey("apitokens.Consent", models.CASCADE, related_name="days", db_index=False)


class ConsentSeenAddress(Address):
    pk = models.CompositePrimaryKey("consent_id", "secret", "address", "user_agent")
    consent = models.ForeignKey(
        "apitokens.Consent", models.CASCADE, related_name="seen_addresses", db_index=False
    )


class ConsentUsedScope(Scope):
    pk = models.CompositePrimaryKey("consent_id", "permission")
    consent = models.ForeignKey(
        "apitokens.Consent", models.CASCADE, related_name="used_scopes", db_index=False
    )
