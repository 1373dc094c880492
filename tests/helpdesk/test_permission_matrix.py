"""Every operation × everybody who might ask × a ticket within and one outside his reach, from the routes themselves.

What is expected is computed here from what an operation declares and from the small tables below, which say the
roles once more in their own words. Every request really acts, on real rows, and is then taken back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from accounts.api.operations import Operation
from accounts.api.views import ApiView
from accounts.models import Agent, Contact, Team
from activity.actor import system_actor
from apitokens.actions import revoke
from helpdesk.api.examples import EXAMPLES
from helpdesk.api.urls import paths
from helpdesk.mcp.tools import Tool, tools
from orders import actions as orders
from tests.bots import Bot, bot
from tests.factories import AgentFactory, TagFactory, TeamFactory, role, ticket
from tests.robot import Robot, ask, robot
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

# --- Who may what, said independently of the code -------------------------------------------------------------

READS = {
    f"{resource}:read"
    for resource in (
        "tickets", "messages", "notes", "contacts", "organizations", "agents", "teams", "roles", "tags",
        "tag_groups", "channels", "templates", "orders", "order_notes", "views", "events", "macros",
    )
}  # fmt: skip
EVERYDAY = READS | {
    "tickets:write", "messages:write", "notes:write", "contacts:write", "organizations:write", "tags:write",
    "orders:write", "order_notes:write", "templates:write", "templates:delete", "views:write", "views:delete",
    "macros:write", "macros:delete",
    "tickets:propose",
}  # fmt: skip
LIGHT = READS | {"notes:write", "order_notes:write", "tickets:propose"}
EVERYTHING = None
SPECIAL = ["tickets:import", "tickets:propose"]
"""What no level of access includes."""

ASKS_ALSO = {
    "views.tickets": "views:read",
    "views.counts": "tickets:read",
    "messages.create": "notes:write",
    "macros.apply": "macros:read",
    "proposals.approve": "tickets:write",
    "proposals.decline": "tickets:write",
}
"""What an operation needs besides what it declares, or, of what it declares, with the body it is sent here."""

SAYS_OF_EACH = {"tickets.bulk"}
"""What answers 200 and says of each row by itself that it was refused."""

OF_A_TICKET = {"tickets", "messages", "notes", "proposals"}
"""First words of paths that lead to a ticket, or to something that is seen with its ticket alone."""


@dataclass(frozen=True)
class Member:
    """One of the cast: what his role allows, what his key grants (None: everything), and how far he reaches."""

    name: str
    role: set[str] | None
    grant: set[str] | None = None
    sees_all: bool = False
    status: int = 0
    """What he is answered whatever he asks, if he is never let in."""


CAST = {
    member.name: member
    for member in (
        Member("admin", EVERYTHING, sees_all=True),
        Member("of all tickets", EVERYDAY, sees_all=True),
        Member("of his teams'", EVERYDAY),
        Member("of unassigned", EVERYDAY),
        Member("of his own", EVERYDAY),
        Member("light agent", LIGHT),
        Member("read-only key", EVERYDAY, READS, sees_all=True),
        Member("custom key", EVERYDAY, {"tickets:read", "notes:write"}, sees_all=True),
        Member("superuser key as Bob", EVERYDAY),
        Member("disabled agent", EVERYDAY, status=401),
        Member("no credential", EVERYTHING, status=401),
    )
}


def expected(operation: Operation, member: Member, *, unseen: bool) -> str:
    if operation.name == "helpdesk.discover" and member.name != "disabled agent":
        return "let through"
    if member.status:
        return str(member.status)
    needed = {str(permission) for permission in (operation.permission, *operation.either) if permission}
    if not needed:
        return "let through"
    administers = member.role is EVERYTHING
    # No key holds these unless it has admin functions or the scope by name; of the cast, only the admin's has.
    granted = member.grant is None and (administers or not is_administrative(operation))
    if not granted and needed.isdisjoint(member.grant or ()):
        return "403 scope"
    if unseen:
        return "404"
    return "let through" if administers else judged(member, operation)


def judged(member: Member, operation: Operation) -> str:
    """The key is asked first, then the role."""
    assert member.role is not None
    needed = {str(operation.permission)} if operation.permission else set()
    needed |= {ASKS_ALSO[operation.name]} if operation.name in ASKS_ALSO else set()
    if member.grant is not None and not needed <= member.grant:
        return "403 scope"
    return "let through" if needed <= member.role or operation.name in SAYS_OF_EACH else "403 role"


def is_administrative(operation: Operation) -> bool:
    administrative = str(operation.permission).partition(":")[0] in {"keys", "webhooks", "settings", "admin"}
    return administrative or operation.permission in {"tickets:import", "tickets:propose"}


# --- What is there --------------------------------------------------------------------------------------------


@dataclass
class Scene:
    """Somebody of the cast with his key, and rows to ask for: within his reach, and outside of it."""

    robot: Robot | None
    inside: dict[str, int]
    outside: dict[str, int]


@pytest.fixture
def scene(member: Member, root: Agent, carol: Contact, support: Team, billing: Team) -> Scene:
    agent, asking = credential(member, root, billing)
    machine = robot(root, name="Machine", admin_functions=True, scopes=SPECIAL)
    # The examples of the documents name her.
    alice = agent if agent.name == "Alice" else AgentFactory(name="Alice", teams=[support])
    AgentFactory(name="Somebody", email="somebody@desk.example")
    own = agent if member.name == "of his own" else None
    place = partial(ticket, contact=carol, team=billing, assignee=own)
    inside = rows(machine, place(tags=[TagFactory(name="late")]))
    place("The other parcel", external_id="order-0999")
    outside = rows(machine, ticket(team=TeamFactory(name="Legal"), assignee=root))
    shared = common(machine, alice, carol, Ticket.objects.get(pk=inside["tickets"]))
    inside |= mine(agent, shared | inside) if agent.is_active else {}
    if member.role is LIGHT:  # His role was greater when he made what is his.
        Agent.objects.filter(pk=agent.pk).update(role=role("Light agent"))
    return Scene(asking, shared | inside, shared | outside)


def credential(  # noqa: PLR0911 - one table
    member: Member, root: Agent, billing: Team
) -> tuple[Agent, Robot | None]:
    match member.name:
        case "admin":
            return root, robot(root, admin_functions=True, scopes=SPECIAL)
        case "of his teams'" | "light agent":
            return made(AgentFactory(name="Bob", role=role("Team agent"), teams=[billing]))
        case "of unassigned" | "of his own":
            reach = member.name.rpartition(" ")[2]
            return made(AgentFactory(name="Owen", role=role("Odd reach", permissions=EVERYDAY, reach=reach)))
        case "superuser key as Bob":
            bob = AgentFactory(name="Bob", role=role("Team agent"), teams=[billing])
            return bob, robot(None, owner=root, kind="superuser").acting_as(bob)
        case "disabled agent":
            return made(AgentFactory(name="Alice", is_active=False))
        case "no credential":
            return AgentFactory(name="Alice"), None
        case _:
            alice = AgentFactory(name="Alice")
            if member.grant is None:
                return made(alice)
            return alice, robot(alice, access_level="custom", scopes=sorted(member.grant))


def made(agent: Agent) -> tuple[Agent, Robot]:
    return agent, robot(agent)


def rows(machine: Robot, case: Ticket) -> dict[str, int]:
    """What is seen with a ticket, by the first word of its path."""
    sent = created(upload(machine))
    reply = {"body": "See the file.", "attachments": [sent]}
    return {
        "tickets": case.pk,
        "messages": created(machine.post(f"/tickets/{case.pk}/reply", reply)),
        "notes": created(machine.post(f"/tickets/{case.pk}/note", {"body": "psst"})),
        "proposals": created(machine.post(f"/tickets/{case.pk}/proposals", PROPOSAL)),
    }


PROPOSAL = {"kind": "change", "changes": {"priority": "high"}}
FIELD = {"applies_to": "ticket", "key": "order_number", "label": "Order number", "kind": "text"}


MACRO = {"name": "Late parcel", "steps": [{"do": "priority", "value": "low"}], "sharing": "everyone"}


def common(machine: Robot, alice: Agent, carol: Contact, case: Ticket) -> dict[str, int]:
    """What everybody sees who may read its kind."""
    order = orders.create(external_id="1042", contact=carol, ticket=case, actor=system_actor())
    revoked = revoke(robot(alice).key, actor=system_actor())
    dora = created(machine.post("/contacts", {"name": "Dora"}))
    return {
        "contacts": dora,
        "agents": AgentFactory(name="Temp").pk,
        "organizations": created(machine.post("/organizations", {"name": "Flowers Ltd"})),
        "teams": TeamFactory(name="Returns desk").pk,
        "roles": alice.role.pk,
        "custom_fields": created(machine.post("/custom_fields", FIELD)),
        "tags": TagFactory(name="parcel").pk,
        "tag_groups": created(machine.post("/tag_groups", {"name": "Parcels"})),
        "channels": created(machine.post("/channels", {"name": "Kiosk", "kind": "app"})),
        "templates": created(machine.post("/templates", {"name": "Hello", "body": "Hi"})),
        "get macros": created(machine.post("/macros", MACRO)),
        "triggers": created(machine.post("/triggers", EXAMPLES["triggers.create"] | {"name": "Theirs"})),
        "orders": order.pk,
        "keys": robot(alice).key.pk,
        "delete keys": revoked.pk,
        **told(machine),
        "events": machine.get(f"/events?subject_type=contact&subject_id={dora}").json()["data"][0]["id"],
    }


def told(machine: Robot) -> dict[str, int]:
    """A webhook, and a delivery that waits."""
    webhook = created(machine.post("/webhooks", EXAMPLES["webhooks.create"]))
    delivery = machine.post(f"/webhooks/{webhook}/test").json()["data"]["id"]
    return {"webhooks": webhook, "webhook_deliveries": delivery}


def mine(agent: Agent, shared: dict[str, int]) -> dict[str, int]:
    """What only its author may change."""
    author = robot(agent, name="Author", scopes=SPECIAL)
    return {
        "proposals": created(author.post(f"/tickets/{shared['tickets']}/proposals", PROPOSAL)),
        "order_notes": created(author.post(f"/orders/{shared['orders']}/notes", {"text": "Fragile."})),
        "views": created(author.post("/views", {"name": "Mine", "query": "status:open"})),
        "macros": created(author.post("/macros", MACRO | {"sharing": "personal"})),
        "attachments": created(upload(author)),
    }


def created(answer: Any) -> int:
    assert answer.status_code == 201, answer.content
    return int(answer.json()["data"]["id"])


def upload(machine: Robot) -> Any:
    file = SimpleUploadedFile("label.txt", b"From here to there", "text/plain")
    return Client().post("/api/v1/attachments", {"file": file}, headers=machine.bearer | machine.headers)


# --- The matrix -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("member", CAST.values(), ids=CAST)
def test_everybody_may_exactly_what_the_tables_say(member: Member, scene: Scene) -> None:
    wrong = []
    for method, path, operation in operations():
        for place in places(path, scene):
            unseen = place is scene.outside and not member.sees_all
            want = expected(operation, member, unseen=unseen)
            got, answer = outcome(scene.robot, method, path, operation, place)
            if got != want:
                where = "outside" if place is scene.outside else "inside"
                wrong.append(
                    f"{method} {path} ({where}): {want} expected, {got} is so: {answer.content[:300]!r}"
                )
    assert wrong == []


OVER_MCP = ("of his teams'", "light agent", "custom key", "disabled agent")
"""Who asks once more with a bot token of the same agent and scopes. None of them administers: no bot does."""


@pytest.mark.parametrize("member", [CAST[name] for name in OVER_MCP], ids=OVER_MCP)
def test_everybody_may_exactly_the_same_by_the_tools_of_mcp(member: Member, scene: Scene) -> None:
    assert scene.robot is not None
    key, wrong = scene.robot.key, []
    assert key.agent is not None
    assistant = bot(key.agent, access_level=key.access_level, scopes=key.scopes)
    for tool in tools().values():
        path = tool.route.in_words.partition("/api/v1/")[2]
        for place in places(path, scene):
            want = expected(tool.operation, member, unseen=place is scene.outside and not member.sees_all)
            got, answer = outcome_of_call(assistant, tool, path, place)
            if got != want:
                wrong.append(f"{tool.name} ({place is scene.inside}): {want} expected, {got} is so: {answer}")
    assert wrong == []
    if not member.status:
        held = (member.role or set()) & (member.grant or member.role or set()) - set(SPECIAL)
        known = {str(tool.operation.permission or "") for tool in assistant_tools(assistant)}
        assert known == {str(tool.operation.permission or "") for tool in tools().values()} & (held | {""})


def assistant_tools(assistant: Bot) -> list[Tool]:
    return [tools()[name] for name in assistant.tools()]


def outcome_of_call(assistant: Bot, tool: Tool, path: str, place: dict[str, int]) -> tuple[str, Any]:
    """What comes of a call, in the words of `outcome`."""
    kind, method = path.partition("/")[0], tool.route.method
    number = place.get(f"{method.lower()} {kind}", place.get(kind, 0))
    named = {"id": number} if "{id}" in path else {"external_id": "1042"} if "{external_id}" in path else {}
    with transaction.atomic():
        answer = assistant.call(tool.name, **{**(body(method, tool.operation, place) or {}), **named})
        transaction.set_rollback(True)
    result = answer.get("result", {})
    error = answer.get("error", {}).get("data") or result.get("structuredContent", {}).get("error") or {}
    if error.get("status") == 403:
        return f"403 {'scope' if error.get('decided_by') == 'scope' else 'role'}", answer
    refused = error.get("status") in {401, 404, 500}
    return (str(error["status"]) if refused else "let through"), answer


def operations() -> Iterator[tuple[str, str, Operation]]:
    for path, view in paths():
        assert issubclass(view, ApiView)
        for method, operation in view.operations.items():
            yield method, path, operation


def places(path: str, scene: Scene) -> list[dict[str, int]]:
    of_a_ticket = "{id}" in path and path.partition("/")[0] in OF_A_TICKET
    return [scene.inside, scene.outside] if of_a_ticket else [scene.inside]


def outcome(
    asking: Robot | None, method: str, path: str, operation: Operation, place: dict[str, int]
) -> tuple[str, Any]:
    """What comes of a request: let through (whatever is said of its body), or how it was refused."""
    kind = path.partition("/")[0]
    number = place.get(f"{method.lower()} {kind}", place.get(kind, 0))
    url = "/" + path.replace("{id}", str(number)).replace("{external_id}", "1042")
    headers = asking.bearer | asking.headers if asking else {}
    with transaction.atomic():
        if operation.name == "attachments.create":
            answer = upload(asking) if asking else Client().post("/api/v1/attachments")
        else:
            answer = ask(method.lower(), url, body(method, operation, place), headers=headers)
        transaction.set_rollback(True)
    if answer.status_code == 403:
        error = answer.json()["error"]
        return f"403 {'scope' if error.get('decided_by') == 'scope' else 'role'}", answer
    refused = answer.status_code in {401, 404} or answer.status_code >= 500
    return (str(answer.status_code) if refused else "let through"), answer


def body(method: str, operation: Operation, place: dict[str, int]) -> Any:
    if method in {"GET", "DELETE"}:
        return None
    own: dict[str, Any] = {
        "tickets.split": {"message": place["messages"]},
        "tickets.follow": {},
        "tickets.unfollow": {},
        "tickets.bulk": {"ids": [place["tickets"]], "priority": "high"},
    }
    return own.get(operation.name, EXAMPLES.get(operation.name, {}))
