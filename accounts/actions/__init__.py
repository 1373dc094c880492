"""The verbs on people: inviting, signing in and out, contacts, and everything an admin configures."""

from accounts.actions.agents import (
    change_password,
    choose_password,
    create_agent,
    hand_out_link,
    invite,
    mail_reset,
    note_sign_in,
    note_sign_out,
    request_reset,
)
from accounts.actions.configure import change, create, remove, save
from accounts.actions.contacts import create_contact, find_or_create_contact, update_contact
from accounts.actions.helpdesk import start_trial
from accounts.actions.links import InvalidLink, make_link, peek
from accounts.actions.notify import (
    choose_notifications,
    notify,
    read_all_notifications,
    read_notification,
    read_notifications_about,
)
from accounts.actions.refusal import InUse, Refused, Taken

__all__ = [
    "InUse",
    "InvalidLink",
    "Refused",
    "Taken",
    "change",
    "change_password",
    "choose_notifications",
    "choose_password",
    "create",
    "create_agent",
    "create_contact",
    "find_or_create_contact",
    "hand_out_link",
    "invite",
    "mail_reset",
    "make_link",
    "note_sign_in",
    "note_sign_out",
    "notify",
    "peek",
    "read_all_notifications",
    "read_notification",
    "read_notifications_about",
    "remove",
    "request_reset",
    "save",
    "start_trial",
    "update_contact",
]
