"""Root reads what a key asked for, sees what came of it, and takes some of it back."""

from __future__ import annotations

import html
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.models import Agent, Team
from activity.models import Event
from apitokens.models import LoggedRequest
from tests.cast import sign_in
from tests.factories import AgentFactory, TagFactory, role, ticket
from tests.robot import Robot, robot
from tickets.models import Category, Priority, Ticket

pytestmark = pytest.mark.django_db

LIST = "/admin/apitokens/apikey/"


def told(answer: Any) -> str:
    assert answer.status_code == 200, answer
    return html.unescape(re.sub(r"\s+", " ", answer.content.decode()))


def paths(answer: Any) -> list[str]:
    """The requests that the tab lists, as they stand there."""
    return re.findall(r'<code class="path"><b>(.*?)</code>', answer.content.decode())


def newest(r: Robot) -> LoggedRequest:
    return r.key.requests.order_by("-sequence")[0]


# --- Requests ---------------------------------------------------------------------------------------------


def test_the_log_is_filtered_and_one_request_is_told_in_words(root: Agent, alice: Agent) -> None:
    opened, client = ticket(), sign_in(root)
    r = robot(alice, access_level="read", owner=root)
    r.get(f"/tickets/{opened.pk}?include=contact")
    r.post(f"/tickets/{opened.pk}/reply", {"body": "Hello"}, **{"User-Agent": "<script>alert(1)</script>"})
    r.get("/nothing/<b>here</b>' $(date)")
    tab = f"{LIST}{r.key.pk}/requests/"
    assert len(paths(client.get(tab))) == 3
    assert paths(client.get(f"{tab}?status=2")) == [f"GET</b> /api/v1/tickets/{opened.pk}?include=contact"]
    assert paths(client.get(f"{tab}?method=POST")) == [f"POST</b> /api/v1/tickets/{opened.pk}/reply"]
    assert paths(client.get(f"{tab}?q=insufficient_scope")) == [f"POST</b> /api/v1/tickets/{opened.pk}/reply"]
    assert paths(client.get(f"{tab}?q=404&status=4"))[0].startswith("GET</b> /api/v1/nothing/&lt;b&gt;here")
    assert "None of the requests is like that" in told(client.get(f"{tab}?q=elsewhere"))
    assert client.get(f"{tab}?status=x&method=%00&q=%00").status_code == 200

    entry = r.key.requests.get(method="POST")
    answer = client.get(f"{tab}{entry.sequence}/")
    page = told(answer)
    for words in (
        "the key’s scopes or operations (insufficient_scope), needed: messages:write",
        "Alice, the agent that the key is bound to",
        "It changed nothing.",
        "the current secret",
    ):
        assert words in re.sub(r"</?(?:code|a)\b[^>]*>", "", page)
    assert b"<script>alert" not in answer.content
    curl = "curl -X POST -H \"Authorization: Bearer $KEY\" -H 'Content-Type: application/json' -d @body.json"
    assert f"{curl} http://127.0.0.1:8000/api/v1/tickets/{opened.pk}/reply" in page
    hostile = told(client.get(f"{tab}{newest(r).sequence}/"))
    assert "/api/v1/nothing/%3Cb%3Ehere%3C/b%3E%27%20%24%28date%29" in hostile
    assert "hdk_" not in page + hostile


def test_a_request_leads_to_what_it_did_and_back(root: Agent, alice: Agent, bob: Agent) -> None:
    opened, client = ticket(), sign_in(root)
    r = robot(None, owner=root, kind="superuser").acting_as(alice)
    r.post(f"/tickets/{opened.pk}/assign", {"assignee": alice.pk}, **{"X-Request-ID": "same-id"})
    r.post(f"/tickets/{opened.pk}/reply", {"body": "Hello"})
    assigned = Event.objects.about(opened).get(type="ticket.assigned")
    entry = r.key.requests.get(request_id="same-id")
    page = client.get(f"{LIST}{r.key.pk}/requests/{entry.sequence}/")
    assert f"/admin/activity/event/{assigned.pk}/change/" in told(page)
    assert "-H 'X-Agent-ID: " in told(page)

    origin = f"{LIST}{r.key.pk}/requests/of/{assigned.pk}/"
    assert origin in told(client.get(f"/admin/activity/event/{assigned.pk}/change/"))
    assert client.get(origin)["Location"] == f"{LIST}{r.key.pk}/requests/{entry.sequence}/"
    message = opened.messages.latest("pk")
    of_message = f"{LIST}{r.key.pk}/requests/of/{opened.pk}/{message.pk}/"
    timeline = told(client.get(f"/tickets/{opened.pk}/"))
    assert f'href="{origin}"' in timeline
    assert f'href="{of_message}"' in timeline
    assert client.get(of_message)["Location"] == f"{LIST}{r.key.pk}/requests/{newest(r).sequence}/"
    assert "requests/of/" not in told(sign_in(alice).get(f"/tickets/{opened.pk}/"))

    LoggedRequest.objects.all().delete()
    assert "not among the last 50 any more" in told(client.get(origin, follow=True))


