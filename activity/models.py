from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from activity.actor import Door


class EventQuerySet(models.QuerySet["Event"]):
    def about(self, subject: models.Model) -> EventQuerySet:
        return self.filter(subject_type=subject._meta.model_name, subject_id=subject.pk)

    def newest_first(self) -> EventQuerySet:
        return self.order_by("-id")


class Event(models.Model):
    """One thing that happened, in the past tense. Written once, never changed, never deleted.

    `changes` maps a field to `[before, after]`; `facts` holds what else a reader needs (the id of the message
    that was written). Neither ever holds a body or a secret. The key's name is copied, because history has
    to outlive the key.
    """

    type = models.CharField(_("what happened"), max_length=64)
    subject_type = models.CharField(_("kind"), max_length=32)
    subject_id = models.BigIntegerField(_("number"))
    subject_label = models.CharField(_("name"), max_length=200, blank=True)
    at = models.DateTimeField(_("when"))
    door = models.CharField(_("door"), max_length=12, choices=Door.choices)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("agent"),
    )
    contact = models.ForeignKey(
        "accounts.Contact", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("contact")
    )
    key_id = models.BigIntegerField(_("key id"), null=True, blank=True)
    key_name = models.CharField(_("key"), max_length=100, blank=True)
    changes = models.JSONField(_("changes"), default=dict, blank=True)
    facts = models.JSONField(_("facts"), default=dict, blank=True)
    cause = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="effects", verbose_name=_("because of")
    )
    request_id = models.CharField(_("request id"), max_length=64, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="event_subject"),
            models.Index(
                fields=["key_id", "-id"], name="event_key", condition=models.Q(key_id__isnull=False)
            ),
            models.Index(fields=["agent", "-id"], name="event_agent"),
            BrinIndex(fields=["at"], name="event_time"),
            models.Index(fields=["request_id"], name="event_request", condition=~models.Q(request_id="")),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.subject_label or self.subject_id}"
