"""Rounds: the work that comes again by itself, each minute or each night, and finds what the one before it left."""

from __future__ import annotations

from typing import Any

from procrastinate import JobContext
from procrastinate.middleware import AsyncCallNext

_MADE_UP_FOR = "DELETE FROM procrastinate_jobs WHERE task_name = %(task)s AND status = 'failed'"


async def make_up_for_failed_ones(call_next: AsyncCallNext, context: JobContext, worker: Any) -> Any:
    """A round that succeeds has done what failed before it: an administrator need not look at that any more.

    One that fails each time stays among the failed jobs. For every job that a worker runs.
    """
    done = await call_next()
    if context.job.task_kwargs.get("timestamp"):  # The moment that a round is for; others have none.
        await context.app.connector.execute_query_async(_MADE_UP_FOR, task=context.job.task_name)
    return done
