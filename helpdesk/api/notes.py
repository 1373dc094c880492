"""What the documents say beyond what the code shows: a word on each resource, operation and field."""

from __future__ import annotations

TAGS: dict[str, str] = {
    "index": "The root of the API.",
    "me": "The credential itself: whom it acts as, what it may do, and what it did last.",
    "helpdesk": "What may be known without a key.",
    "tickets": "Requests for help, and everything that is done to them.",
    "messages": "Replies and internal notes.",
    "proposals": "Replies, notes and changes that somebody suggests and an agent decides about, in the ticket or here. "
    "What is approved is the agent's own work, and needs his own right to do it.",
    "attachments": "Files, before and after they are sent.",
    "notes": "Internal notes, for programs that may read nothing else.",
    "views": "Filters under a name. The language is that of `q` in `/tickets`: words and phrases, and fields such "
    "as `status:open,pending`, `priority:>normal`, `assignee:me`, `team:none`, `tag:refund`, `updated:>7d`, "
    "`created:2026-11-01..2026-11-05`, `has:attachment`, `is:unreplied`; `-` denies, OR and parentheses group. "
    "What it cannot understand is answered with `invalid_filter` and the place.",
    "tags": "Words that sort tickets.",
    "tag_groups": "Tags that belong together.",
    "channels": "Where tickets come from.",
    "templates": "Replies that were written once, with places for a ticket's own facts.",
    "macros": "Steps that agents take often, under one name. Everybody who may write macros keeps his own; those that "
    "others use are an administrator's. A macro is no right: whoever applies it takes each step in his own name, and "
    "needs for each what it needs by itself.",
    "triggers": "What the helpdesk does by itself: when something happens to a ticket, or some hours after it, and a "
    "condition holds. `condition` is a filter as `q` of `/tickets` takes it, which may also ask about the event: `by:` "
    "(agent, contact, program, helpdesk, or an agent's address), `via:` (the name or id of the key, application or "
    "bot, any, none), `door:`, `changed:`, `from:` and `to:`. A trigger acts once for an event, all its steps or none, "
    "and never answers what it did itself; at most 5 answer each other in a row, and all together take at most 30 "
    "steps an hour on one ticket. Only a key with admin functions gets here.",
    "contacts": "The people who write to the helpdesk.",
    "orders": "What people bought, as shops and shipping programs tell it. Agents see it beside the ticket. An order "
    "is seen by whoever may see its ticket or its contact, and every order by those whose reach is all tickets; a "
    "key for orders needs no other scope.",
    "order_notes": "Remarks on orders. Customers never see them.",
    "organizations": "The companies and households that contacts belong to.",
    "custom_fields": "Fields that admins added to tickets, contacts and organizations. Their values are in "
    "`custom_fields` of these, by key: texts, URLs and choices as text, numbers, days as `2026-11-22`, yes and no as "
    "`true` and `false`, several choices as a list. A change names the fields it changes; `null` empties one. To find "
    "rows: `?custom_fields.KEY=VALUE`, and for tickets also `field.KEY:VALUE` in `q`.",
    "agents": "The people and programs that work here.",
    "teams": "Agents who share a queue.",
    "roles": "What agents may do, and to which tickets.",
    "events": "What happened, to read and to read on. Ids are those of history.",
    "keys": "API keys. Only a key with admin functions gets here, and only as far as the role of its agent "
    "administers; no access level and no wildcard includes them. Nobody makes, changes or regenerates a key that "
    "may do more than the key and the agent who ask: see `agent_permission`.",
    "webhooks": "URLs that are told of events, as far as their owner (a key, or an administrator) may read of them. "
    "Signed as Standard Webhooks 1.0 says; each event arrives at least once, under the same `webhook-id` each time.",
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
    "tickets.import": "For moving from another system, quietly: nobody is mailed or notified, no automation acts, and "
    "one event, `ticket.imported`, tells of it, marked `quiet`. The ticket and its messages keep the times sent, which "
    "must not be to come, and messages lie within the ticket's own time; lists sort by these times. An `external_id` "
    "that a ticket has already is answered with 200 and that ticket as it is now: the rest of the body is not read and "
    "nothing is changed, so an import that broke off is simply run again. A message is the contact's unless it names "
    "an `agent` (also one who is gone) or another `contact`; notes need an `agent`; new tags need `tags:write`. At "
    "most 500 messages and 1 MB; upload larger files first and send their ids. `updated_since` goes by the times "
    "sent, too: programs that keep a copy learn of imports from `/events`. "
    "The scope is granted by name alone, to keys of any access level.",
    "tickets.read": "`abilities` lists the operations that would be allowed on it.",
    "tickets.update": "Changes only the fields sent; PUT and PATCH do the same.",
    "tickets.upsert": "For programs that keep their own numbers: send the same body each time. With a ticket of "
    "that `external_id` its properties are changed and what only a new ticket has (contact, message, channel, "
    "author, attachments) is left alone; without one it is opened, and the answer is 201.",
    "tickets.delete": "For good, with its messages and files.",
    "tickets.messages": "Oldest first. Internal notes are among them only for those who may read notes.",
    "tickets.reply": "Writes a public reply in the name of the acting agent. `status` can set the ticket's "
    "status at once.",
    "tickets.note": "Writes what only agents can read.",
    "tickets.language": "What the contact writes in, as a language tag: de, en-GB. Empty when nobody knows. A new "
    "ticket has its contact's.",
    "tickets.assign": "The agent by id or e-mail address.",
    "tickets.fields": "Values by key; `null` empties a field. Fields that are not named stay as they are. Merging "
    "keeps the values of each ticket as they are, and a ticket that is split off begins with none.",
    "tickets.merge": "The conversation goes on in the other ticket, which shows all messages of this one to "
    "whoever may see it. This one is closed, leaves the lists and is read-only; `merged_into` says where it "
    "went. Both must be within the acting agent's reach; their contacts may differ.",
    "tickets.unmerge": "At any time: the ticket gets back its own messages, its former status and all else. "
    "What was written since the merge stays with the other ticket. Does nothing to a ticket that is not "
    "merged.",
    "tickets.split": "The message, and with `following` all behind it, become a new ticket of the same "
    "contact, team and assignee, linked to this one. One message has to stay. Answers with the new ticket.",
    "tickets.link": "Both tickets name each other in `linked_tickets`, to those who may see both.",
    "tickets.snooze": "Takes an open or pending ticket out of the working views. It comes back at that "
    "time, and at once when its contact writes.",
    "tickets.follow": "The acting agent, unless `agent` names another one, which needs the scope "
    "`tickets:write` too. Only who may see the ticket can follow it.",
    "tickets.unfollow": "The acting agent, unless `agent` names another one, which needs the scope "
    "`tickets:write` too.",
    "tickets.bulk": "Each ticket is changed in a transaction of its own: either everything that is asked "
    "for, or nothing. The answer says for each what became of it; `meta` counts the outcomes. A key needs "
    "the tags of `tickets.bulk` and of every verb that it uses: `tickets.assign`, `tickets.status`, "
    "`tickets.priority`, `tickets.tag`, `tickets.move`, `tickets.fields`, `tickets.merge`.",
    "tickets.tag": "Replaces all tags. Names that are new become tags if the acting agent may create them.",
    "tickets.propose": "Does nothing yet: an agent sees it in the ticket, edits it, and approves or declines it. "
    "`changes` may hold `status`, `assignee`, `team`, `priority` and `tags` (all that the ticket shall have).",
    "proposals.approve": "Needs what the proposed thing needs: `messages:write` for a reply, `notes:write` for a note, "
    "`tickets:write` for a change. Where the ticket moved on since `version` (somebody said something, for a reply; "
    "set a proposed property, for a change), the answer is 409 and nothing is done: look, and approve anew with the "
    "version that it names.",
    "proposals.decline": "Needs the same as approving it.",
    "proposals.withdraw": "Only as the agent as whom it was made.",
    "messages.create": "As `tickets.reply` or `tickets.note`: `kind` decides, and with it the scope.",
    "messages.delivery": "For the program that carries replies to the contact: it learns of them from `/events` or a "
    "webhook, and says here what became of each. Agents see it beside the reply, and who wrote one that failed is "
    "told. A report that is older (`at`) than the last one changes nothing. Also needs the scope `messages:read`.",
    "messages.list": "Of all tickets within reach, newest first. `ticket` means the whole conversation, with what was "
    "merged into it; each message names the ticket in which it was written.",
    "attachments.create": "A form with one part called `file`. Send the id you get in `attachments` of a "
    "message or a new ticket.",
    "attachments.download": "Answers with the file itself.",
    "contacts.create": "Needs a name or an address. An address that another contact has is answered with 409 "
    "and `existing`.",
    "contacts.update": "Changes only the fields sent; PUT and PATCH do the same. `emails` replaces all addresses.",
    "contacts.upsert": "For programs that keep their own numbers: send the same body each time. The contact with this "
    "`external_id` is changed in the fields sent (200); without one it is created (201), as by `contacts.create`. Of "
    "several at the same time, one creates it and the others change it.",
    "organizations.upsert": "As `contacts.upsert`. A new organization needs a name.",
    "contacts.delete": "Only a contact whom nothing refers to. Otherwise 409, with the number of tickets.",
    "organizations.delete": "Its contacts and tickets stay, without an organization.",
    "agents.create": "A person gets a link to choose a password unless `invite` is false. A service agent is what "
    "a program acts as. Nobody gives a role or a team that allows more than the key and its agent may do.",
    "agents.update": "Changes only the fields sent; PUT and PATCH do the same. `teams` replaces all teams. Agents "
    "who may do more than the key and its agent cannot be changed.",
    "agents.deactivate": "Sessions and keys of the agent stop working at once. Agents are never deleted, because "
    "history names them.",
    "teams.update": "Changes only the fields sent; PUT and PATCH do the same. `agents` replaces all members.",
    "teams.delete": "Only a team without tickets: otherwise they would leave the reach of its agents unnoticed.",
    "custom_fields.list": "Those of tickets, contacts and organizations, as far as the key may read these; a key that "
    "reads settings is told all of them.",
    "custom_fields.create": "Needs admin functions. The key is what programs and filters say; it, the kind and what "
    "the field belongs to never change. A kind with choices needs at least one.",
    "custom_fields.update": "Changes only the fields sent; PUT and PATCH do the same. `choices` replaces all choices: "
    "values that have one of those taken away keep it, and can be found by it. A field that is not `active` is shown "
    "nowhere and cannot be written; its values are kept.",
    "custom_fields.delete": "Only a field of which nothing has a value. Otherwise 409, with how many do.",
    "roles.list": "Roles are made and changed in the admin.",
    "notes.list": "Of all tickets within reach, newest first. Needs no right to read replies.",
    "tickets.notes": "Oldest first. Needs no right to read replies or the ticket itself.",
    "attachments.list": "The files of messages that the key may read, and the agent's own uploads that wait to be "
    "sent.",
    "attachments.delete": "An upload of one's own that is not sent yet. Sent files stay with their message.",
    "channels.delete": "Only a channel that no ticket came from.",
    "tag_groups.delete": "Its tags stay, without a group.",
    "templates.list": "Those for everyone, for the acting agent's teams, and his own.",
    "templates.create": "Placeholders are {{ticket.number}}, {{ticket.subject}}, {{ticket.status}}, "
    "{{ticket.priority}}, {{contact.name}}, {{contact.email}}, {{organization.name}}, {{team.name}}, "
    "{{agent.name}}, {{agent.first_name}}, {{agent.email}} and {{helpdesk.name}}. Any other is a 422 that names "
    "its place.",
    "templates.render": "The text as the acting agent would send it for the ticket. Nothing is sent or changed. "
    "Without a ticket, what depends on one stays as it is. Each placeholder needs the right to read what it "
    "stands for.",
    "orders.list": "`ticket` finds the orders of the whole conversation, with what was merged into it.",
    "orders.create": "The contact is found by id or address, and created if the address is new. A number that the "
    "marketplace has already is answered with 409 and `existing`.",
    "orders.update": "Changes only the fields sent; PUT and PATCH do the same. `lines` and `tracking` replace all of "
    "them.",
    "orders.delete": "For good, with its notes.",
    "orders.find": "The number is the shop's; `marketplace` says whose.",
    "orders.upsert": "Takes the order in if it is new (201), and otherwise changes the fields sent (200). Nothing is "
    "required but the number in the address. Of several at the same time, one takes it in and the others change it.",
    "orders.track": "A parcel with the same carrier and number takes the place of what was known about it.",
    "orders.notes": "Oldest first.",
    "order_notes.update": "Only the agent who wrote it may.",
    "views.list": "The acting agent's own, those of his teams, and those for everyone.",
    "views.create": "It belongs to the acting agent. He shares it with his teams or with everyone if he likes. A "
    "filter that means nothing is a 422 that says where.",
    "views.update": "Changes only the fields sent; PUT and PATCH do the same. Only its owner may, and administrators.",
    "views.delete": "Only its owner may, and administrators.",
    "views.tickets": "Exactly what `/tickets` with the view's filter answers: only tickets that the acting agent may "
    "see. Without `sort`, in the view's own order. Also needs the scope `views:read`.",
    "views.standing": "Those that every agent has in the workspace, as filters. Their tickets: `/tickets?q=` with "
    "the filter.",
    "views.counts": "Of the standing views and of the agent's own and shared ones. Also needs the scope "
    "`tickets:read`.",
    "events.list": "Oldest first, without totals. Send `meta.cursor.next` as `cursor` for what follows, also after a "
    "page that was empty: no event is missed and none comes twice, whatever is written at the same time. Events are "
    "about things that the acting agent may see; administrators are told of deleted things, too.",
    "keys.list": "Administrators see every key, others those they own.",
    "keys.create": "The answer holds the secret, once: as `secret` for `Bearer` and as `code` for `key`. It is kept "
    "nowhere. When an `Idempotency-Key` lets the answer be given again, both are null and `meta.secret_withheld` is "
    "true: if the first answer was lost, regenerate the key. Its owner is the acting agent, or of a service agent the "
    "owner of the key that asks, unless `owner` names another person.",
    "keys.update": "Changes only the fields sent; PUT and PATCH do the same. Acts on the key's next request. A revoked "
    "key cannot be changed. In the admin a person gives his password to widen a key; a program needs none, because it "
    "widens nothing beyond its own rights, and the event says what was widened.",
    "keys.regenerate": "The old secret is refused from the next request on. The new one is in this answer, once, as in "
    "`keys.create`. A suspended key works again; a revoked one stays revoked.",
    "keys.rotate": "A new secret without an outage: the answer holds it, once, as in `keys.create`, and the old one is "
    "accepted for `hours` more, in both spellings. `secret` in the log of requests says which of the two was sent. A "
    "suspended or expired key, or one whose old secret is still accepted, is not rotated.",
    "keys.end_rotation": "The old secret is refused from the next request on. Nothing happens when there is none.",
    "keys.revoke": "It is refused from the next request on, and cannot be made to work again.",
    "keys.delete": "Only a revoked key. Its log goes with it; history keeps its name.",
    "keys.requests": "Newest first, always all of them, as in `me.requests`.",
    "macros.list": "The acting agent's own, those of his teams, and those for everyone.",
    "macros.create": "It is the acting agent's own, unless an administrator shares it. Rows that steps name are given "
    "by id or name, and kept by id.",
    "macros.update": "Changes only the fields sent; PUT and PATCH do the same. `steps` replaces all of them.",
    "macros.delete": "Only its owner may while it is his alone, and administrators.",
    "macros.apply": "All steps or none, in the name of the acting agent; a reply goes out at once. Also needs the "
    "scope `macros:read`, and for each step the scope and the tag of its verb: `tickets.assign`, `tickets.status` "
    "and so on. What a step refuses is a 422 that names the step.",
    "triggers.create": "Either `occasions`, or `clock` and `hours`: a stretch of time begins with an event and is "
    "asked about once, when the hours are over and nothing has ended it. Stretches that are long enough "
    "already are left alone.",
    "triggers.update": "Changes only the fields sent; PUT and PATCH do the same. Switched on again, it starts afresh.",
    "triggers.delete": "With the log of its runs. History keeps its name.",
    "triggers.runs": "The times that its conditions held, newest first. They are kept for 30 days.",
    "webhooks.list": "Administrators see every webhook, others those of the keys that they own.",
    "webhooks.create": "It belongs to the key that asks, unless `key` names another or `agent` an administrator. "
    "The answer holds the secret, once. It is kept sealed, and when an `Idempotency-Key` lets the answer be given "
    "again, it is null and `meta.secret_withheld` is true: if the first answer was lost, rotate.",
    "webhooks.update": "Changes only the fields sent; PUT and PATCH do the same. What waits goes to the new URL.",
    "webhooks.delete": "Its deliveries and their log go with it.",
    "webhooks.rotate": "The answer holds the new secret, once. For `hours` more, each message has two signatures, one "
    "by each secret, so that the receiver can change over in peace.",
    "webhooks.end_rotation": "Nothing happens when there is only one.",
    "webhooks.disable": "Nothing more is sent. What waits stays; what happens from now on is not kept for it.",
    "webhooks.enable": "What waited is sent. With `catch_up` also what happened while it was off.",
    "webhooks.test": "A message of the type `test`, sent once, also while the webhook is off. Ask for the delivery to "
    "see what came of it.",
    "webhooks.redeliver_span": "What happened in this span and did not arrive is sent again, also what was never tried "
    "because the webhook was off or did not exist. At most 10,000 events at once.",
    "webhooks.deliveries": "Newest first. They are kept for 30 days.",
    "webhooks.delivery": "With what was sent, and what came back, in each of the last 50 attempts.",
    "webhooks.redeliver": "It is sent again under the same `webhook-id`, with all attempts before it. One that waits "
    "is sent now.",
    "tags.update": "The tickets that have the tag keep it under its new name.",
}

