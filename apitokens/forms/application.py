"""Registering a program that agents may allow to act for them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.admin.fields import in_words
from accounts.admin.forms import VerbForm
from accounts.permissions import SPECIAL, meaning
from apitokens.forms.grid import ScopesField
from apitokens.models import Application


class ApplicationForm(VerbForm):
    scopes = ScopesField(
        label=_("May ask for"),
        required=False,
        help_text=_(
            "At most. Each agent gives it of this what he ticks, and nothing that he may not do himself."
        ),
    )
    special = forms.MultipleChoiceField(
        label=_("And what none of this covers"), required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Application
        fields = ("name", "description", "client_type", "redirect_uris", "scopes")
        widgets = {
            "client_type": forms.RadioSelect,
            "redirect_uris": UnfoldAdminTextareaWidget(attrs={"rows": 3, "spellcheck": "false"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        special: Any = self.fields["special"]
        special.choices = [(scope.value, in_words([scope])) for scope in sorted(SPECIAL)]
        if self.instance.pk:
            special.initial = sorted(meaning(self.instance.scopes) & SPECIAL)
            del self.fields["client_type"]

    def application_fields(self) -> dict[str, Any]:
        """What the verbs take. A form that nobody touched says the scopes as they were written."""
        said = {name: self.cleaned_data[name] for name in self.Meta.fields if name in self.cleaned_data}
        scopes = [*said["scopes"], *self.cleaned_data["special"]]
        before = Application.objects.filter(pk=self.instance.pk).values_list("scopes", flat=True).first()
        is_same = before is not None and meaning(before) == meaning(scopes)
        return {**said, "scopes": before if is_same else scopes}
