"""Who the stories are about. Imported by conftest.py, so that every test can ask for them by name."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Agent, Contact, Team
from tests.factories import PASSWORD, AgentFactory, ContactFactory, TeamFactory, role

__all__ = ["PASSWORD", "alice", "billing", "bob", "carol", "mallory", "root", "sign_in", "support"]


@pytest.fixture
def support(db: None) -> Team:
    return TeamFactory(name="Support")


@pytest.fixture
def billing(db: None) -> Team:
    return TeamFactory(name="Billing")


@pytest.fixture
def alice(support: Team) -> Agent:
    """An agent in Support who sees all tickets."""
    return AgentFactory(name="Alice", teams=[support])


@pytest.fixture
def bob(billing: Team) -> Agent:
    """An agent in Billing who sees his own team's tickets only."""
    return AgentFactory(name="Bob", role=role("Team agent"), teams=[billing])


@pytest.fixture
def root(db: None) -> Agent:
    """An administrator."""
    return AgentFactory(name="Root", role=role("Administrator"))


@pytest.fixture
def carol(db: None) -> Contact:
    """A customer."""
    return ContactFactory(name="Carol", email="carol@customer.example")


@pytest.fixture
def mallory(db: None) -> Contact:
    """An outsider who knows an address and little else."""
    return ContactFactory(name="Mallory", email="mallory@elsewhere.example")


def sign_in(agent: Agent) -> Client:
    """A browser in which the agent has signed in."""
    client = Client()
    client.force_login(agent)
    return client
