from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.sentences import tell

MOST_HOURS = 365 * 24


class Occasion(models.TextChoices):
    """What a trigger answers at once."""

    OPENED = "opened", _("a ticket is opened")
    CONTACT_REPLIED = "contact_replied", _("the contact replies")
    AGENT_REPLIED = "agent_replied", _("an agent replies in person")
    PROGRAM_REPLIED = "program_replied", _("a program replies")
    NOTED = "noted", _("an internal note is written")
    CHANGED = "changed", _("something about the ticket changes")


class Property(models.TextChoices):
    """What `Occasion.CHANGED` can be narrowed to: fields as events name them."""

    STATUS = "status", _("status")
    ASSIGNEE = "assignee", _("assignee")
    TEAM = "team", _("team")
    PRIORITY = "priority", _("priority")
    TAGS = "tags", _("tags")
    SUBJECT = "subject", _("subject")
    CUSTOM_FIELDS = "custom_fields", _("custom fields")
    SNOOZED_UNTIL = "snoozed_until", _("snoozing")
    EXTERNAL_ID = "external_id", _("external id")


class Clock(models.TextChoices):
    """What hours are counted from."""

    OPENED = "opened", _("the ticket was opened")
    CONTACT_WROTE = "contact_wrote", _("the contact wrote last")
    AGENT_REPLIED = "agent_replied", _("we replied last")
    STATUS_CHANGED = "status_changed", _("the status changed last")


class TriggerQuerySet(models.QuerySet["Trigger"]):
    def active(self) -> TriggerQuerySet:
        return self.filter(active=True)

    def at(self, occasions: list[str]) -> TriggerQuerySet:
        """Those that answer one of these."""
        return self.filter(occasions__overlap=occasions)

    def timed(self) -> TriggerQuerySet:
        return self.exclude(clock="")

    def calling(self, webhook: models.Model) -> TriggerQuerySet:
        return self.filter(steps__contains=[{"do": "webhook", "value": webhook.pk}])


class Trigger(models.Model):
    """A rule of the helpdesk: when this happens, or so long after it, and these conditions hold, take these steps."""

    name = models.CharField(_("name"), max_length=100)
    active = models.BooleanField(_("switched on"), default=True)
    position = models.PositiveSmallIntegerField(
        _("position"), default=0, help_text=_("Triggers with a smaller number act first.")
    )
    occasions = ArrayField(
        models.CharField(max_length=20, choices=Occasion.choices),
        default=list,
        blank=True,
        verbose_name=_("when"),
    )
    properties = ArrayField(
        models.CharField(max_length=20, choices=Property.choices),
        default=list,
        blank=True,
        verbose_name=_("changes of"),
        help_text=_("Only changes of these. None ticked: of anything."),
    )
    clock = models.CharField(_("counted since"), max_length=16, choices=Clock.choices, blank=True)
    hours = models.PositiveSmallIntegerField(
        _("hours later"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_HOURS)],
    )
    condition = models.CharField(_("conditions"), max_length=500, blank=True)
    """In the language of filters, with the facts of events besides (`automations.conditions`)."""
    steps: models.JSONField[Any, Any] = models.JSONField(_("what it does"), default=list)
    """As `automations.steps` understands them: by ids, never by names."""
    failures = models.PositiveSmallIntegerField(_("failures in a row"), default=0, editable=False)
    switched_off_because = models.TextField(_("switched off because"), blank=True, editable=False)
    switched_off_kept: models.JSONField[Any, Any] = models.JSONField(null=True, editable=False)
    """The same, as `accounts.sentences` keeps it: for people in their languages."""
    counted_to = models.DateTimeField(_("counted up to"), null=True, editable=False)
    """Stretches of time that began up to here were asked about."""
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    objects = TriggerQuerySet.as_manager()

    class Meta:
        verbose_name = _("trigger")
        verbose_name_plural = _("triggers")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(Lower("name"), name="trigger_name"),
            models.CheckConstraint(
                condition=models.Q(clock="", hours=None)
                | (~models.Q(clock="") & models.Q(hours__gte=1, hours__lte=MOST_HOURS)),
                name="trigger_hours_with_their_clock",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def why_switched_off(self) -> str:
        return tell(self.switched_off_kept) if self.switched_off_kept else self.switched_off_because


class Outcome(models.TextChoices):
    DONE = "done", _("acted")
    NOTHING = "nothing", _("nothing to change")
    FAILED = "failed", _("failed")
    STOPPED = "stopped", _("was stopped")


class TriggerRun(models.Model):
    """One time that a trigger's conditions held: what came of it. Of each event there is at most one."""

    trigger = models.ForeignKey(Trigger, models.CASCADE, related_name="runs", verbose_name=_("trigger"))
    event = models.ForeignKey(
        "activity.Event", models.CASCADE, related_name="+", db_index=False, verbose_name=_("event")
    )
    ticket = models.ForeignKey(
        "tickets.Ticket", models.CASCADE, related_name="+", db_index=False, verbose_name=_("ticket")
    )
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices)
    steps_taken = models.PositiveSmallIntegerField(_("steps"), default=0)
    problem = models.TextField(_("why"), blank=True)
    problem_kept: models.JSONField[Any, Any] = models.JSONField(null=True)
    """The same, as `accounts.sentences` keeps it."""
    milliseconds = models.PositiveIntegerField(_("milliseconds"), default=0)
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        ordering = ["-id"]
        constraints = [
            # Reactors may run twice, and several workers count the same hours; the second finds this row.
            models.UniqueConstraint(fields=["event", "trigger"], name="trigger_run_once"),
        ]
        indexes = [
            models.Index(fields=["trigger", "-id"], name="trigger_run_log"),
            models.Index(fields=["ticket", "at"], name="trigger_run_budget"),
            models.Index(fields=["at"], name="trigger_run_age"),
        ]

    def __str__(self) -> str:
        return f"{self.trigger_id} {self.event_id} {self.outcome}"

    @property
    def why(self) -> str:
        return tell(self.problem_kept) if self.problem_kept else self.problem