def test_nobody_reads_the_log_or_the_changes_of_another_owners_key(root: Agent, alice: Agent) -> None:
    desk = AgentFactory(
        name="Dora",
        role=role("Desk", permissions=["keys:read", "events:read", "tickets:read"], enters_admin=True),
    )
    opened, mine, theirs = ticket(), robot(alice, owner=desk), robot(alice, owner=root)
    for r in (mine, theirs):
        r.post(f"/tickets/{opened.pk}/assign", {"assignee": None})
        r.post(f"/tickets/{opened.pk}/priority", {"priority": "high" if r is mine else "low"})
    client = sign_in(desk)
    event = Event.objects.get(key_id=theirs.key.pk)
    own = Event.objects.get(key_id=mine.key.pk)
    for page in ("requests", f"requests/{newest(theirs).sequence}", f"requests/of/{event.pk}", "changes"):
        assert client.get(f"{LIST}{theirs.key.pk}/{page}/").status_code in {302, 404}, page
        assert (
            "ticket.priority_changed"
            not in client.get(f"{LIST}{theirs.key.pk}/{page}/", follow=True).content.decode()
        )
    assert client.get(f"{LIST}{mine.key.pk}/requests/of/{event.pk}/")["Location"].endswith(
        f"{mine.key.pk}/requests/"
    )
    # Neither by a forged form: the changes of another key are not his, and for his own he lacks tickets:write.
    for forged in (event, own):
        sent = client.post(f"{LIST}{mine.key.pk}/undo/", {"event": forged.pk, "sure": "1"}, follow=True)
        assert "was taken back" not in told(sent)
    assert "lacks the permission tickets:write" in told(sent)
    assert Ticket.objects.get().priority == Priority.LOW


# --- Changes ----------------------------------------------------------------------------------------------


def undo(client: Client, r: Robot, *kinds: str, sure: bool = True) -> str:
    events = Event.objects.filter(key_id=r.key.pk, type__in=kinds)
    form = {"event": [event.pk for event in events], **({"sure": "1"} if sure else {})}
    return told(client.post(f"{LIST}{r.key.pk}/undo/", form, follow=True))


KINDS = (
    "ticket.solved", "ticket.assigned", "ticket.moved", "ticket.priority_changed", "ticket.tagged", "ticket.replied"
)  # fmt: skip


@pytest.fixture
def spoilt(alice: Agent, bob: Agent, billing: Team, support: Team) -> tuple[Ticket, Robot]:
    """A ticket of Alice's that a program has turned inside out."""
    row = ticket(assignee=alice, team=support, tags=[TagFactory(name="refund")])
    r = robot(alice, name="CRM sync")
    changes = {
        "assignee": bob.pk,
        "team": billing.pk,
        "priority": "urgent",
        "status": "solved",
        "tags": ["vip"],
    }
    assert r.patch(f"/tickets/{row.pk}", changes).status_code == 200
    assert r.post(f"/tickets/{row.pk}/reply", {"body": "Bye"}).status_code == 201
    return row, r


