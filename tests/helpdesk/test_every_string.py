"""Every string of every page can be translated: in a language that only marks what passes through it, all is marked.

A page is walked once for each view, from the links that others hold, so that new pages are walked as well. All data is
written in Cyrillic letters; Latin ones that stand outside the marks are words that no translator would ever see.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from gettext import NullTranslations
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils.translation import trans_real

from accounts.models import Agent, Contact, HelpdeskSettings, Role
from tests.cast import sign_in
from tests.factories import (
    AgentFactory,
    ContactFactory,
    OrganizationFactory,
    TagFactory,
    TeamFactory,
    at_the_web,
    ticket,
)
from tests.length import at_length
from tests.robot import robot
from tests.tasks import do_queued
from tickets import actions
from tickets.actions.writing import Body
from tickets.models import Channel, Status, Ticket

pytestmark = pytest.mark.django_db

MARKS = "⟦⟧"
LANGUAGE = "ru"
SPOKEN = {"title", "aria-label", "placeholder", "alt", "label"}
"""Attributes that people read or hear."""
MUTE = {"script", "style", "code", "pre", "kbd", "textarea", "template"}
NAMES = {
    "API", "UTC", "Markdown", "English", "Deutsch", "Esc", "Enter", "Ctrl", "CSV", "PostgreSQL", "Python", "curl",
    "JavaScript", "JSON", "HEAD", "xx",
    "high", "normal", "bound", "MB", "GET", "POST", "PUT", "PATCH", "DELETE", "HTML", "URL", "ID", "Standard", "IP",
}  # fmt: skip
"""What is called so in every language, and values as programs write them."""


class Marking(NullTranslations):
    """A translation into a language in which every message is itself, between marks."""

    def gettext(self, message: str) -> str:
        return MARKS[0] + message.rpartition("\x04")[2] + MARKS[1]

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return self.gettext(singular if n == 1 else plural)

    def language(self) -> str:
        return LANGUAGE

    to_language = language


@pytest.fixture
def marking(settings: LazySettings) -> Iterator[None]:
    settings.LANGUAGES = [*settings.LANGUAGES, (LANGUAGE, "⟦⟧")]
    known: dict[str, Any] = vars(trans_real)["_translations"]
    before = dict(known)
    known[LANGUAGE] = Marking()
    yield
    known.clear()
    known.update(before)


class Reader(HTMLParser):
    """What people read of a page, and where its links lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text, self.spoken, self.links, self._mute = "", list[str](), list[str](), list[str]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in MUTE:
            self._mute.append(tag)
        for name, value in attrs:
            if name in {"href", "hx-get"} and value and tag != "link":
                self.links.append(value)
            elif value and (name in SPOKEN or (name.startswith("data-") and value.count(" ") > 1)):
                self.spoken.append(value)
        self.text += " "

    def handle_endtag(self, tag: str) -> None:
        if self._mute and tag == self._mute[-1]:
            self._mute.pop()
        self.text += " "

    def handle_data(self, data: str) -> None:
        if not self._mute:
            self.text += data

    def unmarked(self) -> set[str]:
        return {word for text in (self.text, *self.spoken) for word in _latin(_outside(text))}


def _outside(text: str) -> str:
    """What stands outside of the marks, which nest."""
    depth, kept = 0, []
    for character in text:
        depth += (character == MARKS[0]) - (character == MARKS[1])
        kept.append(character if depth == 0 else " ")
    return "".join(kept)


def _latin(text: str) -> Iterator[str]:
    """Words; an address, an operation such as tickets.create, a scope such as tickets:read or an id is none."""
    for token in text.split():
        if not re.search(r"[@:/._=…]\S|^[0-9a-f-]{20,}$", token):
            yield from (word for word in re.findall(r"[A-Za-z]{2,}", token) if word not in NAMES)


MAIN = (
    "/", "/tickets/new/", "/settings/", "/settings/security/", "/admin/", "/admin/apitokens/apikey/add/",
    "/admin/accounts/role/add/", "/admin/activity/event/",
)  # fmt: skip


