"""A CRM keeps contacts and organizations in step: by its own ids, and without undoing what others changed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from accounts.models import Agent, Contact, Organization
from activity.models import Event
from tests.factories import AgentFactory, role
from tests.robot import reason, robot
from tests.servers import StartServer

KINDS: dict[str, dict[str, object]] = {
    "contacts": {"name": "Dave", "notes": "Calls early.", "emails": ["dave@customer.example"]},
    "organizations": {"name": "Acme Ltd", "notes": "Pays by invoice."},
}


@pytest.mark.django_db(transaction=True)
def test_of_twenty_at_once_one_creates_and_the_others_change(root: Agent, start_server: StartServer) -> None:
    r = robot(root)
    server = start_server(processes=2)
    with ThreadPoolExecutor(20) as pool, r.over_http(server.url) as client:
        for kind, model in (("contacts", Contact), ("organizations", Organization)):
            url = f"/{kind}/external/crm-{kind}"
            body = {"name": "Acme", "notes": "One row."}
            answers = list(pool.map(lambda _n, url=url, body=body: client.put(url, json=body), range(20)))
            assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
            assert model.objects.filter(external_id=f"crm-{kind}").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_put_again_and_again_is_one_row(kind: str, root: Agent) -> None:
    r, url = robot(root), f"/{kind}/external/crm%2F7%237"
    first = r.put(url, KINDS[kind])
    made = first.json()["data"]
    assert first.status_code == 201
    assert first.headers["Location"].endswith(f"/api/v1/{kind}/{made['id']}")
    assert (made["external_id"], made["version"]) == ("crm/7#7", 1)
    again = r.put(url, KINDS[kind])
    assert (again.status_code, again.json()["data"]) == (200, made)
    changed = r.put(url, {"notes": "Moved."}).json()["data"]
    assert (changed["notes"], changed["name"], changed["version"]) == ("Moved.", made["name"], 2)
    found = r.get(f"/{kind}?external_id=crm%2F7%237").json()["data"]
    assert [row["id"] for row in found] == [made["id"]]
    types = Event.objects.filter(subject_id=made["id"], subject_type=kind[:-1]).values_list("type", flat=True)
    assert list(types.order_by("id")) == [f"{kind[:-1]}.created", f"{kind[:-1]}.changed"]
    other = r.put(url, {"name": "X", "external_id": "another"})
    assert other.json()["error"]["fields"]["external_id"][0]["message"].startswith("The address says another")
    assert r.put(f"/{kind}/external/crm-8", {"notes": "Nobody."}).status_code == 422
    assert r.put(f"/{kind}/external/{'x' * 201}", KINDS[kind]).status_code == 422
    dry = r.put(f"/{kind}/external/crm-9", {"name": "Dry"}, Prefer="dry-run")
    assert dry.json()["meta"]["events"][0]["type"] == f"{kind[:-1]}.created"
    assert r.get(f"/{kind}?external_id=crm-9").json()["data"] == []


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_a_key_does_by_upsert_only_what_its_tags_allow(kind: str, root: Agent) -> None:
    url = f"/{kind}/external/crm-7"
    assert robot(root, tags=["*", f"-{kind}.create"]).put(url, KINDS[kind]).status_code == 403
    assert robot(root).put(url, KINDS[kind]).status_code == 201
    denied = robot(root, tags=["*", f"-{kind}.update"]).put(url, {"notes": "No."})
    assert (denied.status_code, denied.json()["error"]["decided_by"]) == (403, "tag")


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_whoever_may_not_read_them_does_not_learn_whose_an_id_is(kind: str, root: Agent) -> None:
    robot(root).put(f"/{kind}/external/crm-7", KINDS[kind])
    writer = robot(AgentFactory(role=role("Writer", permissions=[f"{kind}:write"])))
    answer = writer.put(f"/{kind}/external/crm-7", KINDS[kind])
    assert (answer.status_code, reason(answer)) == (409, "duplicate")
    assert answer.json()["error"]["existing"] is None
    assert not any(c.isdigit() for c in answer.json()["error"]["message"].replace("crm-7", ""))


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_changes_of_different_fields_merge_and_of_the_same_are_shown(kind: str, root: Agent) -> None:
    r = robot(root)
    url = f"/{kind}/{r.post(f'/{kind}', KINDS[kind]).json()['data']['id']}"
    etag = r.get(url).headers["ETag"]
    assert r.patch(url, {"name": "First"}, **{"If-Match": etag}).status_code == 200
    merged = r.patch(url, {"notes": "Second", "version": 1}).json()["data"]
    assert (merged["name"], merged["notes"], merged["version"]) == ("First", "Second", 3)
    assert r.patch(url, {"name": "First", "version": 1}).json()["data"]["version"] == 3
    late = r.patch(url, {"name": "Late", "notes": "Second"}, **{"If-Match": '"1"'})
    assert (late.status_code, reason(late)) == (409, "stale_version")
    assert late.json()["error"]["conflicts"] == {"name": {"yours": "Late", "now": "First"}}
    assert r.patch(url, {"name": "Late", "version": late.json()["error"]["version"]}).status_code == 200
    assert r.patch(url, {"name": "Never", "version": 99}).json()["error"]["fields"]["version"]
    assert r.post(f"/{kind}", KINDS[kind] | {"version": 1}).status_code == 422


@pytest.mark.django_db
def test_addresses_and_the_organization_count_as_fields(root: Agent) -> None:
    r = robot(root)
    acme = r.post("/organizations", {"name": "Acme Ltd"}).json()["data"]["id"]
    url = f"/contacts/{r.post('/contacts', KINDS['contacts']).json()['data']['id']}"
    before = r.get(url).json()["data"]
    moved = {"emails": ["d@acme.example"], "organization": acme}
    after = r.patch(url, moved).json()["data"]
    assert after["version"] == 2
    assert after["updated_at"] > before["updated_at"]
    late = r.patch(url, {"emails": ["Dave@Other.Example"], "organization": None, "version": 1})
    assert late.json()["error"]["conflicts"] == {
        "emails": {"yours": ["dave@other.example"], "now": ["d@acme.example"]},
        "organization": {"yours": None, "now": acme},
    }
