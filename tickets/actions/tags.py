from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from accounts.actions.refusal import Refused, Taken
from accounts.permissions import Permission
from accounts.policy import refuse_denied, require
from accounts.sentences import gettext as _
from activity.actor import Actor
from activity.recording import record
from tickets.actions.locking import locked, name_of, save
from tickets.models import Tag, TagGroup, Ticket
from tickets.models.tag import normalize_tag

MAX_TAGS = 40
"""Tags that one request may name. Each unknown one is a row to be made."""


@transaction.atomic
def set_tags(ticket: Ticket, *, tags: Iterable[Tag], actor: Actor) -> Ticket:
    """Make these exactly the ticket's tags."""
    ticket = locked(ticket, actor, Permission.TICKETS_WRITE)
    before, after = set(ticket.tags.all()), set(tags)
    if before == after:
        return ticket
    ticket.tags.set(after)
    save(ticket, [])
    record(actor, "ticket.tagged", ticket, changes={"tags": (_names(before), _names(after))})
    return ticket


@transaction.atomic
def add_tags(ticket: Ticket, *, tags: Iterable[Tag], actor: Actor) -> Ticket:
    ticket = locked(ticket, actor, Permission.TICKETS_WRITE)
    return set_tags(ticket, tags={*ticket.tags.all(), *tags}, actor=actor)


@transaction.atomic
def remove_tags(ticket: Ticket, *, tags: Iterable[Tag], actor: Actor) -> Ticket:
    ticket = locked(ticket, actor, Permission.TICKETS_WRITE)
    return set_tags(ticket, tags=set(ticket.tags.all()) - set(tags), actor=actor)


@transaction.atomic
def named_tags(names: Iterable[str], *, actor: Actor) -> list[Tag]:
    """The tags with these names. New ones are made if the actor may make tags."""
    # In one order, or two requests that make the same two tags would wait for each other.
    wanted = sorted({normalize_tag(name) for name in names} - {""})
    if len(wanted) > MAX_TAGS:
        raise Refused(
            "tags", "too_many", _("A ticket may have at most %(max_tags)s tags.") % {"max_tags": MAX_TAGS}
        )
    known = {tag.name: tag for tag in Tag.objects.filter(name__in=wanted)}
    return [known.get(name) or create_tag(name, actor=actor) for name in wanted]


@transaction.atomic
def create_tag(name: str, *, actor: Actor, group: TagGroup | None = None) -> Tag:
    """Make a tag; when somebody else is quicker, his is the one."""
    require(actor, Permission.TAGS_WRITE)
    refuse_denied(actor, "tags.create")
    tag, created = Tag.objects.get_or_create(name=normalize_tag(name), defaults={"group": group})
    if created:
        record(actor, "tag.created", tag)
    return tag


@transaction.atomic
def rename_tag(tag: Tag, *, name: str, actor: Actor) -> Tag:
    require(actor, Permission.TAGS_WRITE)
    before, after = tag.name, normalize_tag(name)
    if before == after:
        return tag
    other = Tag.objects.filter(name=after).first()
    if other is not None:
        raise Taken("name", _("There is a tag “%(after)s” already.") % {"after": after}, other.pk)
    tag.name = after
    tag.save(update_fields=["name"])
    record(actor, "tag.renamed", tag, changes={"name": (before, after)})
    return tag


@transaction.atomic
def group_tag(tag: Tag, *, group: TagGroup | None, actor: Actor) -> Tag:
    """Put the tag into a group, or into none. It is in one group at most."""
    require(actor, Permission.TAGS_WRITE)
    tag = Tag.objects.select_for_update(of=("self",)).select_related("group").get(pk=tag.pk)
    if tag.group == group:
        return tag
    before, tag.group = tag.group, group
    tag.save(update_fields=["group"])
    record(actor, "tag.grouped", tag, changes={"group": (name_of(before), name_of(group))})
    return tag


@transaction.atomic
def delete_tag(tag: Tag, *, actor: Actor) -> None:
    """Take the tag off every ticket and forget it."""
    require(actor, Permission.TAGS_DELETE)
    record(actor, "tag.deleted", tag)
    tag.delete()


def _names(tags: Iterable[Tag]) -> list[str]:
    return sorted(tag.name for tag in tags)
