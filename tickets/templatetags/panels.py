"""The panels that other apps show beside a ticket."""

from __future__ import annotations

from django import template
from django.urls import reverse

from accounts.models import Agent
from accounts.policy import role_rights
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
