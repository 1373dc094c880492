"""Somebody always administers the helpdesk: the last administrator stays, and so does his role."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext as _

from accounts.actions.configure import guard
from accounts.actions.refusal import Refused
from accounts.models import Agent, Role
from accounts.models.agent import AgentQuerySet
from accounts.permissions import Permission


@guard(Agent)
def _keep_an_administering_agent(before: models.Model, after: models.Model | None) -> None:
    assert isinstance(before, Agent)
    if not _administers(before) or (isinstance(after, Agent) and _administers(after)):
        return
    if not _administrators().exclude(pk=before.pk).exists():
        raise Refused(
            _given_up(before, after),
            "last_administrator",
            _("%(name)s is the last active administrator. Make somebody else an administrator first.")
            % {"name": before.name},
        )


@guard(Role)
def _keep_an_administering_role(before: models.Model, after: models.Model | None) -> None:
    assert isinstance(before, Role)
    stays = isinstance(after, Role) and after.administers and after.enters_admin
    if stays or not _administrators().filter(role=before).exists():
        return
    if not _administrators().exclude(role=before).exists():
        raise Refused(
            "",
            "last_administrator",
            _(
                "Only agents with this role administer the helpdesk. Give another role the admin right, the right "
                "to enter the admin, and an active agent first."
            ),
        )


def _administers(agent: Agent) -> bool:
    return agent.is_superuser and agent.is_staff


def _administrators() -> AgentQuerySet:
    """Who can undo a mistake. The roles are held, so that two cannot take each other out at the same moment."""
    roles = Role.objects.select_for_update(no_key=True).filter(
        permissions__contains=[Permission.ADMIN.value], enters_admin=True
    )
    agents: AgentQuerySet = Agent.objects.active().people()
    return agents.filter(role__in=[role.pk for role in roles])


def _given_up(before: Agent, after: models.Model | None) -> str:
    """The field by which the last administrator would go."""
    if not isinstance(after, Agent):
        return ""
    if before.is_active and not after.is_active:
        return "is_active"
    return "kind" if before.kind != after.kind else "role"
