"""The loop that keeps requests going. Only this thread talks to the database, only the others wait for receivers."""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import timedelta

from django.db import DatabaseError
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts.sealing import Unreadable
from accounts.sentences import gettext as _
from automations import payloads
from automations.delivering.claiming import claim, next_due
from automations.delivering.sending import Message, Outcome, send
from automations.delivering.settling import Tried, settle, withhold
from automations.models import Delivery, Webhook
from automations.outbox import wake
from automations.owners import Withheld, reader

logger = logging.getLogger(__name__)

REQUESTS = 32
"""At the same time, in one process."""

_LOOK = 0.25
"""Seconds after which it looks for new work, while it waits for answers."""

_TOGETHER = 0.02
"""Seconds in which answers after the first are written down with it: eight cost about as much as one."""

_ROUND = timedelta(minutes=1)
"""How often it is started anyhow."""

_SOON = timedelta(seconds=2)
"""After which it comes back to what somebody else held just now."""

_running = threading.Lock()
_asked_again = threading.Event()

InFlight = dict["Future[Outcome]", Message]


def deliver(*, should_stop: Callable[[], bool] = lambda: False) -> None:
    """Send what is due until nothing is. Of several in one process one works, and the others leave it to it."""
    # Asked before the lock is tried: whoever finds it taken can be sure that this is seen after its release.
    _asked_again.set()
    has_worked = False
    while _asked_again.is_set() and _running.acquire(blocking=False):
        try:
            _asked_again.clear()
            _work(should_stop)
            has_worked = True
        finally:
            _running.release()
    if has_worked:
        _arrange_the_next()


def _work(should_stop: Callable[[], bool]) -> None:
    in_flight: InFlight = {}
    with ThreadPoolExecutor(REQUESTS, thread_name_prefix="webhook") as pool:
        while True:
            claimed = [] if should_stop() else claim(REQUESTS - len(in_flight))
            for message in _prepared(claimed):
                in_flight[pool.submit(send, message)] = message
            if not in_flight and not claimed:
                return
            _settle_finished(in_flight)


def _settle_finished(in_flight: InFlight) -> None:
    """Wait a moment for answers, and write down those that came."""
    wait(in_flight, timeout=_LOOK, return_when=FIRST_COMPLETED)
    finished, _waiting = wait(in_flight, timeout=_TOGETHER)
    tried = [_tried(in_flight.pop(future), future) for future in finished]
    if tried:
        settle(tried)


def _tried(message: Message, future: Future[Outcome]) -> Tried:
    fault = future.exception()
    if fault is None:
        return Tried(message, future.result())
    logger.error("%s could not be sent.", message.message_id, exc_info=fault)
    return Tried(message, _our_fault())


def _our_fault() -> Outcome:
    return Outcome(
        timezone.now(), 0, error="internal", sentence=_("The helpdesk itself failed. Its log says why.")
    )


def _prepared(deliveries: Iterable[Delivery]) -> list[Message]:
    """The messages to send. What its owner may not read is withheld."""
    of_each: dict[Webhook, list[Delivery]] = defaultdict(list)
    for delivery in deliveries:
        of_each[delivery.webhook].append(delivery)
    return [message for webhook, own in of_each.items() for message in _messages_of(webhook, own)]


def _messages_of(webhook: Webhook, deliveries: list[Delivery]) -> list[Message]:
    """An event that cannot be rendered counts as failed, by itself: it holds up no other."""
    try:
        return _messages(webhook, deliveries)
    except DatabaseError:
        raise
    except Exception:
        if len(deliveries) > 1:
            return [message for one in deliveries for message in _messages_of(webhook, [one])]
        (delivery,) = deliveries
        logger.exception("%s could not be rendered.", delivery.message_id)
        message = Message(
            delivery.pk, webhook.pk, delivery.message_id, delivery.attempts, webhook.url, b"", ()
        )
        settle([Tried(message, _our_fault())])
        return []


@sensitive_variables()
def _messages(webhook: Webhook, deliveries: list[Delivery]) -> list[Message]:
    now = timezone.now()
    try:
        secrets = webhook.signing_secrets(now)
        bodies = _bodies(webhook, deliveries)
    except Withheld as refusal:
        withhold(deliveries, refusal.reason)
        return []
    except Unreadable:
        withhold(deliveries, "secret_unreadable")
        return []
    withhold([delivery for delivery in deliveries if delivery.pk not in bodies], "not_readable")
    return [
        Message(
            delivery.pk,
            webhook.pk,
            delivery.message_id,
            delivery.attempts,
            webhook.url,
            bodies[delivery.pk],
            secrets,
        )
        for delivery in deliveries
        if delivery.pk in bodies
    ]


def _bodies(webhook: Webhook, deliveries: list[Delivery]) -> dict[int, bytes]:
    """By the id of the delivery. A test is sent whatever the owner may read."""
    events = {delivery.pk: delivery.event_id for delivery in deliveries if delivery.event_id is not None}
    known = payloads.payloads(reader(webhook), events.values()) if events else {}
    bodies = {pk: payloads.written(known[event]) for pk, event in events.items() if event in known}
    tests = [delivery for delivery in deliveries if delivery.event_id is None]
    return bodies | {
        test.pk: payloads.written(payloads.test_payload(webhook, test.created_at)) for test in tests
    }


def _arrange_the_next() -> None:
    """A task at the moment when something is due again, if the next round would come too late for it."""
    due, now = next_due(), timezone.now()
    if due is not None and due < now + _ROUND:
        wake(max(due, now + _SOON))
