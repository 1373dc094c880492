"""The form behind a key: four questions, and the rest under “More”."""

from __future__ import annotations

from copy import copy
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.admin.fields import LinesField, in_plain_words
from accounts.admin.forms import VerbForm
from accounts.attempts import forget, too_many
from accounts.forms import PasswordField
from accounts.models import Agent, Role, Team
from accounts.networks import check_address
from accounts.permissions import Permission, meaning
from accounts.policy import rights, visible
from apitokens.actions import widened
from apitokens.actions.rules import check_tag
from apitokens.forms.choices import ABOUT_KINDS, administers, kinds_for, may_make_agents
from apitokens.forms.expiry import DAYS, expires_at, expiry_choices
from apitokens.forms.grid import ScopesField
from apitokens.forms.service_agent import agent_to_be, new_agent
from apitokens.models import AccessLevel, ApiKey, KeyKind

EXISTING, NEW = "existing", "new"
SERVICE_FIELDS = ("acting", "service_name", "service_role", "service_teams")
SPECIAL_FIELDS = {"proposes": Permission.TICKETS_PROPOSE, "imports": Permission.TICKETS_IMPORT}
"""What no access level includes, by the box that gives it."""
WRONG_PASSWORDS = 10


def _pattern(line: str) -> str:
    check_tag(line)
    return line


def _address(line: str) -> str:
    check_address(line)
    return line


