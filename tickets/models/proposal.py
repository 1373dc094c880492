from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from activity.actor import Door


class ProposalKind(models.TextChoices):
    REPLY = "reply", _("Reply")
    NOTE = "note", _("Internal note")
    CHANGE = "change", _("Change")


class ProposalState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    APPROVED = "approved", _("approved")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def waiting(self) -> ProposalQuerySet:
        return self.filter(state=ProposalState.WAITING)


class Proposal(models.Model):
    """What somebody who does not decide, most often a program, suggests to say or to change in a ticket.

    It does nothing by itself: an agent approves it, and then it is the agent's own work.
    """

    ticket = models.ForeignKey(
        "tickets.Ticket", models.CASCADE, related_name="proposals", verbose_name=_("ticket")
    )
    kind = models.CharField(_("kind"), max_length=6, choices=ProposalKind.choices)
    state = models.CharField(
        _("state"), max_length=9, choices=ProposalState.choices, default=ProposalState.WAITING
    )
    body = models.TextField(_("text"), blank=True)
    """Of a reply or a note, in Markdown."""
    changes: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        _("changes"), default=dict, blank=True
    )
    """Of a change: properties of the ticket with what they shall be, rows by their ids and tags by their names."""
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    version = models.PositiveIntegerField(_("version of the ticket"))
    """The one that whoever proposes it knew."""
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("proposed as")
    )
    door = models.CharField(_("door"), max_length=12, choices=Door.choices)
    key_id = models.BigIntegerField(_("key's number"), null=True)
    key_name = models.CharField(_("key"), max_length=100, blank=True)
    created_at = models.DateTimeField(_("proposed"), default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    answer = models.CharField(_("why it was declined"), max_length=500, blank=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="change", body="")
                | (~models.Q(kind="change") & models.Q(changes={})),
                name="proposals_say_or_change",
            ),
        ]
        indexes = [
            models.Index(fields=["ticket"], name="proposal_waiting", condition=models.Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"

    @property
    def by(self) -> str:
        """Who proposed it, as people call him."""
        return self.key_name or str(self.agent)

    @property
    def is_waiting(self) -> bool:
        return self.state == ProposalState.WAITING
