from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def how_long_since(moment: datetime) -> str:
    """What stands before “ago”: what is less than a minute ago is not told as “0 minutes”."""
    if timezone.now() - moment < timedelta(minutes=1):
        return _("a moment")
    return timesince(moment)
