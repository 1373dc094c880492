"""What agents do to tickets by buttons and small forms: snooze, follow, link, split, merge. Without scripts, too."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Agent, Contact, Team
from accounts.permissions import Permission
from activity.models import Event
from tests.cast import sign_in
from tests.factories import AgentFactory, at_the_web, role, ticket
from tickets import actions
from tickets.actions.writing import Body
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def page(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


def do(client: Client, opened: Ticket, deed: str, **form: Any) -> Any:
    return client.post(f"/tickets/{opened.pk}/do/{deed}/?view=mine", form)


def test_alice_snoozes_until_eight_where_she_is_and_wakes_it_again(alice: Agent) -> None:
    opened, client = ticket(assignee=alice), sign_in(alice)
    client.cookies["zone"] = "Asia/Tokyo"
    path = f"/tickets/{opened.pk}/change/snooze/?view=mine"
    offered = page(client, path)
    assert "Times are those of Asia/Tokyo." in offered
    tomorrow = re.search(r'value="([^"]+)">Tomorrow · ', offered)
    assert tomorrow
    client.post(path, {"value": tomorrow[1]})
    opened.refresh_from_db()
    assert opened.snoozed_until is not None
    assert opened.snoozed_until.astimezone(UTC).hour == 23  # Eight o'clock in Tokyo.
    assert "snoozed until" in page(client, f"/tickets/{opened.pk}/")
    assert "awake again" in page(client, do(client, opened, "wake")["Location"])
    opened.refresh_from_db()
    assert opened.snoozed_until is None

    day = (timezone.now() + timedelta(days=9)).date()
    client.post(path, {"value": "", "date": day.isoformat(), "time": "17:30"})
    opened.refresh_from_db()
    assert opened.snoozed_until == datetime(day.year, day.month, day.day, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"value": "soon"}, "is no time"),
        ({"value": "2031-13-01T00:00:00Z"}, "is no time"),
        ({"value": ""}, "Choose a day."),
        ({"date": "2020-01-01"}, "This time has passed."),
    ],
)
def test_a_time_that_is_none_is_refused(alice: Agent, form: dict[str, str], said: str) -> None:
    opened = ticket()
    answer = sign_in(alice).post(f"/tickets/{opened.pk}/change/snooze/", form)
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_a_zone_that_does_not_exist_is_none(alice: Agent) -> None:
    client = sign_in(alice)
    client.cookies["zone"] = "../../etc/passwd"
    assert "Times are those of UTC." in page(client, f"/tickets/{ticket().pk}/change/snooze/")


def test_following_is_one_button_and_shows_who_reads_along(alice: Agent, bob: Agent) -> None:
    opened, client = ticket(), sign_in(alice)
    do(client, opened, "follow")
    shown = page(client, f"/tickets/{opened.pk}/")
    assert "<h2>Followers</h2> <p>Alice</p>" in shown
    assert 'data-do="unfollow"' in shown
    answer = client.post(f"/tickets/{opened.pk}/do/unfollow/", headers=HTMX)
    assert "no longer follow" in answer["HX-Trigger"]
    assert "Followers" not in answer.content.decode()
    told = Event.objects.about(opened).order_by("id").values_list("type", flat=True)
    assert list(told)[-2:] == ["ticket.followed", "ticket.unfollowed"]
    assert do(client, opened, "sing").status_code == 404


def test_alice_looks_for_the_other_ticket_sees_what_merging_does_and_takes_it_back(
    alice: Agent, carol: Contact, mallory: Contact
) -> None:
    twice, once = ticket("Twice", "zebra", contact=carol), ticket("Once", "okapi", contact=carol)
    other, client = ticket("Of another", contact=mallory), sign_in(alice)
    path = f"/tickets/{twice.pk}/merge/?view=open"
    offered = page(client, path)
    assert f"#{once.pk} Once" in offered  # The contact's other tickets, before anything is typed.
    assert "Of another" not in offered
    assert "Of another" in page(client, f"{path}&find={other.pk}")
    assert f"#{once.pk} Once" in page(client, f"{path}&find=okapi")
    assert "No other ticket has these words." in page(client, f"{path}&find=zebra")
    assert "The contacts differ" in page(client, f"{path}&into={other.pk}")
    preview = page(client, f"{path}&into={once.pk}")
    assert f"The messages of #{twice.pk} will be shown in #{once.pk}" in preview
    assert "The contacts differ" not in preview
    assert Ticket.objects.get(pk=twice.pk).merged_into is None  # Looking changes nothing.

    answer = client.post(path, {"into": once.pk})
    assert answer["Location"] == f"/tickets/{once.pk}/?view=open"
    outer, inner = page(client, f"/tickets/{once.pk}/"), page(client, f"/tickets/{twice.pk}/")
    assert f"#{once.pk} Once</a>" in inner
    assert "<textarea" not in inner  # The conversation goes on elsewhere.
    assert "/change/" not in inner
    assert "zebra" in outer
    assert f"from #{twice.pk}" in outer
    assert "You can unmerge it at any time" in outer
    do(client, twice, "unmerge", shown=once.pk)
    assert Ticket.objects.get(pk=twice.pk).merged_into is None
    assert "<textarea" in page(client, f"/tickets/{twice.pk}/")


def test_what_cannot_be_merged_says_why(alice: Agent, carol: Contact) -> None:
    one, other = ticket(contact=carol), ticket(contact=carol)
    client = sign_in(alice)
    answer = client.post(f"/tickets/{one.pk}/merge/", {"into": one.pk})
    assert (answer.status_code, "into itself" in answer.content.decode()) == (422, True)
    actions.merge(one, into=other, actor=at_the_web(alice))
    answer = do(client, one, "follow")
    assert "was merged into ticket" in page(client, answer["Location"])
    answer = client.post(f"/tickets/{one.pk}/do/wake/", headers=HTMX)
    assert "was merged into ticket" in answer["HX-Trigger"]


def test_links_are_made_and_removed(alice: Agent, carol: Contact) -> None:
    one, other = ticket("One", contact=carol), ticket("Other", contact=carol)
    client = sign_in(alice)
    client.post(f"/tickets/{one.pk}/link/", {"into": other.pk})
    assert "Linked tickets" in page(client, f"/tickets/{one.pk}/")
    assert f"#{one.pk} One" in page(client, f"/tickets/{other.pk}/")
    assert client.post(f"/tickets/{one.pk}/link/", {"into": one.pk}).status_code == 422
    client.post(f"/tickets/{one.pk}/unlink/{other.pk}/")
    assert "Linked tickets" not in page(client, f"/tickets/{one.pk}/")


def test_a_message_becomes_a_ticket_of_its_own(alice: Agent, carol: Contact) -> None:
    opened, client = ticket("Two things", "First of all", contact=carol), sign_in(alice)
    second = actions.note(opened, body=Body.from_markdown("And then"), actor=at_the_web(alice))
    path = f"/tickets/{opened.pk}/split/{second.pk}/?view=mine"
    assert "And then" in page(client, path)
    answer = client.post(path, {"subject": "The second thing"})
    made = Ticket.objects.get(subject="The second thing")
    assert answer["Location"] == f"/tickets/{made.pk}/?view=mine"
    assert "And then" in page(client, f"/tickets/{made.pk}/")
    last = client.post(f"/tickets/{opened.pk}/split/{opened.messages.get().pk}/", {"subject": "x"})
    assert "One message has to stay" in last.content.decode()
    assert client.get(f"/tickets/{opened.pk}/split/{second.pk}/").status_code == 404


def test_none_of_it_reaches_beyond_what_one_may_see_and_do(
    alice: Agent, bob: Agent, support: Team, billing: Team, carol: Contact
) -> None:
    foreign = ticket("A secret", team=support, contact=carol)
    own = ticket("Own", team=billing, contact=carol)
    client = sign_in(bob)
    for path in ("merge", "link", f"split/{foreign.messages.get().pk}", "change/snooze"):
        assert client.get(f"/tickets/{foreign.pk}/{path}/").status_code == 404
    for path in ("merge", "link"):
        assert "A secret" not in page(client, f"/tickets/{own.pk}/{path}/?find=secret")
        assert client.post(f"/tickets/{own.pk}/{path}/", {"into": foreign.pk}).status_code == 404
    assert do(client, foreign, "follow").status_code == 404
    assert client.post(f"/tickets/{own.pk}/unlink/{foreign.pk}/").status_code == 404
    actions.merge(own, into=foreign, actor=at_the_web(alice))
    shown = page(client, f"/tickets/{own.pk}/")
    assert "into one that you do not see" in shown
    assert "A secret" not in shown
    assert "unmerge" not in shown

    reader = AgentFactory(name="Reader", role=role("Reader", permissions=[Permission.TICKETS_READ]))
    client = sign_in(reader)
    shown = page(client, f"/tickets/{foreign.pk}/")
    assert 'data-do="follow"' in shown
    for gone in ("/merge/", "/link/", "/split/", "/change/", "unmerge"):
        assert gone not in shown
    for path in ("merge", "link", f"split/{foreign.messages.get().pk}", "change/snooze"):
        assert client.get(f"/tickets/{foreign.pk}/{path}/").status_code in {403, 404}
    assert do(client, own, "unmerge").status_code == 403
