from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.language import language_tag
from accounts.actions.refusal import Taken
from accounts.actions.values import fill
from accounts.actions.versions import refuse_stale
from accounts.models import Contact, ContactEmail, Organization
from accounts.models.agent import normalize_email
from accounts.permissions import Permission
from accounts.policy import as_person, decide, refuse_denied, require
from activity.actor import Actor
from activity.recording import record
from activity.screening import screened


@transaction.atomic
def create_contact(*, actor: Actor, emails: Sequence[str] = (), **fields: Any) -> Contact:
    """Add somebody who asks for help. `fields` are those of the model. Raises Taken."""
    require(actor, Permission.CONTACTS_WRITE)
    fields = _as_stored(screened(fields, actor=actor, where="contact"))
    _refuse_taken(fields.get("external_id"), None, actor)
    fields["custom_fields"] = fill(Contact(), fields.get("custom_fields")).values
    contact = Contact.objects.create(**fields)
    _write_emails(contact, emails, actor)
    record(actor, "contact.created", contact)
    return contact


@transaction.atomic
def find_or_create_contact(
    *,
    email: str,
    name: str = "",
    created_at: datetime | None = None,
    actor: Actor,
    by: Permission = Permission.TICKETS_WRITE,
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
    refuse_denied(actor, "contacts.create")
    contact = Contact.objects.create(
        name=screened(name, actor=actor, where="contact") or address, created_at=created_at or timezone.now()
    )
    _row, created = ContactEmail.objects.get_or_create(address=address, defaults={"contact": contact})
    if not created:
        contact.delete()
        return Contact.objects.get(emails__address=address)
    record(actor, "contact.created", contact)
    return contact


@transaction.atomic
def update_contact(
    contact: Contact,
    *,
    actor: Actor,
    emails: Sequence[str] | None = None,
    based_on: int | None = None,
    **fields: Any,
) -> Contact:
    """Change the given fields. Raises Taken.

    With `based_on`, the version that the changes were made against, changes by others to other fields are kept.
    Raises Stale when somebody changed the same field to something else.
    """
    contact = Contact.objects.select_for_update().get(pk=contact.pk)
    require(actor, Permission.CONTACTS_WRITE)
    fields = _as_stored(screened(fields, actor=actor, where="contact", contact=contact.pk))
    filled = fill(contact, fields.pop("custom_fields", None))
    if based_on is not None:
        refuse_stale(contact, based_on, _wanted(contact, fields, emails) | filled.changes)
    _refuse_taken(fields.get("external_id"), contact, actor)
    changed = sorted(name for name, value in fields.items() if getattr(contact, name) != value)
    for name in changed:
        setattr(contact, name, fields[name])
    contact.custom_fields = filled.values
    if emails is not None and _write_emails(contact, emails, actor):
        changed.append("emails")
    if changed or filled.changes:
        contact.version += 1
        contact.save(update_fields=[*(set(changed) - {"emails"}), "custom_fields", "updated_at", "version"])
        told = {"labels": filled.labels} if filled.changes else {}
        record(actor, "contact.changed", contact, changes=filled.changes, fields=changed, **told)
    return contact


def _as_stored(fields: dict[str, Any]) -> dict[str, Any]:
    """New tickets take their contact's language, so it is written as theirs is. Raises Refused."""
    return fields | {"language": language_tag(fields["language"])} if "language" in fields else fields


def _wanted(
    contact: Contact, fields: Mapping[str, Any], emails: Sequence[str] | None
) -> dict[str, tuple[Any, Any]]:
    """Present values beside those that shall be, as a conflict shows them."""
    pairs = {name: (_shown(getattr(contact, name)), _shown(value)) for name, value in fields.items()}
    if emails is None:
        return pairs
    return pairs | {"emails": (_addresses(contact), _normal(emails))}


def _shown(value: Any) -> Any:
    return value.pk if isinstance(value, Organization) else value


def _addresses(contact: Contact) -> list[str]:
    return list(contact.emails.values_list("address", flat=True))


def _normal(emails: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(normalize_email(email) for email in emails))


def _write_emails(contact: Contact, emails: Sequence[str], actor: Actor) -> bool:
    wanted = _normal(emails)
    if wanted == _addresses(contact):
        return False
    other = ContactEmail.objects.filter(address__in=wanted).exclude(contact=contact).first()
    if other is not None:
        known = _if_readable(other.contact_id, actor)
        owner = _("contact %(id)s") % {"id": known} if known else _("another contact")
        raise Taken(
            "emails",
            _("The address %(address)s belongs to %(owner)s already.")
            % {"address": other.address, "owner": owner},
            known,
        )
    contact.emails.all().delete()
    ContactEmail.objects.bulk_create(
        ContactEmail(contact=contact, address=address, position=i) for i, address in enumerate(wanted)
    )
    return True


def _refuse_taken(external_id: str | None, contact: Contact | None, actor: Actor) -> None:
    if not external_id:
        return
    others = Contact.objects.filter(external_id=external_id)
    other = (others.exclude(pk=contact.pk) if contact else others).values_list("pk", flat=True).first()
    if other:
        known = _if_readable(other, actor)
        owner = _("Contact %(id)s") % {"id": known} if known else _("Another contact")
        raise Taken(
            "external_id",
            _("%(owner)s already has the external_id “%(external_id)s”.")
            % {"owner": owner, "external_id": external_id},
            known,
        )


def _if_readable(pk: int, actor: Actor) -> int | None:
    """Who has something already is named to those whose role reads contacts."""
    return pk if decide(as_person(actor), Permission.CONTACTS_READ) else None
