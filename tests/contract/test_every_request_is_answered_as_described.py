"""Schemathesis makes requests from the OpenAPI document, right ones and wrong ones. Every answer must be among those
that the document names, in the shape that it names, and none may be a 5xx.

Each request is made twice: with a key that may do everything, and with Bob's. It really acts, on the demo's data, and
is then taken back, so that the next one finds the same rows. `make contract` makes thousands of them.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection, transaction
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as effort
from hypothesis import strategies as st
from pytest_django import Settings
from schemathesis import Case, GenerationMode, checks
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks as described

from accounts.models import Agent
from helpdesk.api.examples import EXAMPLES
from helpdesk.api.schema import document
from tests.robot import Robot, robot

CASES = int(os.environ.get("CONTRACT_CASES", "0"))
"""How many requests are made, at least. Without it, some requests to some of the operations."""
PARTS = 2 if CASES else 8
"""With it two tests, of every other operation each, so that two processes share the work."""
HELD = [
    checks.not_a_server_error,
    described.status_code_conformance,
    described.content_type_conformance,
    described.response_headers_conformance,
    described.response_schema_conformance,
]
Pools = dict[str, list[Any]]


@dataclass
class Inquiry:
    """Who asks, what is known to exist, and what came of it."""

    robots: dict[str, Robot]
    pools: Pools
    statuses: dict[str, Counter[int]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def ask(self, case: Case[Any]) -> None:
        for name, machine in self.robots.items():
            with taken_back(case.method):
                answer = case.call(headers=machine.bearer)
            self.statuses.setdefault(name, Counter())[answer.status_code] += 1
            try:
                case.validate_response(answer, checks=HELD)
            except FailureGroup as failures:
                why = "\n".join(str(failure) for failure in failures.exceptions)
                self.wrong.append(f"{case.method} {case.path} with {name}'s key: {why}\n{answer.text[:1000]}")

    @property
    def count(self) -> int:
        return sum(counter.total() for counter in self.statuses.values())


@pytest.fixture
def inquiry(db: None, settings: Settings, tmp_path: Path) -> Inquiry:
    settings.VAR_DIR = tmp_path
    call_command("demo", tickets=120, verbosity=0)
    root, bob = (Agent.objects.get(email=f"{name}@example.com") for name in ("root", "bob"))
    robots = {
        "root": robot(
            root, admin_functions=True, scopes=["tickets:import", "tickets:propose"], rate_limit=1_000_000
        ),
        "bob": robot(bob, rate_limit=1_000_000),
    }
    return Inquiry(robots, known(**robots))


@pytest.mark.parametrize("part", range(PARTS) if CASES else [0])
def test_no_request_is_answered_otherwise_than_described(part: int, inquiry: Inquiry) -> None:
    operations = list(every_operation())[part::PARTS]
    each = 3 + CASES // PARTS // len(inquiry.robots) // len(operations)
    with requests_within_the_test():
        for operation in operations:
            ask_about(operation, inquiry, times=each)
    for name, counter in inquiry.statuses.items():
        told = f"{counter.total():,} requests with {name}'s key: {dict(sorted(counter.items()))}"
        print(told)  # noqa: T201 - `make contract` shows it.
    assert not inquiry.wrong, "\n\n".join(inquiry.wrong)
    assert inquiry.count >= CASES / PARTS


def ask_about(operation: Any, inquiry: Inquiry, *, times: int) -> None:
    made = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]

    @seed(1)
    @effort(
        max_examples=times,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(made), data=st.data())
    def ask(case: Case[Any], data: st.DataObject) -> None:
        Known(case, data, inquiry.pools).put_in()
        inquiry.ask(case)

    ask()


def every_operation() -> Iterator[Any]:
    schema = schemathesis.openapi.from_dict(deepcopy(document()))
    schema.config.generation.update(with_security_parameters=False)
    schema.app = get_wsgi_application()
    for operation in schema.get_all_operations():
        assert isinstance(operation, Ok), operation
        yield operation.ok()


@contextmanager
def requests_within_the_test() -> Iterator[None]:
    """As Django's own test client does: a request ends, and the connection stays."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@contextmanager
