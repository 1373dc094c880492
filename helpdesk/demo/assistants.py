"""The demo's assistant: a bot token that only proposes, and what it proposes in a few of Alice's tickets."""

from __future__ import annotations

from typing import Any

from activity.actor import Actor, Door, Grant, system_actor
from apitokens.actions import create_key
from apitokens.models import AccessLevel, ApiKey, KeyKind
from helpdesk.demo.cast import Cast
from tickets.actions import propose
from tickets.models import Category, Priority, Ticket

NAME = "Assistant"

_REPLY = """\
Hello %s,

thank you for your message. I have passed it on to our warehouse and expect an answer by *tomorrow noon*; then I will \
write to you again.

Kind regards"""


def ensure_assistant(cast: Cast) -> None:
    """Its secret is kept nowhere: whoever wants to connect it regenerates it in the key desk."""
    if ApiKey.objects.filter(is_demo=True, name=NAME).exists():
        return
    alice = cast.agent("alice")
    key, _secret = create_key(
        actor=system_actor(door=Door.COMMAND),
        name=NAME,
        description="Reads Alice's tickets over MCP and proposes what to do. It cannot do anything by itself.",
        kind=KeyKind.BOT,
        agent=alice,
        owner=cast.agent("root"),
        access_level=AccessLevel.READ_ONLY,
        scopes=["tickets:propose"],
        is_demo=True,
    )
    actor = Actor(Door.MCP, agent=alice, grant=Grant("bot_token", key.pk, key.name, key.permissions))
    rows = Ticket.objects.filter(assignee=alice, category=Category.OPEN, merged_into=None)
    for row, proposals in zip(rows.order_by("-updated_at")[1:], _proposals(), strict=False):
        for proposal in proposals:
            propose(row, actor=actor, **_filled(proposal, row))


def _proposals() -> list[list[dict[str, Any]]]:
    """Those for one ticket after the other."""
    reply = {"kind": "reply", "body": _REPLY, "reason": "Asks for news, and nobody has answered yet."}
    note = {"kind": "note", "body": "The order was handed to the carrier, who has not scanned it so far."}
    change = {
        "kind": "change",
        "changes": {"priority": Priority.HIGH, "tags": ["late delivery"]},
        "reason": "Wrote twice within a day.",
    }
    return [[reply, change], [note]]


def _filled(proposal: dict[str, Any], row: Ticket) -> dict[str, Any]:
    body = proposal.get("body", "")
    return {**proposal, "body": body % row.contact.name.split()[0]} if "%s" in body else proposal
