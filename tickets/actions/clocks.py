from __future__ import annotations

from datetime import datetime
from typing import Any

from tickets.models import Ticket


def keep_clocks(ticket: Ticket, *, sla: dict[str, Any], due_at: datetime, check_at: datetime | None) -> None:
    """Keep what an app above has reckoned of a ticket that the caller's transaction holds (`tickets.clocks`).

    No new version, and no event: it is nobody's doing, and follows from what is recorded already.
    """
    ticket.sla, ticket.sla_due_at, ticket.sla_check_at = sla, due_at, check_at
    ticket.save(update_fields=["sla", "sla_due_at", "sla_check_at"])
