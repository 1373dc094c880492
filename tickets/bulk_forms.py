"""What is asked before many tickets are changed at once."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets import policy
from tickets.forms import ChangeForm, TagNamesField
from tickets.models import Ticket

TAG_NAMES = 500
"""Tags that are offered. More of them are written by name."""


class TagChangesForm(ChangeForm):
    """Tags to add to every ticket, or to remove from every one that has them."""

    value = forms.MultipleChoiceField(required=False)
    new = TagNamesField(label=gettext_lazy("New tags"), required=False, max_length=2_000)
    how = forms.ChoiceField(choices=[("add", "add"), ("remove", "remove")], required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = policy.visible_tags(self.actor).values_list("name", flat=True)[:TAG_NAMES]
        cast("forms.MultipleChoiceField", self.fields["value"]).choices = [(name, name) for name in names]

    def current(self) -> None:
        return None

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        names = [*given.get("value", []), *given.get("new", [])]
        if not names and not self.errors:
            raise ValidationError(_("Choose a tag, or write one."))
        return given | {"names": names}


class IntoForm(ChangeForm):
    """The ticket in which the others go on."""

    value = forms.ModelChoiceField(Ticket.objects.none(), error_messages={
        "invalid_choice": gettext_lazy("There is no such ticket, or you may not see it."),
        "required": gettext_lazy("Choose the ticket that stays."),
    })  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Ticket]", self.fields["value"]).queryset = policy.visible(self.actor)

    def current(self) -> None:
        return None