class KeyForm(VerbForm):
    acting = forms.ChoiceField(
        label=_("Which agent?"),
        choices=((EXISTING, _("An agent that there is")), (NEW, _("A new service agent"))),
        initial=EXISTING,
        required=False,
        widget=forms.RadioSelect,
    )
    service_name = forms.CharField(
        label=_("It is called"),
        max_length=100,
        required=False,
        help_text=_("A service agent is what a program acts as: it cannot sign in and gets no mail."),
    )
    service_role = forms.ModelChoiceField(Role.objects.none(), label=_("Its role"), required=False)
    service_teams = forms.ModelMultipleChoiceField(
        Team.objects.none(), label=_("Its teams"), required=False, widget=forms.CheckboxSelectMultiple
    )
    scopes = ScopesField(label=_("Resources"), required=False)
    proposes = forms.BooleanField(
        label=_("Proposes replies and changes"),
        required=False,
        help_text=_(
            "An agent sees each in its ticket, and approves or declines it. No access level includes it."
        ),
    )
    imports = forms.BooleanField(
        label=_("Moves old tickets here"),
        required=False,
        help_text=_(
            "May import tickets with the times and authors they had elsewhere, without mails and notifications. "
            "No access level includes it."
        ),
    )
    expiry = forms.ChoiceField(label=_("Expires"), widget=forms.RadioSelect)
    expiry_date = forms.DateField(
        label=_("On this day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The key works until the end of this day (UTC)."),
    )
    tags = LinesField(
        label=_("Only these operations"),
        check=_pattern,
        commas=True,
        required=False,
        help_text=_(
            "One pattern per line: tickets.create, tickets.*, or -*.delete to take away again. Empty: all."
        ),
    )
    addresses = LinesField(
        label=_("Only from these addresses"),
        check=_address,
        commas=True,
        required=False,
        help_text=_(
            "One per line: 203.0.113.7, or a network like 203.0.113.0/24 or 2001:db8::/32. Empty: anywhere."
        ),
    )

    password = PasswordField(
        label=_("Your password"),
        autocomplete="current-password",
        required=False,
        help_text=_("Because this gives the key more than it has."),
    )

    class Meta:
        model = ApiKey
        fields = (
            "name", "description", "agent", "access_level", "kind", "admin_functions", "rate_limit", "owner",
        )  # fmt: skip
        widgets = {"access_level": forms.RadioSelect, "kind": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before = copy(self.instance)
        """The key as it is. The form writes into `instance` what was typed."""
        self._offer_agents()
        self._offer_service_agent()
        if "password" in self.fields:
            self.fields["password"].needed = True  # type: ignore[attr-defined]
        self._offer_expiry()
        self._offer_kinds()
        self._hide_what_only_administrators_give()
        self._offer_what_is_special()

    def _offer_agents(self) -> None:
        agents = visible(self.actor, Agent)
        for name, rows in (("agent", agents.filter(is_active=True)), ("owner", agents.filter(kind="person"))):
            field = self.fields.get(name)
            if isinstance(field, forms.ModelChoiceField):
                now = Agent.objects.filter(pk__in=[getattr(self.instance, f"{name}_id"), self._own_id()])
                field.queryset = rows | now
        if "agent" in self.fields:
            # Only a superuser key may do without.
            self.fields["agent"].needed = True  # type: ignore[attr-defined]
        if not self.instance.pk and self.actor.agent and "owner" in self.fields:
            self.fields["owner"].initial = self.actor.agent.pk

    def _offer_service_agent(self) -> None:
        """To whoever may make agents."""
        role, teams = self.fields.get("service_role"), self.fields.get("service_teams")
        if not may_make_agents(self.actor):
            for name in SERVICE_FIELDS:
                self.fields.pop(name, None)
        elif isinstance(role, forms.ModelChoiceField) and isinstance(teams, forms.ModelMultipleChoiceField):
            role.queryset, teams.queryset = visible(self.actor, Role), visible(self.actor, Team)
            for name in ("acting", "service_name", "service_role"):
                self.fields[name].needed = True  # type: ignore[attr-defined]

    def _own_id(self) -> int | None:
        """Everybody may choose himself, also who may not look at the other agents."""
        return self.actor.agent.pk if self.actor.agent else None

    def _offer_expiry(self) -> None:
        field = self.fields.get("expiry")
        if not isinstance(field, forms.ChoiceField):
            return
        self.fields["expiry_date"].needed = True  # type: ignore[attr-defined]
        field.choices = expiry_choices(self.instance)
        field.initial = "keep" if self.instance.pk else str(DAYS[-1])

    def _offer_kinds(self) -> None:
        kinds, field = kinds_for(self.actor, self.instance), self.fields.get("kind")
        if not kinds:
            self.fields.pop("kind", None)
        elif isinstance(field, forms.ChoiceField):
            field.required, field.initial = False, KeyKind.AGENT
            field.needed = True  # type: ignore[attr-defined]
            field.choices = [(kind, f"{kind.label}: {ABOUT_KINDS[kind]}") for kind in kinds]

    def _hide_what_only_administrators_give(self) -> None:
        if not administers(self.actor, self.instance):
            self.fields.pop("admin_functions", None)

    def _offer_what_is_special(self) -> None:
        for name, permission in SPECIAL_FIELDS.items():
            if permission not in rights(self.actor):
                self.fields.pop(name, None)
            elif name in self.fields:
                self.initial[name] = permission in meaning(self.instance.scopes)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        if "kind" in cleaned:
            cleaned["kind"] = cleaned["kind"] or self.instance.kind
        if cleaned.get("access_level") != AccessLevel.CUSTOM:
            cleaned["scopes"] = []
        special = [permission.value for name, permission in SPECIAL_FIELDS.items() if cleaned.get(name)]
        cleaned["scopes"] = [*cleaned.get("scopes", []), *special]
        if (
            cleaned.get("expiry") == "date"
            and not cleaned.get("expiry_date")
            and "expiry_date" not in self.errors
        ):
            self.add_error("expiry_date", _("Choose the day."))
        if self.makes_an_agent(cleaned):
            self._check_service_agent(cleaned)
        elif cleaned.get("kind", self.before.kind) != KeyKind.SUPERUSER and not cleaned.get("agent"):
            self.add_error("agent", _("Choose the agent that this key acts as."))
        expires = expires_at(cleaned, before=self.before)
        if expires and expires <= timezone.now() and cleaned.get("expiry") == "date":
            self.add_error("expiry_date", _("This day has passed. Choose one to come."))
        if self.instance.pk and not self.errors:
            self._confirm(cleaned)
        return cleaned

    def makes_an_agent(self, cleaned: dict[str, Any]) -> bool:
        return "acting" in self.fields and cleaned.get("acting") == NEW

    def _check_service_agent(self, cleaned: dict[str, Any]) -> None:
        cleaned["agent"] = None
        if not cleaned.get("service_name"):
            self.add_error("service_name", _("Give the new agent a name."))
        if not cleaned.get("service_role"):
            self.add_error("service_role", _("Choose the role of the new agent."))

    def _get_validation_exclusions(self) -> set[str]:
        """The agent that the form makes is not there yet when the model is checked."""
        exclude: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return exclude | {"agent"} if self.makes_an_agent(self.cleaned_data) else exclude

    def _confirm(self, cleaned: dict[str, Any]) -> None:
        """Whoever opens a key wider shows that it is still himself who sits there."""
        wider = widened(self.before, self.candidate(cleaned))
        if not wider:
            return
        agent, password = self.actor.agent, cleaned.get("password")
        assert agent is not None
        if not password:
            sentence = _("This gives the key more than it has: %s. Type your own password to confirm it.")
            self.add_error("password", sentence % in_short(wider))
        elif too_many(f"confirm:{agent.pk}", limit=WRONG_PASSWORDS, seconds=15 * 60):
            self.add_error("password", _("Too many wrong passwords. Wait a quarter of an hour."))
        elif not agent.check_password(password):
            self.add_error("password", _("This is not your password."))
        else:
            forget(f"confirm:{agent.pk}")

    def candidate(self, cleaned: dict[str, Any]) -> ApiKey:
        """The key as the form would make it, not saved. What is wrong yet stays as it was."""
        key: ApiKey = copy(self.before)
        for name, value in self._chosen(cleaned).items():
            setattr(key, name, value)
        if self.makes_an_agent(cleaned) and cleaned.get("service_role"):
            key.agent = agent_to_be(cleaned)
        if not key.pk and key.owner_id is None:
            key.owner = self.actor.agent
        return key

    def _chosen(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        fields = {name: value for name, value in cleaned.items() if name in _KEY_FIELDS}
        if "expiry" in cleaned and "expiry_date" not in self.errors:
            fields["expires_at"] = expires_at(cleaned, before=self.before)
        return fields

    def key_fields(self) -> dict[str, Any]:
        """What the form says, in the verb's words."""
        fields = self._chosen(self.cleaned_data)
        if meaning(fields["scopes"]) == meaning(self.instance.scopes):
            fields["scopes"] = self.instance.scopes  # Perhaps written with another vendor's names: keep them.
        return fields

    def service_agent(self) -> dict[str, Any] | None:
        """The agent to be made for the key, in the words of the verb, if one is to be made."""
        return new_agent(self.cleaned_data) if self.makes_an_agent(self.cleaned_data) else None


_KEY_FIELDS = {
    "name", "description", "agent", "owner", "access_level", "scopes", "kind", "admin_functions", "tags",
    "addresses", "rate_limit",
}  # fmt: skip


def in_short(wider: dict[str, list[str]]) -> str:
    """What a key gains: “scopes tickets:write; addresses 203.0.113.0/24”."""
    gains = (f"{in_plain_words(field)} {', '.join(values)}" for field, values in wider.items())
    return "; ".join(gains)
