"""The verbs on orders. Each locks, authorises, changes, records and returns; no door writes an order otherwise."""

from orders.actions.changes import add_tracking, attach, delete, update
from orders.actions.notes import delete_note, edit_note, note
from orders.actions.taking import create, upsert

__all__ = [
    "add_tracking",
    "attach",
    "create",
    "delete",
    "delete_note",
    "edit_note",
    "note",
    "update",
    "upsert",
]
