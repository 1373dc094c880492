"""`/tickets/import`: tickets that were worked elsewhere, as they were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import IntegrityError, transaction
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import actions as people
from accounts.actions.refusal import Taken
from accounts.api.inputs import ExternalName, read
from accounts.api.operations import Operation
from accounts.api.views import ApiView
from accounts.models import Contact
from accounts.permissions import Permission
from accounts.policy import require
from activity.actor import Actor
from tickets import actions, policy
from tickets.api import shapes
from tickets.api.tickets import one, opened_answer, operation
from tickets.catalogue import VERBS
from tickets.inputs import OldTicket
from tickets.models import Ticket
from tickets.text import clean_line


class TicketImport(ApiView):
    operations: ClassVar[dict[str, Operation]] = {"POST": operation(VERBS["tickets.import"])}
    body = OldTicket
    answers = {"POST": shapes.CHANGED}
    creates = True
    upserts = True

    def post(self, request: Request) -> Response:
        known = self._known(request.data)
        if known is None:
            given = read(OldTicket, request.data, self.actor)
            try:
                return opened_answer(self, _imported(self.actor, given))
            except (IntegrityError, Taken):
                # Somebody else was quicker with the same id. One that the agent may not see stays taken.
                known = self._known(request.data)
                if known is None:
                    raise
        return Response({"data": one(self, known.pk)})

    def _known(self, data: Any) -> Ticket | None:
        """The ticket that was imported before. Then the rest of the body is not read: its uploads are used up."""
        name = ExternalName(
            data={"external_id": data.get("external_id") if isinstance(data, Mapping) else None}
        )
        if not name.is_valid():
            return None
        known = policy.visible(self.actor).filter(external_id=clean_line(name.validated_data["external_id"]))
        row = known.first()
        if row is not None:
            require(self.actor, Permission.TICKETS_IMPORT)
        return row


@transaction.atomic
def _imported(actor: Actor, given: dict[str, Any]) -> Ticket:
    """Contacts and tags that are new are taken in as quietly as the ticket."""
    quiet = actions.quietly(actor)
    contact = _person(given.pop("contact"), quiet)
    messages = [_message(said, contact, quiet) for said in given.pop("messages")]
    tags = actions.named_tags(given.pop("tags", ()), actor=quiet)
    return actions.import_ticket(contact=contact, messages=messages, tags=tags, actor=actor, **given)


def _message(said: dict[str, Any], contact: Contact, quiet: Actor) -> actions.OldMessage:
    author = said.get("agent") or _person(said.get("contact", contact), quiet)
    return actions.OldMessage(
        author=author,
        at=said["created_at"],
        body=said["body"],
        kind=said["kind"],
        attachments=said["attachments"],
    )


def _person(named: Contact | dict[str, Any], quiet: Actor) -> Contact:
    if isinstance(named, Contact):
        return named
    return people.find_or_create_contact(**named, actor=quiet, by=Permission.TICKETS_IMPORT)
