"""A saved view."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import Team
from accounts.policy import visible
from activity.actor import Actor
from tickets.models import SavedView, Sharing
from tickets.models.view import Sort


class SavedViewForm(forms.Form):
    """A filter to keep, and for whom."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    query = forms.CharField(
        label=pgettext_lazy("noun", "Filter"),
        max_length=500,
        help_text=gettext_lazy("As in the search. “me” is whoever looks."),
    )
    audience = forms.ChoiceField(label=gettext_lazy("Who sees it"))
    sort = forms.ChoiceField(label=gettext_lazy("Order"), choices=Sort.choices, required=False)
    position = forms.IntegerField(
        label=gettext_lazy("Position"),
        min_value=0,
        max_value=10_000,
        required=False,
        help_text=gettext_lazy("Views with a smaller number stand higher."),
    )

    def __init__(self, actor: Actor, *args: Any, view: SavedView | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.teams = {team.pk: team for team in self._teams(actor, view)}
        cast("forms.ChoiceField", self.fields["audience"]).choices = [
            (
                Sharing.PERSONAL,
                _("Only me") if not view or view.owner == actor.agent else _("Only its owner"),
            ),
            *((f"team-{team.pk}", _("Team %(name)s") % {"name": team}) for team in self.teams.values()),
            (Sharing.EVERYONE, _("Everyone")),
        ]

    @staticmethod
    def _teams(actor: Actor, view: SavedView | None) -> Iterable[Team]:
        """The agent's own, and the one that the view is shared with already."""
        own = Q(agents=actor.agent) | Q(pk=view.team_id if view else None)
        return visible(actor, Team).filter(own).distinct()

    @staticmethod
    def values_of(view: SavedView) -> dict[str, Any]:
        """What the form shows of a view."""
        audience = f"team-{view.team_id}" if view.team_id else view.sharing
        shown = {"name": view.name, "query": view.query, "sort": view.sort, "position": view.position}
        return shown | {"audience": audience}

    @property
    def given(self) -> dict[str, Any]:
        """For the verb: what was filled in."""
        audience: str = self.cleaned_data["audience"]
        team = self.teams.get(int(audience.removeprefix("team-"))) if audience.startswith("team-") else None
        values = {"sharing": Sharing.TEAM if team else audience, "team": team}
        texts = {name: self.cleaned_data[name] for name in ("name", "query")}
        chosen = {
            name: self.cleaned_data[name]
            for name in ("sort", "position")
            if self.cleaned_data[name] not in ("", None)
        }
        return values | texts | chosen
