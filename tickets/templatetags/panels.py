"""The panels that other apps show beside a ticket."""

from __future__ import annotations

from django import template
from django.urls import reverse
from django.utils.functional import Promise

from accounts.models import Agent
from accounts.policy import role_rights
from tickets import tools as offered
from tickets.models import Ticket
from tickets.panels import registered

register = template.Library()


@register.filter
def panels(ticket: Ticket, agent: Agent) -> list[str]:
    """The addresses of what this agent may see beside the ticket."""
    held = role_rights(agent)
    return [
        reverse(name, args=[ticket.pk]) for name, permission in registered().items() if permission in held
    ]


@register.filter
def tools(ticket: Ticket, agent: Agent) -> list[tuple[offered.Tool, str]]:
    """What this agent is offered at the composer, with its addresses."""
    held = role_rights(agent)
    return [
        (tool, reverse(tool.url_name, args=[ticket.pk]))
        for tool in offered.registered()
        if tool.permission in held
    ]


@register.simple_tag
def bulk_verbs() -> list[tuple[str, Promise]]:
    """What other apps offer to do to the selected tickets."""
    from tickets.views import bulk  # The views know the templates, not the other way round.

    return bulk.offered()
