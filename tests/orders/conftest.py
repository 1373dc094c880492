"""What the stories about orders have in common."""

from __future__ import annotations

import pytest

from accounts.models import Agent
from tests.factories import AgentFactory, role
from tests.robot import Robot, robot

ORDERS = ["orders:read", "orders:write", "orders:delete"]


@pytest.fixture
def shipping(db: None) -> Agent:
    """The service agent of a shipping program."""
    return AgentFactory(name="Shipping", role=role("Agent"), kind="service")


@pytest.fixture
def shipper(shipping: Agent, root: Agent) -> Robot:
    """The shipping program: its key has full access to orders, and no access to anything else."""
    return robot(shipping, owner=root, name="Shipping", access_level="custom", scopes=ORDERS)
