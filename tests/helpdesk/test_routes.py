"""Every operation of the API, taken from the routes themselves: nothing is open by accident."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts.api.views import OPERATIONS, ApiView, Operation
from accounts.models import Agent
from accounts.permissions import ADMINISTRATIVE, Permission
from helpdesk.api.urls import paths
from tests.factories import AgentFactory, role
from tests.robot import ask, reason, robot

PUBLIC = {"helpdesk.discover"}
OF_THE_CREDENTIAL = {"index.read", "me.read", "me.requests"}
"""What a valid credential may ask whatever its scopes."""


def operations() -> Iterator[tuple[str, str, type[ApiView], Operation]]:
    for path, view in paths():
        for method, operation in view.operations.items():
            yield path.replace("{id}", "1").replace("{external_id}", "shop-1"), method.lower(), view, operation


EVERY = [pytest.param(*case, id=f"{case[1]} {case[0]}") for case in operations()]
GUARDED = [
    pytest.param(*case, id=f"{case[1]} {case[0]}")
    for case in operations()
    if case[3].name not in PUBLIC | OF_THE_CREDENTIAL
]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("path", "method", "view", "operation"), EVERY)
def test_every_operation_declares_what_it_needs(
    path: str, method: str, view: type[ApiView], operation: Operation
) -> None:
    open_to_all = operation.permission is None and not operation.either
    assert open_to_all == (operation.name in PUBLIC | OF_THE_CREDENTIAL)
    assert OPERATIONS[operation.name] == operation
    assert hasattr(view, method)


@pytest.mark.parametrize(("path", "method", "view", "operation"), EVERY)
def test_without_a_credential_there_is_401(
    path: str, method: str, view: type[ApiView], operation: Operation
) -> None:
    answer = ask(method, f"/{path}", {} if method in {"post", "put", "patch"} else None)
    assert answer.status_code == (200 if operation.name in PUBLIC else 401)


@pytest.mark.parametrize(("path", "method", "view", "operation"), GUARDED)
def test_without_the_scope_there_is_403_naming_it(
    path: str, method: str, view: type[ApiView], operation: Operation, root: Agent
) -> None:
    needed = operation.either or (operation.permission,)
    others = [str(p) for p in Permission if p not in needed and p not in ADMINISTRATIVE]
    r = robot(root, access_level="custom", scopes=others)
    answer = getattr(r, method)(f"/{path}")
    assert (answer.status_code, reason(answer)) == (403, "insufficient_scope")
    assert answer.json()["error"]["required_scopes"] == [str(p) for p in needed]


@pytest.mark.parametrize(("path", "method", "view", "operation"), GUARDED)
def test_without_its_tag_there_is_403(
    path: str, method: str, view: type[ApiView], operation: Operation, root: Agent
) -> None:
    answer = getattr(robot(root, admin_functions=True, tags=["*", f"-{operation.name}"]), method)(f"/{path}")
    assert (answer.status_code, answer.json()["error"]["decided_by"]) == (403, "tag")


@pytest.mark.parametrize(("path", "method", "view", "operation"), GUARDED)
def test_an_agent_whose_role_allows_nothing_gets_nothing(
    path: str, method: str, view: type[ApiView], operation: Operation, db: None
) -> None:
    nobody = AgentFactory(name="Nobody", role=role("Nothing"))
    body: list[dict[str, str]] = [{}] if method in {"post", "put", "patch"} else []
    answer = getattr(robot(nobody), method)(f"/{path}", *body)
    # Unseen, unreadable or not allowed: in the contract's order, and never done.
    assert answer.status_code in {403, 404, 415, 422}
