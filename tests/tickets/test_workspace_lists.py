"""Lists: what is in them, for whom, and at what cost."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Agent, Contact, Team
from accounts.permissions import Permission
from tests.cast import sign_in
from tests.factories import AgentFactory, TagFactory, at_the_web, role, ticket
from tickets import actions
from tickets.actions.writing import Body
from tickets.models import Category, Priority, Status, Ticket

pytestmark = pytest.mark.django_db


def rows(client: Client, path: str) -> list[int]:
    """The numbers of the tickets on a page, from its rows."""
    return [int(n) for n in re.findall(r'id="row-(\d+)"', client.get(path).content.decode())]


def count_of(client: Client, view: str) -> str:
    found = re.search(rf'id="count-{view}"[^>]*>([^<]*)<', client.get("/views/mine/").content.decode())
    assert found
    return found[1]


def test_home_is_mine(alice: Agent) -> None:
    assert sign_in(alice).get("/")["Location"] == "/views/mine/"


def test_each_view_holds_what_its_name_says(alice: Agent, bob: Agent, support: Team, billing: Team) -> None:
    mine = ticket(assignee=alice)
    free = ticket(team=support)
    bobs = ticket(assignee=bob, team=billing)
    waiting = ticket(status=Status.objects.of(Category.PENDING))
    done = ticket(status=Status.objects.of(Category.SOLVED))
    client = sign_in(alice)
    assert rows(client, "/views/mine/") == [mine.pk]
    assert rows(client, "/views/unassigned/") == [free.pk]
    assert rows(client, "/views/teams/") == [free.pk]
    assert rows(client, "/views/open/") == [bobs.pk, free.pk, mine.pk]
    assert rows(client, "/views/pending/") == [waiting.pk]
    assert rows(client, "/views/solved/") == [done.pk]
    assert [
        count_of(client, v) for v in ("mine", "unassigned", "teams", "open", "pending", "solved")
    ] == list("111311")


def test_bob_sees_his_teams_tickets_in_lists_counts_and_search(
    bob: Agent, support: Team, billing: Team
) -> None:
    foreign = ticket("A secret parcel", team=support)
    own = ticket("A parcel for billing", team=billing)
    client = sign_in(bob)
    assert rows(client, "/views/open/") == [own.pk]
    assert count_of(client, "open") == "1"
    assert rows(client, "/search/?q=parcel") == [own.pk]
    assert rows(client, f"/contacts/{foreign.contact_id}/") == []
    assert client.get(f"/search/?q=%23{foreign.pk}").status_code == 200


def test_a_list_is_told_what_arrived_since(alice: Agent, support: Team) -> None:
    client, known = sign_in(alice), ticket(team=support)
    asked = f"/counts/?view=teams&shown={known.pk},nonsense"
    assert 'id="arrived"' not in client.get("/counts/").content.decode()
    assert "Show" not in client.get(asked).content.decode()
    ticket(team=support)
    ticket("Not in this view")
    page = client.get(asked).content.decode()
    assert "Show 1 new" in page
    assert 'hx-get="/views/teams/"' in page
    empty = client.get("/counts/?view=teams&shown=").content.decode()  # Nothing to exchange: it is loaded.
    assert re.search(r'<a href="/views/teams/">Show 2 new', empty)
    assert "Show" not in client.get("/counts/?q=status:nonsense&shown=").content.decode()


def test_what_moves_up_into_a_full_page_has_not_arrived(alice: Agent, support: Team) -> None:
    made = [ticket(team=support) for _ in range(28)]
    client, shown = sign_in(alice), [one.pk for one in reversed(made)][:25]
    asked = f"/counts/?view=teams&shown={','.join(map(str, shown))}"
    for solved in made[10:12]:
        actions.set_status(solved, status=Status.objects.of(Category.SOLVED), actor=at_the_web(alice))
    assert "Show" not in client.get(asked).content.decode()
    ticket(team=support)
    assert "Show 1 new" in client.get(asked).content.decode()


def test_a_row_says_what_an_agent_decides_by(alice: Agent, carol: Contact) -> None:
    ticket(
        "Wrong size", "The **blue** [ones](https://shop.example/7) are *too* small: 2*3*4 < 7 * 7.", contact=carol,
        assignee=alice, priority=Priority.URGENT,
        tags=[TagFactory(name="exchange")],
    )  # fmt: skip
    page = sign_in(alice).get("/views/mine/").content.decode()
    for text in (
        "Wrong size",
        "Carol",
        "The blue ones are too small: 2*3*4 &lt; 7 * 7.",
        "Open",
        "Urgent",
        "exchange",
        "Alice",
        ">now<",
    ):
        assert text in page
    assert re.search(r'title="\d{4}-\d\d-\d\d \d\d:\d\d UTC">now<', page)


def test_snippets_keep_notes_from_those_who_may_not_read_them(alice: Agent) -> None:
    opened = ticket(text="What everybody reads", assignee=alice)
    actions.note(opened, body=Body.from_markdown("canary in a note"), actor=at_the_web(alice))
    assert "canary" in sign_in(alice).get("/views/mine/").content.decode()
    alice.role = role("No notes", permissions=[Permission.TICKETS_READ, Permission.MESSAGES_READ])
    alice.save()
    page = sign_in(alice).get("/views/mine/").content.decode()
    assert "canary" not in page
    assert "What everybody reads" in page
    assert rows(sign_in(alice), "/search/?q=canary") == []


def test_a_long_list_goes_on_where_it_ended(alice: Agent) -> None:
    made = [ticket(assignee=alice).pk for _ in range(55)]
    client, seen, path = sign_in(alice), [], "/views/mine/"
    for pages in (25, 25, 5):
        page = client.get(path).content.decode()
        found = [int(n) for n in re.findall(r'id="row-(\d+)"', page)]
        assert len(found) == pages
        seen += found
        more = re.search(r'id="more"><a href="([^"]+)"', page)
        path = more[1].replace("&amp;", "&") if more else ""
    assert seen == sorted(made, reverse=True)
    assert not path


def test_scrolling_asks_for_the_next_rows_only(alice: Agent) -> None:
    for _ in range(26):
        ticket(assignee=alice)
    client = sign_in(alice)
    more = re.search(r'hx-get="([^"]+after=[^"]+)"', client.get("/views/mine/").content.decode())
    assert more
    rest = client.get(more[1].replace("&amp;", "&"), headers={"HX-Request": "true", "HX-Target": "more"})
    assert rest.content.decode().count('class="row"') == 1
    assert "<html" not in rest.content.decode()


@pytest.mark.parametrize("cursor", ["x", "x:y", "W10:abc", "%00", "eyJhIjoxfQ:1rX"])
def test_a_damaged_cursor_is_refused(alice: Agent, cursor: str) -> None:
    assert sign_in(alice).get(f"/views/mine/?after={cursor}").status_code == 400


def test_words_find_tickets_by_message_contact_and_number(
    alice: Agent, carol: Contact, mallory: Contact
) -> None:
    found = ticket("Broken zipper", "It tore on the first day", contact=carol)
    ticket("Another matter", "Nothing of the kind", contact=mallory)
    client = sign_in(alice)
    for words in ("zipper", "tore first", "carol", "carol@customer.example", str(found.pk), "zip"):
        assert rows(client, f"/search/?q={words}") == [found.pk], words
    assert client.get(f"/search/?q=%23{found.pk}")["Location"] == f"/tickets/{found.pk}/"


@pytest.mark.parametrize(
    "words", ["", "-", "'", '"', "\\", "%00", "a" * 3000, "((((", "<script>alert(1)</script>", ":*"]
)
def test_odd_words_find_nothing_and_break_nothing(alice: Agent, words: str) -> None:
    answer = sign_in(alice).get(f"/search/?q={words}")
    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()


def test_empty_lists_say_what_to_do(alice: Agent) -> None:
    client = sign_in(alice)
    assert "Take something from Unassigned" in client.get("/views/mine/").content.decode()
    assert "Try fewer of them" in client.get("/search/?q=zzz").content.decode()
    assert client.get("/views/nonsense/").status_code == 404


def test_without_the_right_to_read_tickets_there_is_a_page_that_says_so(db: None) -> None:
    nobody = AgentFactory(name="Nobody", role=role("Nothing"))
    answer = sign_in(nobody).get("/views/mine/")
    assert answer.status_code == 403
    assert "lacks the permission tickets:read" in answer.content.decode()


@pytest.mark.parametrize("path", ["/views/open/", "/search/?q=parcel", "/views/teams/"])
@pytest.mark.parametrize("who", ["alice", "bob"])
def test_a_page_takes_as_many_queries_for_many_rows_as_for_one(
    path: str, who: str, request: pytest.FixtureRequest, support: Team, billing: Team
) -> None:
    agent: Agent = request.getfixturevalue(who)
    client, team = sign_in(agent), agent.teams.get()
    ticket(assignee=agent, team=team, tags=[TagFactory()])
    with CaptureQueriesContext(
        connection,
    ) as one:
        assert len(rows(client, path)) == 1
    for _ in range(30):
        ticket(assignee=agent, team=team, tags=[TagFactory(), TagFactory()])
    with CaptureQueriesContext(connection) as many:
        assert len(rows(client, path)) == 25
    assert len(one) == len(many) <= (12 if "search" in path else 11)  # One more, to mark the words.


def test_a_full_page_stays_below_forty_kilobytes(alice: Agent) -> None:
    for n in range(26):
        ticket(f"A subject of quite usual length, number {n}", "A message that is longer than its snippet. " * 9,
               assignee=alice, tags=[TagFactory(name="late delivery"), TagFactory(name="refund")])  # fmt: skip
    assert len(sign_in(alice).get("/views/mine/").content) < 40_000


def test_reading_writes_nothing(alice: Agent) -> None:
    opened = ticket(assignee=alice)
    client = sign_in(alice)
    client.get("/views/mine/")
    with CaptureQueriesContext(connection) as queries:
        for path in ("/views/mine/", "/views/", "/counts/", "/search/?q=x", f"/tickets/{opened.pk}/", "/tickets/new/",
                     f"/tickets/{opened.pk}/change/status/", f"/contacts/{opened.contact_id}/"):  # fmt: skip
            assert client.get(path).status_code == 200
            assert client.head(path).status_code == 200
    assert not [q["sql"] for q in queries if not q["sql"].startswith(("SELECT", "(SELECT"))]
    assert Ticket.objects.get().version == opened.version
