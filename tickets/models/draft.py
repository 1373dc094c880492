from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.models.message import MessageKind


class DraftQuerySet(models.QuerySet["Draft"]):
    def being_written(self) -> DraftQuerySet:
        return self.filter(send_at=None)

    def held(self) -> DraftQuerySet:
        return self.filter(send_at__isnull=False)


class Draft(models.Model):
    """What an agent writes in a ticket; or, with `send_at`, a reply that he sent and can still take back.

    Nobody else ever sees it. A held reply becomes a message at its time (`tickets.actions.sending`): until then
    this row is all there is of it.
    """

    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("agent"), db_index=False
    )
    ticket = models.ForeignKey(
        "tickets.Ticket", models.CASCADE, null=True, related_name="drafts", verbose_name=_("ticket")
    )
    deleted_ticket = models.BigIntegerField(_("deleted ticket"), null=True)
    """The number that the ticket had, when it was deleted: the text stays its writer's."""
    kind = models.CharField(_("kind"), max_length=5, choices=MessageKind.choices, default=MessageKind.REPLY)
    body = models.TextField(_("text"), blank=True)
    status = models.ForeignKey(
        "tickets.Status", models.SET_NULL, null=True, related_name="+", verbose_name=_("status")
    )
    """What sending it sets besides."""
    version = models.PositiveIntegerField(_("version"), default=1)
    writer = models.CharField(_("window"), max_length=40, blank=True)
    """The window that wrote it last: what one window wrote does not clash with itself."""
    updated_at = models.DateTimeField(_("updated"), default=timezone.now)
    send_at = models.DateTimeField(_("goes out"), null=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["agent", "ticket"], name="one_draft_being_written", condition=models.Q(send_at=None)
            ),
            models.CheckConstraint(
                condition=models.Q(send_at=None) | models.Q(kind="reply"), name="only_replies_are_held"
            ),
            models.CheckConstraint(
                condition=models.Q(ticket__isnull=False, deleted_ticket=None)
                | models.Q(ticket=None, deleted_ticket__isnull=False, send_at=None),
                name="a_draft_has_or_had_a_ticket",
            ),
        ]
        indexes = [
            models.Index(fields=["send_at"], name="draft_held", condition=models.Q(send_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return str(self.ticket or f"#{self.deleted_ticket}")
