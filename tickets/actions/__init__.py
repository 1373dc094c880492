"""The verbs. Each locks, authorises, changes, records and returns; no door writes a ticket any other way."""

from tickets.actions.assign import assign
from tickets.actions.attach import (
    MAX_FILE,
    File,
    discard_upload,
    forget_orphan_files,
    forget_unsent_uploads,
    upload,
)
from tickets.actions.clocks import keep_clocks
from tickets.actions.custom_fields import set_fields
from tickets.actions.delete import delete
from tickets.actions.delivering import report_delivery
from tickets.actions.drafts import (
    attach_to_draft,
    keep_draft,
    keep_left_text,
    refuse_what_is_older,
    remove_from_draft,
    throw_away,
)
from tickets.actions.following import follow, unfollow
from tickets.actions.importing import OldMessage, import_ticket, quietly
from tickets.actions.linking import link, unlink
from tickets.actions.looking import mark_read, mark_unread
from tickets.actions.merging import merge, unmerge
from tickets.actions.note import note
from tickets.actions.open import open_ticket
from tickets.actions.presence import be_present, forget_who_left, go_away
from tickets.actions.properties import (
    edit_subject,
    link_external,
    move_to_team,
    set_language,
    set_priority,
    set_status,
)
from tickets.actions.proposing import PROPOSABLE, approve, decline, propose, proposed_changes, withdraw
from tickets.actions.receive import receive
from tickets.actions.reply import reply
from tickets.actions.sending import deliver, deliver_due, hold_reply, send_note, take_back
from tickets.actions.snoozing import snooze, unsnooze, wake, wake_all_due
from tickets.actions.split import split
from tickets.actions.tags import (
    add_tags,
    create_tag,
    delete_tag,
    group_tag,
    named_tags,
    remove_tags,
    rename_tag,
    set_tags,
)
from tickets.actions.templates import change_template, create_template
from tickets.actions.update import PROPERTIES, refuse_clash, update
from tickets.actions.views import change_view, create_view, delete_view

__all__ = [
    "MAX_FILE",
    "PROPERTIES",
    "PROPOSABLE",
    "File",
    "OldMessage",
    "add_tags",
    "approve",
    "assign",
    "attach_to_draft",
    "be_present",
    "change_template",
    "change_view",
    "create_tag",
    "create_template",
    "create_view",
    "decline",
    "delete",
    "delete_tag",
    "delete_view",
    "deliver",
    "deliver_due",
    "discard_upload",
    "edit_subject",
    "follow",
    "forget_orphan_files",
    "forget_unsent_uploads",
    "forget_who_left",
    "go_away",
    "group_tag",
    "hold_reply",
    "import_ticket",
    "keep_clocks",
    "keep_draft",
    "keep_left_text",
    "link",
    "link_external",
    "mark_read",
    "mark_unread",
    "merge",
    "move_to_team",
    "named_tags",
    "note",
    "open_ticket",
    "propose",
    "proposed_changes",
    "quietly",
    "receive",
    "refuse_clash",
    "refuse_what_is_older",
    "remove_from_draft",
    "remove_tags",
    "rename_tag",
    "reply",
    "report_delivery",
    "send_note",
    "set_fields",
    "set_language",
    "set_priority",
    "set_status",
    "set_tags",
    "snooze",
    "split",
    "take_back",
    "throw_away",
    "unfollow",
    "unlink",
    "unmerge",
    "unsnooze",
    "update",
    "upload",
    "wake",
    "wake_all_due",
    "withdraw",
]
