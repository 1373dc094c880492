from __future__ import annotations

from django.db import models


class AttemptWindow(models.Model):
    """How often something was tried since its window opened. Counted by one statement (`accounts.attempts`)."""

    bucket = models.CharField(max_length=300, primary_key=True)
    count = models.IntegerField()
    ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.bucket}: {self.count}"
