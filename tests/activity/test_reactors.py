"""What follows from an event follows exactly when the event does, whatever happens to the workers."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction

from accounts import actions
from accounts.models import Agent
from activity.models import Event
from activity.recording import record
from activity.tasks import STALLED_AFTER, retry_stalled_jobs
from tests.factories import AgentFactory, at_the_web
from tests.servers import StartWorker
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


def unique(name: str) -> str:
    """An address nobody had in an earlier run, whose mails may still lie in the folder."""
    return f"{name}-{uuid.uuid4().hex[:12]}@desk.example"


def jobs(status: str = "todo") -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT task_name FROM procrastinate_jobs WHERE status = %s::procrastinate_job_status", [status]
        )
        return [name for (name,) in cursor.fetchall()]


def test_an_event_outside_a_transaction_is_refused(root: Agent) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        record(at_the_web(root), "agent.invited", root)


def test_a_change_that_is_rolled_back_leaves_no_event_and_no_work(root: Agent) -> None:
    with transaction.atomic():
        actions.invite(root, actor=at_the_web(root))
        transaction.set_rollback(True)
    assert not Event.objects.filter(type="agent.invited").exists()
    assert jobs() == []


def test_an_invitation_is_mailed_by_the_worker(root: Agent, start_worker: StartWorker) -> None:
    nina = AgentFactory(name="Nina", email=unique("nina"))
    actions.invite(nina, actor=at_the_web(root))
    assert jobs() == ["accounts.reactors.mail_invitation"]
    start_worker()
    mail = wait_for_mail(nina.email)
    assert "/password/choose/" in mail


def test_the_work_of_a_killed_worker_is_done_by_the_next(root: Agent, start_worker: StartWorker) -> None:
    nora = AgentFactory(name="Nora", email=unique("nora"))
    actions.invite(nora, actor=at_the_web(root))
    with connection.cursor() as cursor:  # As a worker leaves it that was killed after it had taken the job.
        cursor.execute(
            """
            WITH dead AS (
                INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s))
                RETURNING id
            )
            , round AS (
                INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, status, worker_id)
                SELECT 'default', 'a.round', 'a.round', 'doing', id FROM dead
            )
            UPDATE procrastinate_jobs SET status = 'doing', worker_id = dead.id FROM dead
            """,
            [STALLED_AFTER + 1],
        )
        cursor.execute(  # Of rounds only one waits; and what failed is made up for by the next one.
            """
            INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, status, scheduled_at) VALUES
                ('default', 'a.round', 'a.round', 'todo', now() + interval '1 hour'),
                ('default', 'activity.retry_stalled_jobs', NULL, 'failed', NULL),
                ('default', 'no.round', NULL, 'failed', NULL)
            """
        )
    retry_stalled_jobs.defer(timestamp=1)  # type: ignore[call-arg]
    start_worker()
    assert "/password/choose/" in wait_for_mail(nora.email)
    until(lambda: jobs("failed") == ["no.round"])
    assert [status for status in ("todo", "doing") for name in jobs(status) if name == "a.round"] == ["todo"]


def wait_for_mail(address: str) -> str:
    """The newest mail to the address among the files that EMAIL_URL's default writes."""
    until(lambda: bool(mails(address)))
    return mails(address)[0]


def mails(address: str) -> list[str]:
    files = sorted((Path(settings.VAR_DIR) / "mail").glob("*.log"), reverse=True)
    texts = [file.read_text() for file in files]
    return [text for text in texts if f"To: {address}" in text and "Subject:" in text]
