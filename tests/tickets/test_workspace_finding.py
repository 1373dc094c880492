"""Finding while one types, and the palette that also acts: through the policy, at a fixed cost."""

from __future__ import annotations

import html
import json
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Agent, Contact, Team
from accounts.permissions import Permission
from activity.actor import system_actor
from orders import actions as orders
from tests.cast import sign_in
from tests.factories import AgentFactory, TagFactory, at_the_web, role, ticket
from tickets import actions
from tickets.actions.writing import Body
from tickets.models import Priority, Ticket

pytestmark = pytest.mark.django_db


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def acts(client: Client, words: str, *tickets: Ticket) -> dict[str, tuple[str, dict[str, object]]]:
    """What the palette offers to do: label → address and values."""
    numbers = "".join(f"&ticket={one.pk}" for one in tickets)
    shown = page(client, f"/palette/?find={words}{numbers}&view=open")
    found = re.findall(r'hx-post="([^"]+)" hx-vals="([^"]+)"[^>]*>([^<]+)<', shown)
    return {
        html.unescape(label): (html.unescape(url), json.loads(html.unescape(values)))
        for url, values, label in found
    }


def test_words_are_marked_where_they_stand(alice: Agent, carol: Contact) -> None:
    opened = ticket("Broken zipper", "Hello,\n\nthe <b>zipper</b> tore " + "on the way " * 40, contact=carol)
    client = sign_in(alice)
    for path in ("/search/suggest/?find=zip", "/palette/?find=zip", "/search/?q=zip"):
        shown = page(client, path)
        assert "Broken <mark>zipper</mark>" in shown
        assert "the <mark>zipper</mark> tore" in shown  # Without the tags, which nobody looks for.
        assert "<b>" not in shown
    assert "<mark>Carol</mark>" in page(client, "/search/?q=carol -nothing")
    ticket("Strap", "I sent all of it to you, and *would* like **a refund** soon.", contact=carol)
    assert "… like a <mark>refund</mark> soon" in page(client, "/search/?q=refund")
    assert f"#{opened.pk} Broken zipper" in page(client, f"/search/suggest/?find=%23{opened.pk}")
    assert page(client, "/search/suggest/?find=") == ""
    assert "There is no field" in page(client, "/search/suggest/?find=stat:open")


def test_contacts_orders_and_views_are_found_by_their_beginning(alice: Agent, carol: Contact) -> None:
    case = ticket("Late", contact=carol)
    orders.create(external_id="W1042", ticket=case, actor=system_actor())
    client = sign_in(alice)
    for words in ("car", "CAROL@customer"):
        assert f'href="/contacts/{carol.pk}/"' in page(client, f"/search/suggest/?find={words}")
    assert f'href="/tickets/{case.pk}/"' in page(client, "/search/suggest/?find=w1042")
    assert 'href="/views/unassigned/">Unassigned</a>' in page(client, "/palette/?find=unas")
    assert "Nothing of this name" in page(client, "/palette/?find=qqqq")


def test_the_palette_acts_on_the_open_ticket(alice: Agent, bob: Agent, support: Team) -> None:
    TagFactory(name="late")
    opened, client = ticket(tags=[TagFactory(name="vip")]), sign_in(alice)
    url, values = acts(client, "ass bob", opened)["Assign to Bob"]
    client.post(url, values)
    url, values = acts(client, "tag late", opened)["Add the tag late"]
    client.post(url, values)
    for words, label in (
        ("stat sol", "Set the status to Solved"),
        ("vip", "Remove the tag vip"),
        ("urg", "Set the priority to Urgent"),
    ):
        url, values = acts(client, words, opened)[label]
        client.post(url, values)
    opened.refresh_from_db()
    assert (opened.assignee, opened.category, opened.priority) == (bob, "solved", Priority.URGENT)
    assert [tag.name for tag in opened.tags.all()] == ["late"]
    assert any(label.startswith("Snooze: Tomorrow") for label in acts(client, "tomorrow", opened))
    assert "Assign to…" in page(client, f"/palette/?ticket={opened.pk}")


def test_the_palette_acts_on_the_selection(alice: Agent) -> None:
    tickets, client = [ticket(), ticket()], sign_in(alice)
    url, values = acts(client, "prio high", *tickets)["Set the priority to High"]
    client.post(url, values)
    assert {one.priority for one in Ticket.objects.all()} == {Priority.HIGH}
    assert "To the 2 selected tickets" in page(
        client, f"/palette/?ticket={tickets[0].pk}&ticket={tickets[1].pk}"
    )


def test_nobody_finds_or_is_offered_what_he_may_not_see_or_do(
    alice: Agent, bob: Agent, support: Team, billing: Team, carol: Contact
) -> None:
    foreign = ticket("A secret parcel", "canary", team=support, contact=carol)
    own = ticket("A parcel for billing", team=billing, contact=carol)
    actions.note(own, body=Body.from_markdown("a canary in a note"), actor=at_the_web(alice))
    client = sign_in(bob)
    for path in ("/search/suggest/", "/palette/"):
        assert "secret" not in page(client, f"{path}?find=parcel")
        assert "secret" not in page(client, f"{path}?find={foreign.pk}")
        assert "for billing" in page(client, f"{path}?find=parcel")
    assert acts(client, "prio", foreign) == {}
    bob.role = role(
        "No notes", permissions=[Permission.TICKETS_READ, Permission.MESSAGES_READ], reach="teams"
    )
    bob.save()
    for path in ("/search/suggest/", "/palette/", "/search/"):
        for words in ("canary", "canary parcel", "parcel OR canary"):
            assert "a canary" not in page(client, f"{path}?find={words}&q={words}").replace("<mark>", "")
    assert "/contacts/" not in page(client, "/search/suggest/?find=car")
    assert acts(client, "prio", own) == {}
    reader = AgentFactory(name="Reader", role=role("Nothing"))
    assert sign_in(reader).get("/palette/").status_code == 403


def test_the_cost_does_not_grow_with_what_is_found(alice: Agent, carol: Contact) -> None:
    client = sign_in(alice)

    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            page(client, path)
        return len(captured)

    first = ticket("A parcel", contact=carol, tags=[TagFactory()])
    orders.create(external_id="parcel", ticket=first, actor=system_actor())
    paths = ("/search/suggest/?find=parcel", f"/palette/?find=parcel&ticket={first.pk}", "/search/?q=parcel")
    few = [cost(path) for path in paths]
    for n in range(8):
        ticket(f"Parcel {n}", "parcel", tags=[TagFactory()])
        AgentFactory()
    assert [cost(path) for path in paths] == few
    assert few[0] <= 9
    assert few[1] <= 17
