"""Forms whose rows are written by verbs, and how a verb's refusal reads in one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.db import IntegrityError, models
from django.utils.translation import gettext as _

from accounts.actions import Refused
from accounts.policy import NotAllowed
from activity.actor import Actor

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
else:
    from django.forms import ModelForm


class VerbForm(ModelForm):
    """A form whose row is written by a verb. What the verb refused comes back as the form's error."""

    actor: ClassVar[Actor]
    refusal: ClassVar[Exception | None] = None
    related_fields: ClassVar[Sequence[str]] = ()
    """Fields that stand for relations which Django does not count among the model's own."""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.refusal is not None:
            field, sentence = described(self.refusal)
            self.add_error(field if field in self.fields else None, sentence)
        return cleaned

    def related(self) -> dict[str, Iterable[models.Model]]:
        names = [field.name for field in self._meta.model._meta.many_to_many] + list(self.related_fields)
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}


def described(refusal: Exception) -> tuple[str | None, str]:
    """The field and the sentence of what a verb refused."""
    match refusal:
        case NotAllowed():
            return None, refusal.decision.sentence
        case Refused():
            return refusal.field or None, refusal.message
        case IntegrityError():
            return None, _("Somebody else saved the same just now. Look at the list, then try again.")
        case _:
            return getattr(refusal, "field", None), str(refusal)
