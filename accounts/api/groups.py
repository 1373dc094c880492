"""`/organizations`, `/teams` and `/roles`: what people belong to."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Q
from rest_framework.request import Request

from accounts import actions
from accounts.api import custom_fields, filters, lists, shapes
from accounts.api.inputs import OrganizationChanges, OrganizationInput, TeamFields
from accounts.api.operations import Operation
from accounts.api.representations import LINKABLE, SHOWN_ROLE
from accounts.api.resources import BY_ID, BY_NAME, BY_UPDATE, WITHOUT_TIMES, ByExternalId, Collection, Member
from accounts.models import Organization, Team, Thing
from accounts.permissions import Permission


class Organizations(Collection):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("organizations.list", Permission.ORGANIZATIONS_READ, "List organizations"),
        "POST": Operation("organizations.create", Permission.ORGANIZATIONS_WRITE, "Create an organization"),
    }
    shown = LINKABLE["organization"]
    filters = {"name": filters.equals("name__iexact"), "external_id": filters.equals("external_id")}
    parameters = lists.PARAMETERS - {"include"} | {*filters, "custom_fields"}
    listing = lists.Listing(BY_ID | BY_NAME | BY_UPDATE, default="-id")
    query = shapes.OrganizationFilters
    body = OrganizationInput
    answers = {"GET": [shapes.Organization], "POST": shapes.Organization}
    creates = True

    def more(self, request: Request) -> Q:
        return custom_fields.condition(request, Thing.ORGANIZATION)

    def create(self, **given: Any) -> Organization:
        return actions.create(Organization, actor=self.actor, **given)


class OrganizationDetail(Member):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("organizations.read", Permission.ORGANIZATIONS_READ, "Read an organization"),
        "PUT": Operation("organizations.update", Permission.ORGANIZATIONS_WRITE, "Change an organization"),
        "PATCH": Operation("organizations.update", Permission.ORGANIZATIONS_WRITE, "Change an organization"),
        "DELETE": Operation(
            "organizations.delete", Permission.ORGANIZATIONS_DELETE, "Delete an organization"
        ),
    }
    shown = LINKABLE["organization"]
    parameters = frozenset()
    listing = Organizations.listing
    versioned = True
    body = OrganizationChanges
    answers = dict.fromkeys(("GET", "PUT", "PATCH"), shapes.Organization)

    def change(self, row: Organization, **given: Any) -> object:
        return actions.change(row, actor=self.actor, **given)

    def remove(self, row: Organization) -> None:
        actions.remove(row, actor=self.actor)


class OrganizationByExternalId(ByExternalId):
    operations: ClassVar[dict[str, Operation]] = {
        "PUT": Operation(
            "organizations.upsert",
            Permission.ORGANIZATIONS_WRITE,
            "Create or change the organization with this external_id",
        ),
    }
    plural = "organizations"
    shown = LINKABLE["organization"]
    body = OrganizationInput
    answers = {"PUT": shapes.Organization}

    def create(self, **given: Any) -> Organization:
        return actions.create(Organization, actor=self.actor, **given)

    def change(self, row: Organization, **given: Any) -> object:
        return actions.change(row, actor=self.actor, **given)


class Teams(Collection):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("teams.list", Permission.TEAMS_READ, "List teams"),
        "POST": Operation("teams.create", Permission.TEAMS_WRITE, "Create a team"),
    }
    shown = LINKABLE["team"]
    filters = {"name": filters.equals("name__iexact"), "agent": filters.owner("agents")}
    parameters = WITHOUT_TIMES | set(filters)
    listing = lists.Listing(BY_ID | BY_NAME, default="id", includes={"agents": "agent"})
    query = shapes.TeamFilters
    body = TeamFields
    answers = {"GET": [shapes.Team], "POST": shapes.Team}
    creates = True

    def create(self, **given: Any) -> Team:
        return actions.create(Team, actor=self.actor, related=_members(given), **given)


class TeamDetail(Member):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("teams.read", Permission.TEAMS_READ, "Read a team"),
        "PUT": Operation("teams.update", Permission.TEAMS_WRITE, "Change a team"),
        "PATCH": Operation("teams.update", Permission.TEAMS_WRITE, "Change a team"),
        "DELETE": Operation("teams.delete", Permission.TEAMS_DELETE, "Delete a team"),
    }
    shown = LINKABLE["team"]
    listing = Teams.listing
    body = TeamFields
    answers = dict.fromkeys(("GET", "PUT", "PATCH"), shapes.Team)

    def change(self, row: Team, **given: Any) -> object:
        return actions.change(row, actor=self.actor, related=_members(given), **given)

    def remove(self, row: Team) -> None:
        actions.remove(row, actor=self.actor)


class Roles(Collection):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("roles.list", Permission.ROLES_READ, "List roles"),
    }
    shown = SHOWN_ROLE
    filters = {"name": filters.equals("name__iexact")}
    parameters = WITHOUT_TIMES - {"include"} | set(filters)
    listing = lists.Listing(BY_ID | BY_NAME, default="id")
    query = shapes.NameFilter
    answers = {"GET": [shapes.Role]}


class RoleDetail(Member):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("roles.read", Permission.ROLES_READ, "Read a role"),
    }
    shown = SHOWN_ROLE
    parameters = frozenset()
    listing = Roles.listing
    answers = {"GET": shapes.Role}


def _members(given: dict[str, Any]) -> actions.configure.Related | None:
    """Takes the members, which are a relation, out of the other fields."""
    return {"agents": given.pop("agents")} if "agents" in given else None
