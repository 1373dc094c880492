"""Saving a search as a view, sharing it, and working from it: in the workspace and in the admin."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Agent, Team
from activity.models import Event
from tests.cast import sign_in
from tests.factories import AgentFactory, TagFactory, at_the_web, role, ticket
from tickets import actions, counting, saved
from tickets.models import SavedView, Sharing

pytestmark = pytest.mark.django_db


def rows(client: Client, path: str) -> list[int]:
    return [int(n) for n in re.findall(r'id="row-(\d+)"', client.get(path).content.decode())]


def keep(agent: Agent, query: str, name: str = "Refunds", **fields: object) -> SavedView:
    return actions.create_view(actor=at_the_web(agent), name=name, query=query, **fields)  # type: ignore[arg-type]


def navigation(client: Client) -> dict[str, str]:
    """The saved views in the navigation with their counts."""
    page = client.get("/views/mine/").content.decode()
    found = r'data-view="saved-\d+"[^>]*><span class="name">([^<]*)</span><span class="count"[^>]*>([^<]*)<'
    return dict(re.findall(found, page))


def test_alice_saves_a_search_as_a_view(alice: Agent) -> None:
    wanted = ticket("Refund please", tags=[TagFactory(name="refund")])
    ticket("Another")
    client = sign_in(alice)
    page = client.get("/search/?q=tag:refund status:open").content.decode()
    assert "Save this search as a view" in page
    assert 'name="query" value="tag:refund status:open"' in page
    given = {"name": "Refunds", "query": "tag:refund status:open", "audience": "personal"}
    answer = client.post("/views/saved/new/", given, follow=True)
    (view,) = SavedView.objects.all()
    assert answer.redirect_chain == [(f"/views/saved/{view.pk}/", 302)]
    assert (view.owner, view.sharing, view.sort) == (alice, "personal", "-updated_at")
    assert rows(client, f"/views/saved/{view.pk}/") == [wanted.pk]
    assert navigation(client) == {"Refunds": "1"}
    assert Event.objects.get(type="savedview.created").agent == alice


def test_views_that_others_share_or_delete_come_and_go_while_one_looks(alice: Agent, bob: Agent) -> None:
    ticket()
    client = sign_in(bob)
    page = client.get("/views/mine/").content.decode()

    def told(asked: str = "") -> str:
        known = re.search(r'id="saved-views" data-known="(\w+)"', page)
        assert known
        return client.get(
            f"/counts/?{asked}", headers={"HX-Request": "true", "X-Views": known[1]}
        ).content.decode()

    assert 'id="saved-views"' not in told()
    view = keep(alice, "status:open", sharing=Sharing.EVERYONE)
    assert re.search(r'id="saved-views".*hx-swap-oob.*Refunds.*New view', told(), re.DOTALL)
    page = client.get(f"/views/saved/{view.pk}/").content.decode()
    here = f"saved={view.pk}&shown=1"
    assert f'id="count-saved-{view.pk}" hx-swap-oob="true"' in told(here)
    actions.change_view(view, name="Money back", actor=at_the_web(alice))
    assert re.search(rf'data-view="saved-{view.pk}" aria-current="page">.*Money back', told(here))
    actions.delete_view(view, actor=at_the_web(alice))
    ticket(assignee=bob)
    assert "Money back" not in told(here)
    assert "This view is gone." in told(here)
    assert "Show 1 new" not in told(here)


def test_the_ticket_remembers_from_which_view_it_was_opened(alice: Agent) -> None:
    wanted = ticket()
    view = keep(alice, "status:open")
    page = sign_in(alice).get(f"/tickets/{wanted.pk}/?saved={view.pk}").content.decode()
    assert f'data-view="saved-{view.pk}" aria-current="page"' in page
    assert f"/tickets/{wanted.pk}/?saved={view.pk}" in page
    assert sign_in(alice).get(f"/tickets/{wanted.pk}/?saved=999").status_code == 200


def test_a_view_has_its_own_order(alice: Agent) -> None:
    made = [ticket().pk for _ in range(45)]
    view = keep(alice, "status:open", sort="created_at")
    client = sign_in(alice)
    page = client.get(f"/views/saved/{view.pk}/").content.decode()
    first = [int(n) for n in re.findall(r'id="row-(\d+)"', page)]
    more = re.search(r'id="more"><a href="([^"]+)"', page)
    assert more
    assert first + rows(client, more[1].replace("&amp;", "&")) == made


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"query": "tga:refund"}, "Did you mean tag:?"),
        ({"query": "tag:nothing"}, "There is no tag"),
        ({"query": "status:opne"}, "There is no status “opne” that you may see. Did you mean “open”?"),
        ({"query": "status:qqqq"}, "There are: closed, open, pending, solved."),
        ({"name": ""}, "This field is required"),
        ({"audience": "team-0"}, "Select a valid choice"),
        ({"name": "TAKEN"}, "There is a view"),
    ],
)
def test_what_cannot_be_saved_is_shown_again_with_the_reason(
    given: dict[str, str], words: str, alice: Agent
) -> None:
    keep(alice, "status:open", "Taken")
    answer = sign_in(alice).post(
        "/views/saved/new/", {"name": "Refunds", "query": "parcel", "audience": "personal"} | given
    )
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert SavedView.objects.count() == 1


def test_its_owner_edits_and_deletes_a_view(alice: Agent, support: Team) -> None:
    view = keep(alice, "status:open")
    client = sign_in(alice)
    assert f"/views/saved/{view.pk}/edit/" in client.get(f"/views/saved/{view.pk}/").content.decode()
    assert 'value="Refunds"' in client.get(f"/views/saved/{view.pk}/edit/").content.decode()
    given = {
        "name": "Ours",
        "query": "team:mine",
        "audience": f"team-{support.pk}",
        "sort": "-priority",
        "position": 3,
    }
    assert client.post(f"/views/saved/{view.pk}/edit/", given)["Location"] == f"/views/saved/{view.pk}/"
    view.refresh_from_db()
    assert (view.name, view.team, view.sharing, view.position) == ("Ours", support, "team", 3)
    changes = Event.objects.get(type="savedview.changed").changes
    assert changes["sharing"] == ["personal", "team"]
    client.post(f"/views/saved/{view.pk}/delete/")
    assert not SavedView.objects.exists()
    assert Event.objects.filter(type="savedview.deleted").exists()


def test_views_are_seen_by_whom_they_are_shared_with(alice: Agent, bob: Agent, support: Team) -> None:
    carl = AgentFactory(name="Carl", teams=[support])
    keep(alice, "status:open", "Mine only")
    keep(alice, "status:open", "Ours", sharing=Sharing.TEAM, team=support)
    keep(alice, "status:open", "All of us", sharing=Sharing.EVERYONE)
    assert set(navigation(sign_in(alice))) == {"Mine only", "Ours", "All of us"}
    assert set(navigation(sign_in(carl))) == {"Ours", "All of us"}
    assert set(navigation(sign_in(bob))) == {"All of us"}


def test_bob_sees_no_more_through_a_view_of_alice(
    alice: Agent, bob: Agent, support: Team, billing: Team
) -> None:
    ticket("canary", team=support)
    own = ticket("A parcel", team=billing)
    client = sign_in(bob)
    anything = f"team:Support OR assignee:{alice.pk} OR parcel"
    for n, query in enumerate(("status:open", "canary OR parcel", "-nothing", anything)):
        view = keep(alice, query, f"View {n}", sharing=Sharing.EVERYONE)
        assert rows(client, f"/views/saved/{view.pk}/") == [own.pk]
        assert navigation(client)[f"View {n}"] == "1"
        assert "canary" not in client.get(f"/views/saved/{view.pk}/").content.decode()


def test_me_and_mine_are_whoever_looks(alice: Agent, bob: Agent, billing: Team) -> None:
    ticket(assignee=alice)
    bobs = ticket(assignee=bob, team=billing)
    view = keep(alice, "assignee:me", sharing=Sharing.EVERYONE)
    assert rows(sign_in(bob), f"/views/saved/{view.pk}/") == [bobs.pk]


def test_what_is_not_shared_with_bob_does_not_exist_for_him(alice: Agent, bob: Agent) -> None:
    hidden = keep(alice, "status:open")
    client = sign_in(bob)
    for path in (f"/views/saved/{hidden.pk}/", f"/views/saved/{hidden.pk}/edit/"):
        assert (
            client.get(path).status_code
            == client.get(path.replace(str(hidden.pk), "9999")).status_code
            == 404
        )
    assert client.post(f"/views/saved/{hidden.pk}/delete/").status_code == 404


def test_bob_uses_but_does_not_change_what_alice_shares(alice: Agent, bob: Agent) -> None:
    shared = keep(alice, "status:open", sharing=Sharing.EVERYONE)
    client = sign_in(bob)
    assert "Edit the view" not in client.get(f"/views/saved/{shared.pk}/").content.decode()
    assert client.get(f"/views/saved/{shared.pk}/edit/").status_code == 403
    assert client.post(f"/views/saved/{shared.pk}/edit/", {"name": "Mine now"}).status_code == 403
    assert client.post(f"/views/saved/{shared.pk}/delete/").status_code == 403
    assert SavedView.objects.get().name == "Refunds"


def test_who_may_not_write_views_is_offered_none(alice: Agent) -> None:
    alice.role = role("Light agent")
    alice.save()
    client = sign_in(alice)
    assert "Save this search" not in client.get("/search/?q=parcel").content.decode()
    given = {"name": "x", "query": "y", "audience": "personal"}
    assert client.post("/views/saved/new/", given).status_code == 403


def test_a_view_whose_tag_is_gone_says_so_and_harms_no_page(alice: Agent) -> None:
    tag = TagFactory(name="refund")
    view = keep(alice, "tag:refund")
    keep(alice, "status:open", "Fine")
    tag.delete()
    client = sign_in(alice)
    assert navigation(client) == {"Refunds": "–", "Fine": "0"}
    page = client.get(f"/views/saved/{view.pk}/").content.decode()
    assert "There is no tag “refund”" in page
    assert "tag:<mark>refund</mark>" in page
    given = {"name": "Renamed", "query": "tag:refund", "audience": "personal", "sort": "-updated_at"}
    assert client.post(f"/views/saved/{view.pk}/edit/", given).status_code == 302


def test_a_view_that_takes_too_long_to_count_holds_nobody_up(
    alice: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket(assignee=alice)
    keep(alice, "status:open")
    monkeypatch.setattr(saved, "PATIENCE", "1ms")

    def slow_with_saved_ones(chosen: list[object], beside: list[object]) -> list[int]:
        if chosen:
            connection.cursor().execute("SELECT pg_sleep(1)")
        return [1] * (len(chosen) + len(beside))

    monkeypatch.setattr(counting, "count_each", slow_with_saved_ones)
    counted = saved.counts(at_the_web(alice))
    (one,) = counted.saved
    assert (counted.standing["mine"], one.number, one.problem) == (1, None, "Counting takes too long.")


def test_a_mistake_in_the_search_is_shown_under_the_field(alice: Agent) -> None:
    page = sign_in(alice).get("/search/?q=status:open stauts:x").content.decode()
    assert 'aria-invalid="true" aria-describedby="words-problem"' in page
    assert "Did you mean status:?" in page
    assert "status:open <mark>stauts</mark>:x" in page
    assert "Save this search" not in page


def test_the_search_explains_its_fields(alice: Agent) -> None:
    page = sign_in(alice).get("/search/").content.decode()
    for example in ("updated:&gt;7d", "tag:refund", "-tag:refund", "external_id:order-1042"):
        assert example in page


def test_thirty_views_cost_as_many_queries_as_one(alice: Agent, support: Team) -> None:
    TagFactory(name="refund")
    client = sign_in(alice)
    keep(alice, "tag:refund team:Support lost", "0")
    with CaptureQueriesContext(connection) as one:
        assert len(navigation(client)) == 1
    for n in range(1, 30):
        keep(alice, f"tag:refund team:Support lost {n}", str(n))
    with CaptureQueriesContext(connection) as thirty:
        assert len(navigation(client)) == 30
    assert len(one) == len(thirty)


def test_the_admin_lists_and_edits_shared_views(root: Agent, alice: Agent, support: Team) -> None:
    keep(alice, "status:open", "Private")
    shared = keep(alice, "status:open", "Shared", sharing=Sharing.TEAM, team=support)
    client = sign_in(root)
    page = client.get("/admin/tickets/savedview/").content.decode()
    assert "Shared" in page
    assert "Private" not in page
    given = {"name": "Shared", "query": "stauts:open", "sharing": "everyone", "team": "", "sort": "-updated_at",
             "position": "1"}  # fmt: skip
    path = f"/admin/tickets/savedview/{shared.pk}/change/"
    assert "Did you mean status:?" in client.post(path, given).content.decode()
    assert client.post(path, given | {"query": "status:pending"}).status_code == 302
    shared.refresh_from_db()
    assert (shared.query, shared.sharing, shared.team, shared.owner) == (
        "status:pending",
        "everyone",
        None,
        alice,
    )
    made = client.post("/admin/tickets/savedview/add/", given | {"name": "New", "query": "lost"})
    assert made.status_code == 302
    assert SavedView.objects.get(name="New").owner == root
    client.post(f"/admin/tickets/savedview/{shared.pk}/delete/", {"post": "yes"})
    assert not SavedView.objects.filter(name="Shared").exists()
