"""Whom the helpdesk speaks to in which language: agents as they chose or their browsers say, programs in English."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.core import mail
from django.template import Context, Template
from django.test import Client
from django.utils import translation

from accounts.actions import invite
from accounts.models import Agent
from activity.models import Event
from tests.cast import sign_in
from tests.factories import AgentFactory, at_the_web, role, ticket
from tests.robot import robot
from tests.tasks import do_queued

pytestmark = pytest.mark.django_db

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}


def language_of(answer: Any) -> str:
    """Of the page itself, which says it in two places."""
    found = re.search(r'<html lang="([a-z]+)"', answer.content.decode())
    assert found
    assert answer["Content-Language"] == found[1]
    return found[1]


def test_a_page_speaks_as_the_agent_chose_and_else_as_the_browser_says(alice: Agent) -> None:
    stranger = Client(headers=GERMAN)
    page = stranger.get("/sign-in/")
    assert (language_of(page), "Passwort vergessen?" in page.content.decode()) == ("de", True)
    assert "Accept-Language" in page["Vary"]
    wrong = stranger.post("/sign-in/", {"email": alice.email, "password": "guessed"})
    assert "passen nicht zusammen" in wrong.content.decode()
    assert language_of(Client().get("/sign-in/")) == "en"
    assert language_of(stranger.get("/there-is-no-such-page/")) == "de"

    browser = Client(headers=GERMAN)
    browser.force_login(alice)
    assert language_of(browser.get("/views/mine/")) == "de"
    for chosen in ("en", "de"):
        assert browser.post("/settings/", {"name": "Alice", "language": chosen}).status_code == 302
        assert language_of(browser.get("/views/mine/")) == chosen
    assert Event.objects.about(alice).latest("pk").changes == {"language": ["en", "de"]}
    assert language_of(browser.get("/there-is-no-such-page/")) == "de"
    refused = browser.post("/settings/", {"name": "Alice", "language": "tlh"})
    assert (refused.status_code, language_of(refused)) == (422, "de")

    Agent.objects.filter(pk=alice.pk).update(language="tlh")  # Not offered any more.
    assert language_of(sign_in(alice).get("/views/mine/")) == "en"


def test_a_refusal_reaches_an_agent_in_his_language_and_a_program_in_english(alice: Agent) -> None:
    Agent.objects.filter(pk=alice.pk).update(language="de")
    row, browser = ticket("Where is it?", assignee=alice), sign_in(alice)
    refused = browser.post(f"/tickets/{row.pk}/messages/", {"kind": "note", "body": " "})
    assert (refused.status_code, "Schreiben Sie etwas" in refused.content.decode()) == (422, True)
    program = robot(alice)
    answer = program.post(f"/tickets/{row.pk}/messages", {"kind": "note", "body": " "}, **GERMAN)
    assert answer.status_code == 422
    assert "Write something" in answer.content.decode()
    assert answer["Content-Language"] == "en"
    assert "Accept-Language" not in answer["Vary"]
    nowhere = program.get("/nowhere", **GERMAN)
    assert "There is nothing here" in nowhere.content.decode()


def test_history_is_the_same_whoever_reads_it(alice: Agent, bob: Agent) -> None:
    Agent.objects.filter(pk=alice.pk).update(language="de")
    row = ticket("Where is it?", assignee=alice)
    sign_in(alice).post(f"/tickets/{row.pk}/change/priority/", {"value": "4"})
    event = Event.objects.about(row).get(type="ticket.priority_changed")
    assert event.changes == {"priority": ["normal", "urgent"]}
    page = sign_in(alice).get(f"/tickets/{row.pk}/").content.decode()
    assert "hat die Priorität auf" in page
    assert (
        "set the priority to" in sign_in(AgentFactory(name="Ann")).get(f"/tickets/{row.pk}/").content.decode()
    )


def test_mails_are_in_the_language_of_whoever_gets_them(alice: Agent, root: Agent) -> None:
    german = AgentFactory(name="Rosa", role=role("Administrator"), language="de")
    key = robot(alice, name="CRM sync")
    row = ticket("Where is it?")
    sign_in(alice).post(f"/tickets/{row.pk}/messages/", {"kind": "note", "body": f"Use {key.secret}"})
    do_queued()
    subjects = {one.to[0]: one.subject for one in mail.outbox}
    assert subjects[german.email] == "Der Schlüssel „CRM sync“ ist gesperrt"
    assert subjects[root.email] == "The key “CRM sync” is suspended"

    mail.outbox.clear()
    invited = AgentFactory(name="Ida", language="de", password="!")
    invite(invited, actor=at_the_web(root))
    do_queued()
    assert mail.outbox[0].subject == "Sie sind zum Helpdesk eingeladen"
    assert mail.outbox[0].body.startswith("Guten Tag Ida,")
    assert translation.get_language() == "en"


def test_dates_and_figures_follow_the_language() -> None:
    page = Template(
        "{% load workspace %}{{ count|counted }} {{ day|date:'DATE_FORMAT' }} {{ share|floatformat:1 }}"
    )
    values = {"count": 2000, "day": date(2026, 11, 22), "share": 0.5}
    told = {}
    for language in ("en", "de"):
        with translation.override(language):
            told[language] = page.render(Context(values))
    assert told == {"en": "1,000+ 2026-11-22 0.5", "de": "1.000+ 22.11.2026 0,5"}
