"""What of all that acts by itself exists for whom. Triggers act with the helpdesk's own rights: they are
administrators'."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from accounts.policy import YES, Decision, NotAllowed, decide, rights, team_ids
from activity.actor import Actor
from apitokens.actions.limits import refuse_wider
from automations.models import BusinessHours, Delivery, Macro, SlaPolicy, Trigger, Webhook
from automations.models.sla import SlaPolicyQuerySet
from automations.models.trigger import TriggerQuerySet
from tickets.models import Sharing


def visible_triggers(actor: Actor) -> TriggerQuerySet:
    return Trigger.objects.all() if decide(actor, Permission.ADMIN) else Trigger.objects.none()


def visible_macros(actor: Actor) -> QuerySet[Macro]:
    """Those for everyone, for the agent's own teams, and his own. Administrators see every team's."""
    rows = Macro.objects.all()
    if actor.is_system:
        return rows
    if actor.agent is None or not decide(actor, Permission.MACROS_READ):
        return rows.none()
    seen = Q(sharing=Sharing.EVERYONE) | Q(sharing=Sharing.PERSONAL, owner=actor.agent)
    if Permission.ADMIN in rights(actor):
        return rows.filter(seen | Q(sharing=Sharing.TEAM))
    return rows.filter(seen | Q(sharing=Sharing.TEAM, team__in=team_ids(actor.agent)))


def offered_macros(actor: Actor) -> QuerySet[Macro]:
    """Those that an agent is offered at his work: other teams' are left out for administrators, too."""
    teams = team_ids(actor.agent) if actor.agent else []
    return visible_macros(actor).filter(~Q(sharing=Sharing.TEAM) | Q(team__in=teams))


def can_change_macro(actor: Actor, permission: Permission, macro: Macro) -> Decision:
    """May the actor change (or delete) this macro? Its owner may while it is his alone, and administrators."""
    decision = decide(actor, permission)
    if not decision or actor.is_system or Permission.ADMIN in rights(actor):
        return decision
    if macro.sharing != Sharing.PERSONAL or actor.agent is None or macro.owner_id != actor.agent.pk:
        sentence = _("Only an administrator changes a macro that others use. Make one of your own.")
        return Decision(False, "owner", sentence, permission)
    return YES


def visible_hours(actor: Actor) -> QuerySet[BusinessHours]:
    rows = BusinessHours.objects.all()
    return rows if decide(actor, Permission.SETTINGS_READ) else rows.none()


def visible_policies(actor: Actor) -> SlaPolicyQuerySet:
    rows = SlaPolicy.objects.all()
    return rows if decide(actor, Permission.SETTINGS_READ) else rows.none()


def visible_webhooks(actor: Actor) -> QuerySet[Webhook]:
    """Administrators see every webhook; others who may read webhooks those of the keys that they own."""
    held = rights(actor)
    if Permission.WEBHOOKS_READ not in held:
        return Webhook.objects.none()
    own = Q(key__owner=actor.agent)
    return (
        Webhook.objects.all() if Permission.ADMIN in held or actor.is_system else Webhook.objects.filter(own)
    )


def visible_deliveries(actor: Actor) -> QuerySet[Delivery]:
    return Delivery.objects.filter(webhook__in=visible_webhooks(actor))


def may_read_bodies(actor: Actor, webhook: Webhook) -> bool:
    """What was sent is what the owner of the webhook may read. Whoever may read less does not read it here."""
    try:
        refuse_wider_owner(actor, webhook)
    except NotAllowed:
        return False
    return True


def refuse_wider_owner(actor: Actor, webhook: Webhook) -> None:
    """Stop whoever would read, through the webhook, what he may not read himself."""
    if webhook.key is not None:
        refuse_wider(actor, webhook.key)
    elif not actor.is_system and Permission.ADMIN not in rights(actor):
        sentence = "Only an administrator may make or change webhooks that read as an administrator."
        raise NotAllowed(Decision(False, "widening", sentence))
