from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.models.status import Category


class Merge(models.Model):
    """What a merged ticket was before, so that it can be given back at any time.

    Its assignee, team and everything else stay with it: while it is merged, no verb touches them.
    """

    ticket = models.OneToOneField(
        "tickets.Ticket", models.CASCADE, primary_key=True, related_name="merge", verbose_name=_("ticket")
    )
    status = models.ForeignKey(
        "tickets.Status", models.SET_NULL, null=True, related_name="+", verbose_name=_("former status")
    )
    category = models.CharField(_("former category"), max_length=8, choices=Category.choices)
    """For the case that the status itself is gone by then."""
    snoozed_until = models.DateTimeField(_("snoozed until"), null=True)
    merged_at = models.DateTimeField(_("merged"), default=timezone.now)

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")

    def __str__(self) -> str:
        return f"#{self.ticket_id}"


class Containment(models.Model):
    """Whose conversation holds whose messages: `outer` took in `inner`, by however many merges.

    Messages never move. With #1 merged into #2 and that into #3 there are (1, 2), (2, 3) and (1, 3), so that a
    conversation is read without following chains.
    """

    inner = models.ForeignKey(
        "tickets.Ticket", models.CASCADE, related_name="containers", verbose_name=_("inner")
    )
    outer = models.ForeignKey(
        "tickets.Ticket", models.CASCADE, related_name="contents", verbose_name=_("outer")
    )

    class Meta:
        verbose_name = _("containment")
        verbose_name_plural = _("containments")
        constraints = [
            models.UniqueConstraint(fields=["inner", "outer"], name="containment_once"),
            models.CheckConstraint(
                condition=~models.Q(inner=models.F("outer")), name="containment_of_another"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.inner_id} in #{self.outer_id}"
