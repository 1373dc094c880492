"""Admins define custom fields, and fill in those of contacts and organizations."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Agent, Contact, CustomField, Organization
from activity.models import Event
from tests.cast import sign_in
from tests.factories import AgentFactory, OrganizationFactory, role, ticket

pytestmark = pytest.mark.django_db


def save(agent: Agent, page: str, **fields: Any) -> Any:
    return sign_in(agent).post(f"/admin/{page}/", fields)


def define(thing: str, key: str, kind: str, **fields: Any) -> CustomField:
    return CustomField.objects.create(applies_to=thing, key=key, label=key.title(), kind=kind, **fields)


COLOR = {"applies_to": "ticket", "key": "color", "label": "Color", "kind": "choice", "position": "1"}


def test_root_defines_a_field_changes_it_and_deletes_it_while_nobody_uses_it(root: Agent) -> None:
    added = save(
        root, "accounts/customfield/add", **COLOR, choices="Red\n <b>Blue</b> \n\nRed", is_active="on"
    )
    assert added.status_code == 302
    color = CustomField.objects.get()
    assert (color.choices, color.is_active) == (["Red", "<b>Blue</b>"], True)
    page = f"accounts/customfield/{color.pk}"
    changed = {"label": "Colour", "choices": "Red\nGreen", "position": "2", "is_active": "on", "key": "hue"}
    assert save(root, f"{page}/change", **changed, kind="text").status_code == 302
    color.refresh_from_db()
    assert (color.key, color.kind, color.label) == ("color", "choice", "Colour")
    assert (color.choices, color.former_choices) == (["Red", "Green"], ["<b>Blue</b>"])
    history = sign_in(root).get(f"/admin/{page}/history/").content.decode()
    assert "Red, &lt;b&gt;Blue&lt;/b&gt;" in history

    case = ticket(custom_fields={"color": "Red"})
    refused = sign_in(root).post(f"/admin/{page}/delete/", {"post": "yes"}, follow=True).content.decode()
    assert "1 ticket has a value of “Colour”. Take the field out of use instead" in refused
    case.delete()
    save(root, f"{page}/delete", post="yes")
    assert not CustomField.objects.exists()
    told = Event.objects.filter(subject_type="customfield").order_by("id").values_list("type", flat=True)
    assert list(told) == ["customfield.created", "customfield.changed", "customfield.deleted"]


def test_nonsense_is_refused_beside_its_field(root: Agent) -> None:
    for fields, sentence in (
        ({"key": "Order number"}, "A key begins with a letter from a to z"),
        ({"choices": ""}, "Give at least one choice."),
        ({"choices": "Red\nred"}, "“red” is there twice, whatever the case."),
        ({"kind": "text", "choices": "Red"}, "have choices."),
    ):
        answer = save(root, "accounts/customfield/add", **COLOR | {"choices": "Red"} | fields)
        assert sentence in answer.content.decode()
    assert not CustomField.objects.exists()


def test_only_who_may_write_settings_defines_fields(alice: Agent) -> None:
    lena = AgentFactory(name="Lena", role=role("Lead", permissions=["contacts:read"], enters_admin=True))
    assert sign_in(lena).get("/admin/accounts/customfield/").status_code == 403
    assert save(lena, "accounts/customfield/add", **COLOR, choices="Red").status_code == 403


def test_contacts_and_organizations_are_filled_in(root: Agent, carol: Contact) -> None:
    define("contact", "since", "date", help_text="The day of the <i>first</i> order.")
    define("contact", "plan", "choice", choices=["Basic", "<Premium>"])
    define("contact", "langs", "multi_choice", choices=["de", "en", "fr"])
    define("organization", "size", "number")
    define("ticket", "color", "text")
    client, url = sign_in(root), f"/admin/accounts/contact/{carol.pk}/change/"
    page = client.get(url).content.decode()
    assert 'type="date" name="custom_fields.since"' in page
    assert "&lt;Premium&gt;" in page
    assert "&lt;i&gt;first&lt;/i&gt;" in page
    assert "Color" not in page
    form = {"name": "Carol", "emails": "carol@customer.example"}
    given = form | {"custom_fields.since": "2026-01-05", "custom_fields.plan": "<Premium>"}
    assert client.post(url, given | {"custom_fields.langs": ["fr", "de"]}).status_code == 302
    carol.refresh_from_db()
    assert carol.custom_fields == {"since": "2026-01-05", "plan": "<Premium>", "langs": ["de", "fr"]}
    history = client.get(f"/admin/accounts/contact/{carol.pk}/history/").content.decode()
    assert "<dt>Langs</dt>" in history
    assert "de, fr" in history

    CustomField.objects.filter(key="plan").update(choices=["Basic"], former_choices=["<Premium>"])
    assert "&lt;Premium&gt; (no longer offered)" in client.get(url).content.decode()
    kept = client.post(url, given)
    assert kept.status_code == 302
    carol.refresh_from_db()
    assert carol.custom_fields == {"since": "2026-01-05", "plan": "<Premium>"}, (
        "What is unchecked is taken away."
    )
    wrong = client.post(url, given | {"custom_fields.since": "soon", "custom_fields.plan": "Gold"})
    assert "Since: give a day such as 2026-11-22." in wrong.content.decode()
    assert 'value="soon"' in wrong.content.decode()

    save(root, "accounts/organization/add", **{"name": "Acme", "custom_fields.size": "12.50"})
    acme = Organization.objects.get()
    assert acme.custom_fields == {"size": 12.5}
    save(root, f"accounts/organization/{acme.pk}/change", **{"name": "Acme", "custom_fields.size": ""})
    acme.refresh_from_db()
    assert acme.custom_fields == {}
    assert Event.objects.about(acme).newest_first()[0].changes == {"custom_fields.size": [12.5, None]}


def test_who_may_only_look_sees_the_values(carol: Contact) -> None:
    define("contact", "page", "url")
    define("contact", "hidden", "text", is_active=False)
    Contact.objects.filter(pk=carol.pk).update(custom_fields={"page": "https://a.example/", "hidden": "psst"})
    looks = role("Watcher", permissions=["contacts:read"], enters_admin=True)
    page = sign_in(AgentFactory(name="Watcher", role=looks)).get(
        f"/admin/accounts/contact/{carol.pk}/change/"
    )
    assert 'Page: <a href="https://a.example/"' in page.content.decode()
    assert "psst" not in page.content.decode()
    plain = OrganizationFactory()
    many = role("Watcher", permissions=["organizations:read"], enters_admin=True)
    page = sign_in(AgentFactory(name="Other", role=many)).get(
        f"/admin/accounts/organization/{plain.pk}/change/"
    )
    assert page.status_code == 200
