"""What stays as long as tickets need it. A sentence counts only the tickets that whoever asks may see."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actions.configure import keeper
from accounts.actions.custom_fields import why_kept
from accounts.models import Contact, CustomField, Team, Thing
from activity.actor import Actor
from tickets import policy
from tickets.models import Channel, Message, Ticket


@keeper(Contact)
def keep_whoever_wrote(contact: models.Model, actor: Actor) -> str:
    assert isinstance(contact, Contact)
    wrote = Message.objects.filter(contact=contact).values("ticket")
    return _still_needed(contact, Q(contact=contact) | Q(pk__in=wrote), actor, _("Delete them first."))


@keeper(Team)
def keep_a_team_with_tickets(team: models.Model, actor: Actor) -> str:
    """Without their team, tickets would leave the reach of its agents and nobody would look after them."""
    assert isinstance(team, Team)
    return _still_needed(team, Q(team=team), actor, _("Move them to another team."))


@keeper(Channel)
def keep_a_channel_with_tickets(channel: models.Model, actor: Actor) -> str:
    assert isinstance(channel, Channel)
    return _still_needed(channel, Q(channel=channel), actor, _("Rename it instead."))


@keeper(CustomField)
def keep_a_field_with_values(field: models.Model, actor: Actor) -> str:
    assert isinstance(field, CustomField)
    return why_kept(field, Ticket.objects.all()) if field.applies_to == Thing.TICKET else ""


def _still_needed(row: models.Model, condition: Q, actor: Actor, remedy: str) -> str:
    needing = Ticket.objects.filter(condition)
    if not needing.exists():
        return ""
    seen = policy.visible(actor).filter(condition).count()
    return f"{_how_many(row, seen, others=needing.count() > seen)} {remedy}"


def _how_many(row: models.Model, seen: int, *, others: bool) -> str:
    told = {"row": row, "count": seen}
    if not seen:
        return _("%(row)s still has tickets, none of which you may see, so it is not deleted.") % told
    if others:
        return (
            ngettext(
                "%(row)s still has %(count)s ticket that you see, and others, so it is not deleted.",
                "%(row)s still has %(count)s tickets that you see, and others, so it is not deleted.",
                seen,
            )
            % told
        )
    return (
        ngettext(
            "%(row)s still has %(count)s ticket, so it is not deleted.",
            "%(row)s still has %(count)s tickets, so it is not deleted.",
            seen,
        )
        % told
    )
