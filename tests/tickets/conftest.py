"""Where the browser tests of the workspace take place."""

import pytest

from accounts.models import Agent, Contact, Team
from tests.factories import TagFactory, at_the_web, ticket
from tests.servers import StartServer
from tickets import actions
from tickets.actions import File
from tickets.actions.writing import Body
from tickets.models import Priority, Ticket


@pytest.fixture
def site(start_server: StartServer) -> str:
    return start_server().url


@pytest.fixture
def work(alice: Agent, bob: Agent, carol: Contact, support: Team) -> list[Ticket]:
    """Three tickets; the newest, with a conversation, stands first."""
    tickets = [ticket(f"Matter {n}", contact=carol, assignee=alice, team=support) for n in (3, 2, 1)]
    first, by_alice = tickets[2], at_the_web(alice)
    actions.set_tags(first, tags=[TagFactory(name="refund")], actor=by_alice)
    actions.set_priority(first, priority=Priority.URGENT, actor=by_alice)
    file = File("photo.png", "image/png", b"x" * 2000)
    actions.note(first, body=Body.from_markdown("Look at *this*"), actor=by_alice, attachments=[file])
    actions.reply(first, body=Body.from_markdown("> quoted\n\n`code`"), actor=by_alice)
    return tickets[::-1]
