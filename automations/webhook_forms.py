"""The forms behind a webhook."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.admin.fields import LinesField
from accounts.admin.forms import VerbForm
from accounts.permissions import Permission
from accounts.policy import NotAllowed, rights
from apitokens import policy
from apitokens.actions.limits import refuse_wider
from apitokens.models import ApiKey
from automations import event_types
from automations.models import Webhook


def _pattern(line: str) -> str:
    event_types.check([line])
    return line


class WebhookForm(VerbForm):
    key = forms.ModelChoiceField(
        ApiKey.objects.none(),
        label=_("Reads as"),
        required=False,
        help_text=_("Only what this key may read is sent, and nothing once it is refused."),
    )
    types = forms.MultipleChoiceField(
        label=_("Events"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=event_types.offered,
        help_text=_("None ticked: it waits for triggers that call it."),
    )
    others = LinesField(
        label=_("Other types"),
        check=_pattern,
        required=False,
        help_text=_("One per line: order.shipped, role.*, or * for everything."),
    )

    class Meta:
        model = Webhook
        fields = ("name", "description", "url")
        widgets = {"url": forms.URLInput(attrs={"placeholder": "https://", "spellcheck": "false"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "key" not in self.fields:
            return
        self._offer_keys()
        chosen, listed = self.instance.types or [], self._listed()
        self.initial.setdefault("key", self.instance.key_id)
        self.initial.setdefault("types", [kind for kind in chosen if kind in listed])
        self.initial.setdefault("others", [kind for kind in chosen if kind not in listed])

    def webhook_fields(self) -> dict[str, Any]:
        """What a verb is told. Without a key, it is the administrator's own."""
        said = self.cleaned_data
        fields = {name: said[name] for name in ("name", "description", "url", "key")}
        owner = None if said["key"] else (self.instance.agent or self.actor.agent)
        return {**fields, "agent": owner, "types": [*said["types"], *said["others"]]}

    def _listed(self) -> set[str]:
        return {kind for _name, kinds in event_types.offered() for kind, _words in kinds}

    def _offer_keys(self) -> None:
        """Those that may read no more than the person himself: what they read is sent where he says."""
        field = self.fields["key"]
        assert isinstance(field, forms.ModelChoiceField)
        rows = policy.visible(self.actor).filter(revoked_at=None).select_related("agent__role")
        ids = [key.pk for key in rows if self._is_within(key)]
        field.queryset = ApiKey.objects.filter(Q(pk__in=ids) | Q(pk=self.instance.key_id)).order_by(
            "name", "id"
        )
        is_administrator = Permission.ADMIN in rights(self.actor)
        field.empty_label = str(_("No key: as an administrator, everything")) if is_administrator else None
        field.required = not is_administrator

    def _is_within(self, key: ApiKey) -> bool:
        try:
            refuse_wider(self.actor, key)
        except NotAllowed:
            return False
        return key.agent is not None


def _moment(label: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget)


class SpanForm(forms.Form):
    """From when to when everything is sent again."""

    since = _moment(_("From (UTC)"))
    until = _moment(_("To (UTC)"))
    everything = forms.BooleanField(label=_("Also what did arrive"), required=False)


class CatchUpForm(forms.Form):
    catch_up = forms.BooleanField(
        label=_("Send also what happened while it was off"), required=False, initial=True
    )
