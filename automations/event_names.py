"""Every type of event that is recorded. A name that is not among them is a mistyped one, and would never be told."""

from __future__ import annotations

from accounts.history import kinds
from orders.models import OrderStatus
from tickets.models.message import Delivery

FIRST = {"apikey": "key"}
"""By which word the events about a kind begin, where it is not the kind's own."""

_CONFIGURED = ("created", "changed", "deleted")
"""What befalls anything that an administrator edits."""

_OWN: dict[str, tuple[str, ...]] = {
    "ticket": (
        "opened", "imported", "replied", "noted", "message_received", "assigned", "moved", "priority_changed", "tagged",
        "status_changed", "reopened", "solved", "closed", "subject_edited", "fields_changed", "language_changed",
        "external_id_changed", "snoozed", "woken", "followed", "unfollowed", "linked", "unlinked", "merged", "unmerged",
        "split", "proposed", "proposal_approved", "proposal_declined", "proposal_withdrawn", "sla_near_breach",
        "sla_breached", "webhook_called", "automation_stopped", *(f"reply_{state}" for state in Delivery.values),
    ),
    "order": ("attached", "noted", "note_edited", "note_deleted", "tracked", *OrderStatus.values),
    "tag": ("renamed", "grouped"),
    "agent": (
        "invited", "link_handed_out", "signed_in", "signed_out", "sessions_ended", "password_chosen",
        "password_changed", "password_reset_requested", "second_step_added", "second_step_removed",
        "recovery_codes_renewed",
    ),
    "key": ("regenerated", "rotated", "rotation_ended", "suspended", "expiring", "revoked"),
    "application": ("allowed", "withdrawn", "tokens_ended", "regenerated", "disabled", "enabled"),
    "webhook": ("disabled", "enabled", "tested", "redelivered", "rotated", "rotation_ended"),
    "trigger": ("switched_off",),
    "helpdesksettings": ("trial_started",),
}  # fmt: skip


def first_words() -> set[str]:
    """What the types of events begin with."""
    return {FIRST.get(kind, kind) for kind in kinds()}


def recorded() -> set[str]:
    """The types there are, in whole."""
    return {f"{first}.{what}" for first in first_words() for what in (*_CONFIGURED, *_OWN.get(first, ()))}