def taken_back(method: str) -> Iterator[None]:
    with transaction.atomic():
        yield
        if method != "GET":
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # What a commit would have found.
        transaction.set_rollback(True)


def known(root: Robot, bob: Robot) -> Pools:
    """What exists: ids by the resource that starts a path, and values by the name of a field or parameter."""
    for path, body in MADE.items():
        assert root.post(path, body).status_code == 201, path
    ids = {name: listed(root, name, "id") for name in RESOURCES}
    tickets = [*listed(bob, "tickets", "id"), *ids["tickets"][:5], 10**9]
    agents, teams = [*ids["agents"], "bob@example.com"], [*ids["teams"], "Billing"]
    return {
        **{f"{name}.id": [*found, 10**9] for name, found in ids.items()},
        "tickets.id": tickets,
        "tickets.external_id": [*filter(None, listed(bob, "tickets", "external_id")), "new/one"],
        "orders.external_id": [*listed(root, "orders", "external_id"), "new/one"],
        "ticket": tickets,
        "into": tickets,
        "merge": tickets,
        "ids": [tickets[:3], tickets[-3:]],
        "message": ids["messages"],
        "contact": [*ids["contacts"], "carol@customer.example"],
        "organization": ids["organizations"],
        "agent": agents,
        "assign": agents,
        "assignee": agents,
        "owner": agents,
        "follower": ["me", "none", *agents],
        "role": [*ids["roles"], "Agent"],
        "team": teams,
        "default_team": teams,
        "teams": [teams[:2], []],
        "agents": [agents[:2], []],
        "group": ids["tag_groups"],
        "channel": ids["channels"],
        "status": ["open", "solved", "Waiting for the carrier"],
        "tags": [["parcel"], ["refund", "new"], []],
        "tag": ["parcel"],
        "attachments": [[]],
        "q": [
            "status:open tag:refund",
            "lost OR -parcel",
            "status:",
            '"',
            "(a OR b) assignee:me updated:>7d",
        ],
        "query": ["status:open tag:refund", "is:unreplied", "assignee:me"],
        "cursor": [""],
    }


def listed(machine: Robot, resource: str, name: str) -> list[Any]:
    return [row[name] for row in machine.get(f"/{resource}?per_page=20").json()["data"]]


RESOURCES = (
    "tickets", "messages", "notes", "attachments", "contacts", "organizations", "agents", "teams", "roles", "tags",
    "tag_groups", "channels", "templates", "views", "orders", "order_notes", "events", "keys",
)  # fmt: skip
MADE: dict[str, Any] = {
    "/views": {"name": "Refunds", "query": "tag:refund", "sharing": "everyone"},
    "/templates": {"name": "Hello", "body": "Hello {{contact.name}}"},
    "/tag_groups": {"name": "Reasons"},
    "/organizations": {"name": "Flowers Ltd"},
}


@dataclass
class Known:
    """Puts what exists in place of much that was made up, so that requests get past the first look-up."""

    case: Case[Any]
    data: st.DataObject
    pools: Pools

    def put_in(self) -> None:
        kind = self.case.path.split("/")[1]
        for name in list(self.case.path_parameters or {}):
            self._put(self.case.path_parameters, name, f"{kind}.{name}")
        for name in ("X-Agent-ID", "If-Match", "If-None-Match", "Prefer", "Idempotency-Key"):
            if self._mostly():
                self.case.headers.pop(name, None)
        for part in (self.case.query, self.case.body):
            for name in list(part) if isinstance(part, dict) else []:
                self._put(part, name, name)
        self._complete()

    def _complete(self) -> None:
        """Adds to a body what the operation's example has."""
        example = EXAMPLES.get(self.case.operation.definition.raw["operationId"].removesuffix(".put"), {})
        if isinstance(self.case.body, dict) and self._mostly():
            for name in (name for name in example if self._mostly()):
                self.case.body[name] = example[name]
                self._put(self.case.body, name, name)

    def _put(self, part: Any, name: str, pool: str) -> None:
        if pool in self.pools and self._mostly():
            part[name] = self.data.draw(st.sampled_from(self.pools[pool]))

    def _mostly(self) -> bool:
        return self.data.draw(st.integers(0, 3)) < 3
