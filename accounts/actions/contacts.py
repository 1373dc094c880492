from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.validators import validate_email
from django.db import transaction

from accounts.actions.refusal import Taken
from accounts.models import Contact, ContactEmail
from accounts.models.agent import normalize_email
from accounts.permissions import Permission
from accounts.policy import require
from activity.actor import Actor
from activity.recording import record


@transaction.atomic
def create_contact(*, actor: Actor, emails: Sequence[str] = (), **fields: Any) -> Contact:
    """Add somebody who asks for help. `fields` are those of the model. Raises Taken."""
    require(actor, Permission.CONTACTS_WRITE)
    _refuse_taken(fields.get("external_id"), None)
    contact = Contact.objects.create(**fields)
    _write_emails(contact, emails)
    record(actor, "contact.created", contact)
    return contact


@transaction.atomic
def find_or_create_contact(
    *, email: str, name: str = "", actor: Actor, by: Permission = Permission.TICKETS_WRITE
) -> Contact:
    """The contact with this address. Who writes to a helpdesk becomes its contact, so opening a ticket may do this;
    who buys something does, too: `by` is the right by which a newcomer is taken in.

    Of several requests at once one creates the contact and all get it. Raises ValidationError for a bad address.
    """
    address = normalize_email(email)
    validate_email(address)
    known = Contact.objects.filter(emails__address=address).first()
    if known is not None:
        return known
    require(actor, by)
    contact = Contact.objects.create(name=name or address)
    _row, created = ContactEmail.objects.get_or_create(address=address, defaults={"contact": contact})
    if not created:
        contact.delete()
        return Contact.objects.get(emails__address=address)
    record(actor, "contact.created", contact)
    return contact


@transaction.atomic
def update_contact(
    contact: Contact, *, actor: Actor, emails: Sequence[str] | None = None, **fields: Any
) -> Contact:
    """Change the given fields. Raises Taken."""
    contact = Contact.objects.select_for_update().get(pk=contact.pk)
    require(actor, Permission.CONTACTS_WRITE)
    _refuse_taken(fields.get("external_id"), contact)
    changed = sorted(name for name, value in fields.items() if getattr(contact, name) != value)
    for name in changed:
        setattr(contact, name, fields[name])
    if changed:
        contact.save(update_fields=[*changed, "updated_at"])
    if emails is not None and _write_emails(contact, emails):
        changed.append("emails")
    if changed:
        record(actor, "contact.changed", contact, fields=changed)
    return contact


def _write_emails(contact: Contact, emails: Sequence[str]) -> bool:
    wanted = list(dict.fromkeys(normalize_email(email) for email in emails))
    if wanted == list(contact.emails.values_list("address", flat=True)):
        return False
    other = ContactEmail.objects.filter(address__in=wanted).exclude(contact=contact).first()
    if other is not None:
        message = f"The address {other.address} belongs to contact {other.contact_id} already."
        raise Taken("emails", message, other.contact_id)
    contact.emails.all().delete()
    ContactEmail.objects.bulk_create(
        ContactEmail(contact=contact, address=address, position=i) for i, address in enumerate(wanted)
    )
    return True


def _refuse_taken(external_id: str | None, contact: Contact | None) -> None:
    if not external_id:
        return
    others = Contact.objects.filter(external_id=external_id)
    other = (others.exclude(pk=contact.pk) if contact else others).values_list("pk", flat=True).first()
    if other:
        raise Taken("external_id", f"Contact {other} already has the external_id “{external_id}”.", other)
