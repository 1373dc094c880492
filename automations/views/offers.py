"""What macros add to the workspace: a button at the composer and one for selected tickets, and lines of the palette."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actions import undoing
from accounts.actions.refusal import Refused
from accounts.permissions import Permission
from accounts.policy import rights
from activity.actor import Actor
from activity.models import Event
from automations import actions, policy, steps
from automations.models import Macro
from tickets import tools
from tickets.forms import ChangeForm
from tickets.models import Draft, Ticket
from tickets.views import bulk, palette
from tickets.views.palette import Act
from tickets.views.places import Place

MOST = 100


class MacroForm(ChangeForm):
    """A macro for the selected tickets, with what it does."""

    value = forms.ModelChoiceField(Macro.objects.none(), empty_label=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Macro]", self.fields["value"]).queryset = policy.offered_macros(
            self.actor
        )

    @property
    def options(self) -> list[tuple[Any, str, bool]]:
        macros = list(policy.offered_macros(self.actor)[:MOST])
        rows = steps.rows_of([macro.steps for macro in macros])
        return [
            (macro.pk, f"{macro.name}: {' · '.join(steps.told(macro.steps, rows))}", False)
            for macro in macros
        ]

    def current(self) -> None:
        return None


def _apply(ticket: Ticket, form: Any, actor: Actor) -> None:
    macro = form.cleaned_data["value"]
    actions.apply_macro(macro, ticket=ticket, actor=actor, reply=actions.reply_in_a_moment)


def mark(ticket: Ticket) -> list[int]:
    """What happened to the ticket last, and the replies that are about to go out."""
    last = Event.objects.about(ticket).order_by("-pk").values_list("pk", flat=True).first()
    return [last or 0, Draft.objects.held().filter(ticket=ticket).count()]


def made_since(ticket: Ticket, before: list[int], actor: Actor) -> QuerySet[Event]:
    """What macros of this agent changed since, as far as it can be undone."""
    return Event.objects.about(ticket).filter(
        pk__gt=before[0], agent=actor.agent, facts__automation__kind="macro", type__in=undoing.undoable()
    )


def take_back(made: QuerySet[Event], actor: Actor) -> None:
    """All of these changes, in the caller's transaction. Raises Refused. A reply that waits is taken back by itself."""
    for outcome in undoing.undo(list(made), actor=actor):
        if not outcome.done:
            raise Refused("", "changed_since", outcome.sentence)


def _put_back(ticket: Ticket, before: Any, actor: Actor) -> None:
    take_back(made_since(ticket, before, actor), actor)


def _acts(actor: Actor, place: Place, ids: list[int]) -> Iterator[Act]:
    held = rights(actor)
    if Permission.MACROS_READ not in held or (len(ids) > 1 and Permission.TICKETS_WRITE not in held):
        return
    for macro in policy.offered_macros(actor)[:MOST]:
        label = _("Macro: %(name)s") % {"name": macro.name}
        if len(ids) == 1:
            yield Act(label, reverse("automations:apply", args=[ids[0], macro.pk], query=place.parts), "{}")
        else:
            sent = json.dumps({"change": "macro", "ticket": ids, "value": macro.pk})
            yield Act(label, reverse("tickets:bulk", query=place.parts), sent, "#bulk-outcome")


def register() -> None:
    tools.register(
        tools.Tool(
            "macro",
            gettext_lazy("Macro"),
            gettext_lazy("Take the steps of a macro"),
            "automations:choose",
            Permission.MACROS_READ,
        )
    )
    bulk.register(
        "macro",
        bulk.Bulk(
            gettext_lazy("Apply a macro to the selected tickets"),
            MacroForm,
            _apply,
            label=gettext_lazy("Macro"),
            mark=mark,
            put_back=_put_back,
        ),
    )
    palette.register(_acts)
