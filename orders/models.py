from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from activity.actor import Door
from orders.money import DIGITS, PLACES


class OrderStatus(models.TextChoices):
    """How far an order is, for agents; programs translate their own steps into these."""

    PLACED = "placed", _("Placed")
    PAID = "paid", _("Paid")
    SHIPPED = "shipped", _("Shipped")
    DELIVERED = "delivered", _("Delivered")
    CANCELLED = "cancelled", _("Cancelled")
    RETURNED = "returned", _("Returned")
    REFUNDED = "refunded", _("Refunded")


class OrderQuerySet(models.QuerySet["Order"]):
    def called(self, external_id: str, marketplace: str) -> OrderQuerySet:
        return self.filter(external_id=external_id, marketplace=marketplace)


class Order(models.Model):
    """What somebody bought: known by the number that the shop or marketplace gave it.

    `lines` holds `{sku, name, quantity, price}`, `tracking` holds `{carrier, number, url, shipped_at}`, both as
    the API writes them: amounts and times are text.
    """

    external_id = models.CharField(_("order number"), max_length=200)
    marketplace = models.CharField(_("marketplace"), max_length=60, blank=True)
    """Lower case; empty for the helpdesk's own shop."""
    contact = models.ForeignKey(
        "accounts.Contact",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="orders",
        verbose_name=_("contact"),
        db_index=False,
    )
    ticket = models.ForeignKey(
        "tickets.Ticket",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="orders",
        verbose_name=_("ticket"),
        db_index=False,
    )
    status = models.CharField(
        _("status"), max_length=12, choices=OrderStatus.choices, default=OrderStatus.PLACED
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    total = models.DecimalField(_("total"), max_digits=DIGITS, decimal_places=PLACES, null=True, blank=True)
    lines = models.JSONField(_("lines"), default=list, blank=True)
    tracking = models.JSONField(_("tracking"), default=list, blank=True)
    placed_at = models.DateTimeField(_("placed"), default=timezone.now)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now, editable=False)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["external_id", "marketplace"],
                name="order_name",
                violation_error_message=_("There is such an order in this marketplace already."),
            ),
            models.CheckConstraint(condition=models.Q(status__in=OrderStatus.values), name="order_status"),
            models.CheckConstraint(
                condition=models.Q(total=None) | ~models.Q(currency=""),
                name="order_total_has_a_currency",
                violation_error_message=_("Say which currency the total is in, such as EUR."),
            ),
        ]
        indexes = [
            models.Index(fields=["-updated_at", "-id"], name="order_updated"),
            models.Index(fields=["-placed_at", "-id"], name="order_placed"),
            models.Index(fields=["contact", "-placed_at", "-id"], name="order_contact"),
            models.Index(fields=["ticket", "-placed_at", "-id"], name="order_ticket"),
        ]

    def __str__(self) -> str:
        return f"{self.external_id} ({self.marketplace})" if self.marketplace else self.external_id


class OrderNote(models.Model):
    """What an agent or a program remarks on an order. Customers never see it."""

    order = models.ForeignKey(
        Order, models.CASCADE, related_name="notes", verbose_name=_("order"), db_index=False
    )
    text = models.TextField(_("text"))
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("agent"),
    )
    door = models.CharField(_("door"), max_length=12, choices=Door.choices)
    key_id = models.BigIntegerField(_("key id"), null=True, blank=True)
    key_name = models.CharField(_("key"), max_length=100, blank=True)
    created_at = models.DateTimeField(_("written"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("order note")
        verbose_name_plural = _("order notes")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["order", "id"], name="order_note_order"),
            models.Index(fields=["-updated_at", "-id"], name="order_note_updated"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
