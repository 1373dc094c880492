"""`manage.py demo`: a helpdesk to try out, which must look as if people had worked in it."""

from __future__ import annotations

import json
import stat
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count
from django.test import Client
from django.test.utils import override_settings
from django.utils import timezone
from pytest_django import Settings
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import Agent, Contact, ContactEmail, CustomField
from activity.models import Event
from apitokens import health
from apitokens.actions import revoke
from apitokens.health import Health
from apitokens.models import ApiKey, LoggedRequest
from helpdesk.demo.cast import PASSWORD
from tests.factories import at_the_web, ticket
from tests.robot import ask
from tickets import actions, search
from tickets.actions.writing import Body
from tickets.models import (
    Category,
    Direction,
    Message,
    Priority,
    Proposal,
    Status,
    Tag,
    Ticket,
    TicketSearch,
)

MANY = 400
"""So many that every hour of the week, at which the demo may be loaded, leaves some of each kind."""


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path


def load(tickets: int = 3, **options: Any) -> None:
    call_command("demo", tickets=tickets, verbosity=0, **options)


def demo_file(settings: Settings) -> Any:
    return json.loads((settings.VAR_DIR / "demo.json").read_text())


def events_of(row: Ticket) -> list[Event]:
    return list(Event.objects.about(row).order_by("id"))


