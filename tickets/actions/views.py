"""The verbs on saved views.

Whoever may write views keeps his own, and shares them with his teams or with everyone. Only the owner, or an
administrator, changes or deletes a view.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import configure
from accounts.actions.refusal import Refused, Taken
from accounts.models import Team
from accounts.permissions import Permission
from accounts.policy import NotAllowed, require, rights, team_ids
from activity.actor import Actor
from tickets import filters, policy
from tickets.models import SavedView, Sharing
from tickets.models.view import Sort


@transaction.atomic
def create_view(
    *,
    actor: Actor,
    name: str,
    query: str,
    sharing: str = Sharing.PERSONAL,
    team: Team | None = None,
    sort: str = Sort.UPDATED,
    position: int = 0,
) -> SavedView:
    """Keep a filter under a name. It belongs to whoever keeps it. Raises Refused for a filter that means nothing."""
    require(actor, Permission.VIEWS_WRITE)
    if actor.agent is None:
        raise Refused("", "no_owner", _("A view belongs to an agent, and none is acting."))
    view = SavedView(
        owner=actor.agent, name=name, query=query, sharing=sharing, team=team, sort=sort, position=position
    )
    _check_team(view, actor)
    _check_name(view)
    _check_query(view, actor)
    configure.save(view, actor=actor)
    return view


@transaction.atomic
def change_view(view: SavedView, *, actor: Actor, **fields: Any) -> SavedView:
    """Change the given fields: name, query, sharing, team, sort, position. Not shared with a team, it has none."""
    now = _locked(view, actor, Permission.VIEWS_WRITE)
    if fields.get("sharing", now.sharing) != Sharing.TEAM:
        fields.setdefault("team", None)
    was = SavedView(query=now.query, sharing=now.sharing, team=now.team)
    for name, value in fields.items():
        setattr(now, name, value)
    _check_name(now)
    # What was there before may stay: a team that the owner has left, a filter whose tag is gone.
    if (was.sharing, was.team) != (now.sharing, now.team):
        _check_team(now, actor)
    if was.query != now.query:
        _check_query(now, actor)
    configure.save(now, actor=actor)
    return now


@transaction.atomic
def delete_view(view: SavedView, *, actor: Actor) -> None:
    configure.remove(_locked(view, actor, Permission.VIEWS_DELETE), actor=actor)


def _locked(view: SavedView, actor: Actor, permission: Permission) -> SavedView:
    """The view as it is now, held until the transaction ends, if the actor may do this to it."""
    person = Actor(actor.door, agent=actor.agent)  # To change a view a key need not read views.
    now = policy.visible_views(person).select_for_update(of=("self",), no_key=True).get(pk=view.pk)
    decision = policy.can_change_view(actor, permission, now)
    if not decision:
        raise NotAllowed(decision)
    return now


def _check_team(view: SavedView, actor: Actor) -> None:
    if view.sharing == Sharing.TEAM and view.team is None:
        raise Refused("team", "required", _("Choose the team that sees it."))
    if view.sharing != Sharing.TEAM and view.team is not None:
        raise Refused("team", "invalid", _("A team is named only for what is shared with one team."))
    if view.team is None or Permission.ADMIN in rights(actor):
        return
    if actor.agent is None or view.team.pk not in team_ids(actor.agent):
        raise Refused(
            "team",
            "not_a_member",
            _("You are not in the team %(team)s: share with your own teams.") % {"team": view.team},
        )


def _check_name(view: SavedView) -> None:
    others = SavedView.objects.filter(owner=view.owner, name__iexact=view.name).exclude(pk=view.pk)
    other = others.values_list("pk", flat=True).first()
    if other is not None:
        raise Taken(
            "name", _("There is a view “%(view)s” of the same owner already.") % {"view": view.name}, other
        )


def _check_query(view: SavedView, actor: Actor) -> None:
    try:
        filters.select(view.query, actor)
    except filters.FilterError as error:
        place = _("At character %(position)s: %(excerpt)s") % {
            "position": error.position + 1,
            "excerpt": error.excerpt,
        }
        raise Refused("query", "invalid_filter", f"{error.message} {place}") from None
