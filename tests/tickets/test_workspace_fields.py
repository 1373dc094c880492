"""Custom fields in the workspace: seen beside the ticket, filled in by a small form, told in its history."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import update_contact
from accounts.models import Agent, Contact, CustomField
from tests.cast import sign_in
from tests.factories import AgentFactory, OrganizationFactory, at_the_web, role, ticket
from tickets import actions
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

IN_DIALOG = {"HX-Request": "true", "HX-Target": "picker"}


@pytest.fixture(autouse=True)
def fields(db: None) -> None:
    rows = [
        ("ticket", "order_number", "text", []),
        ("ticket", "reason", "choice", ["Late", "<b>Lost</b>"]),
        ("ticket", "parts", "multi_choice", ["Lid", "Box", "Cable"]),
        ("ticket", "vip", "boolean", []),
        ("ticket", "due", "date", []),
        ("ticket", "page", "url", []),
        ("contact", "since", "date", []),
        ("contact", "empty", "text", []),
        ("organization", "plan", "text", []),
    ]
    CustomField.objects.bulk_create(
        CustomField(
            applies_to=thing,
            key=key,
            label=key.replace("_", " ").title(),
            kind=kind,
            choices=choices,
            position=n,
        )
        for n, (thing, key, kind, choices) in enumerate(rows)
    )


@pytest.fixture
def case(carol: Contact) -> Ticket:
    carol.organization = OrganizationFactory(name="Flowers Ltd", custom_fields={"plan": "Gold & silver"})
    carol.custom_fields = {"since": "2024-03-01"}
    carol.save()
    return ticket(
        contact=carol, custom_fields={"reason": "<b>Lost</b>", "page": "https://shop.example/?a=1&b=2"}
    )


def test_the_panel_shows_what_is_filled_in_and_offers_the_rest(alice: Agent, case: Ticket) -> None:
    client, url = sign_in(alice), f"/tickets/{case.pk}/"
    with CaptureQueriesContext(connection) as captured:
        page = client.get(url).content.decode()
    assert len([query for query in captured if "accounts_customfield" in query["sql"]]) == 1
    assert "&lt;b&gt;Lost&lt;/b&gt;" in page
    assert "<b>Lost</b>" not in page
    assert 'href="https://shop.example/?a=1&amp;b=2" target="_blank" rel="noopener' in page
    assert "1 Mar 2024" in page
    assert "Gold &amp; silver" in page
    assert "Empty" not in page
    assert f'href="/tickets/{case.pk}/fields/due/' in page
    blind = AgentFactory(role=role("Blind", permissions=["tickets:read", "messages:read"]))
    seen = sign_in(blind).get(url).content.decode()
    assert "Lost" in seen
    assert not re.search(r"\bDue\b", seen), "Who may not fill it in is not shown that it is empty."
    assert "1 Mar 2024" not in seen
    assert "Gold" not in seen


def test_a_field_is_filled_in_and_history_says_so(alice: Agent, case: Ticket) -> None:
    client = sign_in(alice)

    def fill(key: str, value: object) -> str:
        url = f"/tickets/{case.pk}/fields/{key}/"
        assert client.get(url, headers=IN_DIALOG).status_code == 200
        answer = client.post(url, {"value": value}, headers=IN_DIALOG)
        assert answer.status_code == 200, answer.content.decode()
        return answer.content.decode()

    assert "Alice filled in Order Number: A &amp; B 7%" in fill("order_number", " A & B 7% ")
    fill("parts", ["Cable", "Lid"])
    fill("vip", "no")
    fill("due", "2026-12-24")
    told = fill("reason", "")
    assert "Alice emptied Reason" in told
    assert "Alice filled in Parts: Lid, Cable" in told
    assert "24 Dec 2026" in told
    case.refresh_from_db()
    assert case.custom_fields == {
        "order_number": "A & B 7%",
        "parts": ["Lid", "Cable"],
        "vip": False,
        "due": "2026-12-24",
        "page": "https://shop.example/?a=1&b=2",
    }
    picker = client.get(f"/tickets/{case.pk}/fields/vip/", headers=IN_DIALOG).content.decode()
    assert 'value="no" aria-pressed="true"' in picker
    bad = client.post(f"/tickets/{case.pk}/fields/page/", {"value": "javascript:alert(1)"}, headers=IN_DIALOG)
    assert bad.status_code == 422
    assert 'value="javascript:alert(1)"' in bad.content.decode()
    assert "give an address such as" in bad.content.decode()
    CustomField.objects.filter(key="page").update(is_active=False)
    assert client.get(f"/tickets/{case.pk}/fields/page/").status_code == 404
    assert client.get(f"/tickets/{case.pk}/fields/since/").status_code == 404


def test_who_may_not_change_the_ticket_fills_in_nothing(bob: Agent, alice: Agent, case: Ticket) -> None:
    url = f"/tickets/{case.pk}/fields/vip/"
    assert sign_in(bob).post(url, {"value": "yes"}).status_code == 404
    light = AgentFactory(role=role("Reader", permissions=["tickets:read"]))
    assert sign_in(light).get(url).status_code == 403
    assert sign_in(light).post(url, {"value": "yes"}).status_code == 403
    plain = sign_in(alice).post(url, {"value": "yes"})
    assert (plain.status_code, plain.headers["Location"]) == (302, f"/tickets/{case.pk}/?view=mine")


def test_a_new_ticket_is_opened_with_its_fields(alice: Agent) -> None:
    client = sign_in(alice)
    page = client.get("/tickets/new/").content.decode()
    assert 'name="custom_fields.due"' in page
    form = {
        "email": "dave@customer.example",
        "author": "contact",
        "subject": "Broken",
        "body": "It is.",
        "priority": "2",
        "custom_fields.order_number": "77",
        "custom_fields.parts": ["Box"],
        "custom_fields.vip": "yes",
    }
    wrong = client.post("/tickets/new/", form | {"custom_fields.due": "soon"})
    assert wrong.status_code == 422
    assert "Due: give a day such as 2026-11-22." in wrong.content.decode()
    assert 'value="77"' in wrong.content.decode()
    assert client.post("/tickets/new/", form).status_code == 302
    assert Ticket.objects.get().custom_fields == {"order_number": "77", "parts": ["Box"], "vip": True}


def test_the_same_field_filled_in_by_two_shows_both_values(alice: Agent, root: Agent, case: Ticket) -> None:
    client, before = sign_in(alice), case.version
    actions.set_fields(case, values={"reason": "Late", "due": "2026-12-24"}, actor=at_the_web(root))
    url = f"/tickets/{case.pk}/fields/reason/"
    picker = client.get(f"{url}?version={before}", headers=IN_DIALOG).content.decode()
    assert f'name="version" value="{before}"' in picker
    clash = client.post(url, {"value": "", "version": before}, headers=IN_DIALOG)
    assert clash.status_code == 422
    page = " ".join(clash.content.decode().split())
    for said in ("Root changed this meanwhile.", "<dd>Late</dd>", "<dd>nothing</dd>", "Set nothing"):
        assert said in page
    latest = re.search(r'name="version" value="(\d+)"', page)
    assert latest
    typed = client.post(f"/tickets/{case.pk}/fields/due/", {"value": "2027-01-01", "version": before})
    assert "<dd>24 Dec 2026</dd>" in typed.content.decode()
    assert 'value="2027-01-01"' in typed.content.decode(), "What she typed is still there."
    # Another field merges; and the same one, once she has seen both values.
    assert (
        client.post(f"/tickets/{case.pk}/fields/vip/", {"value": "yes", "version": before}).status_code == 302
    )
    assert client.post(url, {"value": "", "version": latest[1]}).status_code == 302
    case.refresh_from_db()
    assert case.custom_fields["vip"] is True
    assert "reason" not in case.custom_fields


def test_contact_and_organization_are_edited_with_their_fields(
    alice: Agent, root: Agent, case: Ticket
) -> None:
    client, carol = sign_in(alice), case.contact
    form = f"/tickets/{case.pk}/contact/"
    page = client.get(form, headers=IN_DIALOG).content.decode()
    assert 'name="custom_fields.since" value="2024-03-01"' in page
    shown = dict(re.findall(r'name="(initial-[^"]+)" value="([^"]*)"', page))
    same = {name.removeprefix("initial-"): value for name, value in shown.items()} | shown
    same |= {"version": str(carol.version), "emails": "carol@customer.example", "phones": "", "notes": ""}
    wrong = client.post(form, same | {"custom_fields.since": "long"}, headers=IN_DIALOG)
    assert "Since: give a day such as" in wrong.content.decode()
    update_contact(carol, phones=["+43 1"], custom_fields={"since": "2020-01-01"}, actor=at_the_web(root))
    # What others did to other fields stays.
    assert client.post(form, same | {"custom_fields.empty": "x"}, headers=IN_DIALOG).status_code == 200
    carol.refresh_from_db()
    assert carol.phones == ["+43 1"]
    assert carol.custom_fields == {"since": "2020-01-01", "empty": "x"}
    clash = client.post(form, same | {"custom_fields.since": "2021-01-01"}, headers=IN_DIALOG)
    page = " ".join(clash.content.decode().split())
    assert "<h3>Since</h3><dl><dt>Now</dt><dd>1 Jan 2020</dd><dt>Yours</dt><dd>1 Jan 2021</dd>" in page
    carol.refresh_from_db()
    assert f'name="version" value="{carol.version}"' in page
    again = same | {"custom_fields.since": "2021-01-01", "version": str(carol.version)}
    assert client.post(form, again, headers=IN_DIALOG).status_code == 200
    carol.refresh_from_db()
    assert carol.custom_fields["since"] == "2021-01-01"


def test_the_organization_is_edited_beside_the_ticket(alice: Agent, root: Agent, case: Ticket) -> None:
    client, form = sign_in(root), f"/tickets/{case.pk}/organization/"
    firm = case.organization
    assert firm
    page = client.get(form, headers=IN_DIALOG).content.decode()
    assert "Gold &amp; silver" in page
    shown = {
        "version": firm.version,
        "initial-name": "Flowers Ltd",
        "initial-custom_fields.plan": "Gold & silver",
    }
    sent = shown | {"name": "Flowers & Sons", "custom_fields.plan": "Bronze"}
    assert "Flowers &amp; Sons" in client.post(form, sent, headers=IN_DIALOG).content.decode()
    firm.refresh_from_db()
    assert (firm.name, firm.custom_fields) == ("Flowers & Sons", {"plan": "Bronze"})
    clash = client.post(form, sent | {"name": "Flowers Inc"}, headers=IN_DIALOG)
    assert clash.status_code == 422
    assert "<dd>Flowers &amp; Sons</dd>" in clash.content.decode()
    assert 'href="/tickets/' in client.get(f"/tickets/{case.pk}/").content.decode()
    reader = sign_in(AgentFactory(role=role("Reader", permissions=["tickets:read", "organizations:read"])))
    assert "/organization/" not in reader.get(f"/tickets/{case.pk}/").content.decode()
    assert reader.get(form).status_code == 403
    blind = AgentFactory(role=role("Blind", permissions=["tickets:read"]))
    assert sign_in(blind).get(form).status_code == 404
