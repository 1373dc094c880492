"""Who defines custom fields, and those that are defined."""

from __future__ import annotations

import pytest

from accounts.models import Agent, CustomField
from tests.accounts.api.fields import KINDS
from tests.robot import Robot, robot


@pytest.fixture
def machine(root: Agent) -> Robot:
    return robot(root, name="Setup", admin_functions=True)


@pytest.fixture
def defined(db: None) -> dict[str, int]:
    """One field of every kind on tickets, and some of them on people; their ids by thing and key."""
    keys = {"ticket": list(KINDS), "contact": ["color", "amount"], "organization": ["sizes"]}
    rows = [
        CustomField(applies_to=thing, key=key, position=position, **KINDS[key])
        for thing, of_thing in keys.items()
        for position, key in enumerate(of_thing)
    ]
    return {f"{row.applies_to}.{row.key}": row.pk for row in CustomField.objects.bulk_create(rows)}
