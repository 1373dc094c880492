"""Orders in the admin: found by their number, corrected by hand where a program told them wrong."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.admin.base import ModelAdmin, actor_of
from accounts.admin.fields import NamedRowField
from accounts.admin.forms import VerbForm
from accounts.admin.paginator import CappedPaginator
from accounts.models import Contact
from accounts.policy import visible
from activity.actor import Actor
from orders import actions, policy
from orders.models import Order
from orders.money import CURRENCIES, written
from tickets import policy as tickets
from tickets.models import Ticket


class TicketNumberField(forms.CharField):
    """A ticket by its number, with or without “#”."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=20, **options)
        self.rows: QuerySet[Ticket] = Ticket.objects.none()

    def clean(self, value: Any) -> Ticket | None:
        typed = super().clean(value).removeprefix("#").strip()
        if not typed:
            return None
        number = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= 18 else 0
        ticket = self.rows.filter(pk=number).first()
        if ticket is None:
            raise ValidationError(_("There is no ticket “%s”, or you may not see it.") % typed[:80])
        return ticket


class OrderForm(VerbForm):
    contact = NamedRowField(
        label=_("Contact"), help_text=_("Type the name, or #12 for the contact with this id.")
    )
    placed_at = forms.DateTimeField(
        label=_("Placed"),
        initial=timezone.now,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("As 2026-11-22 09:00."),
    )
    ticket = TicketNumberField(label=_("Ticket"), help_text=_("The number of the ticket that it is about."))

    class Meta:
        model = Order
        fields = ("external_id", "marketplace", "status", "total", "currency", "placed_at")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.total is not None:
            self.initial["total"] = Decimal(written(self.instance.total))
        if "contact" in self.fields:
            self.fields["contact"].offer(visible(self.actor, Contact))  # type: ignore[attr-defined]
            contact = self.instance.contact
            self.initial["contact"] = f"#{contact.pk}" if contact else ""
            self.fields["contact"].help_text = contact.name if contact else self.fields["contact"].help_text
        if "ticket" in self.fields:
            self.fields["ticket"].rows = tickets.visible(self.actor)  # type: ignore[attr-defined]
            seen = getattr(self.instance, "seen_ticket", None)
            self.initial["ticket"] = f"#{seen}" if seen else ""

    def clean_currency(self) -> str:
        code: str = self.cleaned_data["currency"].upper()
        if code and code not in CURRENCIES:
            raise ValidationError(_("There is no currency “%s”. Give its code, such as EUR.") % code)
        return code


@admin.register(Order)
class OrderAdmin(ModelAdmin):
    about = _("What people bought. Shops and shipping programs write it over the API.")
    shown_as = {"contact": "buyer", "ticket": "about_ticket"}
    form = OrderForm
    list_display = ("external_id", "marketplace", "state", "amount", "buyer", "placed_at")
    list_filter = ("status",)
    list_select_related = ("contact",)
    search_fields = ("=external_id", "=marketplace")
    search_help_text = _("The whole order number, or a marketplace")
    paginator = CappedPaginator
    ordering = ("-placed_at", "-id")
    readonly_fields = ("line_list", "parcels", "notes")
    fieldsets = (
        (None, {"fields": ("external_id", "marketplace", "status", "total", "currency", "placed_at")}),
        (_("Whose it is"), {"fields": ("contact", "ticket")}),
        (_("As programs told it"), {"fields": ("line_list", "parcels", "notes")}),
    )

    def visible(self, actor: Actor) -> QuerySet[Order]:
        return policy.visible(actor)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = super().get_fieldsets(request, obj)
        return shown if obj else [group for group in shown if "line_list" not in group[1]["fields"]]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.readonly_fields if obj else ()

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        order = super().get_object(request, object_id, from_field)
        if order is not None:
            order.seen_notes = (
                policy.visible_notes(actor_of(request)).filter(order=order).select_related("agent")
            )
        return order

    def write(self, instance: Any, form: Any, actor: Actor) -> None:
        """Only what was changed: other people's changes stay, and what this person cannot see stays untouched."""
        if not instance.pk:
            given = {name: value for name, value in form.cleaned_data.items() if value not in {None, ""}}
            instance.pk = actions.create(actor=actor, **given).pk
            return
        fields = {name: form.cleaned_data[name] for name in form.changed_data}
        actions.update(instance, actor=actor, **fields)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        actions.delete(obj, actor=actor_of(request))

    @admin.display(description=_("status"), ordering="status")
    def state(self, order: Order) -> str:
        return order.get_status_display()

    @admin.display(description=_("total"), ordering="total")
    def amount(self, order: Order) -> str:
        return "" if order.total is None else f"{written(order.total)} {order.currency}"

    @admin.display(description=_("contact"))
    def buyer(self, order: Order) -> str:
        return str(order.contact or "")

    @admin.display(description=_("ticket"))
    def about_ticket(self, order: Any) -> str:
        return f"#{order.seen_ticket}" if order.seen_ticket else ""

    @admin.display(description=_("lines"))
    def line_list(self, order: Order) -> str:
        rows = ((line["quantity"], line["name"], line["sku"], line["price"] or "") for line in order.lines)
        return format_html_join("", "<div>{} × {} {} {}</div>", rows)

    @admin.display(description=_("parcels"))
    def parcels(self, order: Order) -> str:
        return format_html_join("", "{}", ((_parcel(parcel),) for parcel in order.tracking))

    @admin.display(description=_("notes"))
    def notes(self, order: Any) -> str:
        rows = ((note.key_name or note.agent or "", note.text) for note in order.seen_notes)
        return format_html_join("", "<div><strong>{}</strong> {}</div>", rows)


def _parcel(parcel: dict[str, Any]) -> str:
    name = f"{parcel['carrier']} {parcel['number']}".strip()
    if not parcel["url"]:
        return format_html("<div>{}</div>", name)
    return format_html('<div><a href="{}" rel="noopener noreferrer">{}</a></div>', parcel["url"], name)
