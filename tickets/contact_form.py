"""What is known about a contact and its organization, as agents change it beside a ticket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actions.refusal import Stale
from accounts.custom_fields import in_use, in_words, value_fields
from accounts.models import Contact, Organization, Thing
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


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that somebody changed meanwhile: what it is now, and what was about to replace it."""

    label: str
    now: str
    yours: str


class KnownForm(forms.Form):
    """What is known about somebody, custom fields included. Each field remembers what it showed, and only those that
    were changed are sent to the verb: what others change meanwhile in other fields stays."""

    thing: ClassVar[Thing]

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, actor: Actor, row: Contact | Organization, data: Any = None) -> None:
        super().__init__(data, initial=self.now(row))
        self.actor, self.row = actor, row
        self.own = in_use(self.thing)
        self.fields |= value_fields(self.own, row.custom_fields)
        self.clashes: list[Clash] = []
        self.latest = self["version"].value()
        for name, field in self.fields.items():
            field.show_hidden_initial = name != "version"

    def now(self, row: Any) -> dict[str, Any]:
        """What the fields show of the row."""
        raise NotImplementedError

    @property
    def shown_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name != "version"]

    @property
    def given(self) -> dict[str, Any]:
        """For the verb: what was changed."""
        changed = {name: self.cleaned_data[name] for name in self.changed_data if name != "version"}
        own = {field.key: changed.pop(field.path) for field in self.own if field.path in changed}
        return changed | ({"custom_fields": own} if own else {})

    def show_clash(self, stale: Stale) -> None:
        """Both values of what clashes. Saved once more, the typed ones are put in the place of the others."""
        self.clashes = [
            Clash(str(self.fields[name].label), self.told(name, now["now"]), self.told(name, now["yours"]))
            for name, now in stale.conflicts.items()
            if name in self.fields
        ]
        self.latest = stale.version

    def told(self, name: str, value: Any) -> str:
        """A value in words."""
        kinds = {field.path: field.kind for field in self.own}
        return in_words(value, kinds.get(name, "")) or _("nothing")


class ContactForm(KnownForm):
    thing = Thing.CONTACT

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    emails = LinesField(label=gettext_lazy("E-mail addresses, one a line"), required=False, max_length=5_000)
    phones = LinesField(label=gettext_lazy("Phones, one a line"), required=False, max_length=1_000)
    organization = forms.CharField(label=gettext_lazy("Organization"), max_length=200, required=False)
    notes = forms.CharField(
        label=gettext_lazy("Notes"),
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    row: Contact

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
        if not name or (self.row.organization and name == self.row.organization.name):
            return self.row.organization if name else None
        found = visible(self.actor, Organization).filter(name__iexact=name).first()
        if found is None:
            raise ValidationError(_("There is no organization of this name."))
        return found

    def now(self, row: Contact) -> dict[str, Any]:
        return {
            "name": row.name,
            "emails": "\n".join(email.address for email in row.emails.all()),
            "phones": "\n".join(row.phones),
            "organization": row.organization.name if row.organization else "",
            "notes": row.notes,
            "version": row.version,
        }

    def told(self, name: str, value: Any) -> str:
        if name == "organization" and value is not None:
            return str(Organization.objects.filter(pk=value).values_list("name", flat=True).first() or "")
        return super().told(name, value)


class OrganizationForm(KnownForm):
    thing = Thing.ORGANIZATION

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    notes = forms.CharField(
        label=gettext_lazy("Notes"),
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def now(self, row: Organization) -> dict[str, Any]:
        return {"name": row.name, "notes": row.notes, "version": row.version}
