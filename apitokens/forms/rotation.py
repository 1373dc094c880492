"""How long the old secret lives on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

OVERLAPS = {"1": _("1 hour"), "24": _("1 day"), "72": _("3 days"), "168": _("7 days")}
AT = "at"


class RotationForm(forms.Form):
    """For how long the old secret is still accepted."""

    overlap = forms.ChoiceField(
        label=_("The old secret works for"),
        choices=[*OVERLAPS.items(), (AT, _("Until a time"))],
        initial="24",
        widget=forms.RadioSelect,
    )
    at = forms.DateTimeField(
        label=_("Until (UTC)"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("At most 7 days from now."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("overlap") == AT and not cleaned.get("at") and "at" not in self.errors:
            self.add_error("at", _("Choose the time."))
        return cleaned

    def until(self) -> datetime:
        """When the old secret ends."""
        chosen = self.cleaned_data["overlap"]
        if chosen == AT:
            at: datetime = self.cleaned_data["at"]
            return at
        return timezone.now() + timedelta(hours=int(chosen))
