from __future__ import annotations

from django.db import models


class AttemptWindow(models.Model):
    """How often something was tried in one window of time. Counted by one atomic statement (`accounts.attempts`)."""

    bucket = models.CharField(max_length=300, primary_key=True)
    window = models.BigIntegerField()
    count = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.bucket}: {self.count}"
