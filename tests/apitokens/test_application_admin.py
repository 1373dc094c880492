"""The admin registers applications, sees who allowed them and what they did, and shuts them again."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Agent
from activity.models import Event
from apitokens.models import Application, Consent
from tests.apitokens.oauth import BACK, Zap, use, zap
from tests.cast import sign_in
from tests.factories import ticket
from tests.robot import reason

pytestmark = pytest.mark.django_db

LIST = "/admin/apitokens/application/"
FORM = {
    "name": "Zap",
    "description": "Moves tickets about",
    "client_type": "confidential",
    "redirect_uris": BACK,
    "scopes-tickets": "full",
}


def sent(browser: Client, page: str, **form: str) -> str:
    """Open a page of the application, send its form, and say what came."""
    token = re.findall(r'name="form_token" value="([^"]+)"', browser.get(page).content.decode())
    answer = browser.post(page, {**form, "form_token": token[0] if token else ""})
    assert answer.status_code in {200, 302}, answer.content
    return answer.content.decode()


def copied(page: str, field: str) -> str:
    found: tuple[str, str] = re.findall(
        rf'id="{field}"[^>]* value="([^"]+)"|id="{field}"[^>]*>([^<]+)<', page
    )[0]
    return found[0] or found[1]


def test_from_registering_an_application_to_deleting_it(root: Agent, alice: Agent) -> None:
    browser, subject = sign_in(root), ticket()
    once = sent(browser, f"{LIST}add/", **FORM)
    app = Application.objects.get()
    made = Zap(app, copied(once, "secret"))
    assert made.secret.startswith("hds_")
    assert app.client_id in once
    given = made.tokens_for(alice)
    assert given["scope"] == "tickets:read tickets:write"  # Alice may not delete.
    use(given["access_token"], f"/tickets/{subject.pk}/priority", "post", {"priority": "high"})
    consent = Consent.objects.get()
    overview = browser.get(f"{LIST}{app.pk}/overview/").content.decode()
    assert "Alice" in overview
    assert made.secret not in overview
    allowed = f"{LIST}{app.pk}/allowed/{consent.pk}/"
    event = Event.objects.get(type="ticket.priority_changed")
    origin = browser.get(f"/admin/apitokens/apikey/{event.key_id}/requests/of/{event.pk}/")
    assert origin["Location"] == f"{allowed}requests/1/"
    one = browser.get(origin["Location"]).content.decode()
    assert "curl -X POST -H &quot;Authorization: Bearer $KEY&quot;" in one
    assert f"/admin/activity/event/{event.pk}/change/" in one
    log = browser.get(f"{allowed}requests/?status=2&method=POST").content.decode()
    assert f"/api/v1/tickets/{subject.pk}/priority" in log
    assert "None of the requests is like that" in browser.get(f"{allowed}requests/?status=4").content.decode()
    # Narrower at once; what was typed as it was changes nothing.
    sent(browser, f"{LIST}{app.pk}/change/", **FORM | {"scopes-tickets": "read"})
    assert (
        reason(use(given["access_token"], f"/tickets/{subject.pk}/priority", "post", {}))
        == "insufficient_scope"
    )
    renewed = Zap(app, copied(sent(browser, f"{LIST}{app.pk}/regenerate/"), "secret"))
    assert made.refresh(given["refresh_token"]).status_code == 401
    given = renewed.refresh(given["refresh_token"]).json()
    sent(browser, f"{LIST}{app.pk}/disable/")
    assert reason(use(given["access_token"])) == "suspended"
    assert browser.post(f"{LIST}{app.pk}/enable/").status_code == 302
    assert use(given["access_token"]).status_code == 200
    assert browser.post(f"{LIST}{app.pk}/allowed/{consent.pk}/withdraw/").status_code == 302
    assert reason(use(given["access_token"])) == "revoked"
    assert browser.post(f"{LIST}{app.pk}/delete/", {"post": "yes"}).status_code == 403  # It is enabled.
    sent(browser, f"{LIST}{app.pk}/disable/")
    assert browser.post(f"{LIST}{app.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Application.objects.exists()
    told = set(Event.objects.filter(type__startswith="application.").values_list("type", flat=True))
    assert told == {
        f"application.{what}"
        for what in (
            "created",
            "allowed",
            "changed",
            "regenerated",
            "disabled",
            "enabled",
            "withdrawn",
            "deleted",
        )
    }


def test_what_is_wrong_with_an_application_is_said_in_words(root: Agent) -> None:
    browser = sign_in(root)
    for wrong, said in (
        ({"redirect_uris": "http://app.example/back"}, "must begin with https://"),
        ({"redirect_uris": f"{BACK}#here"}, "has a part after #"),
        ({"redirect_uris": "https://*.example/"}, "must name one place"),
        ({"redirect_uris": "https://me@app.example/"}, "must name one place"),
        ({"redirect_uris": "javascript:alert(1)"}, "is no address to go back to"),
        ({"redirect_uris": "data:text/html,x"}, "holds characters that no address has"),
        ({"scopes-tickets": "none"}, "Choose at least one thing"),
        ({"name": ""}, "This field is required"),
    ):
        assert said in sent(browser, f"{LIST}add/", **FORM | wrong), wrong
    assert not Application.objects.exists()
    public = sent(
        browser, f"{LIST}add/", **FORM | {"client_type": "public", "redirect_uris": "com.example.zap:/back"}
    )
    assert "hds_" not in public
    assert Application.objects.get().digest is None


def test_applications_are_for_administrators_and_a_form_counts_once(root: Agent, alice: Agent) -> None:
    app, browser = zap().application, sign_in(root)
    token = re.findall(r'name="form_token" value="([^"]+)"', browser.get(f"{LIST}add/").content.decode())[0]
    for _time in range(2):
        browser.post(f"{LIST}add/", FORM | {"form_token": token})
    assert Application.objects.exclude(pk=app.pk).count() == 1
    for page in ("", "add/", f"{app.pk}/overview/", f"{app.pk}/regenerate/", f"{app.pk}/change/"):
        assert sign_in(alice).get(LIST + page).status_code in {302, 403, 404}, page


def test_what_an_application_does_is_counted_and_told_as_that_of_a_key(root: Agent, alice: Agent) -> None:
    app, browser = zap(), sign_in(root)
    token = app.tokens_for(alice)["access_token"]
    for path in ("/tickets", "/tickets", "/orders/1/strange"):
        use(token, path)
    consent = Consent.objects.get()
    allowed = f"{LIST}{app.application.pk}/allowed/{consent.pk}/"
    counted = browser.get(f"{allowed}usage/").content.decode()
    assert "3 requests in the last 30 days; refused: 1, failed: 0." in counted
    assert "<code>tickets.list</code>" in counted
    assert "127.0.0.1" in counted
    assert "Nothing stands out." in browser.get(allowed).content.decode()
    consent.days.filter(operation="tickets.list").update(outcome=4, requests=40)
    ever = timezone.now() - timedelta(days=61)
    consent.days.create(day=ever.date(), operation="me.read", outcome=2)
    consent.seen_addresses.update(first_at=ever)
    consent.seen_addresses.create(
        secret="current",
        address="198.51.100.7",
        user_agent="zap/2",
        first_at=timezone.now(),
        last_at=timezone.now(),
    )
    page = browser.get(allowed).content.decode()
    assert "for the first time from 198.51.100.0/24" in page
    assert "41 of its 41 requests in the last 7 days were refused or failed." in page
    assert "scopes that it did not need in 60 days" in page
    assert page.count('class="badge health-') == 3
    for place in (LIST, f"{LIST}{app.application.pk}/overview/"):
        assert "unusual address</span>" in browser.get(place).content.decode()
    for _ in range(3):
        zap(name="Other").tokens_for(alice)
    with CaptureQueriesContext(connection) as many:
        browser.get(LIST)
    Application.objects.exclude(pk=app.application.pk).delete()
    with CaptureQueriesContext(connection) as one:
        browser.get(LIST)
    assert len(one) == len(many)
