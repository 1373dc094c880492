from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.custom_field import WithCustomFields, index_of_values
from tickets.models.status import UNRESOLVED, Category

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""When what has no due time is due: after everything that has one."""


class Priority(models.IntegerChoices):
    """Stored as a number, so that the database can sort by it."""

    LOW = 1, _("Low")
    NORMAL = 2, _("Normal")
    HIGH = 3, _("High")
    URGENT = 4, _("Urgent")

    @property
    def word(self) -> str:
        """As the API spells it: `low`, `normal`, `high`, `urgent`."""
        return self.name.lower()


class TicketQuerySet(models.QuerySet["Ticket"]):
    def unresolved(self) -> TicketQuerySet:
        return self.filter(unresolved=True)

    def in_category(self, category: str) -> TicketQuerySet:
        """Open and pending tickets are found through the partial indexes, hence the second condition."""
        rows = self.filter(category=category)
        return rows.filter(unresolved=True) if category in UNRESOLVED else rows

    def snoozed(self) -> TicketQuerySet:
        return self.filter(snoozed_until__isnull=False)

    def unassigned(self) -> TicketQuerySet:
        return self.filter(assignee=None)

    def newest_first(self) -> TicketQuerySet:
        return self.order_by("-updated_at", "-id")


class Ticket(WithCustomFields):
    """One request for help, from the first message to its solution."""

    subject = models.CharField(_("subject"), max_length=250)
    status = models.ForeignKey(
        "tickets.Status", models.PROTECT, related_name="tickets", verbose_name=_("status"), db_index=False
    )
    category = models.CharField(_("category"), max_length=8, choices=Category.choices, editable=False)
    """The status's category, kept equal by a foreign key over both columns."""
    unresolved = models.GeneratedField(
        expression=models.Q(category__in=UNRESOLVED),  # type: ignore[arg-type]
        output_field=models.BooleanField(),
        db_persist=True,
    )
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=Priority.choices, default=Priority.NORMAL
    )
    channel = models.ForeignKey(
        "tickets.Channel",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tickets",
        verbose_name=_("channel"),
        db_index=False,
    )
    contact = models.ForeignKey(
        "accounts.Contact", models.PROTECT, related_name="tickets", verbose_name=_("contact"), db_index=False
    )
    organization = models.ForeignKey(
        "accounts.Organization",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="tickets",
        verbose_name=_("organization"),
    )
    team = models.ForeignKey(
        "accounts.Team",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="tickets",
        verbose_name=_("team"),
        db_index=False,
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="assigned_tickets",
        verbose_name=_("assignee"),
        db_index=False,
    )
    tags: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        "tickets.Tag", related_name="tickets", blank=True, verbose_name=_("tags")
    )
    followers: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="followed_tickets", blank=True, verbose_name=_("followers")
    )
    """Agents who want to hear of it. Following shows nobody what is outside his reach."""
    related: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        "self", blank=True, verbose_name=_("linked tickets")
    )
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="merged_tickets",
        verbose_name=_("merged into"),
        db_index=False,
    )
    """Where its conversation goes on (`tickets.models.merge`)."""
    language = models.CharField(_("language"), max_length=12, blank=True, default="", db_default="")
    """What the contact writes in, as a language tag: de-AT. Empty when nobody said."""
    external_id = models.CharField(_("external id"), max_length=200, null=True, blank=True, unique=True)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now, editable=False)
    snoozed_until = models.DateTimeField(_("snoozed until"), null=True, blank=True, editable=False)
    first_replied_at = models.DateTimeField(_("first replied"), null=True, blank=True, editable=False)
    solved_at = models.DateTimeField(_("solved"), null=True, blank=True, editable=False)
    sla = models.JSONField(
        _("service level"), default=dict, db_default=models.Value({}, models.JSONField()), editable=False
    )
    """The policy that applies and how its clocks stand (`tickets.clocks`); empty where there is none. It is
    reckoned from the rest of the ticket and its history, so it makes no new version."""
    sla_due_at = models.DateTimeField(_("due"), default=NEVER, db_default=NEVER, editable=False)
    """When the first of the running clocks is due."""
    sla_check_at = models.DateTimeField(null=True, editable=False)
    """When somebody is next to be told that a clock runs out."""

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(priority__in=Priority.values), name="ticket_priority"),
            models.CheckConstraint(
                condition=~models.Q(merged_into=models.F("id")), name="ticket_not_merged_into_itself"
            ),
        ]
        # Each list of the workspace and the API walks one of these from the top; see ARCHITECTURE.md.
        indexes = [
            models.Index(fields=["-updated_at", "-id"], name="ticket_updated"),
            models.Index(fields=["category", "-updated_at", "-id"], name="ticket_category"),
            models.Index(
                fields=["team", "-updated_at", "-id"],
                name="ticket_team_queue",
                condition=models.Q(unresolved=True),
            ),
            models.Index(
                fields=["assignee", "-updated_at", "-id"],
                name="ticket_assignee_queue",
                condition=models.Q(unresolved=True),
            ),
            models.Index(fields=["team", "category", "-updated_at", "-id"], name="ticket_team"),
            # With what else lists ask of one's own tickets, so that those of one's teams are passed over in the index.
            models.Index(
                fields=["assignee", "-updated_at", "-id"],
                include=["category", "team", "merged_into"],
                name="ticket_assignee_newest",
            ),
            # The API's lists begin with the newest id. By themselves these are counted, too, without looking at a row.
            models.Index(fields=["team", "-id"], include=["merged_into"], name="ticket_team_by_id"),
            models.Index(
                fields=["assignee", "-id"], include=["team", "merged_into"], name="ticket_assignee_by_id"
            ),
            models.Index(fields=["contact", "-id"], name="ticket_contact"),
            models.Index(
                fields=["snoozed_until", "id"],
                name="ticket_snoozed",
                condition=models.Q(snoozed_until__isnull=False),
            ),
            models.Index(
                fields=["merged_into"], name="ticket_merged", condition=models.Q(merged_into__isnull=False)
            ),
            models.Index(fields=["sla_due_at", "id"], name="ticket_due"),
            models.Index(
                fields=["team", "sla_due_at", "id"],
                name="ticket_team_due",
                condition=models.Q(unresolved=True),
            ),
            models.Index(
                fields=["sla_check_at"], name="ticket_check", condition=models.Q(sla_check_at__isnull=False)
            ),
            index_of_values("ticket_custom_fields"),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.subject}"

    def get_priority_display(self) -> str:  # type: ignore[no-redef]
        # Django's own looks at all choices in the reader's language, in each row of a list.
        return str(Priority(self.priority).label)

    def get_absolute_url(self) -> str:
        return reverse("tickets:ticket", args=[self.pk])

    @property
    def number(self) -> int:
        """What people call the ticket by."""
        return self.pk

    @property
    def priority_word(self) -> str:
        return Priority(self.priority).word