@pytest.fixture(scope="class")
def loaded(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Many tickets for all tests of a class, each of which takes back what it does to them."""
    folder = override_settings(VAR_DIR=tmp_path_factory.mktemp("demo"))
    with django_db_blocker.unblock(), transaction.atomic():
        with folder:
            load(MANY)
        yield
        transaction.set_rollback(True)


@pytest.mark.usefixtures("loaded")
@pytest.mark.django_db
class TestTheTickets:
    def test_they_are_as_many_as_asked_for_and_differ(self) -> None:
        assert Ticket.objects.count() == MANY
        assert 2 * MANY < Message.objects.count() < 5 * MANY
        assert Ticket.objects.values("subject").distinct().count() > MANY / 3
        assert set(Ticket.objects.values_list("category", flat=True)) == set(Category)
        assert set(Ticket.objects.values_list("priority", flat=True)) == set(Priority)
        assert Ticket.objects.values("team").distinct().count() >= 4

    def test_history_leads_to_what_each_ticket_is_now(self) -> None:
        for row in Ticket.objects.select_related("status", "assignee", "team"):
            now: dict[str, Any] = {"status": "Open", "assignee": None}
            for event in events_of(row):
                for field, (before, after) in event.changes.items():
                    assert now.get(field, name(before)) == name(before)
                    now[field] = name(after)
            assert now["status"] == row.status.name
            assert now["assignee"] == name(row.assignee)
            assert now.get("team", name(row.team)) == name(row.team)
            assert now.get("priority") in {None, Priority(row.priority).word}
            assert now.get("tags") in (None, sorted(tag.name for tag in row.tags.all()))

    def test_the_times_of_a_ticket_are_those_of_its_history(self) -> None:
        for row in Ticket.objects.all():
            history = [
                event for event in events_of(row) if event.type != "ticket.proposed"
            ]  # Changes nothing.
            sent = row.messages.filter(direction=Direction.OUT, kind="reply").order_by("id").first()
            assert row.created_at == history[0].at
            assert row.updated_at == history[-1].at
            assert row.first_replied_at == (sent and sent.created_at)
            assert (row.solved_at is not None) == (row.category in {Category.SOLVED, Category.CLOSED})
            assert row.version == len(history)

    def test_every_message_but_the_first_has_its_event(self) -> None:
        told: dict[int, list[int]] = defaultdict(list)
        for event in Event.objects.filter(type__in=["ticket.replied", "ticket.noted"]).order_by("id"):
            told[event.subject_id].append(event.facts["message"])
        for row in Ticket.objects.all():
            assert list(row.messages.values_list("pk", flat=True))[1:] == told[row.pk]

    def test_history_is_in_the_order_of_time(self) -> None:
        times = list(Event.objects.filter(subject_type="ticket").order_by("id").values_list("at", flat=True))
        assert times == sorted(times)

    def test_messages_are_stored_as_the_verbs_store_them(self) -> None:
        for message in Message.objects.all():
            assert message.body_html == Body.from_markdown(message.body_text).html
            assert "{" not in message.body_text

    def test_they_are_found_as_if_the_verbs_had_written_them(self) -> None:
        for row in Ticket.objects.order_by("pk")[:: MANY // 20]:
            loaded = TicketSearch.objects.get(ticket=row).document
            search.rebuild(row)
            assert TicketSearch.objects.get(ticket=row).document == loaded

    def test_events_have_the_shape_that_the_verbs_record(self) -> None:
        alice = Agent.objects.get(email="alice@example.com")
        actor = at_the_web(Agent.objects.get(email="root@example.com"))
        worked = ticket()
        actions.assign(worked, to=alice, actor=actor)
        actions.note(worked, body=Body.from_markdown("Look"), actor=actor)
        actions.reply(
            worked, body=Body.from_markdown("Done"), actor=actor, status=Status.objects.of("solved")
        )
        actions.set_priority(worked, priority=Priority.URGENT, actor=actor)
        actions.set_status(worked, status=Status.objects.of("open"), actor=actor)
        actions.set_status(worked, status=Status.objects.of("pending"), actor=actor)
        actions.set_status(worked, status=Status.objects.of("closed"), actor=actor)
        actions.move_to_team(worked, team=alice.teams.get(), actor=actor)
        actions.add_tags(worked, tags=[Tag.objects.get(name="vip")], actor=actor)
        expected = {event.type: shape(event) for event in events_of(worked)}
        demo = Event.objects.filter(subject_type="ticket").exclude(subject_id=worked.pk)
        demo = demo.exclude(type="ticket.proposed")  # By the verb itself.
        assert set(demo.values_list("type", flat=True)) == set(expected)
        assert all(shape(event) == expected[event.type] for event in demo)

    def test_custom_fields_hold_what_their_kinds_allow(self) -> None:
        fields = {(field.applies_to, field.key): field for field in CustomField.objects.all()}
        filled = set()
        for row in [*Ticket.objects.all(), *Contact.objects.all()]:
            for key, value in row.custom_fields.items():
                field = fields[str(row._meta.model_name), key]
                assert field.fitting(value) == value
                filled.add(field)
        assert filled == set(fields.values())

    def test_the_key_desk_has_something_to_show(self) -> None:
        keys = {key.pk: key for key in ApiKey.objects.select_related("agent__role", "usage")}
        worst = {keys[pk].name: findings[0].health for pk, findings in health.of(list(keys.values())).items()}
        assert worst == {
            "Alice's scripts": Health.UNUSED_SCOPES,
            "Assistant": Health.NEVER_EXPIRES,
            "CRM sync": Health.UNUSUAL_ADDRESS,
            "Web shop": Health.ERRORS,
        }
        logged = LoggedRequest.objects.filter(key__in=keys.values())
        assert {row["n"] for row in logged.values("key").annotate(n=Count("slot"))} == {50}
        proposed = Proposal.objects.waiting().filter(
            key_name="Assistant", ticket__assignee__name__startswith="Alice"
        )
        assert {proposal.kind for proposal in proposed} == {"reply", "note", "change"}

    def test_some_were_opened_by_a_program_whose_name_stays(self) -> None:
        opened = Event.objects.filter(type="ticket.opened", key_name="Web shop")
        assert opened.exists()
        assert all(event.agent and event.agent.email == "shop@example.com" for event in opened)

    def test_nobody_of_the_cast_can_be_written_to(self) -> None:
        addresses = [
            *ContactEmail.objects.values_list("address", flat=True),
            *Agent.objects.values_list("email", flat=True),
        ]
        assert all(
            address.endswith(("example.com", "example.org", "example.net", ".example"))
            for address in addresses
        )


def name(value: Any) -> Any:
    """Of a row, or of what history remembers of one."""
    return value["name"] if isinstance(value, dict) else getattr(value, "name", value)


def shape(event: Event) -> tuple[Any, ...]:
    return (
        sorted(event.facts),
        {
            field: {type(value) for value in pair if value is not None}
            for field, pair in event.changes.items()
        },
    )


@pytest.mark.django_db
def test_the_same_tickets_come_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    # Who is at work, and how far they all have come by now, depends on it.
    monkeypatch.setattr(timezone, "now", lambda: now)

    def told() -> list[str]:
        with transaction.atomic():
            load(20)
            texts = list(Message.objects.order_by("id").values_list("body_text", flat=True))
            transaction.set_rollback(True)
        return texts

    assert told() == told()


@pytest.mark.django_db
def test_a_second_time_nothing_is_added_unless_forced() -> None:
    load(3)
    load(3)
    assert Ticket.objects.count() == 3
    load(4, force=True)
    assert Ticket.objects.count() == 7
    assert Agent.objects.filter(email="alice@example.com").count() == 1


@pytest.mark.django_db
def test_a_helpdesk_with_tickets_of_its_own_is_left_alone() -> None:
    ticket()
    with pytest.raises(CommandError, match="tickets of its own"):
        load()
    assert not Agent.objects.filter(is_demo=True).exists()


@pytest.mark.django_db
def test_production_is_never_given_accounts_that_everybody_knows(settings: Settings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="ENVIRONMENT=demo"):
        load()
    assert not Agent.objects.exists()


@pytest.mark.django_db
def test_the_printed_sign_ins_work(settings: Settings) -> None:
    load()
    for one in demo_file(settings)["sign_ins"]:
        assert Client().login(username=one["email"], password=one["password"])
    assert not Client().login(username="shop@example.com", password=PASSWORD)


@pytest.mark.django_db
def test_the_secrets_are_in_one_file_that_only_its_owner_reads(settings: Settings) -> None:
    load()
    assert stat.S_IMODE((settings.VAR_DIR / "demo.json").stat().st_mode) == 0o600
    stored = "".join(str(row) for row in [*ApiKey.objects.values(), *Event.objects.values()])
    for key in demo_file(settings)["keys"]:
        assert key["secret"] not in stored
        tried = ask("post", "/tickets", {}, headers={"Authorization": f"key {key['code']}"})
        assert tried.status_code == 422, "It was let in, and told what a ticket needs."


@pytest.mark.django_db
def test_lost_secrets_are_replaced(settings: Settings) -> None:
    load()
    lost = demo_file(settings)["keys"][0]
    (settings.VAR_DIR / "demo.json").unlink()
    load()
    found = demo_file(settings)["keys"][0]
    assert found["id"] == lost["id"]
    assert ask("get", "/me", headers={"Authorization": f"Bearer {lost['secret']}"}).status_code == 401
    assert ask("get", "/me", headers={"Authorization": f"Bearer {found['secret']}"}).status_code == 200


@pytest.mark.django_db
def test_known_secrets_stay(settings: Settings) -> None:
    load()
    before = demo_file(settings)
    load()
    assert demo_file(settings) == before


@pytest.mark.django_db
def test_a_revoked_key_stays_revoked_and_gets_a_successor(settings: Settings, root: Agent) -> None:
    load()
    old = ApiKey.objects.get(name="CRM sync")
    revoke(old, actor=at_the_web(root))
    load()
    assert {key["name"] for key in demo_file(settings)["keys"]} == {"Alice's scripts", "CRM sync", "Web shop"}
    assert ApiKey.objects.filter(name="CRM sync").count() == 2
    old.refresh_from_db()
    assert old.revoked_at


@pytest.mark.django_db
def test_the_shops_key_opens_tickets_and_does_nothing_else(settings: Settings) -> None:
    load()
    (key,) = (key for key in demo_file(settings)["keys"] if key["name"] == "Web shop")
    headers = {"Authorization": f"Bearer {key['secret']}"}
    order = {"subject": "Lost parcel", "message": "It is gone.", "contact": "new@customer.example"}
    assert ask("post", "/tickets", order, headers=headers).status_code == 201
    assert ask("get", "/tickets", headers=headers).status_code == 403
