"""The demo's orders: what a CRM has told about the purchases that tickets are about."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from activity.actor import Actor
from apitokens.models import ApiKey
from helpdesk.demo import rows
from helpdesk.demo.cast import Cast, with_key
from helpdesk.demo.conversation import Conversation
from helpdesk.demo.ids import endless
from orders.models import Order, OrderStatus

_SEED = 20_260_102
_PART = 0.4
"""Of all tickets, those whose order is known."""

COLUMNS = (
    "id", "external_id", "marketplace", "contact_id", "ticket_id", "status", "currency", "total", "lines", "tracking",
    "placed_at", "version", "created_at", "updated_at",
)  # fmt: skip

_MARKETPLACES = ("", "", "", "market.example", "bazaar.example")
_CARRIERS = ("Parcel Post", "Swift Parcel")
_EVENTUALLY = (OrderStatus.DELIVERED,) * 8 + (OrderStatus.REFUNDED, OrderStatus.RETURNED)


@dataclass(slots=True)
class Shop:
    """What is told about orders while tickets are being told. `fresh` waits to be stored."""

    teller: Actor
    now: datetime
    rng: Random
    taken: set[str]
    ids: Iterator[int]
    fresh: list[Order] = field(default_factory=list)

    def tell(self, told: Conversation) -> None:
        """Perhaps there is an order with the number that the ticket speaks of: it becomes known with the ticket."""
        number = told.details["order"]
        if self.rng.random() > _PART or number in self.taken:
            return
        self.taken.add(number)
        opened = told.ticket.created_at
        order = _order(next(self.ids), told, opened - timedelta(days=self.rng.uniform(1, 9)), self.rng)
        told.events.append(
            rows.event_row(self.teller, "order.created", order, at=opened, facts={"version": 1})
        )
        self._ship(order, told)
        self.fresh.append(order)

    def store(self) -> None:
        rows.copy(Order, COLUMNS, ([_plain(order, column) for column in COLUMNS] for order in self.fresh))
        self.fresh.clear()

    def _ship(self, order: Order, told: Conversation) -> None:
        """Two days after the ticket came, at the latest, the parcel is on its way, and a week later it is there."""
        shipped = order.created_at + timedelta(hours=self.rng.uniform(2, 48))
        if shipped > self.now:
            return
        number = told.details["tracking"]
        url = f"https://parcels.example/{number}"
        at = shipped.isoformat(timespec="seconds").replace("+00:00", "Z")
        order.tracking = [
            {"carrier": self.rng.choice(_CARRIERS), "number": number, "url": url, "shipped_at": at}
        ]
        self._change(order, OrderStatus.SHIPPED, shipped, told)
        parcels: dict[str, object] = {"parcels": 1, "fields": ["tracking"], "version": order.version}
        told.events.append(rows.event_row(self.teller, "order.tracked", order, at=shipped, facts=parcels))
        done = shipped + timedelta(days=self.rng.uniform(2, 7))
        if done < self.now:
            self._change(order, self.rng.choice(_EVENTUALLY), done, told)

    def _change(self, order: Order, status: OrderStatus, at: datetime, told: Conversation) -> None:
        before, order.status = order.status, status
        order.updated_at, order.version = at, order.version + 1
        facts: dict[str, object] = {"fields": ["status"], "version": order.version}
        changes = {"status": (str(before), str(status))}
        told.events.append(
            rows.event_row(self.teller, f"order.{status}", order, at=at, changes=changes, facts=facts)
        )


def open_shop(cast: Cast, keys: dict[str, ApiKey], now: datetime) -> Shop:
    """The CRM's key tells of orders as Root. Always the same ones."""
    taken = set(Order.objects.values_list("external_id", flat=True))
    rng = Random(f"{_SEED} {len(taken)}")  # noqa: S311 - a demo.
    return Shop(with_key(keys["CRM sync"], cast.agent("root")), now, rng, taken, endless(Order))


def _order(pk: int, told: Conversation, placed: datetime, rng: Random) -> Order:
    price = told.details["amount"].removeprefix("€")
    line = {
        "sku": f"P-{rng.randrange(100, 999)}",
        "name": told.details["product"],
        "quantity": 1,
        "price": price,
    }
    return Order(
        pk=pk,
        external_id=told.details["order"],
        marketplace=rng.choice(_MARKETPLACES),
        contact=told.ticket.contact,
        ticket=told.ticket,
        status=OrderStatus.PAID,
        currency="EUR",
        total=price,
        lines=[line],
        placed_at=placed,
        created_at=told.ticket.created_at,
        updated_at=told.ticket.created_at,
    )


def _plain(order: Order, column: str) -> Any:
    value = getattr(order, column)
    return json.dumps(value) if column in {"lines", "tracking"} else value
