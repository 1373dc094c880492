"""Lena makes keys without being an administrator: for what she may do herself, and for nothing else."""

from __future__ import annotations

import re

import pytest

from accounts.models import Agent
from apitokens.models import ApiKey
from tests.apitokens.key_desk import LIST, create, edit_form, me, secret_in, told
from tests.cast import sign_in
from tests.factories import AgentFactory, role
from tests.robot import robot

pytestmark = pytest.mark.django_db


@pytest.fixture
def lena(db: None) -> Agent:
    rights = [
        "keys:read",
        "keys:write",
        "keys:delete",
        "tickets:read",
        "tags:read",
        "agents:read",
        "events:read",
    ]
    return AgentFactory(
        name="Lena", role=role("Integrator", permissions=rights, reach="teams", enters_admin=True)
    )


def test_lena_makes_a_key_for_what_she_may_do_herself(lena: Agent) -> None:
    answer = create(sign_in(lena), lena, access_level="custom", kind=None, **{"scopes-tickets": "read"})
    assert me(secret_in(answer)).json()["data"]["scopes"] == ["tickets:read"]


@pytest.mark.parametrize("forged", [{"kind": "superuser"}, {"admin_functions": "on"}])
def test_lena_is_not_offered_superuser_keys_and_cannot_forge_one(lena: Agent, forged: dict[str, str]) -> None:
    client = sign_in(lena)
    assert 'value="superuser"' not in told(client.get(f"{LIST}add/"))
    create(client, lena, access_level="custom", **({"kind": None, "scopes-tickets": "read"} | forged))
    for key in ApiKey.objects.all():
        assert (key.kind, key.admin_functions) == ("agent", False)


def test_lena_makes_no_key_that_acts_as_somebody_who_may_do_more(
    lena: Agent, alice: Agent, root: Agent
) -> None:
    client = sign_in(lena)
    for agent in (alice, root):
        answer = create(client, agent, kind=None)
        assert "Nothing has been saved yet" in told(answer)
        assert re.search("may not do yourself|Only an administrator", told(answer))
    assert not ApiKey.objects.exists()


def test_lena_neither_sees_nor_touches_the_keys_of_others(lena: Agent, root: Agent, alice: Agent) -> None:
    theirs = robot(alice, name="Canary", owner=root)
    theirs.get("/me")
    client = sign_in(lena)
    assert "Canary" not in told(client.get(LIST)) + told(client.get("/admin/activity/event/"))
    assert "Nothing matches" in told(client.get(f"{LIST}?q=Canary"))
    for page in ("overview", "requests", "change", "history", "regenerate", "revoke", "delete"):
        for answer in (
            client.get(f"{LIST}{theirs.key.pk}/{page}/"),
            client.post(f"{LIST}{theirs.key.pk}/{page}/", {}),
        ):
            assert answer.status_code in {302, 403, 404}, page
            assert "Canary" not in told(answer)
    assert theirs.get("/me").status_code == 200


def test_lena_does_not_widen_a_key_of_hers(lena: Agent, alice: Agent) -> None:
    hers = robot(lena, access_level="custom", scopes=["tickets:read"])
    client = sign_in(lena)
    for wider in ({"agent": alice.pk, "access_level": "full"}, {"kind": "superuser", "agent": ""}):
        client.post(f"{LIST}{hers.key.pk}/change/", edit_form(hers.key, **wider))
    key = ApiKey.objects.get()
    assert (key.agent, key.kind, key.access_level) == (lena, "agent", "custom")


def test_who_may_only_read_keys_changes_none(root: Agent) -> None:
    reader = AgentFactory(name="Reader", role=role("Reader", permissions=["keys:read"], enters_admin=True))
    own = robot(reader)
    client = sign_in(reader)
    assert client.get(f"{LIST}{own.key.pk}/overview/").status_code == 200
    assert client.get(f"{LIST}{own.key.pk}/change/")["Location"] == f"{LIST}{own.key.pk}/overview/"
    for page in ("regenerate", "revoke", "delete", "change"):
        client.post(f"{LIST}{own.key.pk}/{page}/", {"post": "yes", "form_token": "x", "name": "Mine"})
    assert own.get("/me").status_code == 200
    assert client.get(f"{LIST}add/").status_code == 403


# --- Bot tokens ---------------------------------------------------------------------------------------------
