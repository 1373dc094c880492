"""The demo's custom fields, filled in as a shop would: what a ticket is about, and since when somebody buys."""

from __future__ import annotations

from datetime import timedelta

from accounts.actions import define_field
from accounts.models import Contact, CustomField, FieldKind, Thing
from activity.actor import Door, system_actor
from helpdesk.demo.conversation import Conversation

_REASONS = {
    "Logistics": "Delivery",
    "Returns": "Return or refund",
    "Billing": "Invoice or payment",
    "Support": "Product",
}
"""What the tickets of a team are mostly about."""

FIELDS = (
    {
        "applies_to": Thing.TICKET,
        "key": "order_number",
        "label": "Order number",
        "kind": FieldKind.TEXT,
        "help_text": "As it stands on the invoice.",
    },
    {
        "applies_to": Thing.TICKET,
        "key": "reason",
        "label": "Reason",
        "kind": FieldKind.CHOICE,
        "choices": [*_REASONS.values(), "Something else"],
        "position": 1,
    },
    {
        "applies_to": Thing.CONTACT,
        "key": "customer_since",
        "label": "Customer since",
        "kind": FieldKind.DATE,
    },
)


def ensure_fields() -> None:
    """Define what is missing. A field that is there already stays as it is."""
    for given in FIELDS:
        if not CustomField.objects.filter(applies_to=given["applies_to"], key=given["key"]).exists():
            define_field(actor=system_actor(door=Door.COMMAND), **given)


def fill_in(told: Conversation) -> None:
    """What was known when the ticket came. Every fourth says nothing of its reason."""
    ticket, values = told.ticket, dict[str, str]()
    if ticket.external_id:
        values["order_number"] = told.details["order"]
    if ticket.pk % 4:
        values["reason"] = _REASONS[told.topic.team]
    ticket.custom_fields = values
    _know(ticket.contact)


def _know(contact: Contact) -> None:
    """Of two contacts in three it is known since when they buy."""
    if contact.pk % 3 and not contact.custom_fields:
        since = contact.created_at.date() - timedelta(days=contact.pk * 37 % 1_500)
        contact.custom_fields = {"customer_since": since.isoformat()}
