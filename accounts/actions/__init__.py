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
from accounts.actions.custom_fields import change_field, define_field, delete_field
from accounts.actions.helpdesk import start_trial
from accounts.actions.links import InvalidLink, make_link, peek
from accounts.actions.notify import (
    choose_notifications,
    notify,
    read_all_notifications,
    read_notification,
    read_notifications_about,
)
from accounts.actions.own import change_profile, end_sessions, live_sessions, name_of, remember_sending
from accounts.actions.refusal import InUse, Refused, Taken
from accounts.actions.second_step import (
    begin_second_step,
    confirm_second_step,
    has_second_step,
    pass_second_step,
    remove_second_step,
    renew_recovery_codes,
    setup_address,
    setup_key,
)

__all__ = [
    "InUse",
    "InvalidLink",
    "Refused",
    "Taken",
    "begin_second_step",
    "change",
    "change_field",
    "change_password",
    "change_profile",
    "choose_notifications",
    "choose_password",
    "confirm_second_step",
    "create",
    "create_agent",
    "create_contact",
    "define_field",
    "delete_field",
    "end_sessions",
    "find_or_create_contact",
    "hand_out_link",
    "has_second_step",
    "invite",
    "live_sessions",
    "mail_reset",
    "make_link",
    "name_of",
    "note_sign_in",
    "note_sign_out",
    "notify",
    "pass_second_step",
    "peek",
    "read_all_notifications",
    "read_notification",
    "read_notifications_about",
    "remember_sending",
    "remove",
    "remove_second_step",
    "renew_recovery_codes",
    "request_reset",
    "save",
    "setup_address",
    "setup_key",
    "start_trial",
    "update_contact",
]
