"""Times and clocks of the workspace: each reader is told them in his own zone and language, however often they are."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone, translation

from tickets.clocks import Clock, State, Target
from tickets.templatetags.clocks import shown
from tickets.templatetags.workspace import moment

AT = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)

READERS = [
    ("UTC", "en", "2026-03-01 23:30 UTC", "Solution, &lt;Gold&gt;: 2026-03-01 23:30 UTC"),
    ("Europe/Berlin", "en", "2026-03-02 00:30 CET", "Solution, &lt;Gold&gt;: 2026-03-02 00:30 CET"),
    ("Europe/Berlin", "de", "02.03.2026 00:30 CET", "Lösung, &lt;Gold&gt;: 2026-03-02 00:30 CET"),
]


def test_every_reader_has_his_own() -> None:
    overdue = Clock(Target.RESOLUTION, State.BREACHED, AT, None, None, "<Gold>")
    for zone, language, time, clock in READERS * 2:
        with timezone.override(ZoneInfo(zone)), translation.override(language):
            assert f'datetime="2026-03-01T23:30:00+00:00" title="{time}"' in moment(AT)
            assert f'title="{clock}"' in shown(overdue)
