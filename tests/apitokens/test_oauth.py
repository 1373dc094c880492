"""An agent allows an application to act for him: the flow, and how every misuse of it ends."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Agent, HelpdeskSettings
from activity.actor import system_actor
from activity.models import Event
from apitokens.actions import applications, tokens
from apitokens.models import AccessToken, AuthorizationCode, Consent, RefreshToken
from tests.apitokens.oauth import BACK, CHALLENGE, VERIFIER, answer, error, post, use, zap
from tests.cast import sign_in
from tests.factories import role, ticket
from tests.robot import ask, reason

pytestmark = pytest.mark.django_db

PUBLIC: Any = {"client_type": "public"}


def test_an_application_acts_for_the_agent_who_allowed_it_and_history_names_both(alice: Agent) -> None:
    app, subject = zap(), ticket()
    back = answer(app.decided_by(alice))
    assert back["state"] == "xyz"
    assert back["iss"] == "http://127.0.0.1:8000"
    tokens_ = app.exchange(back["code"])
    assert tokens_.headers["Cache-Control"] == "no-store"
    given = tokens_.json()
    assert given["access_token"].startswith("hdo_")
    assert given["refresh_token"].startswith("hdr_")
    assert (given["token_type"], given["expires_in"], given["scope"]) == (
        "Bearer",
        3600,
        "*:read tickets:write",
    )
    me = use(given["access_token"])
    told = me.json()["data"]
    assert (told["auth_method"], told["app_id"], told["email"]) == ("oauth", app.application.pk, alice.email)
    assert told["acting"] == {"agent_id": alice.pk, "source": "token"}
    assert me.headers["X-RateLimit-Limit"] == "1000"
    assert (
        use(given["access_token"], f"/tickets/{subject.pk}", "patch", {"priority": "high"}).status_code == 200
    )
    assert use(given["access_token"], f"/tickets/{subject.pk}", "delete").status_code == 403
    event = Event.objects.get(type="ticket.priority_changed")
    assert (event.key_name, event.agent, event.door) == ("Zap", alice, "api")
    log = use(given["access_token"], "/me/requests").json()["data"]
    assert [(entry["method"], entry["status"]) for entry in log] == [
        ("DELETE", 403),
        ("PATCH", 200),
        ("GET", 200),
    ]


def test_refreshing_gives_new_tokens_and_fills_no_bucket(alice: Agent) -> None:
    app = zap()
    first = app.tokens_for(alice)
    left = int(use(first["access_token"]).headers["X-RateLimit-Remaining"])
    second = app.refresh(first["refresh_token"]).json()
    narrow = app.refresh(second["refresh_token"], scope="tickets:read").json()
    assert narrow["scope"] == "tickets:read"
    answered = use(narrow["access_token"], "/contacts")
    assert reason(answered) == "insufficient_scope"
    assert 'scope="contacts:read"' in answered.headers["WWW-Authenticate"]
    assert int(answered.headers["X-RateLimit-Remaining"]) in {left - 1, 999}  # Or the minute was over.
    assert len(use(narrow["access_token"], "/me/requests").json()["data"]) == 2
    # The refresh token keeps the whole of what was allowed.
    assert app.refresh(narrow["refresh_token"]).json()["scope"] == "*:read tickets:write"
    assert Consent.objects.count() == 1


def test_a_code_brought_twice_ends_what_it_got(alice: Agent) -> None:
    app = zap()
    code = app.allowed_by(alice)
    given = app.exchange(code).json()
    assert use(given["access_token"]).status_code == 200
    assert error(app.exchange(code)) == (400, "invalid_grant")
    ended = use(given["access_token"])
    assert (ended.status_code, reason(ended)) == (401, "revoked")
    assert error(app.refresh(given["refresh_token"])) == (400, "invalid_grant")
    assert Event.objects.filter(type="application.tokens_ended").get().facts["why"] == "code_replayed"


def test_a_refresh_token_brought_twice_ends_its_family_and_no_other(alice: Agent) -> None:
    app = zap()
    other, first = app.tokens_for(alice), app.tokens_for(alice)
    second = app.refresh(first["refresh_token"]).json()
    assert error(app.refresh(first["refresh_token"])) == (400, "invalid_grant")
    for token in (first, second):
        assert reason(use(token["access_token"])) == "revoked"
        assert error(app.refresh(token["refresh_token"])) == (400, "invalid_grant")
    assert use(other["access_token"]).status_code == 200


def test_what_an_authorization_request_must_not_be(alice: Agent) -> None:
    """Where to go back to is checked first. Faults after that are told to the application."""
    confidential, public = zap(), zap(name="App", **PUBLIC)
    browser = sign_in(alice)
    for address in (
        confidential.request(redirect_uri="https://evil.example/back"),
        confidential.request(redirect_uri=BACK + "/"),
        confidential.request(redirect_uri=BACK + "?x=1"),
        confidential.request(client_id="nobody"),
        confidential.request(client_id="no\x00body"),
        confidential.request() + "&state=other",
    ):
        page = browser.get(address)
        assert page.status_code == 400, address
        assert "Location" not in page.headers
    for address, fault in (
        (public.request(code_challenge="", code_challenge_method=""), "invalid_request"),
        (public.request(code_challenge_method="plain"), "invalid_request"),
        (public.request(code_challenge_method=""), "invalid_request"),
        (public.request(code_challenge="short"), "invalid_request"),
        (confidential.request(code_challenge=CHALLENGE, code_challenge_method="plain"), "invalid_request"),
        (confidential.request(scope="tickets:delete"), "invalid_scope"),
        (confidential.request(scope="everything"), "invalid_scope"),
        (confidential.request(scope="admin"), "invalid_scope"),
        (confidential.request(scope="tickets:read admin"), "invalid_scope"),
        (confidential.request(response_type="token"), "unsupported_response_type"),
        (confidential.request(resource="https://elsewhere.example/"), "invalid_target"),
    ):
        back = answer(browser.get(address))
        assert (back["error"], back["state"], back["iss"]) == (fault, "xyz", "http://127.0.0.1:8000"), address
    assert Client().get(public.request())["Location"].startswith("/sign-in/?next=%2Foauth%2Fauthorize%3F")


def test_what_a_token_request_must_not_be(alice: Agent) -> None:
    app, public, other = zap(), zap(name="App", **PUBLIC), zap(name="Other")
    code, public_code = app.allowed_by(alice), public.allowed_by(alice)
    given = app.tokens_for(alice)
    wrong = [
        (app.exchange(code, client_secret="hds_" + "0" * 38), (401, "invalid_client")),
        (app.exchange(code, client_id="nobody"), (401, "invalid_client")),
        (post("/oauth/token", {"grant_type": "authorization_code", "code": code}), (401, "invalid_client")),
        (other.exchange(code), (400, "invalid_grant")),
        (app.exchange("nothing"), (400, "invalid_grant")),
        (app.exchange(code, redirect_uri="https://evil.example/"), (400, "invalid_grant")),
        (app.exchange(code, code_verifier=VERIFIER), (400, "invalid_grant")),
        (public.exchange(public_code, code_verifier=VERIFIER + "x"), (400, "invalid_grant")),
        (public.exchange(public_code, code_verifier=""), (400, "invalid_request")),
        (app.exchange(code, resource="https://elsewhere.example/"), (400, "invalid_target")),
        (app.token(grant_type="password", username="a", password="b"), (400, "unsupported_grant_type")),
        (app.token(grant_type="client_credentials"), (400, "unsupported_grant_type")),
        (other.refresh(given["refresh_token"]), (400, "invalid_grant")),
        (app.refresh(given["refresh_token"], scope="tickets:delete"), (400, "invalid_scope")),
        (app.refresh(given["access_token"]), (400, "invalid_grant")),
        (app.refresh("\x00"), (400, "invalid_grant")),
    ]  # fmt: skip
    for response, told in wrong:
        assert error(response) == told
    assert wrong[0][0].headers["WWW-Authenticate"].startswith("Basic ")
    assert Client().get("/oauth/token").status_code == 405
    # None of this has used anything up.
    assert app.exchange(code, resource="http://127.0.0.1:8000/mcp").status_code == 200
    assert public.exchange(public_code).status_code == 200
    assert app.refresh(given["refresh_token"]).status_code == 200


def test_a_code_is_good_for_a_minute_and_tables_hold_nothing_that_opens_anything(alice: Agent) -> None:
    from tests.canary import tables_holding

    app = zap()
    code = app.allowed_by(alice)
    AuthorizationCode.objects.update(expires=timezone.now())
    assert error(app.exchange(code)) == (400, "invalid_grant")
    given = app.tokens_for(alice)
    for secret in (code, given["access_token"], given["refresh_token"], app.secret):
        assert tables_holding(secret) == []
    AccessToken.objects.update(expires=timezone.now())
    assert reason(use(given["access_token"])) == "expired"
    long_ago = timezone.now() - timedelta(days=2)
    for model in (AccessToken, RefreshToken, AuthorizationCode):
        model.objects.update(expires=long_ago)
    tokens.forget_expired(timezone.now())
    tokens.forget_expired(timezone.now())  # Codes are forgotten after the tokens that hang on them.
    assert [m.objects.count() for m in (AccessToken, RefreshToken, AuthorizationCode)] == [0, 0, 0]


def test_what_the_agent_or_the_application_may_not_do_any_more_ends_at_once(alice: Agent, bob: Agent) -> None:
    app = zap()
    given, bobs = app.tokens_for(alice), app.tokens_for(bob)
    root = system_actor()
    alice.role = role("Reader", permissions=["tickets:read"])
    alice.save(update_fields=["role"])
    assert reason(use(given["access_token"], "/contacts")) == "agent_permission"
    applications.edit(app.application, actor=root, scopes=["tickets:write"])
    assert reason(use(given["access_token"], "/tickets")) == "insufficient_scope"
    applications.edit(app.application, actor=root, scopes=["*:read"])
    assert use(given["access_token"], "/tickets").status_code == 200
    Agent.objects.filter(pk=alice.pk).update(is_active=False)
    assert reason(use(given["access_token"])) == "agent_disabled"
    assert error(app.refresh(given["refresh_token"])) == (400, "invalid_grant")
    assert use(bobs["access_token"]).status_code == 200
    applications.disable(app.application, actor=root)
    assert reason(use(bobs["access_token"])) == "suspended"
    assert error(app.refresh(bobs["refresh_token"])) == (401, "invalid_client")
    applications.enable(app.application, actor=root)
    assert use(bobs["access_token"]).status_code == 200
    applications.regenerate_client_secret(app.application, actor=root)
    assert error(app.refresh(bobs["refresh_token"])) == (401, "invalid_client")


def test_an_application_gives_its_tokens_back_and_asks_about_its_own(alice: Agent) -> None:
    app, other = zap(), zap(name="Other")
    given = app.tokens_for(alice)

    def asked(by: Any, token: str) -> Any:
        return post("/oauth/introspect/", by.credentials | {"token": token}).json()

    about = asked(app, given["access_token"])
    assert (about["active"], about["username"], about["scope"]) == (True, alice.email, "*:read tickets:write")
    assert asked(app, given["refresh_token"])["active"] is True
    assert asked(other, given["access_token"]) == {"active": False}
    assert error(post("/oauth/introspect", {"token": given["access_token"]})) == (401, "invalid_client")
    assert post("/oauth/revoke", other.credentials | {"token": given["access_token"]}).status_code == 200
    assert use(given["access_token"]).status_code == 200
    assert post("/oauth/revoke/", app.credentials | {"token": given["refresh_token"]}).status_code == 200
    assert reason(use(given["access_token"])) == "revoked"
    assert asked(app, given["access_token"]) == {"active": False}
    assert post("/oauth/revoke", app.credentials | {"token": "nothing"}).status_code == 200


def test_a_public_application_may_choose_the_port_of_its_own_computer_and_nothing_else(alice: Agent) -> None:
    app = zap(**PUBLIC, redirect_uris="http://127.0.0.1/back\ncom.example.zap:/back")
    browser = sign_in(alice)
    there = "http://127.0.0.1:51234/back"
    code = app.allowed_by(alice, redirect_uri=there)
    assert error(app.exchange(code, redirect_uri="http://127.0.0.1:51235/back")) == (400, "invalid_grant")
    assert app.exchange(code, redirect_uri=there).status_code == 200
    page = browser.get(app.request(redirect_uri="com.example.zap:/back"))
    assert "form-action 'self' com.example.zap:" in page.headers["Content-Security-Policy"]
    for elsewhere in (
        "http://127.0.0.1:51234/other",
        "http://localhost:51234/back",
        "https://127.0.0.1:51234/back",
        "http://127.0.0.1@evil.example/back",
    ):
        assert browser.get(app.request(redirect_uri=elsewhere)).status_code == 400, elsewhere
    confidential = zap(name="Server", redirect_uris="http://127.0.0.1/back")
    assert browser.get(confidential.request(redirect_uri=there)).status_code == 400


def test_the_agent_decides_what_and_whether(alice: Agent, bob: Agent) -> None:
    app = zap(scopes=("tickets:read", "tickets:write", "*:delete", "requests:read"))
    page = sign_in(alice).get(app.request(scope="tickets:read tickets:write *:delete"))
    offered = [entry.scope for entry in page.context["offered"]]
    assert offered[:2] == ["tickets:read", "tickets:write"]
    assert "*:delete" not in offered  # Of deleting, only what an agent may do himself.
    assert "agents:delete" not in offered
    given = app.tokens_for(alice, scope="tickets:read tickets:write", scopes=("tickets:read",))
    assert given["scope"] == "tickets:read"
    assert app.tokens_for(alice, scope="requests:read")["scope"] == "requests:read"  # As it was written.
    nothing = sign_in(alice).post(app.request(), {"allow": "yes", "scopes": ["tickets:import"]})
    assert nothing.status_code == 422
    no = answer(sign_in(bob).post(app.request(), {"deny": "yes"}))
    assert (no["error"], no["state"]) == ("access_denied", "xyz")
    assert not Consent.objects.filter(agent=bob).exists()


def test_an_agent_withdraws_what_he_allowed_and_only_that(alice: Agent, bob: Agent) -> None:
    app = zap()
    given, waiting = app.tokens_for(alice), app.allowed_by(alice)
    bobs = app.tokens_for(bob)
    page = sign_in(alice).get("/settings/applications/").content.decode()
    assert "Zap" in page
    own = Consent.objects.get(agent=alice)
    assert sign_in(bob).post(f"/settings/applications/{own.pk}/").status_code == 404
    assert sign_in(alice).post(f"/settings/applications/{own.pk}/").status_code == 302
    assert reason(use(given["access_token"])) == "revoked"
    assert error(app.refresh(given["refresh_token"])) == (400, "invalid_grant")
    assert error(app.exchange(waiting)) == (400, "invalid_grant")
    assert use(bobs["access_token"]).status_code == 200
    # Allowed again, nothing old comes back to life.
    again = app.tokens_for(alice)
    assert use(again["access_token"]).status_code == 200
    assert reason(use(given["access_token"])) == "revoked"


def test_without_the_api_in_the_plan_there_are_no_tokens(alice: Agent) -> None:
    app = zap()
    code, given = app.allowed_by(alice), app.tokens_for(alice)
    HelpdeskSettings.objects.update(plan="standard", plans_with_api=["enterprise"])
    assert error(app.exchange(code)) == (403, "plan_required")
    assert reason(use(given["access_token"])) == "plan_required"
    assert sign_in(alice).get(app.request()).status_code == 403


def test_a_token_names_nobody_else_and_comes_as_bearer_only(alice: Agent, bob: Agent) -> None:
    given = zap().tokens_for(alice)
    token = given["access_token"]
    assert use(token, **{"X-Agent-ID": str(alice.pk)}).status_code == 200
    assert reason(use(token, **{"X-Agent-ID": str(bob.pk)})) == "agent_override_not_allowed"
    assert reason(ask("get", "/me", headers={"Authorization": f"key 1:{token}"})) == "invalid_token"
    assert reason(use(given["refresh_token"])) == "invalid_token"
    challenge = ask("get", "/me").headers["WWW-Authenticate"]
    assert (
        'resource_metadata="http://127.0.0.1:8000/.well-known/oauth-protected-resource/api/v1"' in challenge
    )


def test_a_token_or_client_secret_that_somebody_writes_down_opens_nothing_any_more(alice: Agent) -> None:
    app = zap()
    first, second, third = app.tokens_for(alice), app.tokens_for(alice), app.tokens_for(alice)
    note = f"Try {first['access_token']} or {second['refresh_token']}."
    subject = ticket()
    written = use(first["access_token"], f"/tickets/{subject.pk}", "patch", {"subject": note})
    shown = written.json()["data"]["subject"]
    assert "hdo_…" in shown
    assert "hdr_…" in shown
    assert first["access_token"] not in shown
    assert reason(use(first["access_token"])) == "revoked"
    assert reason(use(second["access_token"])) == "revoked"
    use(third["access_token"], f"/tickets/{subject.pk}", "patch", {"subject": f"It is {app.secret}"})
    assert reason(use(third["access_token"])) == "suspended"
    assert Event.objects.filter(type="application.disabled").get().facts["why"] == "leaked"


def test_the_documents_are_whole_and_their_addresses_answer() -> None:
    browser = Client()
    discovered = browser.get("/api/v1/helpdesk/discover").json()["data"]["auth"]["oauth_metadata_url"]
    assert discovered == "http://127.0.0.1:8000/.well-known/oauth-authorization-server"
    for suffix in ("", "/api/v1", "/mcp"):
        server = browser.get(f"/.well-known/oauth-authorization-server{suffix}").json()
        assert browser.get(f"/.well-known/oauth-authorization-server{suffix}/").json() == server
        resource = browser.get(f"/.well-known/oauth-protected-resource{suffix}").json()
        assert resource["resource"] == server["issuer"] + suffix
        assert resource["authorization_servers"] == [server["issuer"]]
        assert server["code_challenge_methods_supported"] == ["S256"]
        assert "tickets:read" in server["scopes_supported"]
    for name in ("token", "revocation", "introspection"):
        path = server[f"{name}_endpoint"].removeprefix(server["issuer"])
        assert browser.post(path).status_code in {400, 401}, path
        assert browser.post(path + "/").status_code in {400, 401}, path
    assert browser.get(server["service_documentation"].removeprefix(server["issuer"])).status_code == 200
    assert browser.get("/oauth/authorize/").status_code == 302
    assert browser.get("/.well-known/oauth-protected-resource/elsewhere").status_code == 404


def test_whoever_keeps_guessing_at_the_token_endpoint_waits() -> None:
    app = zap()
    answers = [app.exchange("nothing").status_code for _time in range(62)]
    assert (answers[0], answers[-1]) == (400, 429)


def test_no_nonsense_is_a_fault_of_ours(alice: Agent) -> None:
    app, browser = zap(), sign_in(alice)
    browser.raise_request_exception = False
    for query in ("", "%zz", "client_id=%zz", "client_id=%ff", "a=\x7f", "client_id[]=1", "scope=%ed%a0%80"):
        for start in ("", f"{app.request()}&".partition("?")[2]):
            assert browser.get(f"/oauth/authorize?{start}{query}").status_code in {200, 302, 400}, query
    stranger = Client(raise_request_exception=False)
    for path in ("/oauth/token", "/oauth/revoke", "/oauth/introspect"):
        for body, kind in (
            (b"", "application/x-www-form-urlencoded"),
            (b"%zz=%zz&client_id=%ff&token=%00", "application/x-www-form-urlencoded"),
            (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
            (b'{"grant_type": "refresh_token"}', "application/json"),
            (b"--x\r\nContent-Disposition: form-data; name=token\r\n\r\nx", "multipart/form-data; boundary=x"),
            (f"grant_type=authorization_code&code=\udcff&client_id={app.application.client_id}".encode(errors="surrogateescape"),
             "application/x-www-form-urlencoded"),
        ):  # fmt: skip
            answered = stranger.post(path, body, kind)
            assert answered.status_code in {400, 401}, (path, body)
            assert "error" in answered.json()
        for header in ("Basic", "Basic !!!", "Basic Og==", "Basic eA==", "Bearer x", "Basic /////w=="):
            form = {"grant_type": "refresh_token", "refresh_token": "x", "token": "x"}
            assert post(path, form, Authorization=header).status_code == 401, (path, header)
        assert stranger.post(f"{path}?client_secret=x", app.credentials | {"token": "x"}).status_code == 400
    basic = base64.b64encode(f"{app.application.client_id}:{app.secret}".encode()).decode()
    form = {"grant_type": "authorization_code", "code": app.allowed_by(alice), "redirect_uri": BACK}
    assert post("/oauth/token/", form, Authorization=f"Basic {basic}").status_code == 200
