"""What reply, note and open have in common: writing one message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from accounts.actions.refusal import Refused
from accounts.models import Agent, Contact
from accounts.numbers import grouped
from accounts.sentences import gettext as _
from activity.actor import Actor
from activity.screening import screen
from tickets import search, text
from tickets.actions.attach import File, attach
from tickets.models import Attachment, Direction, Message, MessageKind, Ticket

MOST_RECIPIENTS = 20


@dataclass(frozen=True, slots=True)
class Body:
    """What somebody wrote: Markdown (plain text is Markdown too) or HTML. Cleaned when it is made."""

    text: str
    html: str

    @classmethod
    def from_markdown(cls, markdown: str) -> Body:
        written = _within_limits(text.clean_text(markdown).strip())
        return cls(written, text.html_from_markdown(written))

    @classmethod
    def signed(cls, markdown: str, agent: Agent) -> Body:
        """What an agent writes to a contact by hand: with his signature below, when he has one."""
        if not agent.signature or not markdown.strip():
            return cls.from_markdown(markdown)
        return cls.from_markdown(f"{markdown.rstrip()}\n\n{agent.signature}")

    @classmethod
    def from_html(cls, html: str) -> Body:
        safe = text.sanitize(_within_limits(text.clean_text(html).strip()))
        return cls(text.text_from_html(safe), safe)


def _within_limits(written: str) -> str:
    if len(written) > text.MAX_BODY:
        raise Refused(
            "body",
            "too_long",
            _("A message may have at most %(most)s characters.") % {"most": grouped(text.MAX_BODY)},
        )
    return written


def write(
    ticket: Ticket,
    body: Body,
    *,
    actor: Actor,
    kind: MessageKind,
    as_contact: Contact | None = None,
    as_agent: Agent | None = None,
    at: datetime | None = None,
    to: Sequence[str] = (),
    cc: Sequence[str] = (),
    attachments: Sequence[Attachment | File] = (),
) -> Message:
    """Store one message of a locked ticket, with its files, and make it findable.

    Its author is the acting agent, now, unless the actor brings what somebody else wrote, or wrote then.
    """
    if not body.text and not attachments:
        raise Refused("body", "required", _("Write something, or attach a file."))
    message = Message(
        ticket=ticket,
        kind=kind,
        direction=Direction.IN if as_contact else Direction.OUT,
        agent=None if as_contact else as_agent or actor.agent,
        contact=as_contact,
        door=actor.door,
        key_id=actor.grant.id if actor.grant else None,
        key_name=actor.grant.name if actor.grant else "",
        body_text=body.text,
        body_html=body.html,
        created_at=at or timezone.now(),
        to=addresses("to", to),
        cc=addresses("cc", cc),
    )
    screen(message, actor=actor, ticket=ticket.pk)
    message.save(force_insert=True)
    attach(message, attachments, actor=actor)
    search.add(ticket, message)
    return message


def written_to(contact: Contact) -> list[str]:
    """The address that a reply goes to when nobody says otherwise: the contact's first."""
    return list(contact.emails.values_list("address", flat=True)[:1])


def addresses(field: str, given: Sequence[str]) -> list[str]:
    """Recipients as they are stored: in small letters, each once. Raises Refused."""
    kept = list(dict.fromkeys(address.strip().lower() for address in given))
    if len(kept) > MOST_RECIPIENTS:
        raise Refused(field, "too_many", _("Name at most %(most)s addresses.") % {"most": MOST_RECIPIENTS})
    for address in kept:
        try:
            validate_email(address)
        except ValidationError:
            raise Refused(
                field, "invalid", _("“%(address)s” is no address.") % {"address": address}
            ) from None
    return kept
