"""The demo's orders look as if a program had told of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from accounts.models import Agent
from activity.actor import system_actor
from activity.models import Event
from orders import actions
from orders.inputs import LineInput, NewOrder, ShipmentInput
from orders.models import Order

PARCEL = {"carrier": "Post", "number": "1", "url": "", "shipped_at": None}


@pytest.mark.django_db
def test_the_demo_has_orders_with_the_history_that_the_verbs_record(
    settings: Settings, tmp_path: Path
) -> None:
    settings.VAR_DIR = tmp_path
    call_command("demo", tickets=60, verbosity=0)
    told = Order.objects.select_related("ticket")
    assert 10 < told.count() < 50
    for order in told:
        assert order.ticket is not None
        assert order.contact_id == order.ticket.contact_id
        events = Event.objects.about(order).order_by("id")
        statuses = [event.changes["status"][1] for event in events if "status" in event.changes]
        assert (order.version, order.status) == (len(statuses) + 1, (["paid", *statuses])[-1])
        assert events.filter(type="order.created", key_name="CRM sync").count() == 1
        body = {"external_id": order.external_id, "total": order.total, "currency": order.currency}
        assert NewOrder(data=body, context={"actor": system_actor()}).is_valid()
        assert LineInput(data=order.lines, many=True).is_valid()
        assert ShipmentInput(data=order.tracking, many=True).is_valid()

    root = Agent.objects.get(email="root@example.com")
    worked = actions.create(external_id="7", status="paid", actor=system_actor())
    actions.update(worked, status="shipped", tracking=[PARCEL], actor=system_actor())
    for event in Event.objects.about(worked):
        shape = (set(event.changes), set(event.facts))
        demo = Event.objects.filter(type=event.type, agent=root).exclude(subject_id=worked.pk)
        assert {(*sorted(e.changes), "|", *sorted(e.facts)) for e in demo} == {
            (*sorted(shape[0]), "|", *sorted(shape[1]))
        }
