"""The pages of `docs/api` are true: their tables are the API's own, and every example on them runs."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Agent, Contact, Team
from activity.actor import system_actor
from helpdesk.api.markdown import FOLDER, pages, resources, told_of
from orders import actions as orders
from tests.factories import AgentFactory, OrganizationFactory, ticket
from tests.robot import robot
from tests.servers import StartServer

FENCED = re.compile(r"^```(sh|python|json)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Example:
    language: str
    code: str
    answer: Any = None
    """What is printed holds at least this, if it is not None."""


def test_the_tables_are_up_to_date() -> None:
    stale = [path.name for path, text in pages().items() if path.read_text() != text]
    assert not stale, "Run: manage.py api_docs"


def test_every_resource_has_a_page() -> None:
    assert told_of() == resources(), (
        "Write a page in docs/api, with `<!-- operations: NAME -->`, and run: manage.py api_docs"
    )
    index = (FOLDER / "README.md").read_text()
    assert set(re.findall(r"\]\((\w+\.md)\)", index)) == {path.name for path in pages()} - {"README.md"}


@pytest.mark.skipif(shutil.which("curl") is None, reason="There is no curl on this machine.")
def test_every_example_works(
    start_server: StartServer, variables: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start_server()
    monkeypatch.chdir(tmp_path)
    for name, value in (variables | {"HOST": server.url, "API": f"{server.url}/api/v1"}).items():
        monkeypatch.setenv(name, value)
    spoken: dict[str, Any] = {}
    ran = 0
    for path in sorted(pages(), key=lambda path: path.name != "README.md"):
        for example in examples(path.read_text()):
            said = RUN[example.language](example.code, path.name, spoken)
            if example.answer is not None:
                assert holds(json.loads(said), example.answer), f"{path.name}:\n{example.code}\n{said}"
            ran += 1
    assert ran > 60


@pytest.fixture
def variables(root: Agent, alice: Agent, carol: Contact, support: Team) -> dict[str, str]:
    """What the index asks the reader to set, and the two keys of the chapter for those who come from elsewhere."""
    while AgentFactory().pk < 4:
        pass
    Agent.objects.filter(pk=4).exists() or AgentFactory(pk=4)
    key = robot(root, admin_functions=True, scopes=["tickets:import", "tickets:propose"], rate_limit=10_000)
    superuser = robot(None, owner=root, kind="superuser")
    first = ticket(contact=carol, team=support)
    return {
        "KEY": key.secret,
        "ID": str(key.key.pk),
        "SUPERUSER_KEY": superuser.secret,
        "SUPERUSER_ID": str(superuser.key.pk),
        "TICKET": str(first.pk),
        "OTHER": str(ticket("The other parcel", contact=carol).pk),
        "CONTACT": str(carol.pk),
        "ORGANIZATION": str(OrganizationFactory().pk),
        "ORDER": str(orders.create(external_id="1", contact=carol, actor=system_actor()).pk),
        "AGENT": str(alice.pk),
        "TEAM": str(support.pk),
    }


def examples(page: str) -> Iterator[Example]:
    """The examples of a page, in order. JSON is what the one before it answers."""
    blocks = FENCED.findall(page)
    for (language, code), (kind, following) in zip(blocks, [*blocks[1:], ("", "")], strict=True):
        if language != "json":
            yield Example(language, code, json.loads(following) if kind == "json" else None)


def in_shell(code: str, page: str, _spoken: dict[str, Any]) -> str:
    script = code.replace("curl -s", "curl --silent --show-error --fail-with-body")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{page}:\n{code}\n{done.stdout}{done.stderr}"
    # Of several answers, the last one is compared.
    return done.stdout[max(done.stdout.rfind('{"success"'), 0) :]


def in_python(code: str, page: str, spoken: dict[str, Any]) -> str:
    """All pages share the names of the first, which shows how to call."""
    with contextlib.redirect_stdout(io.StringIO()) as said:
        exec(compile(code, f"docs/api/{page}", "exec"), spoken)  # noqa: S102 - our own documents.
    return promised(code, said.getvalue())


def promised(code: str, said: str) -> str:
    """`print(…)    # True` prints that."""
    for comment in re.findall(r"print\(.*\) +# (True.*|\[.*|\{.*)", code):
        assert comment in said.splitlines(), f"{code}\nprints {said}"
    return said


RUN = {"sh": in_shell, "python": in_python}


def holds(answer: Any, expected: Any) -> bool:
    """Whether the answer has every member that is expected, with that value."""
    if isinstance(expected, dict):
        return isinstance(answer, dict) and all(
            name in answer and holds(answer[name], value) for name, value in expected.items()
        )
    if isinstance(expected, list):
        return len(answer) == len(expected) and all(map(holds, answer, expected))
    return bool(answer == expected)
