"""A message, its draft and its files."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import AfterSending
from tickets import text
from tickets.actions import File
from tickets.forms.fields import FilesField
from tickets.models import MessageKind, Status


class MessageForm(forms.Form):
    """A reply or a note. Its text is checked by the verb, so that there is one rule for every door."""

    kind = forms.ChoiceField(choices=MessageKind.choices)
    body = forms.CharField(required=False, strip=False, max_length=text.MAX_BODY * 4)
    attachments = FilesField(required=False)
    status = forms.ModelChoiceField(Status.objects.all(), required=False)
    after = forms.ChoiceField(choices=AfterSending.choices, required=False)
    seen = forms.IntegerField(min_value=0, max_value=2**63 - 1, required=False)
    """The newest message that its writer has in front of him."""
    draft = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False)
    """The version of the draft that the text goes on from."""
    writer = forms.CharField(max_length=40, required=False)
    anyway = forms.BooleanField(required=False)


class DraftForm(forms.Form):
    kind = forms.ChoiceField(choices=MessageKind.choices)
    body = forms.CharField(required=False, strip=False)
    based_on = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    writer = forms.CharField(max_length=40, required=False)


class UploadForm(forms.Form):
    kind = forms.ChoiceField(choices=MessageKind.choices)
    file = FilesField(required=False)

    def clean_file(self) -> File:
        files: list[File] = self.cleaned_data["file"]
        if len(files) != 1:
            raise ValidationError(_("Send one file at a time."))
        return files[0]
