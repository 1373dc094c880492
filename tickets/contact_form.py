"""What is known about a contact, as agents change it beside a ticket."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Contact, Organization
from accounts.policy import visible
from activity.actor import Actor

MAX_LINES = 20


class LinesField(forms.CharField):
    """One thing a line."""

    widget = forms.Textarea(attrs={"rows": 2})

    def clean(self, value: Any) -> list[str]:
        lines = [line.strip() for line in super().clean(value).splitlines()]
        kept = list(dict.fromkeys(filter(None, lines)))
        if len(kept) > MAX_LINES:
            raise ValidationError(_("At most %(n)s lines.") % {"n": MAX_LINES})
        return kept


class ContactForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    emails = LinesField(label=gettext_lazy("Addresses, one a line"), required=False, max_length=5_000)
    phones = LinesField(label=gettext_lazy("Phones, one a line"), required=False, max_length=1_000)
    organization = forms.CharField(label=gettext_lazy("Organization"), max_length=200, required=False)
    notes = forms.CharField(
        label=gettext_lazy("Notes"),
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, actor: Actor, contact: Contact, data: Any = None) -> None:
        super().__init__(data, initial=_now(contact))
        self.actor, self.contact = actor, contact

    def clean_emails(self) -> list[str]:
        emails: list[str] = self.cleaned_data["emails"]
        for email in emails:
            validate_email(email)
        return emails

    def clean_phones(self) -> list[str]:
        phones: list[str] = self.cleaned_data["phones"]
        if any(len(phone) > 40 for phone in phones):
            raise ValidationError(_("A phone number has at most 40 characters."))
        return phones

    def clean_organization(self) -> Organization | None:
        """By its name. The one that the contact has already stays, whoever may see it."""
        name = self.cleaned_data["organization"].strip()
        if not name or (self.contact.organization and name == self.contact.organization.name):
            return self.contact.organization if name else None
        found = visible(self.actor, Organization).filter(name__iexact=name).first()
        if found is None:
            raise ValidationError(_("There is no organization of this name."))
        return found


def _now(contact: Contact) -> dict[str, Any]:
    return {
        "name": contact.name,
        "emails": "\n".join(email.address for email in contact.emails.all()),
        "phones": "\n".join(contact.phones),
        "organization": contact.organization.name if contact.organization else "",
        "notes": contact.notes,
        "version": contact.version,
    }
