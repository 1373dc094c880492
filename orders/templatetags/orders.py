"""How the workspace writes amounts."""

from __future__ import annotations

from django import template
from django.utils.formats import number_format

from orders.models import Order
from orders.money import written

register = template.Library()


@register.filter
def total(order: Order) -> str:
    """What the order costs, in its currency."""
    return "" if order.total is None else f"{number_format(written(order.total))} {order.currency}"
