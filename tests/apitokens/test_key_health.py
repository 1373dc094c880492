"""How keys are doing, at a glance and in figures: badges, remedies, the table for a spreadsheet, the usage of one."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from secrets import token_bytes
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Agent
from activity.models import Event
from apitokens import health
from apitokens.health import Health
from apitokens.models import ApiKey, DailyUse, KeyUsage, SeenAddress, UsedScope
from apitokens.tasks import forget_old_usage
from tests.apitokens.key_desk import LIST, told
from tests.cast import sign_in
from tests.clock import wait_for_room_in_the_day
from tests.factories import AgentFactory, role, ticket
from tests.robot import Robot, robot

pytestmark = pytest.mark.django_db

NOW = timezone.now


def made(agent: Agent, *, days_ago: int = 100, used: int | None = 0, **fields: Any) -> ApiKey:
    """A key of some age that was last used so many days ago, and expires in good time."""
    key = robot(agent, **({"expires_at": NOW() + timedelta(days=200)} | fields)).key
    ApiKey.objects.filter(pk=key.pk).update(created_at=NOW() - timedelta(days=days_ago))
    if used is not None:
        KeyUsage.objects.filter(key=key).update(last_used_at=NOW() - timedelta(days=used))
    return key


def used(
    key: ApiKey, *, days_ago: int, requests: int = 1, outcome: int = 2, operation: str = "me.read"
) -> None:
    day = NOW().date() - timedelta(days=days_ago)
    DailyUse.objects.create(key=key, day=day, operation=operation, outcome=outcome, requests=requests)


def seen(key: ApiKey, address: str, *, first: int, last: int = 0) -> None:
    at = NOW() - timedelta(days=first), NOW() - timedelta(days=last)
    SeenAddress.objects.create(
        key=key, secret="current", address=address, user_agent="shop/1", first_at=at[0], last_at=at[1]
    )


def crowd(agent: Agent, number: int) -> None:
    """Many keys at once, used now and then from somewhere, some of them long ago."""
    common = {"agent": agent, "owner": agent, "created_by": agent, "access_level": "read"}
    keys = ApiKey.objects.bulk_create(
        ApiKey(name=f"Robot {n}", digest=token_bytes(32), hint="0000", **common) for n in range(number)
    )
    ApiKey.objects.filter(name__startswith="Robot ").update(created_at=NOW() - timedelta(days=100))
    today, last = NOW().date(), [NOW() - timedelta(days=n % 90) for n in range(number)]
    KeyUsage.objects.bulk_create(
        KeyUsage(key=key, last_used_at=at) for key, at in zip(keys, last, strict=True)
    )
    DailyUse.objects.bulk_create(
        DailyUse(key=key, day=today - timedelta(days=3), operation="me.read", outcome=2 + n % 4, requests=50)
        for n, key in enumerate(keys)
    )
    SeenAddress.objects.bulk_create(
        SeenAddress(key=key, secret="current", address=f"198.51.100.{n % 250}", user_agent="shop/1",
                    first_at=at - timedelta(days=9), last_at=at)
        for n, (key, at) in enumerate(zip(keys, last, strict=True))
    )  # fmt: skip


def findings(key: ApiKey) -> list[Health]:
    row = ApiKey.objects.select_related("agent__role", "usage").get(pk=key.pk)
    return [finding.health for finding in health.of([row])[key.pk]]


@pytest.fixture
def board(alice: Agent) -> dict[Health, ApiKey]:
    """One key for each thing that there is to say."""
    gone = AgentFactory(name="Gone", is_active=False, role=alice.role)
    keys = {
        Health.GOOD: made(alice),
        Health.AGENT_DISABLED: made(gone, owner=alice),
        Health.UNUSUAL_ADDRESS: made(alice),
        Health.ERRORS: made(alice),
        Health.EXPIRING: made(alice, expires_at=NOW() + timedelta(days=13)),
        Health.NEVER_USED: made(alice, used=None),
        Health.IDLE: made(alice, used=31),
        Health.UNUSED_SCOPES: made(alice, access_level="read"),
        Health.NEVER_EXPIRES: made(alice, expires_at=None),
    }
    for name, key in keys.items():
        ApiKey.objects.filter(pk=key.pk).update(name=f"Key {name}")
    seen(keys[Health.UNUSUAL_ADDRESS], "198.51.100.7", first=40)
    seen(keys[Health.UNUSUAL_ADDRESS], "203.0.113.9", first=2)
    used(keys[Health.ERRORS], days_ago=1, requests=79)
    used(keys[Health.ERRORS], days_ago=1, requests=21, outcome=4)
    used(keys[Health.UNUSED_SCOPES], days_ago=60)
    UsedScope.objects.create(
        key=keys[Health.UNUSED_SCOPES], permission="tickets:read", last_day=NOW().date() - timedelta(days=59)
    )
    return keys


def test_each_key_has_the_badge_of_the_worst(root: Agent, board: dict[Health, ApiKey]) -> None:
    for name, key in board.items():
        assert findings(key) == ([] if name is Health.GOOD else [name]), name
    worse = board[Health.NEVER_EXPIRES]
    used(worse, days_ago=1, requests=30, outcome=5)
    assert findings(worse) == [Health.ERRORS, Health.NEVER_EXPIRES]
    client = sign_in(root)
    page = told(client.get(LIST))
    for badge in (
        "agent disabled",
        "unusual address",
        "21 % errors",
        "expires in 13 days",
        "idle 30 days",
        "good",
    ):
        assert badge in page, badge
    for name, key in board.items():
        found = client.get(f"{LIST}?health={name}").context["cl"].result_list
        assert key.pk in {row.pk for row in found}, name
    attention = {row.pk for row in client.get(f"{LIST}?health=attention").context["cl"].result_list}
    assert attention == {key.pk for key in board.values()} - {board[Health.GOOD].pk}
    assert client.get(f"{LIST}?health=forged").status_code == 200


def test_what_is_just_short_of_it_is_not_said(alice: Agent) -> None:
    quiet = made(alice, days_ago=6, used=None)
    used(quiet, days_ago=8, requests=90, outcome=5)
    used(quiet, days_ago=1, requests=80)
    used(quiet, days_ago=1, requests=20, outcome=4)
    seen(quiet, "198.51.100.7", first=40)
    seen(quiet, "198.51.100.200", first=1)
    assert findings(quiet) == [], "A fifth of errors, a known network, six days of age."
    fresh = made(alice, used=29)
    seen(fresh, "203.0.113.9", first=1)
    UsedScope.objects.create(key=fresh, permission="tickets:read", last_day=NOW().date())
    used(fresh, days_ago=50)
    assert findings(fresh) == [], "All its networks are new; its scopes have not been watched for 60 days."
    locked = made(alice, addresses=["198.51.100.0/24"])
    for address, first in (("198.51.100.7", 40), ("2001:db8::1", 1)):
        seen(locked, address, first=first)
    assert findings(locked) == []


def test_the_board_costs_the_same_for_many_keys(
    root: Agent, alice: Agent, board: dict[Health, ApiKey]
) -> None:
    client = sign_in(root)

    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    usage = f"{LIST}{board[Health.ERRORS].pk}/usage/"
    paths = (LIST, f"{LIST}?health=attention", f"{LIST}?health=idle", f"{LIST}export/", usage, "/admin/")
    few = [queries(path) for path in paths]
    crowd(alice, 300)
    used(board[Health.ERRORS], days_ago=5, operation="tickets.list")
    assert [queries(path) for path in paths] == few
    assert max(few) <= 15, few


def test_requests_are_counted_by_day_operation_and_outcome_and_told_on_the_usage_tab(
    root: Agent, alice: Agent
) -> None:
    wait_for_room_in_the_day(30)
    r = robot(alice, access_level="read")
    case = ticket()
    for _ in range(3):
        r.get(f"/tickets/{case.pk}?include=contact", **{"User-Agent": "shop/2 <i>"})
    r.post("/tags", {"name": "x"})
    r.get("/nowhere")
    counted = DailyUse.objects.filter(key=r.key).values_list("operation", "outcome", "requests")
    assert set(counted) == {("tickets.read", 2, 3), ("tags.create", 4, 1), ("", 4, 1)}
    needed = set(UsedScope.objects.filter(key=r.key).values_list("permission", flat=True))
    assert {"tickets:read", "contacts:read"} <= needed
    assert "tags:write" not in needed
    page = sign_in(root).get(f"{LIST}{r.key.pk}/usage/").content.decode()
    assert "5 requests in the last 30 days; refused: 2, failed: 0." in page
    assert len(re.findall(r'<rect class="(?:answered|refused)"', page)) == 2
    assert "style=" not in page.split("<main")[1]
    assert "shop/2 &lt;i&gt;" in page
    assert "127.0.0.1" in page


def test_addresses_count_only_where_the_key_was_let_in(alice: Agent) -> None:
    r = robot(alice, addresses=["203.0.113.0/24"])
    assert r.get("/me").status_code == 403
    assert not SeenAddress.objects.exists()
    assert DailyUse.objects.get().outcome == 4


def test_one_click_narrows_to_what_was_needed_after_showing_it(
    root: Agent, board: dict[Health, ApiKey]
) -> None:
    client, key = sign_in(root), board[Health.UNUSED_SCOPES]
    assert f"{LIST}{key.pk}/narrow/" in told(client.get(f"{LIST}{key.pk}/overview/"))
    page = told(client.get(f"{LIST}{key.pk}/narrow/"))
    assert "It would keep: <code>tickets:read</code>" in page
    assert "contacts:read" in page
    assert "Sees 0 tickets." in page
    key.refresh_from_db()
    assert key.access_level == "read", "Looking changes nothing."
    client.post(f"{LIST}{key.pk}/narrow/", {"scope": ["tickets:read", "tickets:delete", "keys:write"]})
    key.refresh_from_db()
    assert (key.access_level, key.scopes) == ("custom", ["tickets:read"]), "A forged scope is not given."
    young = board[Health.GOOD]
    assert "nothing to take away yet" in told(client.get(f"{LIST}{young.pk}/narrow/"))


def test_one_click_locks_to_the_addresses_seen_after_showing_them(
    root: Agent, board: dict[Health, ApiKey]
) -> None:
    client, key = sign_in(root), board[Health.UNUSUAL_ADDRESS]
    page = told(client.get(f"{LIST}{key.pk}/lock/"))
    assert 'value="198.51.100.7" checked' in page
    assert 'value="203.0.113.9">' in page
    for wrong in ([], ["everywhere"]):
        client.post(f"{LIST}{key.pk}/lock/", {"address": wrong})
        assert ApiKey.objects.get(pk=key.pk).addresses == []
    client.post(f"{LIST}{key.pk}/lock/", {"address": ["198.51.100.7"]})
    assert ApiKey.objects.get(pk=key.pk).addresses == ["198.51.100.7"]
    client.post(f"{LIST}{key.pk}/lock/", {"address": ["198.51.100.7", "203.0.113.9"]})
    assert ApiKey.objects.get(pk=key.pk).addresses == ["198.51.100.7"], "Unlocking asks for the password."
    assert Event.objects.about(key).filter(type="key.changed").count() == 1


def test_who_may_not_change_a_key_gets_no_remedy(alice: Agent, board: dict[Health, ApiKey]) -> None:
    reader = AgentFactory(name="Reader", role=role("Reader", permissions=["keys:read"], enters_admin=True))
    own, theirs, client = made(reader), board[Health.UNUSED_SCOPES], sign_in(reader)
    for page in ("narrow", "lock"):
        assert (
            client.post(
                f"{LIST}{own.pk}/{page}/", {"scope": "tickets:read", "address": "10.0.0.1"}
            ).status_code
            == 403
        )
    for page in ("narrow", "lock", "usage"):
        assert client.get(f"{LIST}{theirs.pk}/{page}/").status_code == 404


def table(client: Client, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"{LIST}export/{query}")
    assert answer["Content-Type"].startswith("text/csv")
    assert "attachment" in answer["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


def test_the_table_holds_what_the_list_shows_and_no_formula(root: Agent, alice: Agent) -> None:
    robot(alice, name="=HYPERLINK(1)", description="\t+1", owner=root, addresses=["10.0.0.1"])
    robot(alice, name=" @SUM(A1)", owner=root)
    robot(None, name="CRM", kind="superuser", owner=root)
    client = sign_in(root)
    rows = table(client)
    assert {row["name"] for row in rows} == {"'=HYPERLINK(1)", "'@SUM(A1)", "CRM"}
    assert all(not cell.lstrip().startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    assert [row["name"] for row in table(client, "?kind__exact=superuser")] == ["CRM"]
    assert not re.search(r"hdk_|digest", str(rows))


def test_the_table_holds_only_keys_that_exist_for_whoever_asks(root: Agent, alice: Agent) -> None:
    reader = AgentFactory(name="Reader", role=role("Reader", permissions=["keys:read"], enters_admin=True))
    robot(alice, name="Canary", owner=root)
    robot(reader, name="Mine")
    assert [row["name"] for row in table(sign_in(reader))] == ["Mine"]
    nobody = AgentFactory(role=role("Nothing", permissions=["tags:read"], enters_admin=True))
    assert sign_in(nobody).get(f"{LIST}export/").status_code == 403
    assert Client().get(f"{LIST}export/").status_code == 302
    assert sign_in(root).get(f"{LIST}export/?agent__id__exact=x")["Location"] == LIST
    for page in ("", "export/"):
        assert sign_in(root).get(f"{LIST}{page}?kind__exact=%00").status_code == 400


def test_what_nobody_looks_at_any_more_is_forgotten(alice: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apitokens.usage.MOST_ADDRESSES", 3)
    r: Robot = robot(alice)
    for days in (0, 60, 91):
        used(r.key, days_ago=days)
    for number in range(5):
        seen(r.key, f"198.51.100.{number}", first=50, last=number)
    seen(robot(alice).key, "203.0.113.1", first=95, last=91)
    forget_old_usage(timestamp=0)
    assert DailyUse.objects.count() == 2
    kept = SeenAddress.objects.order_by("address").values_list("address", flat=True)
    assert list(kept) == ["198.51.100.0", "198.51.100.1", "198.51.100.2"]
