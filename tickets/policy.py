"""Which tickets exist for whom, and what may be done to them. The only way to a ticket, at every door."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext, ngettext

from accounts.models import Agent, Reach
from accounts.permissions import Permission
from accounts.policy import YES, Decision, NotAllowed, decide, note_use, rights, team_ids
from activity.actor import Actor
from tickets.models import (
    Attachment,
    Channel,
    Containment,
    Draft,
    Message,
    MessageKind,
    Proposal,
    ProposalKind,
    SavedView,
    Sharing,
    Tag,
    TagGroup,
    Template,
    Ticket,
)
from tickets.models.proposal import ProposalQuerySet
from tickets.models.ticket import TicketQuerySet

_OPENS_TICKETS = frozenset(p for p in Permission if p.resource in {"tickets", "messages", "notes"})

LISTED = Q(merged_into=None)
"""A ticket that was merged into another is in no list: it is found where it went."""


def visible(actor: Actor) -> TicketQuerySet:
    """The tickets that exist for the actor."""
    rows = Ticket.objects.all()
    if actor.is_system:
        return rows
    if actor.agent is None or not may_see_any(actor):
        return rows.none()
    within = Q()
    for branch in reach(actor.agent):
        within |= branch
    return rows.filter(within)


def listed(actor: Actor) -> TicketQuerySet:
    """Those of them that lists hold and count."""
    return visible(actor).filter(LISTED)


def may_see_any(actor: Actor) -> bool:
    """Does the actor hold any right over tickets at all?"""
    return actor.is_system or bool(rights(actor) & _OPENS_TICKETS)


def reach(agent: Agent, of: str = "") -> list[Q]:
    """The agent's reach as conditions of which no two hold for the same ticket, or for the one that `of` leads to.

    Each is answered from the top of one index, so a list merges the first rows of each instead of sorting
    everything that an OR of them finds.
    """
    own, nobodys = Q(**{f"{of}assignee": agent}), Q(**{f"{of}assignee": None})
    match agent.role.reach:
        case Reach.ALL:
            return [Q()]
        case Reach.TEAMS:
            teams = team_ids(agent)
            elsewhere = own & (Q(**{f"{of}team": None}) | ~Q(**{f"{of}team__in": teams}))
            return [*(Q(**{f"{of}team": team}) for team in teams), elsewhere if teams else own]
        case Reach.UNASSIGNED:
            return [nobodys, own]
        case _:
            return [own]


def reach_in_words(actor: Actor) -> str:
    """What stands after “1,204 tickets”."""
    agent = actor.agent
    match agent.role.reach if agent else Reach.ALL:
        case Reach.ALL:
            return ""
        case Reach.TEAMS:
            teams = len(team_ids(agent)) if agent else 0
            return ngettext("of %d team, and its own", "of %d teams, and its own", teams) % teams
        case Reach.UNASSIGNED:
            return gettext("that are unassigned or its own")
        case _:
            return gettext("of its own")


def visible_messages(actor: Actor) -> QuerySet[Message]:
    """The messages of visible tickets and of what was merged into them; notes only for those who may read notes.

    Merging is an act of somebody who may write both tickets: by it he shows the one to whoever sees the other.
    """
    rows = Message.objects.filter(kind__in=readable_kinds(actor))
    if actor.is_system or actor.agent is None or not may_see_any(actor):
        return rows if actor.is_system else rows.none()
    # Asked of each message's ticket by a join: “in the visible tickets, or taken in” would gather all tickets first.
    branches = reach(actor.agent, of="ticket__")
    if not all(branches):
        return rows
    within = Q(Exists(Containment.objects.filter(inner=OuterRef("ticket"), outer__in=visible(actor))))
    for branch in branches:
        within |= branch
    return rows.filter(within)


def conversation(ticket: Ticket) -> list[int]:
    """The tickets whose messages are this one's conversation: itself, and what was merged into it."""
    return [ticket.pk, *Containment.objects.filter(outer=ticket).values_list("inner", flat=True)]


def readable_kinds(actor: Actor) -> list[MessageKind]:
    """What the actor may read of a ticket's conversation."""
    held = rights(actor)
    needed = {MessageKind.REPLY: Permission.MESSAGES_READ, MessageKind.NOTE: Permission.NOTES_READ}
    note_use(actor, *needed.values())
    return [kind for kind, permission in needed.items() if permission in held]


def visible_attachments(actor: Actor) -> QuerySet[Attachment]:
    """The files of visible messages, and the actor's own uploads that are not sent yet."""
    # Asked of each file by itself: as “in” beside an “or”, the database would gather every message there is.
    sent = Q(Exists(visible_messages(actor).filter(pk=OuterRef("message"))))
    return Attachment.objects.filter(sent | Q(pk__in=own_uploads(actor).values("pk")))


def can(actor: Actor, permission: Permission, ticket: Ticket) -> Decision:
    """May the actor do this to this ticket?"""
    decision = decide(actor, permission)
    if not decision or actor.is_system:
        return decision
    if not _within_reach(actor, ticket):
        return Decision(
            False,
            "reach",
            gettext("This ticket is outside the reach of the acting agent's role."),
            permission,
        )
    return YES


