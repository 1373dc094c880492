"""What the API answers with about orders, described for the OpenAPI document. Nothing is rendered with these."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api.shapes import VERSION, Id, Text
from activity.actor import Door
from orders.models import OrderStatus


class OrderLine(serializers.Serializer[Any]):
    """What was bought, and how often."""

    sku = Text()
    name = Text()
    quantity = serializers.IntegerField(min_value=1)
    price = Text(allow_null=True, help_text="Of one, in the order's currency: 19.90.")


class Shipment(serializers.Serializer[Any]):
    """A parcel on its way."""

    carrier = Text()
    number = Text()
    url = Text(help_text="Where the carrier tells how far it is, or empty.")
    shipped_at = serializers.DateTimeField(allow_null=True)


class Order(serializers.Serializer[Any]):
    """What somebody bought."""

    id = Id()
    external_id = Text(help_text="The order's number in the shop. Unique in its marketplace.")
    marketplace = Text(help_text="In lower case; empty for your own shop.")
    contact = Id(allow_null=True, help_text="Who bought it.")
    ticket = Id(allow_null=True, help_text="The ticket it is about. Null also for one out of reach.")
    status = serializers.ChoiceField(OrderStatus.values)
    currency = Text(help_text="An ISO 4217 code such as EUR, or empty.")
    total = Text(allow_null=True, help_text="An exact amount as text: 49.90.")
    lines = OrderLine(many=True)
    tracking = Shipment(many=True)
    placed_at = serializers.DateTimeField()
    version = Id(help_text=VERSION)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class OrderNoteKey(serializers.Serializer[Any]):
    """The key with which a note was written."""

    id = Id()
    name = Text()


class OrderNoteVia(serializers.Serializer[Any]):
    door = serializers.ChoiceField(Door.values)
    key = OrderNoteKey(allow_null=True)


class OrderNote(serializers.Serializer[Any]):
    """What an agent or a program remarks on an order. Customers never see it."""

    id = Id()
    order = Id()
    text = Text()
    author = Id(allow_null=True, help_text="The id of the agent who wrote it.")
    via = OrderNoteVia()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class OrderFilters(serializers.Serializer[Any]):
    external_id = serializers.CharField(help_text="Has exactly this number in the shop.")
    marketplace = serializers.CharField(allow_blank=True, help_text="Empty for your own shop.")
    status = serializers.ChoiceField(OrderStatus.values)
    contact = serializers.CharField(
        help_text="A contact's id, an e-mail address (this needs the scope contacts:read), or `none`."
    )
    ticket = serializers.CharField(help_text="A ticket's id, or `none`.")


class OrderAddress(serializers.Serializer[Any]):
    marketplace = serializers.CharField(
        allow_blank=True, help_text="Where the number is from. Your own shop if left out."
    )


class OrderNoteFilters(serializers.Serializer[Any]):
    order = Id(help_text="Is on the order with this id.")
