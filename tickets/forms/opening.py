"""A new ticket, for a contact who is known or new."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy

from accounts.custom_fields import in_use, value_fields
from accounts.models import Agent, Team, Thing
from accounts.policy import visible
from activity.actor import Actor
from tickets import text
from tickets.forms.fields import FilesField, TagNamesField, assignable
from tickets.models import Priority


class NewTicketForm(forms.Form):
    email = forms.EmailField(label=gettext_lazy("Contact’s e-mail address"), max_length=254)
    name = forms.CharField(
        label=gettext_lazy("Contact’s name"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Only used if the address is new."),
    )
    author = forms.ChoiceField(
        label=gettext_lazy("Who wrote the message?"),
        choices=[("contact", gettext_lazy("The contact")), ("agent", gettext_lazy("I did"))],
        initial="contact",
        widget=forms.RadioSelect,
    )
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=250)
    body = forms.CharField(
        label=gettext_lazy("Message"),
        strip=False,
        max_length=text.MAX_BODY,
        widget=forms.Textarea(attrs={"rows": 9}),
        help_text=gettext_lazy("Markdown works: **bold**, lists, > quotes."),
    )
    attachments = FilesField(label=gettext_lazy("Files"), required=False)
    team = forms.ModelChoiceField(
        Team.objects.none(),
        label=gettext_lazy("Team"),
        required=False,
        empty_label=gettext_lazy("The channel’s default"),
    )
    assignee = forms.ModelChoiceField(
        Agent.objects.none(),
        label=gettext_lazy("Assignee"),
        required=False,
        empty_label=gettext_lazy("Nobody"),
    )
    priority = forms.TypedChoiceField(
        label=gettext_lazy("Priority"),
        choices=Priority.choices,
        coerce=lambda value: Priority(int(value)),
        initial=Priority.NORMAL,
    )
    tags = TagNamesField(
        label=gettext_lazy("Tags"),
        required=False,
        max_length=2_000,
        help_text=gettext_lazy("Separated by commas."),
    )

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Team]", self.fields["team"]).queryset = visible(actor, Team)
        cast("forms.ModelChoiceField[Agent]", self.fields["assignee"]).queryset = assignable(actor)
        self.own = in_use(Thing.TICKET)
        self.fields |= value_fields(self.own, {})

    @property
    def own_fields(self) -> list[forms.BoundField]:
        """The controls of custom fields."""
        return [self[field.path] for field in self.own]

    @property
    def own_values(self) -> dict[str, Any]:
        return {field.key: self.cleaned_data[field.path] for field in self.own}
