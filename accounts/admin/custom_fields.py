"""Where admins define custom fields, and how the pages of people show and change their values."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.actions.custom_fields import change_field, define_field
from accounts.admin.base import ModelAdmin
from accounts.admin.fields import LinesField
from accounts.admin.forms import VerbForm
from accounts.custom_fields import Shown, ValueField, in_use, shown, value_fields
from accounts.models import CustomField
from accounts.models.custom_field import WithCustomFields
from accounts.policy import visible
from activity.actor import Actor

FIXED = ("applies_to", "key", "kind")


class CustomFieldForm(VerbForm):
    choices = LinesField(
        label=_("Choices"),
        check=forms.CharField(max_length=100).clean,
        required=False,
        help_text=_("Of the kinds with choices: one per line, in the order in which they are offered. One that you "
                    "take away stays in the values that have it."),
    )  # fmt: skip

    class Meta:
        model = CustomField
        fields = ("applies_to", "key", "label", "help_text", "kind", "choices", "position", "is_active")
        help_texts = {
            "key": _("What programs and filters call it, such as order_number. It never changes, nor do kind and "
                     "what it belongs to: values depend on them."),
            "help_text": _("What people should know when they fill it in."),
            "position": _("Fields stand in the order of this number."),
            "is_active": _("A field out of use is shown nowhere, and its values are kept."),
        }  # fmt: skip


@admin.register(CustomField)
class CustomFieldAdmin(ModelAdmin):
    about = _("Fields of your own on tickets, contacts and organizations.")
    form = CustomFieldForm
    list_display = ("label", "applies_to", "key", "kind", "position", "is_active")
    list_filter = ("applies_to", "kind", "is_active")
    search_fields = ("label", "key")
    fields = ("applies_to", "key", "kind", "label", "help_text", "choices", "position", "is_active")

    def visible(self, actor: Actor) -> QuerySet[CustomField]:
        return visible(actor, CustomField)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return FIXED if obj else ()

    def write(self, instance: Any, form: Any, actor: Actor) -> None:
        given = {name: value for name, value in form.cleaned_data.items() if name in form.base_fields}
        if instance.pk:
            change_field(CustomField.objects.get(pk=instance.pk), actor=actor, **given)
        else:
            instance.pk = define_field(actor=actor, **given).pk


class ValuesForm(VerbForm):
    """A form that also fills in custom fields: `base_fields` has a control for each, by its path."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for path, own in self._own():
            self.fields[path] = ValueField(own.field, self.instance.custom_fields.get(own.field.key))

    def _own(self) -> list[tuple[str, ValueField]]:
        return [(path, field) for path, field in self.fields.items() if isinstance(field, ValueField)]

    @property
    def given(self) -> dict[str, Any]:
        """For the verb: what was filled in."""
        own = dict(self._own())
        plain = {name: self.cleaned_data[name] for name in self.base_fields if name not in own}
        return plain | {
            "custom_fields": {one.field.key: self.cleaned_data[path] for path, one in own.items()}
        }


class WithValues(ModelAdmin):
    """A page of rows with custom fields."""

    form = ValuesForm

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        fields = self._fields(request)
        if not fields:
            return fieldsets
        may_write = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        names = [field.path for field in fields] if may_write else ["values"]
        return [*fieldsets, (_("Custom fields"), {"fields": names})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("values", *super().get_readonly_fields(request, obj))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        names = kwargs.pop("fields", None) or flatten_fieldsets(self.get_fieldsets(request, obj))
        own = value_fields(self._fields(request), {})
        form = super().get_form(
            request, obj, change, fields=[name for name in names if name not in own], **kwargs
        )
        form.base_fields |= {path: field for path, field in own.items() if path in names}
        return form

    def _fields(self, request: HttpRequest) -> list[CustomField]:
        """Asked for once in a request."""
        known: list[CustomField] | None = getattr(request, "custom_fields", None)
        if known is None:
            known = in_use(str(self.opts.model_name))
            request.custom_fields = known  # type: ignore[attr-defined]
        return known

    @admin.display(description=_("values"))
    def values(self, row: WithCustomFields) -> SafeString | str:
        return listed(row)


def listed(row: WithCustomFields) -> SafeString | str:
    """What is filled in, for those who may only look."""
    told = [one for one in shown(row, in_use(str(row._meta.model_name))) if one.words]
    return format_html_join(", ", "{}: {}", ((one.field.label, _linked(one)) for one in told)) or "–"


def _linked(one: Shown) -> SafeString | str:
    if not one.address:
        return one.words
    return format_html('<a href="{}" rel="noopener noreferrer nofollow">{}</a>', one.address, one.words)
