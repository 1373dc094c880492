"""What a helpdesk has from its first minute: statuses and the channels tickets usually come through."""

from __future__ import annotations

from typing import Any

from accounts.seeding import are_migrated
from tickets.models import Category, Channel, ChannelKind, Status


def ensure_defaults(**signal: Any) -> None:
    """Run after every `migrate`. Adds what is missing only to a helpdesk that has none of it."""
    if not are_migrated(Status, Channel, **signal):
        return
    if not Status.objects.exists():
        Status.objects.bulk_create(
            Status(name=str(category.label), category=category, position=index)
            for index, category in enumerate(Category)
        )
    if not Channel.objects.exists():
        Channel.objects.bulk_create(
            [Channel(name="Workspace", kind=ChannelKind.WORKSPACE), Channel(name="API", kind=ChannelKind.APP)]
        )
