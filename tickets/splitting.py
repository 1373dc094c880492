"""What is asked before a message becomes a ticket of its own."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy


class SplitForm(forms.Form):
    subject = forms.CharField(label=gettext_lazy("Subject of the new ticket"), max_length=250, required=False)
    following = forms.BooleanField(
        label=gettext_lazy("With everything that was written after it"), required=False
    )
