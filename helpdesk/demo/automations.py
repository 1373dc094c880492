"""The demo's triggers and macros: a few that a shop would have, to look at and to try out."""

from __future__ import annotations

from typing import Any

from activity.actor import Actor, Door, system_actor
from automations.actions import create_macro, create_trigger
from automations.models import Macro, Trigger
from helpdesk.demo.cast import Cast
from tickets.actions import create_template
from tickets.models import Category, Sharing, Template

_WHICH_ORDER = """\
Hello {{contact.name}},

could you tell us the number of your order? It stands on the invoice and begins with W."""


def ensure_automations(cast: Cast) -> None:
    """Make what is missing. What has one of these names already stays as it is."""
    actor = system_actor(door=Door.COMMAND)
    for given in _triggers(cast):
        if not Trigger.objects.filter(name__iexact=given["name"]).exists():
            create_trigger(actor=actor, **given)
    for given in _macros(cast, actor):
        if not Macro.objects.filter(name__iexact=given["name"]).exists():
            create_macro(actor=actor, sharing=Sharing.EVERYONE, **given)


def _triggers(cast: Cast) -> list[dict[str, Any]]:
    support = cast.teams["Support"].pk
    return [
        {
            "name": "What the CRM opens is Support's",
            "occasions": ["opened"],
            "condition": 'via:"CRM sync" -team:Support',
            "steps": [{"do": "team", "value": support}],
        },
        {
            "name": "Urgent needs somebody",
            "occasions": ["opened", "changed"],
            "properties": ["priority"],
            "condition": "priority:urgent assignee:none status:open",
            "steps": [_notify(support)],
            "position": 1,
        },
        {
            "name": "Nobody answered for a day",
            "clock": "contact_wrote",
            "hours": 24,
            "condition": "status:open is:unreplied priority:<urgent",
            "steps": [{"do": "priority", "value": "urgent"}, _notify(support)],
            "position": 2,
        },
    ]


def _notify(team: int) -> dict[str, Any]:
    return {"do": "notify", "value": {"assignee": True, "agents": [], "teams": [team]}}


def _macros(cast: Cast, actor: Actor) -> list[dict[str, Any]]:
    pending = cast.statuses[Category.PENDING].pk
    return [
        {
            "name": "Ask for the order number",
            "steps": [
                {"do": "assign", "value": "me"},
                {"do": "reply", "value": _template(actor).pk},
                {"do": "status", "value": pending},
            ],
        },
        {
            "name": "The carrier has to look",
            "steps": [
                {"do": "team", "value": cast.teams["Logistics"].pk},
                {"do": "note", "value": "Please ask the carrier where the parcel of {{contact.name}} is."},
            ],
        },
        {
            "name": "Mine, tomorrow",
            "steps": [{"do": "assign", "value": "me"}, {"do": "snooze", "value": 24}],
        },
    ]


def _template(actor: Actor) -> Template:
    known = Template.objects.filter(name="Which order is it?").first()
    return known or create_template(actor=actor, name="Which order is it?", body=_WHICH_ORDER)
