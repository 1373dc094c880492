from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Plan(models.TextChoices):
    STANDARD = "standard", _("Standard")
    PROFESSIONAL = "professional", _("Professional")
    ENTERPRISE = "enterprise", _("Enterprise")


RATES = {Plan.STANDARD: 60, Plan.PROFESSIONAL: 300}
"""Requests per minute and credential. Enterprise has a figure of its own."""

TRIAL = timedelta(days=7)


def every_plan() -> list[str]:
    return list(Plan.values)


class HelpdeskSettings(models.Model):
    """What an admin decides about the helpdesk as a whole. There is exactly one row, with id 1."""

    name = models.CharField(_("name"), max_length=100, default="Helpdesk")
    uuid = models.UUIDField(default=uuid.uuid4, editable=False)
    plan = models.CharField(_("plan"), max_length=12, choices=Plan.choices, default=Plan.ENTERPRISE)
    plans_with_api = ArrayField(
        models.CharField(max_length=12, choices=Plan.choices),
        verbose_name=_("plans that include the API"),
        default=every_plan,
        blank=True,
    )
    enterprise_rate = models.PositiveIntegerField(
        _("requests per minute on Enterprise"), default=1_000, validators=[MinValueValidator(1)]
    )
    api_addresses = ArrayField(
        models.CharField(max_length=50),
        verbose_name=_("addresses of programs"),
        default=list,
        db_default=[],
        blank=True,
    )
    trial_started_at = models.DateTimeField(_("trial of the API started"), null=True, blank=True)

    class Meta:
        verbose_name = _("helpdesk settings")
        verbose_name_plural = _("helpdesk settings")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_row_of_settings")]

    def __str__(self) -> str:
        return self.name

    def includes_api(self, now: datetime) -> bool:
        return includes_api(self.plan, self.plans_with_api, self.trial_started_at, now)


def includes_api(
    plan: str, plans_with_api: list[str], trial_started_at: datetime | None, now: datetime
) -> bool:
    """Does the plan, or a running 7-day trial, let programs in?"""
    on_trial = trial_started_at is not None and now < trial_started_at + TRIAL
    return plan in plans_with_api or on_trial


def plan_rate(plan: str, enterprise_rate: int) -> int:
    """Requests per minute that the plan gives each credential."""
    return RATES.get(Plan(plan), enterprise_rate)
