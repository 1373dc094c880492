"""Nobody gives a key more than he has himself."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.models import Agent
from accounts.permissions import ADMINISTRATIVE, SPECIAL, Permission
from accounts.policy import Decision, NotAllowed, rights
from activity.actor import Actor
from apitokens.actions.widening import tags_within
from apitokens.models import AccessLevel, ApiKey, KeyKind
from apitokens.models.key import granted_permissions


def refuse_wider(actor: Actor, key: ApiKey) -> None:
    """Stop whoever would hold, through the key, rights that he does not hold himself."""
    if actor.is_system:
        return
    own = rights(actor)
    if key.kind == KeyKind.SUPERUSER and Permission.ADMIN not in own:
        raise NotAllowed(
            Decision(False, "widening", _("Only an administrator may make or change superuser keys."))
        )
    granted = granted_permissions(key.access_level, key.scopes, admin_functions=key.admin_functions)
    # A superuser key acts as whomever it names, so its default agent limits nothing.
    bound = None if key.is_superuser_key else key.agent
    # A level means “whatever its agent may do”. Scopes that are named are held against who names them, all of them:
    # they would give more as soon as the agent's role does.
    by_level = bound is not None and key.access_level != AccessLevel.CUSTOM
    reachable = granted & (bound.role.rights | ADMINISTRATIVE | SPECIAL) if bound and by_level else granted
    wider = sorted(reachable - own)
    if wider:
        sentence = _("This key could do what you may not do yourself: %(permissions)s.") % {
            "permissions": ", ".join(wider)
        }
        raise NotAllowed(Decision(False, "widening", sentence, wider[0]))
    _refuse_wider_tags(actor, key)
    if key.agent is not None and key.agent != actor.agent and Permission.ADMIN not in own:
        _refuse_wider_reach(actor, key.agent)


def _refuse_wider_tags(actor: Actor, key: ApiKey) -> None:
    """A key that is limited to operations makes and changes only keys with the same limits, or narrower ones."""
    mine = list(actor.grant.tags) if actor.grant else []
    if tags_within(key.tags, mine):
        return
    limits = ", ".join(sorted(mine))
    sentence = _(
        "Your key is limited to operations: %(limits)s. Keys that it makes or changes need the same limits."
    ) % {"limits": limits}
    raise NotAllowed(Decision(False, "widening", sentence))


def _refuse_wider_reach(actor: Actor, agent: Agent) -> None:
    """Somebody of small reach must not read everything through a key of a colleague of greater reach."""
    if agent.role.rights <= rights(actor) and actor.agent is not None and actor.agent.role.reach == "all":
        return
    sentence = _("Only an administrator may make or change keys that act as %(agent)s.") % {
        "agent": agent.name
    }
    raise NotAllowed(Decision(False, "widening", sentence))
