"""What agents change about a ticket, one thing each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.custom_fields import ValueField, options
from accounts.models import Agent, CustomField, FieldKind, Team
from accounts.policy import visible
from activity.actor import Actor
from tickets import policy
from tickets.forms.fields import TagNamesField, assignable
from tickets.models import Priority, Status, Ticket


class FillInForm(forms.Form):
    """The value of one custom field."""

    def __init__(self, field: CustomField, ticket: Ticket, *args: Any) -> None:
        super().__init__(*args)
        self.custom, self.current = field, ticket.custom_fields.get(field.key)
        self.fields["value"] = ValueField(field, self.current)
        self.fields["value"].widget.attrs["aria-labelledby"] = "picker-title"

    @property
    def look(self) -> str:
        """How it is asked for: by one click on an option, by any number of checks, or by typing."""
        looks = {FieldKind.CHOICE: "choice", FieldKind.BOOLEAN: "choice", FieldKind.MULTI_CHOICE: "choices"}
        return looks.get(FieldKind(self.custom.kind), "typed")

    @property
    def options(self) -> list[tuple[str, str, bool]]:
        """(value to send, label, is it chosen)."""
        now = self["value"].value() or ""
        chosen = now if isinstance(now, list) else [now]
        listed = options(self.custom, self.current)
        none = [("", _("none"))] if self.look == "choice" else []
        return [(value, label, value in chosen) for value, label in [*listed, *none]]


class ChangeForm(forms.Form):
    """A new value for one property of a ticket."""

    value: forms.Field

    def __init__(self, actor: Actor, ticket: Ticket, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor, self.ticket = actor, ticket

    @property
    def options(self) -> list[tuple[Any, str, bool]]:
        """(value to send, label, is it the ticket's value now) of every choice, the likeliest first."""
        current = self.current()
        listed = [(getattr(value, "value", value), str(label)) for value, label in self.choices]
        return [(value, label, value == current) for value, label in self.arranged(listed)]

    def arranged(self, choices: list[tuple[Any, str]]) -> list[tuple[Any, str]]:
        return choices

    @property
    def choices(self) -> Iterable[tuple[Any, Any]]:
        return cast("Iterable[tuple[Any, Any]]", cast("forms.ChoiceField", self.fields["value"]).choices)

    def current(self) -> Any:
        """The ticket's value now, as a choice spells it."""
        raise NotImplementedError

    def sent(self) -> Any:
        """The value that was chosen, spelt in the same way."""
        value = self.cleaned_data["value"]
        return getattr(value, "pk", value)

    def told(self, value: Any) -> str:
        """A value as the agent knows it."""
        return next(
            (label for sent, label, _now in self.options if str(sent) == str(value or "")), str(value)
        )


class StatusForm(ChangeForm):
    value = forms.ModelChoiceField(Status.objects.all(), empty_label=None)

    def current(self) -> int:
        return self.ticket.status_id


class PriorityForm(ChangeForm):
    value = forms.TypedChoiceField(
        choices=sorted(Priority.choices, reverse=True), coerce=lambda value: Priority(int(value))
    )

    def current(self) -> int:
        return self.ticket.priority


class AssigneeForm(ChangeForm):
    value = forms.ModelChoiceField(Agent.objects.none(), required=False, empty_label=gettext_lazy("Nobody"))

    def __init__(self, actor: Actor, ticket: Ticket, *args: Any, **kwargs: Any) -> None:
        super().__init__(actor, ticket, *args, **kwargs)
        cast("forms.ModelChoiceField[Agent]", self.fields["value"]).queryset = assignable(actor)

    def arranged(self, choices: list[tuple[Any, str]]) -> list[tuple[Any, str]]:
        """Oneself first, then nobody, then the colleagues."""
        me = self.actor.agent.pk if self.actor.agent else None
        own = [(value, _("%(name)s (me)") % {"name": label}) for value, label in choices if value == me]
        return own + [(value, label) for value, label in choices if value != me]

    def current(self) -> int | str:
        return self.ticket.assignee_id or ""


class TeamForm(ChangeForm):
    value = forms.ModelChoiceField(Team.objects.none(), required=False, empty_label=gettext_lazy("No team"))

    def __init__(self, actor: Actor, ticket: Ticket, *args: Any, **kwargs: Any) -> None:
        super().__init__(actor, ticket, *args, **kwargs)
        cast("forms.ModelChoiceField[Team]", self.fields["value"]).queryset = visible(actor, Team)

    def current(self) -> int | str:
        return self.ticket.team_id or ""


class SubjectForm(ChangeForm):
    value = forms.CharField(label=gettext_lazy("Subject"), max_length=250)

    def current(self) -> str:
        return self.ticket.subject

    def told(self, value: Any) -> str:
        return str(value)


class LanguageForm(ChangeForm):
    value = forms.CharField(
        label=gettext_lazy("Language"),
        max_length=12,
        required=False,
        help_text=gettext_lazy("A language tag: de, en-GB. Empty when nobody knows."),
    )

    def current(self) -> str:
        return self.ticket.language

    def told(self, value: Any) -> str:
        return str(value) or _("None")


class TagsForm(ChangeForm):
    """Tags to keep or take from those there are, and new ones by name."""

    value = forms.MultipleChoiceField(required=False)
    new = TagNamesField(label=gettext_lazy("New tags"), required=False, max_length=2_000)

    def __init__(self, actor: Actor, ticket: Ticket, *args: Any, **kwargs: Any) -> None:
        super().__init__(actor, ticket, *args, **kwargs)
        self.own = [tag.name for tag in ticket.tags.all()]
        others = policy.visible_tags(actor).exclude(name__in=self.own).values_list("name", flat=True)[:500]
        names = [*self.own, *others]
        cast("forms.MultipleChoiceField", self.fields["value"]).choices = [(name, name) for name in names]

    @property
    def options(self) -> list[tuple[Any, str, bool]]:
        chosen = self.data.getlist("value") if self.is_bound else self.own  # type: ignore[attr-defined]
        return [(name, str(name), name in chosen) for name, _label in self.choices]

    @property
    def names(self) -> list[str]:
        return [*self.cleaned_data["value"], *self.cleaned_data["new"]]

    def current(self) -> list[str]:
        return sorted(tag.name for tag in self.ticket.tags.all())

    def sent(self) -> list[str]:
        return sorted(self.names)

    def told(self, value: Any) -> str:
        return ", ".join(value) or _("No tags")
