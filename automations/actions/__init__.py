"""The verbs on what acts by itself."""

from automations.actions.counting import count_hours
from automations.actions.deliveries import (
    call_webhook,
    forget_old_deliveries,
    redeliver,
    redeliver_span,
    send_test,
)
from automations.actions.macros import (
    apply_macro,
    change_macro,
    create_macro,
    delete_macro,
    preview_macro,
    reply_in_a_moment,
)
from automations.actions.running import answer, forget_old_runs, rehearse
from automations.actions.states import switch_off, switch_on
from automations.actions.triggers import change_trigger, create_trigger, delete_trigger
from automations.actions.webhooks import (
    LONGEST_OVERLAP,
    create_webhook,
    delete_webhook,
    edit_webhook,
    end_webhook_rotation,
    rotate_webhook,
)

__all__ = [
    "LONGEST_OVERLAP",
    "answer",
    "apply_macro",
    "call_webhook",
    "change_macro",
    "change_trigger",
    "count_hours",
    "create_macro",
    "create_trigger",
    "create_webhook",
    "delete_macro",
    "delete_trigger",
    "delete_webhook",
    "edit_webhook",
    "end_webhook_rotation",
    "forget_old_deliveries",
    "forget_old_runs",
    "preview_macro",
    "redeliver",
    "redeliver_span",
    "rehearse",
    "reply_in_a_moment",
    "rotate_webhook",
    "send_test",
    "switch_off",
    "switch_on",
]
