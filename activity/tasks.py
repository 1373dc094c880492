"""Housekeeping of the queue itself."""

from __future__ import annotations

import logging

from procrastinate import JobContext, builtin_tasks
from procrastinate.contrib.django import app as queue
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Status

logger = logging.getLogger(__name__)

STALLED_AFTER = 60
"""Seconds without a sign of life after which a worker counts as dead and its jobs are run again."""

KEEP_FINISHED_HOURS = 72


@queue.periodic(cron="* * * * *")
@queue.task(name="activity.retry_stalled_jobs", queueing_lock="retry_stalled_jobs", pass_context=True)
async def retry_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Put the jobs of killed workers back in the queue: without this they stay in *doing* for ever."""
    jobs = context.app.job_manager
    for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
        logger.warning("Job %s (%s) lost its worker; it will run again.", job.id, job.task_name)
        try:
            await jobs.retry_job(job)
        except UniqueViolation:
            # One like it waits already, and only one may. That one does what this one did not.
            await jobs.finish_job(job, Status.FAILED, delete_job=True)
        except ConnectorException as fault:
            # Another worker was quicker, say. None of them may keep the others from being run.
            logger.warning("Job %s was not put back: %s", job.id, fault)


@queue.periodic(cron="17 3 * * *")
@queue.task(name="activity.forget_finished_jobs", queueing_lock="forget_finished_jobs", pass_context=True)
async def forget_finished_jobs(context: JobContext, timestamp: int) -> None:
    """Keep the queue's tables small; failed jobs stay, but for those of rounds (`activity.rounds`)."""
    await builtin_tasks.remove_old_jobs(context, max_hours=KEEP_FINISHED_HOURS)
