"""What the documents say beyond what the code shows: a word on each resource and operation, and examples."""

from __future__ import annotations

from typing import Any

TAGS: dict[str, str] = {
    "index": "The root of the API.",
    "me": "The credential itself: whom it acts as, what it may do, and what it did last.",
    "helpdesk": "What may be known without a key.",
    "tickets": "Requests for help, and everything that is done to them.",
    "messages": "Replies and internal notes.",
    "attachments": "Files, before and after they are sent.",
    "tags": "Words that sort tickets.",
    "contacts": "The people who write to the helpdesk.",
    "agents": "The people and programs that work here.",
}
"""The resources, in the order in which they are shown."""

NOTES: dict[str, str] = {
    "index.read": "Lists the paths and methods for which this credential has the rights.",
    "me.read": "A good first call. It needs no agent: with a superuser key that has no default agent, "
    "`person` is null and `acting.source` is `none`.",
    "me.requests": "Newest first, always all of them. Requests that were refused are there too. "
    "`meta.limit` is how many a key remembers.",
    "helpdesk.discover": "Addresses and ways to sign in, for programs that are being set up.",
    "tickets.list": "Filters narrow together. Only tickets within the acting agent's reach are found.",
    "tickets.create": "The contact is found by id or address, and created if the address is new. The first "
    "message is the contact's own unless `author` is `agent`. With an `external_id` that a ticket has "
    "already, the answer is 409 with `existing`.",
    "tickets.read": "`abilities` lists the operations that would be allowed on it.",
    "tickets.update": "Changes only the fields sent; PUT and PATCH do the same.",
    "tickets.delete": "For good, with its messages and files.",
    "tickets.messages": "Oldest first. Internal notes are among them only for those who may read notes.",
    "tickets.reply": "Writes a public reply in the name of the acting agent. `status` can set the ticket's "
    "status at once.",
    "tickets.note": "Writes what only agents can read.",
    "tickets.assign": "The agent by id or e-mail address.",
    "tickets.tag": "Replaces all tags. Names that are new become tags if the acting agent may create them.",
    "messages.create": "As `tickets.reply` or `tickets.note`: `kind` decides, and with it the scope.",
    "messages.list": "Of all tickets within reach, newest first.",
    "attachments.create": "A form with one part called `file`. Send the id you get in `attachments` of a "
    "message or a new ticket.",
    "attachments.download": "Answers with the file itself.",
    "contacts.create": "Needs a name or an address. An address that another contact has is answered with 409 "
    "and `existing`.",
    "contacts.update": "Changes only the fields sent; PUT and PATCH do the same. `emails` replaces all addresses.",
    "tags.update": "The tickets that have the tag keep it under its new name.",
}

FIELDS: dict[str, str] = {
    "attachments": "Files: ids of uploads, or small files themselves.",
    "author": "Who wrote the first message.",
    "body": "Markdown or plain text.",
    "body_html": "HTML instead. It is sanitised.",
    "content": "The file's content as base64.",
    "emails": "The first one is written to.",
    "external_id": "The id in another system. Unique.",
    "language": "A language tag such as de-AT.",
    "message": "The first message: Markdown or plain text.",
    "message_html": "HTML instead. It is sanitised.",
    "tags": "Names of tags.",
    "time_zone": "A time zone's name such as Europe/Vienna.",
}
"""What fields of bodies mean, where their name does not tell."""

EXAMPLES: dict[str, Any] = {
    "tickets.create": {
        "subject": "Where is my parcel?",
        "contact": {"email": "carol@customer.example", "name": "Carol"},
        "message": "I ordered **two weeks** ago.",
        "priority": "high",
        "tags": ["parcel"],
        "external_id": "order-1042",
    },
    "tickets.update": {"status": "pending", "priority": "normal", "assignee": "alice@desk.example"},
    "tickets.reply": {"body": "It is on its way, Carol.", "status": "pending"},
    "tickets.note": {"body": "The carrier has lost two of these this week."},
    "tickets.assign": {"assignee": "alice@desk.example"},
    "tickets.status": {"status": "solved"},
    "tickets.priority": {"priority": "urgent"},
    "tickets.move": {"team": "Support"},
    "tickets.tag": {"tags": ["parcel", "carrier"]},
    "tickets.subject": {"subject": "Parcel 1042 is late"},
    "messages.create": {"kind": "note", "body": "Carol has called as well."},
    "tags.create": {"name": "refund"},
    "tags.update": {"name": "refunds"},
    "contacts.create": {"name": "Dave", "emails": ["dave@customer.example"], "language": "de-AT"},
    "contacts.update": {"phones": ["+43 1 234567"], "notes": "Prefers to be called."},
}
"""A body for every operation that takes one, except uploads. The tests send them all."""
