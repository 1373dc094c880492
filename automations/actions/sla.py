"""The verbs by which admins say when they work and what they promise."""

from __future__ import annotations

import zoneinfo
from collections.abc import Collection
from itertools import pairwise

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import Refused, configure
from accounts.models import Team
from activity.actor import Actor, system_actor
from automations import durations
from automations.models import BusinessHours, SlaPolicy
from automations.models.sla import TARGETS
from tickets import filters
from tickets.filters import FilterError
from tickets.filters.grammar import OWN
from tickets.filters.tree import Part, Property, parts_of

LASTING = (
    "priority", "team", "assignee", "contact", "organization", "channel", "tag", "external_id",
)  # fmt: skip
"""What conditions of policies go by: what a ticket is. How it stands changes without anything happening to it."""

_LAST_SPAN_OF_A_DAY = "24:00"


@transaction.atomic
def keep_hours(hours: BusinessHours, *, actor: Actor, teams: Collection[Team] | None = None) -> BusinessHours:
    """Make or change business hours, with the teams that have them. Raises Refused.

    New default hours take the place of those that were it before.
    """
    put_in_order(hours)
    # Teams are held before hours by everybody: two who wait for one another would both be turned away.
    if teams is not None:
        _refuse_teams_of_others(hours, teams)
    if hours.is_default:
        _take_the_default_from_others(hours, actor)
    configure.save(hours, actor=actor, related=None if teams is None else {"teams": teams})
    return hours


def put_in_order(hours: BusinessHours) -> None:
    """Write times and days as they are kept. Raises Refused for what means nothing."""
    _refuse_unknown_zone(hours.time_zone)
    hours.week = [_in_order(spans) for spans in hours.week]
    if not any(hours.week):
        raise Refused("week", "never_open", _("Open on one day at least: nothing would ever be due."))
    hours.holidays = sorted({_holiday(line) for line in hours.holidays})


@transaction.atomic
def keep_policy(policy: SlaPolicy, *, actor: Actor) -> SlaPolicy:
    """Make or change a policy. Raises Refused."""
    refuse_empty_promises(policy)
    configure.save(policy, actor=actor)
    return policy


def refuse_empty_promises(policy: SlaPolicy) -> None:
    """Stop at a policy that promises nothing, or for nothing that could be said."""
    policy.condition = policy.condition.strip()
    refuse_condition(policy.condition)
    if not any(getattr(policy, name) for _target, _priority, name in TARGETS):
        raise Refused("", "no_target", _("Give at least one time, for a first reply or a solution."))
    for _target, _priority, name in TARGETS:
        allowed = getattr(policy, name)
        if allowed is not None and not 1 <= allowed <= durations.MOST_MINUTES:
            raise Refused(name, "invalid", _("Choose a time from 1m to 1000h."))


def refuse_condition(typed: str) -> None:
    """Stop at a condition that means nothing, or would come to mean something else by itself."""
    try:
        tree = filters.parse(typed)
        for part in parts_of(tree):
            _refuse_passing(part)
        filters.select(typed, system_actor())
    except FilterError as error:
        error.typed = typed
        raise Refused("condition", "invalid_filter", f"{error.message} ({error.excerpt})") from None


def _refuse_passing(part: Part) -> None:
    if isinstance(part, Property) and (part.name in LASTING or part.name.startswith(OWN)):
        return
    known = ", ".join((*LASTING, f"{OWN}…"))
    raise part.error(
        _("Policies go by what a ticket is, and not by its words or how it stands: %(known)s.")
        % {"known": known}
    )


def _refuse_unknown_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        sentence = _("There is no time zone “%(name)s”. Write one like Europe/Vienna.")
        raise Refused("time_zone", "unknown", sentence % {"name": name})


def _in_order(spans: list[list[str]]) -> list[list[str]]:
    """The spans of a day as they are kept: from the first to the last, apart from each other."""
    found = sorted(_span(first, last) for first, last in spans)
    for (_one, ends), (begins, _other) in pairwise(found):
        if begins < ends:
            sentence = _("At %(time)s it is open already. Let one span end before the next begins.")
            raise Refused("week", "overlap", sentence % {"time": durations.as_clock(begins)})
    return [[durations.as_clock(first), durations.as_clock(last)] for first, last in found]


def _span(first: str, last: str) -> tuple[int, int]:
    """Midnight is when a day begins, or when it ends."""
    try:
        begins, ends = durations.clock(first), durations.clock(last) or durations.clock(_LAST_SPAN_OF_A_DAY)
    except ValueError as error:
        raise Refused("week", "invalid", str(error)) from None
    if begins >= ends:
        sentence = _("%(first)s to %(last)s is no time: let it end after it begins.")
        raise Refused("week", "backwards", sentence % {"first": first, "last": last})
    return begins, ends


def _holiday(line: str) -> str:
    try:
        return durations.holiday(line)
    except ValueError as error:
        raise Refused("holidays", "invalid", str(error)) from None


def _take_the_default_from_others(hours: BusinessHours, actor: Actor) -> None:
    for other in BusinessHours.objects.filter(is_default=True).exclude(pk=hours.pk):
        configure.change(other, is_default=False, actor=actor)


def _refuse_teams_of_others(hours: BusinessHours, teams: Collection[Team]) -> None:
    # Held, so that of two admins who give a team hours at the same time the second waits, and is refused.
    held = (
        Team.objects.select_for_update(no_key=True).filter(pk__in=[team.pk for team in teams]).order_by("pk")
    )
    list(held)
    others = BusinessHours.objects.filter(teams__in=teams).exclude(pk=hours.pk)
    taken = others.values_list("teams__name", "name").filter(teams__in=teams).first()
    if taken is not None:
        sentence = _("%(team)s already has the hours “%(hours)s”. Take it out there first.")
        raise Refused("teams", "taken", sentence % {"team": taken[0], "hours": taken[1]})
