"""Merging: one conversation where there were two, and two again at any time."""

from __future__ import annotations

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.refusal import Refused
from accounts.permissions import Permission
from accounts.policy import Decision, NotAllowed
from activity.actor import Actor
from activity.recording import record
from tickets import policy, search
from tickets.actions.locking import both_held, held, name_of, refuse_merged, save
from tickets.actions.properties import place
from tickets.models import Category, Containment, Merge, Status, Ticket

_MERGES = 0x6D65726765
"""The advisory lock that lets one merge happen at a time: each may rewrite what several tickets contain."""


@transaction.atomic
def merge(ticket: Ticket, *, into: Ticket, actor: Actor) -> Ticket:
    """Let the ticket's conversation go on in another one, which the actor may write as well.

    Its messages stay where they were written and are shown in both. It is closed, leaves the lists, and nothing
    can be done to it until `unmerge` gives it back. Whoever may see the other ticket sees its messages there: to
    merge is to show them.
    """
    _one_at_a_time()
    ticket, target = both_held(ticket, into, actor, Permission.TICKETS_WRITE)
    if ticket.merged_into_id == target.pk:
        return ticket
    _refuse_what_makes_no_tree(ticket, target)
    before = ticket.status
    Merge.objects.create(
        ticket=ticket, status=before, category=ticket.category, snoozed_until=ticket.snoozed_until
    )
    _close(ticket, into=target)
    save(target, [])
    Containment.objects.bulk_create(
        Containment(inner_id=pk, outer=target) for pk in policy.conversation(ticket)
    )
    search.take_in(target, ticket)
    contacts_differ = ticket.contact_id != target.contact_id
    changes = {"merged_into": (None, target.pk), "status": (name_of(before), name_of(ticket.status))}
    record(actor, "ticket.merged", ticket, changes=changes, into=target.pk, contacts_differ=contacts_differ)
    record(actor, "ticket.merged", target, merged=ticket.pk, contacts_differ=contacts_differ)
    return ticket


@transaction.atomic
def unmerge(ticket: Ticket, *, actor: Actor) -> Ticket:
    """Give a merged ticket back as it was. What was written since the merge stays with the other ticket."""
    _one_at_a_time()
    target = _merged_into(ticket, actor)
    if target is None:
        return held(ticket, actor, Permission.TICKETS_WRITE)
    ticket, target = both_held(ticket, target, actor, Permission.TICKETS_WRITE)
    before = ticket.status
    _reopen(ticket)
    save(target, [])
    whole = outermost(target)
    _release(ticket)
    search.rebuild(ticket)
    search.rebuild(whole)
    changes = {"merged_into": (target.pk, None), "status": (name_of(before), name_of(ticket.status))}
    record(actor, "ticket.unmerged", ticket, changes=changes, out_of=target.pk)
    record(actor, "ticket.unmerged", target, unmerged=ticket.pk)
    return ticket


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_MERGES])


def _refuse_what_makes_no_tree(ticket: Ticket, target: Ticket) -> None:
    """As only what is not merged itself can be merged into, there are never circles."""
    if ticket.pk == target.pk:
        raise Refused("into", "itself", _("A ticket cannot be merged into itself. Choose another one."))
    refuse_merged(ticket)
    if target.merged_into_id is not None:
        message = _("Ticket %(number)s was itself merged into ticket %(into)s. Choose that one.") % {
            "number": target.pk,
            "into": target.merged_into_id,
        }
        raise Refused("into", "merged", message)


def _close(ticket: Ticket, *, into: Ticket) -> None:
    if ticket.category != Category.CLOSED:
        place(ticket, Status.objects.of(Category.CLOSED))
    ticket.merged_into, ticket.snoozed_until = into, None
    save(ticket, ["status", "category", "solved_at", "snoozed_until", "merged_into"])


def _reopen(ticket: Ticket) -> None:
    was = Merge.objects.select_related("status").get(ticket=ticket)
    place(ticket, was.status or Status.objects.of(was.category))
    still_asleep = was.snoozed_until is not None and was.snoozed_until > timezone.now()
    ticket.merged_into, ticket.snoozed_until = None, was.snoozed_until if still_asleep else None
    save(ticket, ["status", "category", "solved_at", "snoozed_until", "merged_into"])
    was.delete()


def outermost(ticket: Ticket) -> Ticket:
    """Where the ticket's conversation goes on: the ticket itself unless it is merged."""
    return Ticket.objects.filter(contents__inner=ticket, merged_into=None).first() or ticket


def _release(ticket: Ticket) -> None:
    """Take the ticket, with what was merged into it, out of everything it is in."""
    outer = list(ticket.containers.values_list("outer", flat=True))
    Containment.objects.filter(inner__in=policy.conversation(ticket), outer__in=outer).delete()


def _merged_into(ticket: Ticket, actor: Actor) -> Ticket | None:
    """Where the ticket went, if anywhere. Only who may write both tickets takes them apart."""
    target = policy.visible(actor).select_related("merged_into").get(pk=ticket.pk).merged_into
    if target is not None and not policy.visible(actor).filter(pk=target.pk).exists():
        sentence = _(
            "Ticket %(ticket)s was merged into a ticket outside the reach of the acting agent's role."
        ) % {"ticket": ticket.pk}
        raise NotAllowed(Decision(False, "reach", sentence, Permission.TICKETS_WRITE))
    return target
