"""People as the API shows them: plain functions over rows of `values()`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet

from accounts.api.lists import Listing, Row, load_rows
from accounts.models import Agent, Contact, ContactEmail, Organization, Role, Team, Thing
from accounts.models.custom_field import values_in_use
from accounts.permissions import Permission
from accounts.policy import note_use, rights, visible, visible_fields
from activity.actor import Actor

_emails = ContactEmail.objects.filter(contact=OuterRef("pk")).order_by("position", "id").values("address")
_members = Agent.objects.filter(teams=OuterRef("pk")).order_by("id").values("pk")
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
    "custom_values": values_in_use(Thing.CONTACT),
    "version": None,
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

TEAM: Mapping[str, Any] = {
    "id": None,
    "name": None,
    "description": None,
    "agent_ids": ArraySubquery(_members),
}
ROLE: Mapping[str, Any] = {
    "id": None, "name": None, "permissions": None, "reach": None, "enters_admin": None,
}  # fmt: skip
ORGANIZATION: Mapping[str, Any] = {
    "id": None, "name": None, "notes": None, "external_id": None,
    "custom_values": values_in_use(Thing.ORGANIZATION), "version": None, "created_at": None, "updated_at": None,
}  # fmt: skip
CUSTOM_FIELD: Mapping[str, Any] = {
    "id": None, "applies_to": None, "key": None, "label": None, "kind": None, "help_text": None, "choices": None,
    "position": None, "is_active": None,
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
        "custom_fields": row["custom_values"],
        "version": row["version"],
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


def team(row: Row) -> Row:
    return {
        "id": row["id"],
        "name": row["name"],
        "description": row["description"],
        "agents": row["agent_ids"],
    }


def role(row: Row) -> Row:
    return row | {"permissions": sorted(row["permissions"])}


def organization(row: Row) -> Row:
    return {
        "id": row["id"],
        "name": row["name"],
        "notes": row["notes"],
        "external_id": row["external_id"],
        "custom_fields": row["custom_values"],
        "version": row["version"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def custom_field(row: Row) -> Row:
    shown = {name: value for name, value in row.items() if name != "is_active"}
    return shown | {"active": row["is_active"]}


@dataclass(frozen=True, slots=True)
class Shown:
    """How one kind of row is shown: which exist for whom, their columns, their form, and the right to read them."""

    rows: Callable[[Actor], QuerySet[Any]]
    columns: Mapping[str, Any]
    show: Callable[[Row], Row]
    permission: Permission


LINKABLE: dict[str, Shown] = {
    "contact": Shown(partial(visible, model=Contact), CONTACT, contact, Permission.CONTACTS_READ),
    "agent": Shown(partial(visible, model=Agent), AGENT, agent, Permission.AGENTS_READ),
    "team": Shown(partial(visible, model=Team), TEAM, team, Permission.TEAMS_READ),
    "organization": Shown(
        partial(visible, model=Organization), ORGANIZATION, organization, Permission.ORGANIZATIONS_READ
    ),
}
"""What lists can include. Each app adds its own kinds."""

SHOWN_FIELD = Shown(visible_fields, CUSTOM_FIELD, custom_field, Permission.SETTINGS_READ)
SHOWN_ROLE = Shown(partial(visible, model=Role), ROLE, role, Permission.ROLES_READ)


def linked(actor: Actor, kind: str, ids: Iterable[int | None]) -> dict[str, Row]:
    """The rows of one kind with these ids, by id as text, as far as the actor may read them. One query."""
    shown = LINKABLE[kind]
    wanted = {pk for pk in ids if pk is not None}
    if not wanted or shown.permission not in rights(actor):
        return {}
    note_use(actor, shown.permission)
    rows = load_rows(shown.rows(actor), wanted, shown.columns)
    return {str(row["id"]): shown.show(row) for row in rows}


def included(
    actor: Actor, listing: Listing, wanted: frozenset[str], page: Iterable[Row]
) -> dict[str, dict[str, Row]]:
    """What `linked` holds for the fields that were asked for. A field holds one id or a list of them."""
    rows, found = list(page), dict[str, dict[str, Row]]()
    for field, kind in listing.includes.items():
        if field in wanted:
            ids = (pk for row in rows for pk in _ids(row[field]))
            found[kind] = found.get(kind, {}) | linked(actor, kind, ids)
    return found


def _ids(value: int | list[int] | None) -> list[int | None]:
    return [*value] if isinstance(value, list) else [value]
