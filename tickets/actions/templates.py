"""The verbs on templates: replies that were written once."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.agents import refuse_wider_team
from accounts.actions.configure import change, create
from accounts.actions.refusal import Refused
from accounts.models import Team
from accounts.permissions import Permission
from accounts.policy import require
from activity.actor import Actor
from tickets import placeholders
from tickets.models import Sharing, Template


@transaction.atomic
def create_template(
    *, actor: Actor, name: str, body: str, sharing: str = Sharing.EVERYONE, team: Team | None = None
) -> Template:
    """Write a template. It belongs to whoever writes it. Raises Refused for an unknown placeholder."""
    require(actor, Permission.TEMPLATES_WRITE)
    _check(actor, body, sharing, team)
    return create(Template, actor=actor, owner=actor.agent, name=name, body=body, sharing=sharing, team=team)


@transaction.atomic
def change_template(template: Template, *, actor: Actor, **fields: Any) -> Template:
    """Change the given fields: name, body, sharing, team. Shared otherwise than with a team, it has none."""
    require(actor, Permission.TEMPLATES_WRITE)
    now = Template.objects.select_for_update(no_key=True).get(pk=template.pk)
    if fields.get("sharing", now.sharing) != Sharing.TEAM:
        fields.setdefault("team", None)
    after = {name: fields.get(name, getattr(now, name)) for name in ("body", "sharing", "team")}
    _check(actor, **after)
    if after["sharing"] == Sharing.PERSONAL and now.owner != actor.agent:
        raise Refused("sharing", "not_yours", _("Only its owner can make a template personal."))
    return change(now, actor=actor, **fields)


def _check(actor: Actor, body: str, sharing: str, team: Team | None) -> None:
    placeholders.check(body)
    if sharing == Sharing.TEAM and team is None:
        raise Refused("team", "required", _("Choose the team that uses it."))
    if sharing != Sharing.TEAM and team is not None:
        raise Refused("team", "invalid", _("A team is named only for what is shared with one team."))
    if sharing == Sharing.PERSONAL and actor.agent is None:
        raise Refused("sharing", "invalid", _("Only an agent can have a personal template."))
    if team is not None:
        refuse_wider_team(actor, team)
