from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class KeyUsage(models.Model):
    """The narrow row that every request of a key updates, once (`apitokens.metering`)."""

    key = models.OneToOneField("apitokens.ApiKey", models.CASCADE, primary_key=True, related_name="usage")
    sequence = models.BigIntegerField(default=0)
    """How many requests have been logged; the next goes into slot `sequence % 50`."""
    window = models.BigIntegerField(default=0)
    """The minute the rate is counted in, since the epoch."""
    window_count = models.IntegerField(default=0)
    allowed = models.BooleanField(default=True)
    """Whether the latest counted request was within the limit."""
    last_used_at = models.DateTimeField(_("last used"), null=True)
    last_address = models.GenericIPAddressField(_("last address"), null=True)

    def __str__(self) -> str:
        return f"{self.key_id}: {self.sequence}"
