from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import ModelAdmin, actor_of
from accounts.admin.forms import VerbForm
from accounts.permissions import Permission
from activity.actor import Actor
from automations import actions, policy, steps
from automations.admin.words import in_order
from automations.forms import EditsSteps, StepsField
from automations.models import Macro
from tickets.models import Sharing

FIELDS = ("name", "steps", "sharing", "team")


class MacroForm(EditsSteps, VerbForm):
    steps = StepsField(owner=Macro)

    class Meta:
        model = Macro
        fields = FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "steps" in self.fields:
            self.fields["steps"].offer(self.actor)  # type: ignore[attr-defined]


@admin.register(Macro)
class MacroAdmin(ModelAdmin):
    about = _("Steps that agents take often, under one name, for everyone, for a team, or for yourself.")
    form = MacroForm
    fields = FIELDS
    change_form_template = "automations/form.html"
    list_display = ("name", "what_it_does", "sharing", "team", "owner")
    list_filter = ("sharing", "team")
    list_select_related = ("team", "owner")
    search_fields = ("name",)
    shown_as = {"steps": "what_it_does"}

    def visible(self, actor: Actor) -> QuerySet[Macro]:
        return policy.visible_macros(actor)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("what_it_does",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = super().has_change_permission(request, obj)
        decision = obj is None or policy.can_change_macro(actor_of(request), Permission.MACROS_WRITE, obj)
        return may and bool(decision)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = super().has_delete_permission(request, obj)
        decision = obj is None or policy.can_change_macro(actor_of(request), Permission.MACROS_DELETE, obj)
        return may and bool(decision)

    @admin.display(description=_("what it does"))
    def what_it_does(self, macro: Macro) -> SafeString:
        return in_order(steps.told(macro.steps), steps.broken(macro.steps, Macro))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"sharing": Sharing.EVERYONE if request.user.is_superuser else Sharing.PERSONAL}

    def write(self, instance: Any, form: Any, actor: Actor) -> None:
        given = {name: form.cleaned_data[name] for name in FIELDS if name in form.cleaned_data}
        if instance.pk:
            actions.change_macro(Macro(pk=instance.pk), actor=actor, **given)
        else:
            instance.pk = actions.create_macro(actor=actor, **given).pk

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        actions.delete_macro(obj, actor=actor_of(request))
