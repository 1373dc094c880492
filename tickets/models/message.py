from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from activity.actor import Door


class MessageKind(models.TextChoices):
    REPLY = "reply", _("Reply")
    NOTE = "note", _("Internal note")


class Direction(models.TextChoices):
    IN = "in", _("Received")
    OUT = "out", _("Sent")


class Delivery(models.TextChoices):
    """How far a reply has come, as the program that carries it says."""

    SENT = "sent", _("Sent")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Not delivered")


class Message(models.Model):
    """What somebody wrote in a ticket: a reply, which its contact sees, or an internal note, which he never does.

    The author is an agent, a contact or, with neither, the helpdesk itself.
    """

    ticket = models.ForeignKey(
        "tickets.Ticket", models.CASCADE, related_name="messages", verbose_name=_("ticket"), db_index=False
    )
    kind = models.CharField(_("kind"), max_length=5, choices=MessageKind.choices)
    direction = models.CharField(_("direction"), max_length=3, choices=Direction.choices)
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
    door = models.CharField(_("door"), max_length=12, choices=Door.choices)
    key_id = models.BigIntegerField(_("key id"), null=True, blank=True)
    key_name = models.CharField(_("key"), max_length=100, blank=True)
    body_text = models.TextField(_("text"))
    body_html = models.TextField(_("HTML"))
    """Sanitised when written (`tickets.text`); what every page shows."""
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    to = ArrayField(
        models.EmailField(max_length=254), verbose_name=_("to"), default=list, db_default=[], blank=True
    )
    """Whom a reply is for. Nobody else gets it, but those in `cc`."""
    cc = ArrayField(
        models.EmailField(max_length=254), verbose_name=_("cc"), default=list, db_default=[], blank=True
    )
    delivery = models.CharField(
        _("delivery"), max_length=9, choices=Delivery.choices, blank=True, default="", db_default=""
    )
    delivery_detail = models.CharField(
        _("delivery, in words"), max_length=300, blank=True, default="", db_default=""
    )
    delivery_at = models.DateTimeField(_("delivery reported"), null=True, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(agent=None) | models.Q(contact=None), name="message_has_one_author"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="note") | models.Q(contact=None), name="contacts_write_no_notes"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="note") | models.Q(to=[], cc=[], delivery=""),
                name="notes_go_nowhere",
            ),
        ]
        indexes = [
            models.Index(fields=["ticket", "created_at", "id"], name="message_ticket"),
            models.Index(
                Upper("key_name"), "ticket", name="message_key", condition=models.Q(key_id__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def is_note(self) -> bool:
        return self.kind == MessageKind.NOTE

    @property
    def author(self) -> models.Model | None:
        return self.agent or self.contact
