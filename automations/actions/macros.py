"""The verbs on macros: whoever may write macros keeps his own, administrators those that others use."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import configure
from accounts.actions.refusal import Refused
from accounts.models import Team
from accounts.permissions import Permission
from accounts.policy import NotAllowed, require, rights
from activity.actor import Actor, Automation
from activity.models import Event
from automations import policy, steps
from automations.actions.stepping import Doing, Reply, reply_at_once, take
from automations.models import Macro
from automations.steps import Step
from tickets import actions
from tickets.actions.locking import locked
from tickets.models import Draft, Sharing, Ticket


@transaction.atomic
def create_macro(
    *,
    actor: Actor,
    name: str,
    steps: list[Step],
    sharing: str = Sharing.PERSONAL,
    team: Team | None = None,
) -> Macro:
    """Make a macro. It belongs to whoever makes it. Raises Refused."""
    require(actor, Permission.MACROS_WRITE)
    macro = Macro(name=name, steps=steps, sharing=sharing, team=team, owner=actor.agent)
    _check_sharing(macro, actor)
    _check_steps(macro)
    configure.save(macro, actor=actor)
    return macro


@transaction.atomic
def change_macro(macro: Macro, *, actor: Actor, **fields: Any) -> Macro:
    """Change the given fields: name, steps, sharing, team. Shared otherwise than with a team, it has none."""
    now = _locked(macro, actor, Permission.MACROS_WRITE)
    if fields.get("sharing", now.sharing) != Sharing.TEAM:
        fields.setdefault("team", None)
    was = (now.sharing, now.team)
    for name, value in fields.items():
        setattr(now, name, value)
    if was != (now.sharing, now.team):
        _check_sharing(now, actor)
    if "steps" in fields:
        _check_steps(now)
    configure.save(now, actor=actor)
    return now


@transaction.atomic
def delete_macro(macro: Macro, *, actor: Actor) -> None:
    configure.remove(_locked(macro, actor, Permission.MACROS_DELETE), actor=actor)


@transaction.atomic
def apply_macro(macro: Macro, *, ticket: Ticket, actor: Actor, reply: Reply = reply_at_once) -> None:
    """Take all steps of a macro on a ticket, or none: each by its own verb, with the rights of whoever applies it.

    Raises Refused, naming the step, or NotAllowed.
    """
    if actor.agent is None:
        raise Refused("", "no_agent", _("A macro is applied by an agent, and none is acting."))
    locked(ticket, actor, Permission.TICKETS_READ)
    named = replace(actor, automation=Automation("macro", macro.pk, macro.name))
    take(macro.steps, ticket, Doing(named, macro, me=actor.agent, reply=reply))


def reply_in_a_moment(ticket: Ticket, text: str, actor: Actor) -> object:
    """As from the composer: held for ten seconds, to be taken back. Nothing that is being written is lost."""
    assert actor.agent is not None
    if Draft.objects.filter(ticket=ticket, agent=actor.agent).exists():
        message = _("You are writing in this ticket. Send that first, or throw it away.")
        raise Refused("steps", "draft", message)
    return actions.hold_reply(ticket, body=text, actor=actor)


@dataclass(slots=True)
class Preview:
    """What a macro would do to a ticket now: the events it would leave, its replies, or why it would do nothing."""

    changes: list[Event] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    problem: str = ""


def preview_macro(macro: Macro, *, ticket: Ticket, actor: Actor) -> Preview:
    """Do it and take it back."""
    seen = Preview()

    def keep(case: Ticket, text: str, who: Actor) -> object:
        made = reply_in_a_moment(case, text, who)
        seen.replies.append(text)
        return made

    with transaction.atomic():
        last = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        try:
            with transaction.atomic():
                apply_macro(macro, ticket=ticket, actor=actor, reply=keep)
            made = Event.objects.about(ticket).filter(pk__gt=last)
            seen.changes = list(made.select_related("agent", "contact").order_by("pk"))
        except (Refused, NotAllowed, Ticket.DoesNotExist) as refusal:
            seen.problem = str(refusal)
        transaction.set_rollback(True)
    return seen


def _locked(macro: Macro, actor: Actor, permission: Permission) -> Macro:
    """The macro as it is now, held until the transaction ends, if the actor may do this to it."""
    person = Actor(actor.door, agent=actor.agent)  # To change a macro a key need not read macros.
    now = policy.visible_macros(person).select_for_update(of=("self",), no_key=True).get(pk=macro.pk)
    decision = policy.can_change_macro(actor, permission, now)
    if not decision:
        raise NotAllowed(decision)
    return now


def _check_sharing(macro: Macro, actor: Actor) -> None:
    if macro.sharing == Sharing.TEAM and macro.team is None:
        raise Refused("team", "required", _("Choose the team that uses it."))
    if macro.sharing != Sharing.TEAM and macro.team is not None:
        raise Refused("team", "invalid", _("A team is named only for what is shared with one team."))
    if macro.sharing == Sharing.PERSONAL:
        if macro.owner is None or macro.owner != actor.agent:
            raise Refused("sharing", "not_yours", _("Only its owner can make a macro personal."))
    elif not actor.is_system and Permission.ADMIN not in rights(actor):
        message = _("Others take its steps in their own name: only an administrator shares a macro.")
        raise Refused("sharing", "administrators_only", message)


def _check_steps(macro: Macro) -> None:
    steps.check(macro.steps, Macro)