def authorize(actor: Actor, permission: Permission, ticket: Ticket) -> None:
    """Stop unless `can`."""
    decision = can(actor, permission, ticket)
    if not decision:
        raise NotAllowed(decision)
    note_use(actor, permission)


def _within_reach(actor: Actor, ticket: Ticket) -> bool:
    """The same rule as `reach`, asked of a ticket at hand without another query."""
    agent = actor.agent
    if agent is None:
        return False
    own = ticket.assignee_id == agent.pk
    match agent.role.reach:
        case Reach.ALL:
            return True
        case Reach.TEAMS:
            return own or ticket.team_id in team_ids(agent)
        case Reach.UNASSIGNED:
            return own or ticket.assignee_id is None
        case _:
            return own


def own_uploads(actor: Actor) -> QuerySet[Attachment]:
    """Files the actor uploaded and has not sent yet."""
    return (
        Attachment.objects.filter(message=None, uploaded_by=actor.agent)
        if actor.agent
        else Attachment.objects.none()
    )


def own_drafts(actor: Actor) -> QuerySet[Draft]:
    """What the actor is writing, and the replies that he can still take back, also in tickets he lost sight of."""
    return Draft.objects.filter(agent=actor.agent) if actor.agent else Draft.objects.none()


def visible_tags(actor: Actor) -> QuerySet[Tag]:
    return Tag.objects.all() if decide(actor, Permission.TAGS_READ) else Tag.objects.none()


def visible_channels(actor: Actor) -> QuerySet[Channel]:
    return Channel.objects.all() if decide(actor, Permission.CHANNELS_READ) else Channel.objects.none()


def visible_tag_groups(actor: Actor) -> QuerySet[TagGroup]:
    return TagGroup.objects.all() if decide(actor, Permission.TAG_GROUPS_READ) else TagGroup.objects.none()


def visible_templates(actor: Actor) -> QuerySet[Template]:
    """Those for everyone, for the agent's own teams, and his own. Administrators see every team's."""
    rows = Template.objects.all()
    if actor.is_system:
        return rows
    if actor.agent is None or not decide(actor, Permission.TEMPLATES_READ):
        return rows.none()
    seen = Q(sharing=Sharing.EVERYONE) | Q(sharing=Sharing.PERSONAL, owner=actor.agent)
    if Permission.ADMIN in rights(actor):
        return rows.filter(seen | Q(sharing=Sharing.TEAM))
    return rows.filter(seen | Q(sharing=Sharing.TEAM, team__in=team_ids(actor.agent)))


def visible_views(actor: Actor) -> QuerySet[SavedView]:
    """One's own, those of one's teams, and those for everyone. Administrators see every team's."""
    rows = SavedView.objects.all()
    if actor.is_system:
        return rows
    if actor.agent is None or not decide(actor, Permission.VIEWS_READ):
        return rows.none()
    seen = Q(sharing=Sharing.EVERYONE) | Q(owner=actor.agent)
    if Permission.ADMIN in rights(actor):
        return rows.filter(seen | Q(sharing=Sharing.TEAM))
    return rows.filter(seen | Q(sharing=Sharing.TEAM, team__in=team_ids(actor.agent)))


def offered_views(actor: Actor) -> QuerySet[SavedView]:
    """Those that stand in an agent's navigation: other teams' are left out for administrators, too."""
    mine = Q(owner=actor.agent) | Q(sharing=Sharing.EVERYONE)
    teams = team_ids(actor.agent) if actor.agent else []
    return visible_views(actor).filter(mine | Q(sharing=Sharing.TEAM, team__in=teams))


def can_change_view(actor: Actor, permission: Permission, view: SavedView) -> Decision:
    """May the actor change (or delete) this view? Its owner may, and administrators."""
    decision = decide(actor, permission)
    if not decision or actor.is_system or Permission.ADMIN in rights(actor):
        return decision
    if actor.agent is None or view.owner_id != actor.agent.pk:
        sentence = gettext("Only its owner or an administrator changes this view. Save one of your own.")
        return Decision(False, "owner", sentence, permission)
    return YES


def visible_proposals(actor: Actor) -> ProposalQuerySet:
    """Those in visible tickets that the actor may read."""
    return readable_proposals(actor).filter(ticket__in=visible(actor))


def readable_proposals(actor: Actor) -> ProposalQuerySet:
    """For asking of tickets that are known to be visible.

    Replies and notes for whoever may read such, and always what one proposed oneself.
    """
    held, kinds = rights(actor), [ProposalKind.CHANGE.value]
    kinds += [kind.value for kind in readable_kinds(actor)]
    seen = Q(kind__in=kinds) if Permission.TICKETS_READ in held else Q(pk=None)
    if actor.agent is not None and Permission.TICKETS_PROPOSE in held:
        seen |= Q(agent=actor.agent)
    return Proposal.objects.filter(seen)


def visible_notes(actor: Actor) -> QuerySet[Message]:
    """The internal notes of visible tickets."""
    return visible_messages(actor).filter(kind=MessageKind.NOTE)
