"""The verbs on what acts by itself."""

from automations.actions.counting import count_hours
from automations.actions.macros import (
    apply_macro,
    change_macro,
    create_macro,
    delete_macro,
    preview_macro,
    reply_in_a_moment,
)
from automations.actions.running import answer, forget_old_runs, rehearse
from automations.actions.triggers import change_trigger, create_trigger, delete_trigger

__all__ = [
    "answer",
    "apply_macro",
    "change_macro",
    "change_trigger",
    "count_hours",
    "create_macro",
    "create_trigger",
    "delete_macro",
    "delete_trigger",
    "forget_old_runs",
    "preview_macro",
    "rehearse",
    "reply_in_a_moment",
]
