"""`/contacts`."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import actions
from accounts.api import custom_fields, lists, preferences, shapes
from accounts.api.errors import ApiError
from accounts.api.inputs import ContactChanges, ContactInput, read
from accounts.api.operations import Operation
from accounts.api.representations import CONTACT, LINKABLE, contact, linked
from accounts.api.resources import ByExternalId
from accounts.api.views import ApiView
from accounts.keyset import Order
from accounts.models import Contact, Thing
from accounts.models.agent import normalize_email
from accounts.permissions import Permission
from accounts.policy import visible
from activity.actor import Actor

_ORDERS = {"id": Order("id", False), "-id": Order("id")}
_BY_UPDATE = {"updated_at": Order("updated_at", False), "-updated_at": Order("updated_at")}


class Contacts(ApiView):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("contacts.list", Permission.CONTACTS_READ, "List contacts"),
        "POST": Operation("contacts.create", Permission.CONTACTS_WRITE, "Create a contact"),
    }
    parameters = lists.PARAMETERS | {"email", "external_id", "organization", "custom_fields"}
    listing = lists.Listing(_ORDERS | _BY_UPDATE, default="-id", includes={"organization": "organization"})
    query = shapes.ContactFilters
    body = ContactInput
    answers = {"GET": [shapes.Contact], "POST": shapes.Contact}
    creates = True

    def get(self, request: Request) -> Response:
        ask = lists.parse(request, self.listing)
        rows = _filtered(visible(self.actor, Contact).filter(ask.condition), request)
        source = lists.QuerySource(rows, ask.order, CONTACT, contact)
        return lists.answer(request, ask, source, lambda page: self._linked(ask, page))

    def post(self, request: Request) -> Response:
        created = _create(self.actor, **read(ContactInput, request.data, self.actor))
        return Response(
            {"data": _shown(created)},
            status=201,
            headers={"Location": request.build_absolute_uri(f"{request.path.rstrip('/')}/{created.pk}")},
        )

    def _linked(self, ask: lists.Ask, page: list[lists.Row]) -> dict[str, Any]:
        if "organization" not in ask.include:
            return {}
        return {"organization": linked(self.actor, "organization", (row["organization"] for row in page))}


class ContactDetail(ApiView):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("contacts.read", Permission.CONTACTS_READ, "Read a contact"),
        "PUT": Operation("contacts.update", Permission.CONTACTS_WRITE, "Change a contact"),
        "PATCH": Operation("contacts.update", Permission.CONTACTS_WRITE, "Change a contact"),
        "DELETE": Operation("contacts.delete", Permission.CONTACTS_DELETE, "Delete a contact"),
    }
    versioned = True
    body = ContactChanges
    answers = dict.fromkeys(("GET", "PUT", "PATCH"), shapes.Contact)

    def get(self, request: Request, pk: int) -> Response:
        data = _shown(visible(self.actor, Contact).get(pk=pk))
        self.call.version = data["version"]
        return Response({"data": data})

    def put(self, request: Request, pk: int) -> Response:
        row = visible(self.actor_as_agent, Contact).get(pk=pk)
        given = read(ContactChanges, request.data, self.actor, partial=True)
        based_on = given.pop("version", None) or preferences.based_on(request)
        changed = actions.update_contact(row, actor=self.actor, based_on=based_on, **given)
        return Response({"data": _shown(changed)})

    patch = put

    def delete(self, request: Request, pk: int) -> Response:
        actions.remove(visible(self.actor_as_agent, Contact).get(pk=pk), actor=self.actor)
        return Response(status=204)


class ContactByExternalId(ByExternalId):
    operations: ClassVar[dict[str, Operation]] = {
        "PUT": Operation(
            "contacts.upsert", Permission.CONTACTS_WRITE, "Create or change the contact with this external_id"
        ),
    }
    plural = "contacts"
    shown = LINKABLE["contact"]
    body = ContactInput
    answers = {"PUT": shapes.Contact}

    def create(self, **given: Any) -> Contact:
        return _create(self.actor, **given)

    def change(self, row: Contact, **given: Any) -> object:
        return actions.update_contact(row, actor=self.actor, **given)


def _create(actor: Actor, **given: Any) -> Contact:
    """Whoever has no name is called by his first address."""
    given.setdefault("name", (given.get("emails") or [""])[0])
    return actions.create_contact(actor=actor, **given)


def _shown(row: Contact) -> dict[str, Any]:
    """A contact as the answer to whoever just wrote it, also without the right to read others."""
    return contact(lists.select(Contact.objects.all(), CONTACT).get(pk=row.pk))


def _filtered(rows: QuerySet[Contact], request: Request) -> QuerySet[Contact]:
    query = request.query_params
    rows = rows.filter(custom_fields.condition(request, Thing.CONTACT))
    if email := query.get("email"):
        rows = rows.filter(emails__address=normalize_email(email))
    if external_id := query.get("external_id"):
        rows = rows.filter(external_id=external_id)
    if organization := query.get("organization"):
        if not organization.isascii() or not organization.isdigit() or len(organization) > 18:
            raise ApiError(400, "invalid_parameter", "organization must be an id.", parameter="organization")
        rows = rows.filter(organization=int(organization))
    return rows
