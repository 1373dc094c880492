"""When a helpdesk works, and how soon it promises to answer and to solve."""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from automations.hours import ALWAYS, DAY, Calendar, Span
from tickets.clocks import Target
from tickets.models import Priority

Week = list[list[list[str]]]
"""For each weekday, Monday first, its spans: [["09:00", "12:30"], ["13:00", "17:00"]]. The last may end at 24:00."""


def usual_week() -> Week:
    return [[["09:00", "17:00"]] for _day in range(5)] + [[], []]


class BusinessHours(models.Model):
    """When somebody is at work: for the teams that have these hours, or for all that have no others."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    week = models.JSONField(_("opening hours"), default=usual_week)
    holidays = ArrayField(
        models.CharField(max_length=120), verbose_name=_("holidays"), default=list, blank=True
    )
    """`2026-04-06 Easter Monday` for one day, `12-25 Christmas` for every year."""
    is_default = models.BooleanField(_("for teams without hours of their own"), default=False)
    teams: models.ManyToManyField[models.Model, models.Model] = models.ManyToManyField(
        "accounts.Team", related_name="business_hours", blank=True, verbose_name=_("teams")
    )
    """A team has one set of hours at most; the verb sees to that."""

    class Meta:
        verbose_name = _("business hours")
        verbose_name_plural = _("business hours")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="one_default_of_hours"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def calendar(self) -> Calendar:
        once, yearly = set(), set()
        for line in self.holidays:
            day = line.partition(" ")[0]
            if len(day) > len("12-25"):
                once.add(date.fromisoformat(day))
            else:
                yearly.add((int(day[:2]), int(day[3:])))
        week = tuple(tuple(_span(span) for span in spans) for spans in self.week)
        return Calendar(self.time_zone, week, frozenset(once), frozenset(yearly))


def _span(span: list[str]) -> Span:
    first, last = (int(clock[:2]) * 60 + int(clock[3:]) for clock in span)
    return first, last or DAY


class Counting(models.TextChoices):
    """What counts as time."""

    BUSINESS = "business", _("Business hours of the ticket’s team")
    CALENDAR = "calendar", _("Every hour, day and night")


class SlaPolicyQuerySet(models.QuerySet["SlaPolicy"]):
    def in_use(self) -> SlaPolicyQuerySet:
        return self.filter(is_active=True).order_by("position", "id")


class SlaPolicy(models.Model):
    """What is promised for tickets of a kind. Of all policies that hold for a ticket, the first applies."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    condition = models.CharField(
        _("for tickets like these"),
        max_length=500,
        blank=True,
        help_text=_(
            'As in the search: tag:vip, priority:>normal organization:"Flowers Ltd". Empty: for every ticket.'
        ),
    )
    position = models.PositiveSmallIntegerField(
        _("position"), default=0, help_text=_("Policies are tried in the order of this number.")
    )
    counting = models.CharField(
        _("time that counts"), max_length=8, choices=Counting.choices, default=Counting.BUSINESS
    )
    warn_before = models.PositiveIntegerField(_("warn before, in minutes"), default=30)
    """In the time that counts; half of a target at most."""
    is_active = models.BooleanField(_("in use"), default=True)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    first_response_urgent = models.PositiveIntegerField(_("first reply, urgent"), null=True, blank=True)
    first_response_high = models.PositiveIntegerField(_("first reply, high"), null=True, blank=True)
    first_response_normal = models.PositiveIntegerField(_("first reply, normal"), null=True, blank=True)
    first_response_low = models.PositiveIntegerField(_("first reply, low"), null=True, blank=True)
    resolution_urgent = models.PositiveIntegerField(_("solution, urgent"), null=True, blank=True)
    resolution_high = models.PositiveIntegerField(_("solution, high"), null=True, blank=True)
    resolution_normal = models.PositiveIntegerField(_("solution, normal"), null=True, blank=True)
    resolution_low = models.PositiveIntegerField(_("solution, low"), null=True, blank=True)
    """In minutes; None for no target."""

    objects = SlaPolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("SLA policy")
        verbose_name_plural = _("SLA policies")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name

    def minutes(self, target: Target, priority: int) -> int | None:
        """How much time a ticket of this priority has."""
        found: int | None = getattr(self, column(target, Priority(priority)))
        return found


def column(target: Target, priority: Priority) -> str:
    """The name of the field that holds this target."""
    return f"{target.value}_{priority.word}"


TARGETS = tuple(
    (target, priority, column(target, priority))
    for priority in sorted(Priority, reverse=True)
    for target in Target
)


def calendar_of(hours: BusinessHours | None) -> Calendar:
    """Where nobody has said when he works, every hour counts."""
    return ALWAYS if hours is None else hours.calendar