def test_what_a_key_did_is_taken_back_exactly_as_previewed(
    root: Agent, alice: Agent, support: Team, spoilt: tuple[Ticket, Robot]
) -> None:
    row, r = spoilt
    client, messages = sign_in(root), row.messages.count()
    tab = told(client.get(f"{LIST}{r.key.pk}/changes/"))
    assert tab.count('type="checkbox"') == 5  # Not the reply.
    preview = undo(client, r, *KINDS, sure=False)
    for sentence in (
        f"Ticket {row.pk}: status back to Open, instead of Solved.",
        f"Ticket {row.pk}: assignee back to Alice, instead of Bob.",
        f"Ticket {row.pk}: team back to Support, instead of Billing.",
        f"Ticket {row.pk}: priority back to normal, instead of urgent.",
        f"Ticket {row.pk}: tags back to refund, instead of vip.",
        "This cannot be taken back.",
    ):
        assert sentence in preview
    row.refresh_from_db()
    assert (row.category, row.priority) == (Category.SOLVED, Priority.URGENT)
    assert not Event.objects.filter(agent=root).exists()

    assert "5 changes were taken back." in undo(client, r, *KINDS)
    row.refresh_from_db()
    assert (row.category, row.assignee, row.team, row.priority) == (
        Category.OPEN, alice, support, Priority.NORMAL,
    )  # fmt: skip
    assert [tag.name for tag in row.tags.all()] == ["refund"]
    assert row.messages.count() == messages
    causes = Event.objects.filter(agent=root, door="admin").values_list("cause__type", "cause__key_id")
    assert set(causes) == {(kind, r.key.pk) for kind in KINDS[:5]}
    assert "0 changes" not in undo(client, r, *KINDS)
    assert Event.objects.filter(agent=root).count() == 5


def test_what_was_changed_since_stays(root: Agent, alice: Agent, spoilt: tuple[Ticket, Robot]) -> None:
    row, r = spoilt
    client = sign_in(root)
    robot(alice, name="Shop").post(f"/tickets/{row.pk}/priority", {"priority": "low"})
    row.tags.model.objects.get(name="refund").delete()
    refused = undo(client, r, *KINDS, sure=False)
    assert f"Stays:</strong> Ticket {row.pk}: Shop changed the priority after that" in refused
    assert "There is no tag “refund” any more." in refused
    done = undo(client, r, *KINDS)
    assert "3 changes were taken back." in done
    row.refresh_from_db()
    assert (row.priority, [tag.name for tag in row.tags.all()]) == (Priority.LOW, ["vip"])


def test_several_changes_of_one_property_go_back_to_where_the_first_began(root: Agent, alice: Agent) -> None:
    row, r, client = ticket(), robot(alice), sign_in(root)
    for priority in ("low", "high", "urgent"):
        r.post(f"/tickets/{row.pk}/priority", {"priority": priority})
    first = Event.objects.filter(type="ticket.priority_changed").earliest("pk")
    form = {"event": first.pk, "sure": "1"}
    assert "changed the priority after that" in told(
        client.post(f"{LIST}{r.key.pk}/undo/", form, follow=True)
    )
    assert "3 changes were taken back." in undo(client, r, "ticket.priority_changed")
    row.refresh_from_db()
    assert row.priority == Priority.NORMAL


def test_the_changes_are_filtered_and_read_page_by_page(root: Agent, alice: Agent) -> None:
    rows, r, client = [ticket() for _n in range(3)], robot(alice), sign_in(root)
    for n in range(18):
        for row in rows:
            r.post(f"/tickets/{row.pk}/priority", {"priority": ("low", "high")[n % 2]})
    r.post("/contacts", {"name": "Eve"})
    tab = f"{LIST}{r.key.pk}/changes/"
    page = told(client.get(tab))
    assert page.count("ticket.priority_changed") == 49 * 2  # In the link and in the label of the box.
    older = re.search(r'href="(\?[^"]*before=\d+)"', page)
    assert older
    assert told(client.get(tab + older[1])).count("<time") == 5
    assert told(client.get(f"{tab}?ticket={rows[0].pk}")).count("<time") == 18
    assert told(client.get(f"{tab}?kind=contact")).count("<time") == 1
    assert told(client.get(f"{tab}?kind=undoable")).count("<time") == 50
    assert "did nothing like that" in told(client.get(f"{tab}?ticket=x&before=%00&kind=%00"))
    assert "Tick the changes" in told(client.post(f"{LIST}{r.key.pk}/undo/", {"event": "x"}, follow=True))


@pytest.mark.django_db(transaction=True)
def test_of_two_undos_at_once_one_finds_nothing_to_do(root: Agent, spoilt: tuple[Ticket, Robot]) -> None:
    row, r = spoilt
    form = {
        "event": list(Event.objects.filter(type="ticket.assigned").values_list("pk", flat=True)),
        "sure": "1",
    }
    client = sign_in(root)

    def send(_n: int) -> None:
        sign_in_again = Client()
        sign_in_again.cookies = client.cookies
        sign_in_again.post(f"{LIST}{r.key.pk}/undo/", form)
        connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(send, range(4)))
    assert Event.objects.about(row).filter(type="ticket.assigned", agent=root).count() == 1
