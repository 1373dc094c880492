"""What filters find: a table of filters over a few tickets, and what nobody learns by asking."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Agent, Contact, Team
from accounts.permissions import Permission
from activity.actor import Actor, Door, system_actor
from tests.factories import OrganizationFactory, TagFactory, at_the_web, role, ticket
from tests.robot import robot
from tickets import actions, counting, filters, standing
from tickets.actions.writing import Body
from tickets.filters import FIELDS, FilterError
from tickets.lists import NEWEST
from tickets.models import Category, Channel, Priority, Status, Ticket

pytestmark = pytest.mark.django_db

Find = Callable[[str], set[str]]


def found(typed: str, agent: Agent) -> set[str]:
    """The subjects of the tickets that a filter means, asked for in all three ways."""
    selection = filters.select(typed, at_the_web(agent))
    ids = selection.ids(limit=100)
    assert selection.page(offset=0, limit=1)[1] == len(ids) == counting.count_each([selection])[0]
    return set(Ticket.objects.filter(pk__in=ids).values_list("subject", flat=True))


@pytest.fixture
def find(alice: Agent) -> Find:
    return lambda typed: found(typed, alice)


def dated(opened: Ticket, **stamps: datetime | None) -> None:
    Ticket.objects.filter(pk=opened.pk).update(**stamps)


@pytest.fixture
def desk(alice: Agent, bob: Agent, carol: Contact, mallory: Contact, support: Team, billing: Team) -> None:
    """Four tickets that differ in everything that can be asked for."""
    now = timezone.now()
    Status.objects.create(name="With the carrier", category=Category.PENDING)
    shop = Channel.objects.create(name="Web shop", kind="shop")
    carol.organization = OrganizationFactory(name="Flowers Ltd")
    carol.save()
    refund, late, year = TagFactory(name="refund"), TagFactory(name="late delivery"), TagFactory(name="2024")
    lost = ticket("lost", "A lost parcel.", contact=carol, team=support, assignee=alice, tags=[refund, late],
                  priority=Priority.URGENT, external_id="order-1042", channel=shop)  # fmt: skip
    invoice = ticket(
        "invoice", "A parcel that was lost.", contact=mallory, team=billing, assignee=bob, tags=[year]
    )
    carrier = ticket("carrier", "Wrong colour.", contact=mallory, status=Status.objects.get(name="With the carrier"),
                     priority=Priority.LOW, tags=[refund])  # fmt: skip
    done = ticket("done", "Thank you.", contact=carol, status=Status.objects.of(Category.SOLVED))
    robot(alice, name="CRM sync").post(f"/tickets/{invoice.pk}/reply", {"body": "Here it is."})
    actions.note(lost, body=Body.from_markdown("canary @Alice"), actor=at_the_web(alice),
                 attachments=[actions.File("a.txt", "text/plain", b"a")])  # fmt: skip
    dated(lost, updated_at=now - timedelta(hours=1), created_at=datetime(2026, 9, 30, 12, tzinfo=UTC))
    dated(invoice, updated_at=now - timedelta(days=8), created_at=datetime(2026, 11, 1, 12, tzinfo=UTC))
    dated(carrier, updated_at=now - timedelta(days=3), created_at=datetime(2026, 10, 31, 12, tzinfo=UTC))
    dated(done, updated_at=now - timedelta(days=400), solved_at=now - timedelta(days=400))


ALL = {"lost", "invoice", "carrier", "done"}


SAYS: dict[str, set[str]] = {
    "": ALL,
    "status:open": {"lost", "invoice"},
    "status:open,pending": {"lost", "invoice", "carrier"},
    "-status:open,pending": {"done"},
    'status:"with the carrier"': {"carrier"},
    "priority:urgent": {"lost"},
    "priority:>=normal -priority:>normal": {"invoice", "done"},
    "priority:<normal": {"carrier"},
    "priority:low..normal": {"carrier", "invoice", "done"},
    "assignee:me": {"lost"},
    "assignee:none": {"carrier", "done"},
    "assignee:BOB@desk.example": {"invoice"},
    "-assignee:me": {"invoice", "carrier", "done"},
    "team:mine": {"lost"},
    "team:billing,support": {"lost", "invoice"},
    "team:none": {"carrier", "done"},
    "contact:carol@customer.example": {"lost", "done"},
    'organization:"flowers ltd"': {"lost", "done"},
    "organization:none": {"invoice", "carrier"},
    'channel:"web shop"': {"lost"},
    "tag:refund": {"lost", "carrier"},
    'tag:refund tag:"Late  Delivery"': {"lost"},
    'tag:"late delivery",2024': {"lost", "invoice"},
    "-tag:refund": {"invoice", "done"},
    "tag:none": {"done"},
    "external_id:order-1042": {"lost"},
    "external_id:none": ALL - {"lost"},
    "updated:>7d": {"invoice", "done"},
    "updated:<2h": {"lost"},
    "updated:>2h updated:<1w": {"carrier"},
    "updated:>1y": {"done"},
    "created:2026-11-01": {"invoice"},
    "created:2026-10-31..2026-11-01": {"invoice", "carrier"},
    "solved:<today": {"done"},
    "solved:none": ALL - {"done"},
    "replied:none": ALL - {"invoice"},
    "has:attachment": {"lost"},
    "is:unassigned is:unresolved": {"carrier"},
    "is:unreplied tag:refund": {"lost", "carrier"},
    'key:"crm SYNC"': {"invoice"},
    'key:"no such"': set(),
    "lost": {"lost", "invoice"},
    "parc": {"lost", "invoice"},
    '"lost parcel"': {"lost"},
    "lost -tag:refund": {"invoice"},
    "-lost": {"carrier", "done"},
    "parcel -wrong": {"lost", "invoice"},
    "lost OR colour": {"lost", "invoice", "carrier"},
    "(lost OR colour) tag:refund": {"lost", "carrier"},
    "assignee:me OR colour": {"lost", "carrier"},
    '-(tag:refund OR "lost parcel")': {"invoice", "done"},
    "(wrong colour) OR (lost that -invoice)": {"carrier"},
    "tag:refund lost OR thank": {"lost", "done"},
    "wrong OR -parcel": {"carrier", "done"},
    "status:solved -": {"done"},
    "-": set(),
    "(- OR tag:2024)": {"invoice"},
    "carol": {"lost", "done"},
}


@pytest.mark.usefixtures("desk")
def test_filters_find_what_they_say(find: Find) -> None:
    assert {typed: find(typed) for typed in SAYS} == SAYS


@pytest.mark.parametrize(
    ("typed", "marked", "words"),
    [
        ("status:lost", "lost", "no status “lost”"),
        ("tag:a assignee:nobody@desk.example", "a", "no tag “a”"),
        ("assignee:nobody@desk.example", "nobody@desk.example", "no agent"),
        ("team:open,Zebra", "open", "no team “open”"),
        ("priority:huge", "huge", "low, normal, high, urgent"),
        ("status:>open", ">open", "cannot be compared"),
        ("updated:7d", "7d", "Write >7d"),
        ("updated:soon", "soon", "Write >7d"),
        ("updated:2026-02-31", "2026-02-31", "no such day"),
        ("updated:0000", "0000", "no such day"),
        ("updated:9999", "9999", "no such day"),
        ("created:..", "..", "Write >7d"),
        ("created:none", "none", "Write >7d"),
        ("updated:>99999y", ">99999y", "goes back"),
        ("has:money", "money", "has:attachment"),
        ("is:late", "late", "unassigned"),
        ("contact:" + "9" * 19, "9" * 19, "too long"),
    ],
)
def test_what_means_nothing_is_marked(typed: str, marked: str, words: str, alice: Agent) -> None:
    with pytest.raises(FilterError) as refused:
        filters.select(typed, at_the_web(alice))
    assert refused.value.marked == marked
    assert words in refused.value.message


@given(
    st.lists(
        st.sampled_from(
            [*(field.example for field in FIELDS.values()), "updated:0001", "created:9998-12..", "solved:<y", "-", "OR",
             "(", ")", "parcel", '"a b"', "-x", "team:mine", "tag:none", "priority:a..b", "id:1", "contact:0"]
        ),
        max_size=8,
    ).map(" ".join)
)  # fmt: skip
@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
def test_every_filter_is_answered_or_refused(alice: Agent, typed: str) -> None:
    (selection,) = filters.select_all([(typed, NEWEST)], at_the_web(alice))
    if not isinstance(selection, FilterError):
        assert selection.ids(limit=5) == []
        assert counting.count_each([selection]) == [0]


@pytest.mark.usefixtures("desk")
def test_bob_finds_nothing_beyond_his_reach(bob: Agent, alice: Agent) -> None:
    for typed in (
        "",
        "lost",
        "-nothing",
        "tag:refund OR lost",
        "-(tag:2024)",
        "assignee:alice@desk.example",
        "key:1",
    ):
        assert found(typed, bob) <= {"invoice"}
    assert found("lost", bob) == {"invoice"}


@pytest.mark.usefixtures("desk")
def test_notes_are_not_found_by_who_may_not_read_them(alice: Agent, find: Find) -> None:
    assert find("canary") == find("canary OR nothing") == {"lost"}
    assert find("assignee:me OR canary") == {"lost"}
    alice.role = role("No notes", permissions=[Permission.TICKETS_READ, Permission.MESSAGES_READ])
    alice.save()
    for typed in (
        "canary",
        "canary OR nothing",
        "tag:none canary",
        "has:attachment",
        "is:unresolved -(-canary)",
    ):
        assert found(typed, alice) == set()
    assert found("-canary", alice) == ALL


@pytest.mark.usefixtures("desk")
def test_names_are_no_oracle(alice: Agent) -> None:
    alice.role = role("Tickets only", permissions=[Permission.TICKETS_READ])
    alice.save()
    for typed, missing in (
        ("contact:carol@customer.example", "contacts:read"),
        ("assignee:bob@desk.example", "agents:read"),
        ("team:Billing", "teams:read"),
        ('organization:"Flowers Ltd"', "organizations:read"),
        ("tag:refund", "tags:read"),
        ('channel:"Web shop"', "channels:read"),
    ):
        refusals = []
        for asked in (typed, typed.partition(":")[0] + ":nobody@nowhere.example"):
            with pytest.raises(FilterError, match=missing) as refused:
                filters.select(asked, at_the_web(alice))
            refusals.append(refused.value.message)
        assert refusals[0] == refusals[1], typed


def test_who_is_nobody_has_no_me() -> None:
    assert filters.select("assignee:none", system_actor()).ids(limit=1) == []
    with pytest.raises(FilterError, match="Nobody is acting"):
        filters.select("assignee:me", system_actor())


@pytest.mark.usefixtures("desk")
def test_standing_views_are_filters_too(alice: Agent) -> None:
    actor = Actor(Door.WEB, agent=alice)
    for view in standing.VIEWS.values():
        assert filters.select(view.query, actor).ids(limit=9) == view.selection(actor).ids(limit=9), view.key


@pytest.mark.usefixtures("desk")
def test_many_filters_are_looked_up_at_once(alice: Agent) -> None:
    alike = "team:Support tag:refund,2024 assignee:bob@desk.example OR contact:carol@customer.example lost"
    with CaptureQueriesContext(connection) as one:
        filters.select_all([(alike, NEWEST)], at_the_web(alice))
    with CaptureQueriesContext(connection) as thirty:
        filters.select_all([(f"{alike} {n}", NEWEST) for n in range(30)], at_the_web(alice))
    assert len(one) == len(thirty) == 4
