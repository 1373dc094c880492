"""The form of steps: rows to add, remove and put in order, by buttons that send the form and change nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.forms.utils import ErrorDict
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Agent, Team
from accounts.policy import visible
from activity.actor import Actor
from automations import policy as automations
from automations import steps
from automations.models import Macro, Webhook
from automations.step_kinds import KINDS, ME, kinds
from automations.steps import MOST, Step
from tickets import policy
from tickets.models import Priority, Status, Tag, Template
from tickets.models.tag import normalize_tag

OFFERED = 500
"""Rows that a list offers. Of tags any can be written."""

Choices = list[tuple[str, str]]


@dataclass(slots=True)
class Row:
    """One step as it stands in the form: what was chosen, whether or not it fits."""

    do: str
    value: str = ""
    agents: list[str] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)
    assignee: bool = False


class Offer:
    """What steps can be chosen from, as far as somebody sees it. Looked up once, and only what the rows need."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self._known: dict[type[Model], Choices] = {}

    def of(self, model: type[Model]) -> Choices:
        if model not in self._known:
            rows = self._rows(model)[:OFFERED]
            self._known[model] = [(str(row.pk), str(row)) for row in rows]
        return self._known[model]

    def _rows(self, model: type[Model]) -> QuerySet[Any]:
        if model is Agent:
            return visible(self.actor, Agent).filter(is_active=True, kind="person").order_by("name")
        if model is Team:
            return visible(self.actor, Team).order_by("name")
        if model is Template:
            return policy.visible_templates(self.actor)
        if model is Webhook:
            return automations.visible_webhooks(self.actor)
        return Status.objects.order_by("position", "id")

    def tags(self, names: list[str]) -> dict[str, int]:
        rows = policy.visible_tags(self.actor).filter(name__in=names)
        return dict(rows.values_list("name", "pk"))


class StepsWidget(forms.Widget):
    use_fieldset = True
    offer: Offer
    owner: type[Model] = Macro

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Row]:
        rows: list[Row] = []
        while len(rows) < MOST + 1 and (do := data.get(f"{name}-{len(rows)}-do")) is not None:
            rows.append(_sent(data, f"{name}-{len(rows)}", do))
        return _pressed(rows, data.get(f"{name}-press", ""), data.get(f"{name}-new", ""))

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False

    def id_for_label(self, id_: str | None) -> str:
        return ""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        rows = [row for row in map(_shown, value or []) if row.do in KINDS]
        context = {
            "name": name,
            "rows": [self._row(row) for row in rows],
            "kinds": [(do, kind.label) for do, kind in kinds(self.owner).items()],
            "may_add": len(rows) < MOST,
            "broken": steps.broken(value, self.owner) if _is_stored(value) else [],
            "new": getattr(self, "added", None),
        }
        return mark_safe(render_to_string("automations/_steps.html", context))  # noqa: S308 - a template escapes.

    def _row(self, row: Row) -> dict[str, Any]:
        choices = _CHOICES[row.do](self.offer) if row.do in _CHOICES else []
        if row.value and choices and row.value not in dict(choices):
            choices = [(row.value, _("(gone: %(id)s)") % {"id": row.value}), *choices]
        return {
            "row": row,
            "label": KINDS[row.do].label,
            "choices": choices,
            "agents": self.offer.of(Agent) if row.do == "notify" else [],
            "teams": self.offer.of(Team) if row.do == "notify" else [],
        }


def _is_stored(value: Any) -> bool:
    return bool(value) and isinstance(value[0], dict)


def _sent(data: Any, prefix: str, do: str) -> Row:
    return Row(
        do,
        data.get(f"{prefix}-value", ""),
        data.getlist(f"{prefix}-agents"),
        data.getlist(f"{prefix}-teams"),
        f"{prefix}-assignee" in data,
    )


