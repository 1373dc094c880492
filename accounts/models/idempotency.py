from __future__ import annotations

from django.db import models


class IdempotentRequest(models.Model):
    """A POST that a client gave a key of its own, so that sending it twice does it once (`accounts.api.idempotency`).

    Without a status it is still being worked on. Its row is the lock.
    """

    credential = models.CharField(max_length=40)
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=32)
    started_at = models.DateTimeField(db_index=True)
    status = models.PositiveSmallIntegerField(null=True)
    location = models.CharField(max_length=500)
    body = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["credential", "key"], name="one_row_for_an_idempotency_key")
        ]

    def __str__(self) -> str:
        return f"{self.credential} {self.key}"
