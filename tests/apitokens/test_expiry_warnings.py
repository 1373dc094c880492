"""Whoever answers for a key hears of its last day 14 and 3 days before, once each, whatever happens to the workers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Agent, Notification
from activity.actor import system_actor
from activity.models import Event
from apitokens.actions import edit_key, revoke
from apitokens.models import ApiKey
from apitokens.tasks import warn_of_expiry
from tests.factories import AgentFactory, role
from tests.robot import robot
from tests.tasks import do_queued

pytestmark = pytest.mark.django_db


def expires_in(key: ApiKey, **time: float) -> None:
    ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now() + timedelta(**time))


def an_hour_passes(*, twice: bool = False) -> None:
    for _run in range(2 if twice else 1):
        warn_of_expiry(timestamp=0)
        do_queued(twice=twice)


def test_the_owner_is_told_twice_and_no_more_even_if_every_worker_dies(
    root: Agent, alice: Agent, mailoutbox: list[Any]
) -> None:
    key = robot(alice, owner=root, name="Web shop\nBcc: x", description="Takes orders").key
    expires_in(key, days=15)
    an_hour_passes()
    assert mailoutbox == []
    ApiKey.objects.update(expires_at=timezone.now() + timedelta(days=14))
    an_hour_passes(twice=True)
    (mail,) = mailoutbox
    assert mail.to == [root.email]
    assert mail.subject == "The key “Web shop Bcc: x” expires in 14 days"
    assert "Takes orders" in mail.body
    assert f"/admin/apitokens/apikey/{key.pk}/overview/" in mail.body
    assert Notification.objects.get().agent == root
    same = ApiKey.objects.get().expires_at
    an_hour_passes(twice=True)
    assert len(mailoutbox) == 1
    assert same is not None
    edit_key(key, actor=system_actor(), expires_at=timezone.now() + timedelta(days=3))
    an_hour_passes(twice=True)
    assert [mail.subject.rpartition("in ")[2] for mail in mailoutbox] == ["14 days", "3 days"]
    warnings = Event.objects.filter(type="key.expiring").order_by("id")
    assert [event.facts["days"] for event in warnings] == [14, 3]


def test_keys_that_do_not_work_or_get_more_time_in_the_meantime_make_no_mail(
    root: Agent, alice: Agent, mailoutbox: list[Any]
) -> None:
    keys = [robot(alice, owner=root).key for _ in range(4)]
    for key in keys:
        expires_in(key, days=2)
    revoke(keys[0], actor=system_actor())
    expires_in(keys[1], days=-1)
    warn_of_expiry(timestamp=0)
    edit_key(keys[2], actor=system_actor(), expires_at=timezone.now() + timedelta(days=90))
    revoke(keys[3], actor=system_actor())
    do_queued()
    assert mailoutbox == []


def test_when_the_owner_has_left_the_administrators_are_told(root: Agent, mailoutbox: list[Any]) -> None:
    gone = AgentFactory(name="Gone", role=role("Agent"), is_active=False)
    expires_in(robot(gone, owner=gone).key, days=1)
    an_hour_passes()
    assert [mail.to for mail in mailoutbox] == [[root.email]]


def test_a_mail_that_could_not_be_sent_is_sent_by_the_next_try(
    root: Agent, alice: Agent, mailoutbox: list[Any], settings: Any
) -> None:
    expires_in(robot(alice, owner=root).key, days=1)
    warn_of_expiry(timestamp=0)
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with pytest.raises(ConnectionRefusedError):
        do_queued()
    settings.EMAIL_BACKEND = working
    do_queued()
    assert [mail.to for mail in mailoutbox] == [[root.email]]
