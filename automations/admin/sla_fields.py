"""Form fields of hours and policies: a week as a grid of times, and lengths of time as people write them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.admin.fields import TemplateWidget
from automations import durations
from automations.models.sla import Week

SPANS = 3
"""Of one day."""


class WeekGrid(TemplateWidget):
    """A row for each day, with the times between which it is open. Works with the keyboard as every form does."""

    template_name = "automations/week.html"
    use_fieldset = True

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        week: Week = value if isinstance(value, list) else [[] for _day in WEEKDAYS]
        rows = [
            {"day": WEEKDAYS[day], "cells": [self._cell(name, day, n, spans) for n in range(SPANS)]}
            for day, spans in enumerate(week)
        ]
        return {"id": (attrs or {}).get("id", name), "rows": rows}

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Week:
        week: Week = []
        for day in WEEKDAYS:
            pairs = [
                [data.get(f"{name}_{day}_{n}_{end}", "").strip()[:5] for end in (0, 1)] for n in range(SPANS)
            ]
            week.append([pair for pair in pairs if any(pair)])
        return week

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return not any(key.startswith(f"{name}_") for key in data)

    @staticmethod
    def _cell(name: str, day: int, n: int, spans: list[list[str]]) -> dict[str, Any]:
        first, last = spans[n] if n < len(spans) else ("", "")
        return {"first": first, "last": last, "name": f"{name}_{day}_{n}", "number": n + 1}


class WeekField(forms.Field):
    widget = WeekGrid

    def clean(self, value: Week) -> Week:
        for day, spans in enumerate(value):
            if any(not first or not last for first, last in spans):
                sentence = _t("%(day)s: say both when it opens and when it closes.")
                raise ValidationError(sentence % {"day": WEEKDAYS[day]})
        return value


class LengthField(forms.CharField):
    """Minutes, written as 30m, 4h or 1h 30m."""

    def __init__(self, *, min_value: object = None, max_value: object = None, **options: Any) -> None:
        """Takes the place of a number's field, whose limits are the verb's business."""
        super().__init__(max_length=20, **options)

    def prepare_value(self, value: Any) -> Any:
        return durations.length(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        typed = super().clean(value)
        if not typed:
            return None
        try:
            return durations.minutes(typed)
        except ValueError as error:
            raise ValidationError(str(error)) from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(self.prepare_value(initial) or "") != str(data or "")


TARGET_COLUMNS = (_("First reply within"), _("Solution within"))
