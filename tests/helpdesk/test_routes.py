"""Every operation of the API, taken from the routes themselves: nothing is open by accident."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.api.operations import OPERATIONS, Operation
from accounts.models import Agent
from accounts.permissions import ADMINISTRATIVE, Permission
from helpdesk.api.urls import paths
from tests.factories import AgentFactory, role
from tests.robot import Robot, ask, reason, robot

PUBLIC = {"helpdesk.discover"}
OF_THE_CREDENTIAL = {"index.read", "me.read", "me.requests"}
"""What a valid credential may ask whatever its scopes."""


@dataclass(frozen=True)
class Case:
    path: str
    method: str
    operation: Operation

    @property
    def is_public(self) -> bool:
        return self.operation.name in PUBLIC

    def ask(self, who: Robot | None, **headers: str) -> Any:
        """Ask for the operation, with an empty body where it takes one."""
        body: list[dict[str, str]] = [{}] if self.method in {"post", "put", "patch"} else []
        if who is None:
            return ask(self.method, self.path, *body)
        return getattr(who, self.method)(self.path, *body, **headers)

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"


def cases() -> Iterator[Case]:
    for path, view in paths():
        address = "/" + path.replace("{id}", "1").replace("{external_id}", "shop-1")
        for method, operation in view.operations.items():
            assert hasattr(view, method.lower()), f"{method} {path} is declared and not there"
            yield Case(address, method.lower(), operation)


EVERY = list(cases())
GUARDED = [case for case in EVERY if case.operation.name not in PUBLIC | OF_THE_CREDENTIAL]

# Each test walks all operations and names those that fail: hundreds of tests of one request each took minutes.
pytestmark = pytest.mark.django_db


def test_there_are_operations_to_walk() -> None:
    assert len(GUARDED) > 40


def test_every_operation_declares_what_it_needs() -> None:
    for case in EVERY:
        open_to_all = case.operation.permission is None and not case.operation.either
        assert open_to_all == (case not in GUARDED), case
        assert OPERATIONS[case.operation.name] == case.operation, case


def test_without_a_credential_there_is_401() -> None:
    answers = {str(case): case.ask(None).status_code for case in EVERY}
    assert answers == {str(case): 200 if case.is_public else 401 for case in EVERY}


def test_without_the_scope_there_is_403_naming_it(root: Agent) -> None:
    for case in GUARDED:
        needed = case.operation.either or (case.operation.permission,)
        others = [str(p) for p in Permission if p not in needed and p not in ADMINISTRATIVE]
        answer = case.ask(robot(root, access_level="custom", scopes=others))
        assert (answer.status_code, reason(answer)) == (403, "insufficient_scope"), case
        assert answer.json()["error"]["required_scopes"] == [str(p) for p in needed], case


def test_without_its_tag_there_is_403(root: Agent) -> None:
    for case in GUARDED:
        answer = case.ask(
            robot(
                root,
                admin_functions=True,
                scopes=["tickets:import", "tickets:propose"],
                tags=["*", f"-{case.operation.name}"],
            )
        )
        assert (answer.status_code, answer.json()["error"]["decided_by"]) == (403, "tag"), case


def test_an_agent_whose_role_allows_nothing_gets_nothing(db: None) -> None:
    machine = robot(AgentFactory(name="Nobody", role=role("Nothing")))
    for case in GUARDED:
        # Unseen, unreadable or not allowed: in the contract's order, and never done.
        assert case.ask(machine).status_code in {403, 404, 415, 422}, case


def test_no_two_addresses_share_a_name() -> None:
    """The pages would ask for the one where they mean the other."""
    shared = {name: n for name, n in Counter(_names(get_resolver())).items() if n > 1}
    assert not shared


def _names(routes: URLResolver, within: str = "") -> Iterator[str]:
    for route in routes.url_patterns:
        if isinstance(route, URLPattern):
            yield from [f"{within}{route.name}"] if route.name else []
        else:
            yield from _names(route, f"{within}{route.namespace}:" if route.namespace else within)
