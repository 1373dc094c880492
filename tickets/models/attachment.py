from __future__ import annotations

import secrets

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def private_storage() -> FileSystemStorage:
    """A folder that no web server serves. Files leave it through the policy only."""
    storage = storages["attachments"]
    assert isinstance(storage, FileSystemStorage)
    return storage


def random_name(instance: Attachment, filename: str) -> str:
    """Nothing of the sender's file name reaches the disk."""
    name = secrets.token_hex(20)
    return f"{name[:2]}/{name}"


class Attachment(models.Model):
    """A file that belongs to a message, or, until it is sent, to the agent who uploaded it."""

    message = models.ForeignKey(
        "tickets.Message", models.CASCADE, null=True, related_name="attachments", verbose_name=_("message")
    )
    draft = models.ForeignKey(
        "tickets.Draft",
        models.SET_NULL,
        null=True,
        related_name="attachments",
        verbose_name=_("draft"),
        db_index=False,
    )
    """What it will be sent with."""
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("uploaded by")
    )
    file = models.FileField(_("file"), storage=private_storage, upload_to=random_name, max_length=100)
    name = models.CharField(_("name"), max_length=200)
    content_type = models.CharField(_("type"), max_length=100)
    size = models.PositiveIntegerField(_("size"), help_text=_("In bytes."))
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(_("uploaded"), default=timezone.now)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["draft"], name="attachment_draft", condition=models.Q(draft__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name
