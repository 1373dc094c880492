"""A ticket with everything that its page shows beside the conversation, in one query: what is listed comes as JSON."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from accounts import custom_fields
from accounts.kept import Kept
from accounts.models import Agent, ContactEmail, Thing
from activity.actor import Actor
from tickets import policy
from tickets.models import Category, Containment, Status, Tag, Ticket
from tickets.models.ticket import TicketQuerySet

RECENT = 5
"""Other tickets of the contact that stand beside this one."""


def in_full(actor: Actor, pk: int) -> Ticket | None:
    """The ticket, if it exists for the actor."""
    return next(iter(_in_full(actor, pk)), None) if pk < 2**63 else None


@Kept
def _in_full(actor: Actor, pk: int) -> TicketQuerySet:
    emails = ContactEmail.objects.filter(contact=OuterRef("contact")).order_by("position", "id")
    tags = Tag.objects.filter(tickets=OuterRef("pk")).order_by("name")
    related = ("status", "contact", "organization", "assignee", "team", "channel")
    return (
        policy.visible(actor)
        .filter(pk=pk)
        .select_related(*related)
        .annotate(
            emails=ArraySubquery(emails.values("address")),
            tag_names=ArraySubquery(tags.values("name")),
            inner_ids=ArraySubquery(Containment.objects.filter(outer=OuterRef("pk")).values("inner")),
            reading_along=ArraySubquery(_followers()),
            own_fields=custom_fields.told(*Thing.values),
            sent_with=ArraySubquery(_statuses_to_send_with()),
            **_others(actor),
        )
    )


def _followers() -> QuerySet[Any, Any]:
    rows: QuerySet[Agent] = Agent.objects.filter(followed_tickets=OuterRef("pk")).order_by("name", "id")
    return rows.values(told=JSONObject(id="id", name="name"))


def _statuses_to_send_with() -> QuerySet[Any, Any]:
    """The first pending and the first solved status: what “send and solve” sets."""
    rows = Status.objects.filter(category__in=(Category.PENDING, Category.SOLVED))
    first = rows.order_by("category", "position", "id").distinct("category")
    return first.values(told=JSONObject(pk="id", name="name", category="category"))


def _others(actor: Actor) -> dict[str, ArraySubquery]:
    """The tickets that this one is joined to, and the contact's latest others, as far as the agent sees them."""
    linked = Ticket.related.through.objects.filter(from_ticket=OuterRef(OuterRef("pk"))).values("to_ticket")
    which = {
        "outer": Q(merged_tickets=OuterRef("pk")),
        "taken_in": Q(merged_into=OuterRef("pk")),
        "linked": Q(pk__in=linked),
    }
    others = {
        name: policy.visible(actor).filter(condition).order_by("id") for name, condition in which.items()
    }
    of_contact = policy.visible(actor).filter(contact=OuterRef("contact"), merged_into=None)
    others["recent"] = of_contact.exclude(pk=OuterRef("pk")).order_by("-id")[:RECENT]
    told = JSONObject(id="id", subject="subject", category="category", status="status__name")
    return {name: ArraySubquery(rows.values(told=told)) for name, rows in others.items()}
