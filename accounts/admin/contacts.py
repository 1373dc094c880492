from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.validators import validate_email
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.actions import change, create
from accounts.actions.contacts import create_contact, update_contact
from accounts.admin.custom_fields import ValuesForm, WithValues
from accounts.admin.fields import LinesField, NamedRowField
from accounts.models import Contact, ContactEmail, Organization
from accounts.models.agent import normalize_email
from accounts.policy import visible
from activity.actor import Actor


def address(typed: str) -> str:
    validate_email(typed)
    return normalize_email(typed)


class ContactForm(ValuesForm):
    emails = LinesField(
        label=_("E-mail addresses"),
        check=address,
        required=False,
        help_text=_("One per line. The first is the one that is written to."),
    )
    organization = NamedRowField(label=_("Organization"), help_text=_("Type its name."))
    phones = LinesField(label=_("Phones"), required=False, help_text=_("One per line."))

    class Meta:
        model = Contact
        fields = ("name", "language", "time_zone", "external_id", "notes")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "organization" in self.fields:
            self.fields["organization"].offer(visible(self.actor, Organization))  # type: ignore[attr-defined]
            organization = self.instance.organization
            self.initial["organization"] = organization.name if organization else ""
        if self.instance.pk:
            self.initial["phones"] = self.instance.phones
            self.initial["emails"] = list(self.instance.emails.values_list("address", flat=True))

    def clean_emails(self) -> list[str]:
        addresses: list[str] = self.cleaned_data["emails"]
        others = ContactEmail.objects.filter(address__in=addresses).exclude(contact=self.instance.pk)
        for taken in others.select_related("contact"):
            sentence = _("%(address)s belongs to %(contact)s (contact %(id)s) already.")
            facts = {"address": taken.address, "contact": taken.contact, "id": taken.contact_id}
            self.add_error("emails", sentence % facts)
        return addresses

    def clean_phones(self) -> list[str]:
        phones: list[str] = self.cleaned_data["phones"]
        for phone in phones:
            if len(phone) > 40:
                self.add_error("phones", _("“%s…” is too long: at most 40 characters.") % phone[:20])
        return phones


@admin.register(Contact)
class ContactAdmin(WithValues):
    about = _("Who asks for help, by all their addresses.")
    shown_as = {"emails": "addresses"}
    form = ContactForm
    list_display = ("name", "addresses", "organization", "external_id", "updated_at")
    list_select_related = ("organization",)
    search_fields = ("name", "emails__address", "=external_id")
    search_help_text = _("Name, e-mail address or external id")
    fieldsets = (
        (None, {"fields": ("name", "emails", "phones", "organization")}),
        (_("More"), {"fields": ("language", "time_zone", "external_id", "notes")}),
    )

    def visible(self, actor: Actor) -> QuerySet[Contact]:
        return visible(actor, Contact)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("emails")

    def write(self, instance: Any, form: Any, actor: Actor) -> None:
        if instance.pk:
            update_contact(instance, actor=actor, **form.given)
        else:
            instance.pk = create_contact(actor=actor, **form.given).pk

    @admin.display(description=_("e-mail addresses"))
    def addresses(self, contact: Contact) -> str:
        return ", ".join(email.address for email in contact.emails.all())


@admin.register(Organization)
class OrganizationAdmin(WithValues):
    about = _("The companies and households that contacts belong to.")
    list_display = ("name", "contact_count", "external_id", "updated_at")
    search_fields = ("name", "=external_id")
    search_help_text = _("Name or external id")
    fields = ("name", "external_id", "notes")

    def visible(self, actor: Actor) -> QuerySet[Organization]:
        return visible(actor, Organization)

    def write(self, instance: Any, form: Any, actor: Actor) -> None:
        if instance.pk:
            change(instance, actor=actor, **form.given)
        else:
            instance.pk = create(Organization, actor=actor, **form.given).pk

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        contacts = Contact.objects.filter(organization=OuterRef("pk")).order_by().values("organization")
        # Counted for the rows of the page only: grouping all contacts for each list would take seconds.
        counted = contacts.annotate(count=Count("pk")).values("count")
        rows: QuerySet[Any] = (
            super().get_queryset(request).annotate(contact_count=Coalesce(Subquery(counted), 0))
        )
        return rows

    @admin.display(description=_("contacts"))
    def contact_count(self, organization: Any) -> int:
        return int(organization.contact_count)
