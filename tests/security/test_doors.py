"""Second doors, wider keys and hostile addresses, tried in the workspace, the admin and the sign-in pages."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.test import Client

from accounts.actions import choose_password, peek
from accounts.actions.links import InvalidLink, make_link
from accounts.models import Agent, LinkPurpose, Team
from accounts.policy import NotAllowed
from activity.actor import Actor, Door, system_actor
from apitokens.actions import create_key
from tests.cast import sign_in
from tests.factories import AgentFactory, role, ticket
from tests.length import at_length
from tickets import actions
from tickets.actions.writing import Body

_KEEPER = ["keys:read", "keys:write", "agents:read", "tickets:read"]


@pytest.fixture
def keeper(db: None) -> Agent:
    """Somebody who keeps keys without being an administrator."""
    return AgentFactory(name="Kim", role=role("Key keeper", permissions=_KEEPER, enters_admin=True))


@pytest.mark.parametrize("functions", [False, True])
def test_nobody_gets_a_key_of_an_administrator_who_is_away(
    keeper: Agent, root: Agent, functions: bool
) -> None:
    """The rights of an inactive agent come back with him: a key for him is as wide as he will be."""
    root.is_active = False
    root.save(update_fields=["is_active"])
    with pytest.raises(NotAllowed):
        create_key(
            actor=Actor(Door.ADMIN, agent=keeper),
            name="Waits",
            owner=keeper,
            agent=root,
            access_level="full",
            admin_functions=functions,
        )


def test_admin_functions_are_an_administrators_gift(keeper: Agent) -> None:
    with pytest.raises(NotAllowed):
        create_key(
            actor=Actor(Door.ADMIN, agent=keeper),
            name="Waits",
            owner=keeper,
            agent=keeper,
            access_level="read",
            admin_functions=True,
        )


def test_a_chosen_password_ends_every_other_link(alice: Agent) -> None:
    invite, reset = (make_link(alice, purpose) for purpose in (LinkPurpose.INVITE, LinkPurpose.RESET))
    token, other = (link.rstrip("/").rpartition("/")[2] for link in (invite, reset))
    choose_password(token=token, password="another fine password", door=Door.WEB)
    with pytest.raises(InvalidLink):
        peek(other)


_ODD = ["%00", "%ff", "%ED%A0%80", "9" * 5000, "a" * 3000, "-1", "", "1&{0}=2", "%F0%9F%98%80", "٣", "'\"<>"]


_NAMES = ["q", "after", "contact", "view", "next", "all", "page", "query", "sort"]
_NAMES_IN_ADMIN = ["q", "p", "o", "_facets", "e", "all", "_popup", "password__startswith", "digest"]


@pytest.mark.parametrize(
    "at_once", [True, pytest.param(False, marks=at_length)], ids=["at once", "one by one"]
)
@pytest.mark.parametrize("odd", _ODD, ids=range(len(_ODD)))
def test_no_odd_address_is_a_server_error(alice: Agent, root: Agent, odd: str, at_once: bool) -> None:
    opened = ticket()
    pages = ["/search/", "/views/mine/", "/tickets/new/", f"/tickets/{opened.pk}/", "/sign-in/"]
    kinds = ["tickets/ticket", "apitokens/apikey", "accounts/agent", "accounts/role", "activity/event"]
    asked = [(page, _NAMES) for page in pages]
    of_root = [*asked, *((f"/admin/{kind}/", _NAMES_IN_ADMIN) for kind in kinds)]
    for agent, addresses in ((alice, asked), (root, of_root)):
        browser = sign_in(agent)
        browser.raise_request_exception = False
        for page, names in addresses:
            for some in [names] if at_once else [[name] for name in names]:
                query = "&".join(f"{name}={odd.replace('{0}', name)}" for name in some)
                assert browser.get(f"{page}?{query}").status_code < 500, f"{page} {some} {odd[:20]}"


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "/\\evil.example", "https:evil.example", "%2f%2fevil.example", "\t//evil.example"],
)
def test_no_redirect_leaves_the_helpdesk(alice: Agent, target: str) -> None:
    answer = sign_in(alice).get(f"/sign-in/?next={quote(target, safe='%')}")
    assert answer["Location"].startswith("/")
    assert not answer["Location"].startswith(("//", "/\\"))


def test_no_page_of_the_workspace_or_the_admin_tells_bob_of_a_ticket(
    bob: Agent, support: Team, billing: Team
) -> None:
    secret = ticket(subject="CANARYSUBJECT", text="CANARYBODY", team=support)
    actions.note(secret, body=Body.from_markdown("CANARYNOTE"), actor=system_actor())
    ticket(team=billing, contact=secret.contact)
    bob.role = role("Lead", permissions=["tickets:read", "contacts:read", "messages:read", "events:read",
                    "agents:read", "tags:read", "tickets:write"], reach="teams", enters_admin=True)  # fmt: skip
    bob.save()
    browser, pk = sign_in(bob), secret.pk
    for path in (
        f"/tickets/{pk}/", f"/tickets/{pk}/change/status/", f"/admin/tickets/ticket/{pk}/change/",
        f"/admin/tickets/ticket/{pk}/history/", f"/contacts/{secret.contact_id}/", "/search/?q=CANARYSUBJECT",
        f"/search/?q=%23{pk}", "/views/open/?q=CANARYBODY", "/admin/tickets/ticket/?q=CANARYNOTE", "/counts/",
        "/admin/activity/event/", "/admin/activity/event/?q=CANARYSUBJECT",
    ):  # fmt: skip
        page = browser.get(path, follow=True).content.decode()
        shown = page.replace("q=CANARY", "").replace('value="CANARY', "")
        assert "CANARYSUBJECT</" not in shown, path
        assert "CANARYBODY</" not in shown, path
        assert f"#{pk}<" not in shown, path


def test_a_session_ends_with_its_agent(alice: Agent) -> None:
    browser = sign_in(alice)
    assert browser.get("/views/mine/").status_code == 200
    Agent.objects.filter(pk=alice.pk).update(is_active=False)
    assert browser.get("/views/mine/").status_code == 302


def test_every_form_asks_for_the_csrf_token(alice: Agent) -> None:
    opened = ticket()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    for path in (f"/tickets/{opened.pk}/messages/", f"/tickets/{opened.pk}/change/status/", "/tickets/new/",
                 "/sign-in/", "/sign-out/"):  # fmt: skip
        assert browser.post(path, {"value": "1", "body": "x", "kind": "reply"}).status_code == 403
