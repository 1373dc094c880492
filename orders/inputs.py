"""What the verbs on orders accept from outside."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from django.core.validators import URLValidator
from django.db import models
from rest_framework import serializers

from accounts.api.inputs import Choice, ContactReference, Input, Reference, Versioned
from orders.actions.notes import MAX_NOTE
from orders.models import OrderStatus
from orders.money import CURRENCIES, DIGITS, PLACES, written
from tickets import policy as tickets
from tickets.models import Ticket


class TicketReference(Reference):
    model, kind, form = Ticket, "ticket", "a ticket's number or external_id"

    def rows(self) -> models.QuerySet[Any]:
        return tickets.visible(self.context["actor"])

    def by_name(self, name: str) -> models.QuerySet[Any]:
        return self.rows().filter(external_id=name)


class CurrencyField(serializers.CharField):
    default_error_messages = {
        "unknown_currency": "There is no currency “{value}”. Give its code, such as EUR."
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=3, allow_blank=True, **options)

    def to_internal_value(self, data: Any) -> str:
        code = super().to_internal_value(data).upper()
        if code not in CURRENCIES:
            self.fail("unknown_currency", value=code[:80])
        return code


class LineInput(Input):
    """What was bought, and how often."""

    sku = serializers.CharField(max_length=100, default="", allow_blank=True)
    name = serializers.CharField(max_length=300)
    quantity = serializers.IntegerField(min_value=1, max_value=1_000_000, default=1)
    price = serializers.DecimalField(DIGITS, PLACES, default=None, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        price = attrs["price"]
        return {**attrs, "price": None if price is None else written(price)}


class ShipmentInput(Input):
    """A parcel on its way."""

    carrier = serializers.CharField(max_length=60, default="", allow_blank=True)
    number = serializers.CharField(max_length=100)
    url = serializers.URLField(max_length=500, default="", allow_blank=True)
    shipped_at = serializers.DateTimeField(default=None, allow_null=True)

    def validate_url(self, value: str) -> str:
        if value:
            URLValidator(schemes=["http", "https"])(value)
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        at = attrs["shipped_at"]
        return {**attrs, "shipped_at": at and at.astimezone(UTC).isoformat().replace("+00:00", "Z")}


class OrderFields(Input):
    """What an order tells besides its number. Nothing here has a default: what is left out stays as it is."""

    status = Choice(OrderStatus.choices, required=False)
    contact = ContactReference(required=False, allow_null=True)
    ticket = TicketReference(required=False, allow_null=True)
    currency = CurrencyField(required=False)
    total = serializers.DecimalField(DIGITS, PLACES, min_value=0, required=False, allow_null=True)
    placed_at = serializers.DateTimeField(required=False)
    lines = LineInput(many=True, required=False)
    tracking = ShipmentInput(many=True, required=False)


class OrderByNumberFields(OrderFields):
    """The order whose name the address says. The body may say the same again, as it would for a new one."""

    external_id = serializers.CharField(max_length=200, required=False)
    marketplace = serializers.CharField(max_length=60, required=False, allow_blank=True)


class OrderChanges(OrderFields, Versioned):
    external_id = serializers.CharField(max_length=200, required=False)
    marketplace = serializers.CharField(max_length=60, required=False, allow_blank=True)


class NewOrder(OrderFields):
    external_id = serializers.CharField(max_length=200)
    marketplace = serializers.CharField(max_length=60, required=False, allow_blank=True)


class OrderName(Input):
    """The two things in an address by which an order is known outside."""

    external_id = serializers.CharField(max_length=200)
    marketplace = serializers.CharField(max_length=60, default="", allow_blank=True)


class OrderNoteInput(Input):
    text = serializers.CharField(max_length=MAX_NOTE)
