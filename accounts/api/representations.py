"""People as the API shows them: plain functions over rows of `values()`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef

from accounts.api.lists import Row, load_rows
from accounts.models import Agent, Contact, ContactEmail, Organization, Team
from accounts.permissions import Permission
from accounts.policy import rights, visible
from activity.actor import Actor

_emails = ContactEmail.objects.filter(contact=OuterRef("pk")).order_by("position", "id").values("address")
_teams = Team.objects.filter(agents=OuterRef("pk")).order_by("id").values("pk")

CONTACT: Mapping[str, Any] = {
    "id": None,
    "name": None,
    "addresses": ArraySubquery(_emails),
    "phones": None,
    "organization_id": None,
    "language": None,
    "time_zone": None,
    "notes": None,
    "external_id": None,
    "created_at": None,
    "updated_at": None,
}

AGENT: Mapping[str, Any] = {
    "id": None,
    "name": None,
    "email": None,
    "kind": None,
    "role_name": F("role__name"),
    "team_ids": ArraySubquery(_teams),
    "is_active": None,
    "is_available": None,
}

TEAM: Mapping[str, Any] = {"id": None, "name": None, "description": None}
ORGANIZATION: Mapping[str, Any] = {
    "id": None, "name": None, "notes": None, "external_id": None, "created_at": None, "updated_at": None,
}  # fmt: skip


def contact(row: Row) -> Row:
    return {
        "id": row["id"],
        "name": row["name"],
        "emails": row["addresses"],
        "phones": row["phones"],
        "organization": row["organization_id"],
        "language": row["language"],
        "time_zone": row["time_zone"],
        "notes": row["notes"],
        "external_id": row["external_id"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def agent(row: Row) -> Row:
    return {
        "id": row["id"],
        "name": row["name"],
        "email": row["email"],
        "kind": row["kind"],
        "role": row["role_name"],
        "teams": row["team_ids"],
        "active": row["is_active"],
        "available": row["is_available"],
    }


def plain(row: Row) -> Row:
    return row


LINKABLE: Mapping[str, tuple[type[Any], Mapping[str, Any], Any, Permission]] = {
    "contact": (Contact, CONTACT, contact, Permission.CONTACTS_READ),
    "agent": (Agent, AGENT, agent, Permission.AGENTS_READ),
    "team": (Team, TEAM, plain, Permission.TEAMS_READ),
    "organization": (Organization, ORGANIZATION, plain, Permission.ORGANIZATIONS_READ),
}
"""What lists can include: model, columns, how to show it, and the right to read it."""


def linked(actor: Actor, kind: str, ids: Iterable[int | None]) -> dict[str, Row]:
    """The rows of one kind with these ids, by id as text, as far as the actor may read them. One query."""
    model, columns, show, permission = LINKABLE[kind]
    wanted = {pk for pk in ids if pk is not None}
    if not wanted or permission not in rights(actor):
        return {}
    return {str(row["id"]): show(row) for row in load_rows(visible(actor, model), wanted, columns)}
