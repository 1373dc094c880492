"""Whichever column a live secret is pasted into, through whichever door: it is not stored, its key is suspended."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.test import Client

from accounts.models import Agent
from activity.actor import Actor, Door
from activity.models import Event
from apitokens.actions.applications import register
from apitokens.models import ApiKey
from tests.canary import tables_holding
from tests.cast import sign_in
from tests.factories import PASSWORD, AgentFactory, ContactFactory, OrganizationFactory, role, ticket
from tests.robot import Robot, robot
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

HOOK = {"name": "CRM", "url": "https://crm.example/", "types": ["ticket.*"]}
FORM = {"subject": "Help", "contact": {"email": "carol@customer.example"}, "message": "Hello"}

STEPS = [{"do": "priority", "value": "high"}]
TRIGGER = {"name": "T", "occasions": ["opened"], "steps": STEPS}


class Doors:
    """Every way to store a text, for a test that walks them with a secret in hand."""

    def __init__(self, root: Agent) -> None:
        self.browser: Client = sign_in(root)
        self.api: Robot = robot(root, name="Walker", admin_functions=True)
        self.ticket: Ticket = ticket()
        for thing in ("ticket", "contact", "organization"):
            self.defined(applies_to=thing, key="hint", label="Hint")
        self.order = self.made("orders", {"external_id": "1042", "ticket": self.ticket.pk})

    def defined(self, **field: Any) -> None:
        self.made("custom_fields", {"kind": "text", **field})

    def made(self, path: str, data: dict[str, Any]) -> int:
        answer = self.api.post(f"/{path}", data)
        assert answer.status_code in {200, 201}, (path, answer.content)
        return int(answer.json()["data"]["id"])

    def registered(self, **fields: str) -> None:
        said: dict[str, Any] = {
            "name": "Zap",
            "redirect_uris": "https://zap.example/back",
            "scopes": ["tickets:read"],
        } | fields
        register(actor=Actor(Door.ADMIN, agent=self.api.key.owner), **said)

    def proposed(self, said: dict[str, Any]) -> int:
        suggests = robot(self.api.key.agent, access_level="custom", scopes=["tickets:propose"])
        answer = suggests.post(f"/tickets/{self.ticket.pk}/proposals", {"kind": "note"} | said)
        assert answer.status_code == 201, answer.content
        return int(answer.json()["data"]["id"])

    def changed(self, path: str, data: dict[str, Any]) -> None:
        answer = self.api.patch(f"/{path}", data)
        assert answer.status_code == 200, answer.content

    def sent(self, path: str, **form: Any) -> None:
        answer = self.browser.post(path, form)
        assert answer.status_code == 302, answer.content


def _mover(doors: Doors) -> tuple[ApiKey, str]:
    mover = robot(doors.api.key.agent, access_level="custom", scopes=["tickets:import"])
    return mover.key, mover.secret


_ADMIN = "/admin/{}/add/"

STORED: dict[str, Callable[[Doors, str], object]] = {
    "tickets.ticket.custom_fields": lambda d, s: d.changed(
        f"tickets/{d.ticket.pk}", {"custom_fields": {"hint": s}}
    ),
    "accounts.contact.custom_fields": lambda d, s: d.made(
        "contacts", {"name": "X", "custom_fields": {"hint": s}}
    ),
    "accounts.organization.custom_fields": lambda d, s: d.made(
        "organizations", {"name": "X", "custom_fields": {"hint": s}}
    ),
    "accounts.customfield.label": lambda d, s: d.defined(applies_to="ticket", key="a", label=s),
    "accounts.customfield.help_text": lambda d, s: d.defined(
        applies_to="ticket", key="b", label="B", help_text=s
    ),
    "accounts.customfield.choices": lambda d, s: d.defined(
        applies_to="ticket", key="c", label="C", kind="choice", choices=["x", s]
    ),
    "tickets.ticket.subject": lambda d, s: d.made("tickets", FORM | {"subject": f"My {s}"}),
    "tickets.ticket.external_id": lambda d, s: d.made("tickets", FORM | {"external_id": s}),
    "tickets.message.body_text": lambda d, s: d.made(f"tickets/{d.ticket.pk}/note", {"body": f"Use {s}!"}),
    "tickets.message.body_html": lambda d, s: d.made(
        f"tickets/{d.ticket.pk}/reply", {"body_html": f'<a href="https://x.example/?k={s}">{s}</a>'}
    ),
    "tickets.message.delivery_detail": lambda d, s: d.made(
        f"messages/{d.made(f'tickets/{d.ticket.pk}/reply', {'body': 'Hello'})}/delivery",
        {"state": "failed", "detail": f"550 {s} unknown"},
    ),
    "tickets.proposal.body": lambda d, s: d.proposed({"body": f"Use {s}"}),
    "tickets.proposal.reason": lambda d, s: d.proposed({"body": "x", "reason": s}),
    "tickets.proposal.answer": lambda d, s: d.browser.post(
        f"/tickets/{d.ticket.pk}/proposals/{d.proposed({'body': 'x'})}/decline/", {"reason": s}
    ),
    "tickets.draft.body": lambda d, s: d.browser.post(
        f"/tickets/{d.ticket.pk}/draft/", {"kind": "note", "body": f"Use {s}", "based_on": 0}
    ),
    "tickets.attachment.name": lambda d, s: d.sent(
        f"/tickets/{d.ticket.pk}/messages/", kind="note", body="See", attachments=SimpleUploadedFile(f"{s}.txt", b"1")
    ),
    "accounts.contact.name": lambda d, s: d.made("contacts", {"name": s}),
    "accounts.contact.notes": lambda d, s: d.changed(f"contacts/{ContactFactory().pk}", {"notes": f"Has {s}"}),
    "accounts.contact.external_id": lambda d, s: d.made("contacts", {"name": "X", "external_id": s}),
    "accounts.organization.name": lambda d, s: d.made("organizations", {"name": s}),
    "accounts.organization.notes": lambda d, s: d.changed(
        f"organizations/{OrganizationFactory().pk}", {"notes": f"\n{s}\n"}
    ),
    "accounts.organization.external_id": lambda d, s: d.made("organizations", {"name": "X", "external_id": s}),
    "accounts.agent.name": lambda d, s: d.changed(f"agents/{AgentFactory().pk}", {"name": s}),
    "accounts.agent.signature": lambda d, s: d.sent("/settings/", name="Root", signature=f"Call {s}", time_zone=""),
    "accounts.session.browser": lambda d, s: Client(headers={"user-agent": f"Script/1 {s}"}).post(
        "/sign-in/", {"email": d.api.key.owner.email, "password": PASSWORD}
    ),
    "accounts.role.name": lambda d, s: d.sent(_ADMIN.format("accounts/role"), name=s, reach="own"),
    "accounts.team.name": lambda d, s: d.sent(_ADMIN.format("accounts/team"), name=s),
    "accounts.team.description": lambda d, s: d.sent(
        _ADMIN.format("accounts/team"), name="Team", description=f"Uses {s}"
    ),
    "accounts.helpdesksettings.name": lambda d, s: d.sent(
        "/admin/accounts/helpdesksettings/1/change/",
        name=s, plan="enterprise", plans_with_api=["enterprise"], enterprise_rate=1000,
    ),
    "tickets.template.name": lambda d, s: d.made("templates", {"name": s, "body": "Hello"}),
    "tickets.template.body": lambda d, s: d.sent(
        _ADMIN.format("tickets/template"), name="T", body=f"Hello {s}", sharing="everyone"
    ),
    "tickets.savedview.name": lambda d, s: d.made("views", {"name": s, "query": "status:open"}),
    "tickets.savedview.query": lambda d, s: d.made("views", {"name": "V", "query": f'"{s}"'}),
    "tickets.channel.name": lambda d, s: d.made("channels", {"name": s}),
    "tickets.status.name": lambda d, s: d.sent(
        _ADMIN.format("tickets/status"), name=s, category="open", position=9
    ),
    "automations.businesshours.name": lambda d, s: d.sent(
        _ADMIN.format("automations/businesshours"), name=s, time_zone="UTC", week_0_0_0="09:00", week_0_0_1="17:00"
    ),
    "automations.businesshours.holidays": lambda d, s: d.sent(
        _ADMIN.format("automations/businesshours"), name="Off", time_zone="UTC", week_0_0_0="09:00",
        week_0_0_1="17:00", holidays=f"12-25 {s}",
    ),
    "automations.slapolicy.name": lambda d, s: d.sent(
        _ADMIN.format("automations/slapolicy"), name=s, position=1, counting="calendar", warn_before="30m",
        resolution_low="4h",
    ),
    "automations.slapolicy.condition": lambda d, s: d.sent(
        _ADMIN.format("automations/slapolicy"), name="P", position=1, counting="calendar", warn_before="30m",
        resolution_low="4h", condition=f"external_id:{s}",
    ),
    "tickets.taggroup.name": lambda d, s: d.made("tag_groups", {"name": s}),
    "automations.macro.name": lambda d, s: d.made("macros", {"name": s, "steps": STEPS}),
    "automations.macro.steps": lambda d, s: d.made(
        "macros", {"name": "M", "steps": [{"do": "note", "value": f"Use {s}"}]}
    ),
    "automations.trigger.name": lambda d, s: d.made("triggers", TRIGGER | {"name": s}),
    "automations.trigger.condition": lambda d, s: d.made("triggers", TRIGGER | {"name": s[-6:], "condition": f'"{s}"'}),
    "automations.trigger.steps": lambda d, s: d.made(
        "triggers", TRIGGER | {"name": s[-7:], "steps": [{"do": "note", "value": f"Use {s}"}]}
    ),
    "orders.order.external_id": lambda d, s: d.made("orders", {"external_id": s, "ticket": d.ticket.pk}),
    "orders.order.lines": lambda d, s: d.changed(f"orders/{d.order}", {"lines": [{"name": f"Book {s}"}]}),
    "orders.order.tracking": lambda d, s: d.made(
        f"orders/{d.order}/tracking", {"carrier": "DHL", "number": s}
    ),
    "orders.ordernote.text": lambda d, s: d.made(f"orders/{d.order}/notes", {"text": f"Call with {s}"}),
    "automations.webhook.name": lambda d, s: d.made("webhooks", HOOK | {"name": f"For {s}"}),
    "automations.webhook.description": lambda d, s: d.made("webhooks", HOOK | {"description": f"Uses {s}"}),
    "automations.webhook.url": lambda d, s: d.made("webhooks", HOOK | {"url": f"https://crm.example/?k={s}"}),
    "apitokens.apikey.name": lambda d, s: d.made("keys", {"name": s, "agent": d.api.key.agent_id}),
    "apitokens.application.name": lambda d, s: d.registered(name=s),
    "apitokens.application.description": lambda d, s: d.registered(description=f"Has {s}"),
    "apitokens.application.redirect_uris": lambda d, s: d.registered(redirect_uris=f"https://zap.example/?k={s}"),
    "apitokens.apikey.description": lambda d, s: d.changed(f"keys/{d.api.key.pk}", {"description": f"It is {s}"}),
}  # fmt: skip
"""Each column that holds what people write, and a way to write into it."""

SECOND_DOORS: dict[str, Callable[[Doors, str], object]] = {
    "changing a subject": lambda d, s: d.changed(f"tickets/{d.ticket.pk}", {"subject": s}),
    "linking a ticket": lambda d, s: d.changed(f"tickets/{d.ticket.pk}", {"external_id": s}),
    "the first message": lambda d, s: d.made("tickets", FORM | {"message": f"Hello, {s}"}),
    "a reply on its way": lambda d, s: d.sent(
        f"/tickets/{d.ticket.pk}/messages/", kind="reply", body=f"Use {s}"
    ),
    "a contact on the way": lambda d, s: d.made(
        "tickets", FORM | {"contact": {"email": "new@customer.example", "name": s}}
    ),
    "what a contact said": lambda d, s: d.made(
        f"tickets/{d.ticket.pk}/reply", {"body": s, "author": "contact"}
    ),
    "a contact's field": lambda d, s: d.changed(
        f"contacts/{ContactFactory().pk}", {"custom_fields": {"hint": s}}
    ),
    "an old ticket moved here": lambda d, s: Robot(*_mover(d)).post(
        "/tickets/import",
        {
            "external_id": f"old-{s[-6:]}",
            "subject": s,
            "contact": {"email": "carol@customer.example"},
            "created_at": "2023-03-01T09:00:00Z",
            "custom_fields": {"hint": s},
            "messages": [{"body": s, "created_at": "2023-03-01T09:00:00Z"}],
        },
    ),
    "a file over the API": lambda d, s: d.made(
        f"tickets/{d.ticket.pk}/reply",
        {
            "body": "See",
            "attachments": [{"name": "log.txt", "content": base64.b64encode(s.encode()).decode()}],
        },
    ),
    "splitting a ticket": lambda d, s: d.made(
        f"tickets/{d.ticket.pk}/split", {"message": d.ticket.messages.latest("pk").pk, "subject": s}
    ),
    "the new ticket of the workspace": lambda d, s: d.sent(
        "/tickets/new/", email="eve@customer.example", subject=s, body=s, author="contact", priority=2
    ),
    "an order with lines": lambda d, s: d.made(
        "orders", {"external_id": f"o-{s[-6:]}", "ticket": d.ticket.pk, "lines": [{"name": s}]}
    ),
    "an order told again": lambda d, s: d.api.put("/orders/external/1042", {"lines": [{"name": s}]}),
    "wording an order note anew": lambda d, s: d.changed(
        f"order_notes/{d.made(f'orders/{d.order}/notes', {'text': 'x'})}", {"text": s}
    ),
    "a new agent": lambda d, s: d.sent(
        _ADMIN.format("accounts/agent"),
        name=s,
        email="new@desk.example",
        role=role("Agent").pk,
        kind="service",
    ),
    "a key's name": lambda d, s: d.changed(f"keys/{d.api.key.pk}", {"name": s}),
    "changing a template": lambda d, s: d.changed(
        f"templates/{d.made('templates', {'name': 'A', 'body': 'b'})}", {"body": s}
    ),
    "changing a view": lambda d, s: d.changed(
        f"views/{d.made('views', {'name': s[-6:], 'query': 'status:open'})}", {"query": f'"{s}"'}
    ),
}

OTHERS = {
    "accounts.customfield.key": "lower case",
    "accounts.customfield.former_choices": "choices, screened as such",
    "tickets.tag.name": "lower case, so no secret fits in",
    "accounts.contact.phones": "40 characters at most",
    "accounts.contact.language": "12 characters at most",
    "accounts.contact.time_zone": "one of a list",
    "tickets.ticket.language": "12 characters at most",
    "tickets.ticket.sla": "a policy's name, screened as such, and times",
    "automations.businesshours.time_zone": "one of a list",
    "automations.businesshours.week": "times of day",
    "tickets.message.to": "lower case",
    "tickets.message.cc": "lower case",
    "accounts.contactemail.address": "lower case",
    "accounts.agent.email": "lower case",
    "accounts.agent.password": "a hash",
    "accounts.agent.time_zone": "one of a list",
    "accounts.agent.language": "one of a list",
    "accounts.session.session_key": "a random name",
    "accounts.session.session_data": "what the columns beside it hold, written by us",
    "accounts.role.permissions": "of a list",
    "automations.trigger.switched_off_because": "sentences of ours, about what is screened",
    "automations.trigger.switched_off_kept": "sentences of ours, about what is screened",
    "automations.triggerrun.problem": "sentences of ours, about what is screened",
    "automations.triggerrun.problem_kept": "sentences of ours, about what is screened",
    "orders.order.marketplace": "lower case",
    "orders.order.currency": "three letters",
    "apitokens.apikey.hint": "four characters, ours",
    "apitokens.apikey.previous_hint": "four characters, ours",
    "apitokens.apikey.scopes": "of a list",
    "apitokens.apikey.tags": "lower case",
    "apitokens.apikey.addresses": "addresses",
    "apitokens.application.scopes": "of a list",
    "apitokens.application.client_id": "a random name",
    "apitokens.application.authorization_grant_type": "of a list",
    "apitokens.application.hint": "four characters, ours",
    "apitokens.consent.scopes": "of a list",
    "apitokens.authorizationcode.code": "a digest",
    "apitokens.authorizationcode.redirect_uri": "an application's, screened as such",
    "apitokens.authorizationcode.scope": "of a list",
    "apitokens.authorizationcode.code_challenge": "43 characters, a digest",
    "apitokens.accesstoken.scope": "of a list",
    "apitokens.refreshtoken.scope": "of a list",
    "accounts.helpdesksettings.api_addresses": "addresses",
    "tickets.proposal.changes": "ids, words of a list, and tags in lower case",
    "tickets.proposal.key_name": "a key's name, screened as such",
    "automations.webhook.types": "lower case",
    "automations.delivery.type": "an event's type",
    "automations.delivery.reason": "of a list",
    "automations.attempt.request_body": "written by us, from rows that are screened",
    "automations.attempt.error": "of a list",
    "automations.attempt.sentence": "written by us",
    "automations.attempt.sentence_kept": "written by us",
    "automations.attempt.answer_headers": "screened, see tests/automations",
    "automations.attempt.answer_body": "screened, see tests/automations",
    "tickets.draft.writer": "40 characters at most",
    "tickets.attachment.file": "a random name",
    "tickets.attachment.content_type": "lower case",
    "tickets.attachment.sha256": "a digest",
    "tickets.message.key_name": "a key's name, screened as such",
    "orders.ordernote.key_name": "a key's name, screened as such",
}
"""The other columns of text, and why no secret gets into them."""

OURS = {"activity", "accounts", "apitokens", "tickets", "orders", "automations"}
UNWRITTEN = {"event", "loggedrequest", "idempotentrequest", "attemptwindow", "signinlink", "ticketsearch"} | {
    "usedscope", "dailyuse", "seenaddress", "consentrequest", "consentdailyuse", "consentseenaddress",
    "consentusedscope", "notification", "notificationchoice",
}  # fmt: skip
"""What the helpdesk writes by itself, from rows that are screened, and from requests (tested below)."""


def text_columns() -> set[str]:
    return {
        f"{model._meta.label_lower}.{field.name}"
        for app in OURS
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
        if model._meta.model_name not in UNWRITTEN
        for field in model._meta.concrete_fields
        if _is_text(field)
    }


def _is_text(field: Any) -> bool:
    column = field.base_field if isinstance(field, ArrayField) else field
    return isinstance(
        column, models.CharField | models.TextField | models.JSONField | models.FileField
    ) and not (column.choices)


def test_of_every_column_of_text_it_is_known_how_text_gets_there() -> None:
    """Add a new column to STORED with a way to write into it, or to OTHERS with the reason why no secret fits."""
    assert text_columns() == STORED.keys() | OTHERS.keys()


def test_no_column_keeps_a_live_secret_whichever_door_it_comes_through(root: Agent, alice: Agent) -> None:
    doors = Doors(root)
    for column, write in STORED.items():
        pasted = robot(alice, name=f"For {column}", owner=root)
        write(doors, pasted.secret)
        pasted.key.refresh_from_db()
        assert pasted.key.suspended_at is not None, column
        event = Event.objects.about(pasted.key).get(type="key.suspended")
        assert (event.facts["why"], event.facts["where"]) == ("leaked", column.split(".")[1]), column
        assert event.agent == root
        assert tables_holding(pasted.secret) == [], column
        app, name, field = column.split(".")
        model = apps.get_model(app, name)
        shown = f"hdk_…{pasted.secret[-4:]}"
        assert any(shown in str(value) for value in model._default_manager.values_list(field, flat=True)), (
            column
        )


def test_neither_does_any_other_verb_that_writes_it(root: Agent, alice: Agent) -> None:
    doors = Doors(root)
    for name, write in SECOND_DOORS.items():
        pasted = robot(alice, name=f"For {name}", owner=root)
        write(doors, pasted.secret)
        pasted.key.refresh_from_db()
        assert pasted.key.suspended_at is not None, name
        assert tables_holding(pasted.secret) == [], name
