"""Receivers on this machine, which webhooks may reach in these tests alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.automations.receiver import Receiver, receiver


@pytest.fixture
def ear(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver; also workers that the test starts may reach it."""
    settings.OUTGOING_NETWORKS = ["127.0.0.0/8"]
    monkeypatch.setenv("OUTGOING_NETWORKS", "127.0.0.0/8")
    with receiver() as one:
        yield one
