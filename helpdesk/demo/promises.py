"""When the shop works and how soon it promises to answer, and the clocks of its open tickets."""

from __future__ import annotations

from accounts.models import Team
from activity.actor import Door, system_actor
from automations.actions.clocks import reckon_open_clocks
from automations.actions.sla import keep_hours, keep_policy
from automations.models import BusinessHours, Counting, SlaPolicy
from automations.models.sla import Week
from helpdesk.demo.cast import Cast
from tickets.actions import quietly

_OFFICE: Week = [[["08:00", "18:00"]] for _day in range(5)] + [[], []]
_WAREHOUSE: Week = [[["06:00", "10:00"], ["10:30", "16:00"]] for _day in range(5)] + [
    [["07:00", "12:00"]],
    [],
]
_HOLIDAYS = [
    "01-01 New Year’s Day", "05-01 Labour Day", "12-24 Christmas Eve", "12-25 Christmas Day", "12-26 Boxing Day",
    "2026-04-06 Easter Monday", "2027-03-29 Easter Monday",
]  # fmt: skip
_HOUR = 60


def ensure_promises(cast: Cast) -> None:
    """Hours and policies, unless there are some. Quietly: the clocks are set when all tickets are there."""
    if SlaPolicy.objects.exists() or BusinessHours.objects.exists():
        return
    actor = quietly(system_actor(door=Door.COMMAND))
    zone = {"time_zone": "Europe/London", "holidays": _HOLIDAYS}
    keep_hours(BusinessHours(name="Office", week=_OFFICE, is_default=True, **zone), actor=actor)
    warehouse: list[Team] = [cast.teams["Logistics"]]
    keep_hours(BusinessHours(name="Warehouse", week=_WAREHOUSE, **zone), actor=actor, teams=warehouse)
    for policy in _policies():
        keep_policy(policy, actor=actor)


def _policies() -> list[SlaPolicy]:
    vip = SlaPolicy(
        name="VIP customers",
        condition="tag:vip",
        position=1,
        counting=Counting.CALENDAR,
        warn_before=4 * _HOUR,
        first_response_urgent=_HOUR // 2,
        first_response_high=_HOUR,
        first_response_normal=4 * _HOUR,
        first_response_low=8 * _HOUR,
        resolution_urgent=8 * _HOUR,
        resolution_high=24 * _HOUR,
        resolution_normal=72 * _HOUR,
        resolution_low=120 * _HOUR,
    )
    everybody = SlaPolicy(
        name="Everybody",
        position=2,
        warn_before=4 * _HOUR,
        first_response_urgent=2 * _HOUR,
        first_response_high=4 * _HOUR,
        first_response_normal=10 * _HOUR,
        first_response_low=20 * _HOUR,
        resolution_urgent=10 * _HOUR,
        resolution_high=30 * _HOUR,
        resolution_normal=60 * _HOUR,
        resolution_low=100 * _HOUR,
    )
    return [vip, everybody]


def set_clocks() -> None:
    """Of all open tickets. Nobody is told of what ran out before the demo was loaded."""
    after: int | None = 0
    while after is not None:
        after = reckon_open_clocks(after)
