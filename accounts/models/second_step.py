from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class SecondStep(models.Model):
    """What an agent's authenticator app shares with us (RFC 6238). It counts once a code has confirmed it."""

    agent = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="second_step"
    )
    sealed_seed = models.BinaryField(max_length=200)
    used_until = models.BigIntegerField(default=0)
    """The newest 30-second step of which a code was accepted; codes are accepted of later ones only."""
    confirmed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Second step of {self.agent}"


class RecoveryCode(models.Model):
    """Lets an agent in once without the app. Only its digest is kept."""

    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes")
    digest = models.BinaryField(max_length=32)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agent", "digest"], name="recovery_code_once")]

    def __str__(self) -> str:
        return f"Recovery code of {self.agent}"