FIELDS: dict[str, str] = {
    "attachments": "Files: ids of uploads, or small files themselves.",
    "author": "Who wrote the first message.",
    "body": "Markdown or plain text.",
    "body_html": "HTML instead. It is sanitised.",
    "content": "The file's content as base64.",
    "emails": "The first one is written to.",
    "agents": "Ids or e-mail addresses.",
    "applies_to": "What has the field.",
    "choices": "What can be chosen, in order.",
    "custom_fields": "Values of custom fields by key (see `/custom_fields`); null empties one.",
    "help_text": "What people should know when they fill it in.",
    "key": "Small letters, digits and _, beginning with a letter: order_number.",
    "label": "What people read.",
    "position": "Where it stands among the others.",
    "default_team": "The team that its tickets go to.",
    "add": "Names of tags that the tickets get as well.",
    "agent": "An agent's id or e-mail address. Without it, the acting agent.",
    "assign": "The agent who shall be in charge, or null for nobody.",
    "following": "Also all messages behind this one.",
    "ids": "Up to 100 ids of tickets.",
    "into": "The ticket in which the conversation goes on.",
    "merge": "The ticket into which they shall be merged.",
    "remove": "Names of tags that the tickets lose.",
    "set": "Names of tags that shall be all.",
    "until": "A time to come.",
    "external_id": "The id in another system. Unique.",
    "language": "A language tag such as de-AT.",
    "to": "The addresses that it is for. Left out, a reply is for the contact's first address.",
    "cc": "The addresses that get a copy.",
    "state": "How far it has come.",
    "detail": "In words, such as the other server's answer.",
    "at": "When that was. Left out, now.",
    "message": "The first message: Markdown or plain text.",
    "message_html": "HTML instead. It is sanitised.",
    "currency": "An ISO 4217 code such as EUR.",
    "lines": "What was bought. Replaces all lines.",
    "marketplace": "Where the number is from; empty for your own shop.",
    "tags": "Names of tags.",
    "total": "An exact amount as text: 49.90. Needs a currency.",
    "tracking": "The parcels. Replaces all of them.",
    "time_zone": "A time zone's name such as Europe/Vienna.",
}
"""What fields of bodies mean, where their name does not tell."""