def test_every_string_of_the_main_pages_can_be_translated(marking: None, root: Agent) -> None:
    browser, row = sign_in(root), _furnish(root)
    assert _unmarked(_read(browser, path) for path in (*MAIN, f"/tickets/{row.pk}/")) == {}
    stranger = Client(headers={"Accept-Language": LANGUAGE})
    closed = ("/sign-in/", "/password/reset/", "/there-is-nothing-here/")
    assert _unmarked(_read(stranger, path) for path in closed) == {}


@at_length
def test_every_string_of_every_page_can_be_translated(marking: None, root: Agent) -> None:
    browser, row = sign_in(root), _furnish(root)
    assert _unmarked(_walk(browser, *MAIN, f"/tickets/{row.pk}/", "/palette/?find=а")) == {}


def _unmarked(pages: Iterable[tuple[str, Reader]]) -> dict[str, set[str]]:
    return {path: words for path, reader in pages if (words := reader.unmarked())}


def _read(browser: Client, path: str) -> tuple[str, Reader]:
    return path, Reader(browser.get(path, follow=True).content.decode())


def _walk(browser: Client, *starts: str) -> Iterator[tuple[str, Reader]]:
    waiting, seen = list(starts), set[Any]()
    while waiting:
        path = waiting.pop(0)
        view = _view(path)
        if view is None or view in seen:
            continue
        seen.add(view)
        answer = browser.get(path)
        if answer.status_code == 200 and "text/html" in answer.get("Content-Type", ""):
            reader = Reader(answer.content.decode())
            yield path, reader
            waiting += [urljoin(path, link) for link in reader.links if not urlsplit(link).netloc]


def _view(path: str) -> Any:
    """What tells pages apart: the view, and in one page's many parts which one it is."""
    try:
        match = resolve(urlsplit(path).path)
    except Resolver404:
        return None
    if urlsplit(path).path.startswith(("/api", "/static", "/oauth", "/.well-known")):
        return None
    parts = {
        name: value for name, value in match.kwargs.items() if isinstance(value, str) and not value.isdigit()
    }
    return match.view_name, tuple(sorted(parts.items())) if "object_id" not in parts else ()


def _furnish(root: Agent) -> Ticket:
    """A helpdesk at work, all in Cyrillic letters."""
    for model in (Status, Role, Channel):
        for row in model.objects.all():
            model.objects.filter(pk=row.pk).update(name=f"Имя {row.pk}")
    HelpdeskSettings.objects.update(name="Бюро")
    Agent.objects.filter(pk=root.pk).update(name="Рут", email="рут@бюро.рф", language=LANGUAGE)
    root.refresh_from_db()
    team = TeamFactory(name="Помощь")
    alice = AgentFactory(name="Алиса", email="алиса@бюро.рф", role=root.role, teams=[team])
    carol = ContactFactory(name="Карол", email="карол@дом.рф", organization=OrganizationFactory(name="Дом"))
    program, me = robot(root, name="Связь", description="Заказы", admin_functions=True), at_the_web(root)
    first, second, third = (_ticket(subject, carol, team) for subject in ("Где", "Когда", "Зачем"))
    for path, data in (
        ("/custom_fields", {"applies_to": "ticket", "key": "x1", "kind": "text", "label": "Цвет"}),
        ("/templates", {"name": "Привет", "body": "Добрый день"}),
        ("/views", {"name": "Мой вид", "query": "status:open", "sharing": "everyone"}),
        ("/orders", {"external_id": "№1", "ticket": first.pk, "marketplace": "Рынок"}),
    ):
        assert program.post(path, data).status_code == 201, path
    changes = {"priority": "high", "assignee": root.pk, "custom_fields": {"x1": "синий"}}
    assert program.patch(f"/tickets/{first.pk}", changes).status_code == 200
    assert program.get("/nowhere").status_code == 404
    actions.note(first, body=Body.from_markdown("Смотри, @Рут"), actor=at_the_web(alice))
    actions.link(first, to=second, actor=me)
    actions.merge(third, into=first, actor=me)
    do_queued()
    return first


def _ticket(subject: str, contact: Contact, team: Any) -> Ticket:
    return ticket(subject, "Жду две недели.", contact=contact, team=team, tags=[TagFactory(name="срочно")])