def _pressed(rows: list[Row], button: str, new: str) -> list[Row]:
    """The rows after a button: add, up-1, down-1, remove-1."""
    what, _dash, place = button.partition("-")
    if what == "add" and new in KINDS and len(rows) < MOST:
        return [*rows, Row(new)]
    at = int(place) if place.isascii() and place.isdecimal() and len(place) < 4 else -1
    if not 0 <= at < len(rows):
        return rows
    if what == "remove":
        return [*rows[:at], *rows[at + 1 :]]
    other = {"up": at - 1, "down": at + 1}.get(what, -1)
    if 0 <= other < len(rows):
        rows[at], rows[other] = rows[other], rows[at]
    return rows


def _shown(step: Step | Row) -> Row:
    """A stored step as a row of the form."""
    if isinstance(step, Row):
        return step
    do, value = step["do"], step["value"]
    match do:
        case "notify":
            return Row(
                do, "", list(map(str, value["agents"])), list(map(str, value["teams"])), value["assignee"]
            )
        case "add_tags" | "remove_tags":
            names = Tag.objects.filter(pk__in=value).order_by("name").values_list("name", flat=True)
            return Row(do, ", ".join(names))
    return Row(do, "" if value is None else str(value))


_ME = (ME, gettext_lazy("Whoever acts"))

_CHOICES: dict[str, Callable[[Offer], Choices]] = {
    "assign": lambda offer: [("", _("Nobody")), (ME, str(_ME[1])), *offer.of(Agent)],
    "team": lambda offer: [("", _("No team")), *offer.of(Team)],
    "status": lambda offer: offer.of(Status),
    "priority": lambda _offer: [(one.word, str(one.label)) for one in Priority],
    "reply": lambda offer: offer.of(Template),
    "follow": lambda offer: [(ME, str(_ME[1])), *offer.of(Agent)],
    "webhook": lambda offer: offer.of(Webhook),
}


class StepsField(forms.Field):
    """Steps as they are stored. What they may be, the verb decides."""

    widget = StepsWidget

    def __init__(self, *, owner: type[Model], **options: Any) -> None:
        super().__init__(required=False, **{"label": gettext_lazy("What it does"), **options})
        self.owner = self.widget.owner = owner

    def offer(self, actor: Actor) -> None:
        self.widget.offer = self.offered = Offer(actor)

    def clean(self, value: list[Row]) -> list[Step]:
        """Raises ValidationError for what names nothing."""
        return [{"do": row.do, "value": self._value(number, row)} for number, row in enumerate(value, 1)]

    def _value(self, number: int, row: Row) -> Any:
        match row.do:
            case "notify":
                people, teams = list(map(_number, row.agents)), list(map(_number, row.teams))
                return {"assignee": row.assignee, "agents": people, "teams": teams}
            case "add_tags" | "remove_tags":
                return self._tags(number, row.value)
            case "priority" | "note":
                return row.value
        if row.value == ME:
            return ME
        return _number(row.value) if row.value else None

    def _tags(self, number: int, typed: str) -> list[int]:
        names = [name for part in typed.split(",") if (name := normalize_tag(part))]
        known = self.offered.tags(names)
        missing = [name for name in names if name not in known]
        if missing:
            sentence = _("Step %(number)s: There is no tag “%(name)s”. Add it first, or check the spelling.")
            raise ValidationError(sentence % {"number": number, "name": missing[0][:60]})
        return [known[name] for name in dict.fromkeys(names)]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return True


def _number(text: str) -> Any:
    """What is no id stays as it is, for the verb to say so."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else text


class EditsSteps(forms.BaseForm):
    """A form with steps. A button of a row shows it again, as it is typed, and nothing is checked."""

    @property
    def is_being_edited(self) -> bool:
        return self.is_bound and "steps-press" in self.data

    def is_valid(self) -> bool:
        return not self.is_being_edited and super().is_valid()

    def full_clean(self) -> None:
        if self.is_being_edited:
            self._errors, self.cleaned_data = ErrorDict(), {}
        else:
            super().full_clean()


class OwnMacroForm(EditsSteps, forms.Form):
    """An agent's own macro."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    steps = StepsField(owner=Macro)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["steps"].offer(actor)  # type: ignore[attr-defined]
