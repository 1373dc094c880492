"""The filters of `/tickets`: a closed table, nothing of the request reaches the ORM unread."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.db.models import Q
from rest_framework.request import Request

from accounts.api import custom_fields
from accounts.api.errors import ApiError
from accounts.api.filters import Filter
from accounts.keyset import Order
from accounts.models import Thing
from accounts.models.agent import normalize_email
from accounts.permissions import Permission
from accounts.policy import decide
from activity.actor import Actor
from tickets import policy
from tickets.filters import FilterError, select
from tickets.lists import Selection
from tickets.models import Category, Priority
from tickets.models.status import UNRESOLVED
from tickets.models.tag import normalize_tag


def _status(text: str, actor: Actor) -> Q:
    if text not in Category.values:
        raise _wrong("status", f"status must be one of: {', '.join(Category.values)}.")
    return Q(category=text, unresolved=True) if text in UNRESOLVED else Q(category=text)


def _priority(text: str, actor: Actor) -> Q:
    words = {priority.word: priority for priority in Priority}
    if text not in words:
        raise _wrong("priority", f"priority must be one of: {', '.join(words)}.")
    return Q(priority=words[text])


def _assignee(text: str, actor: Actor) -> Q:
    if text == "none":
        return Q(assignee=None)
    if text == "me" and actor.agent:
        return Q(assignee=actor.agent)
    if "@" in text:
        return Q(assignee__email=normalize_email(text))
    return Q(assignee=_id("assignee", text, "an agent's id, an e-mail address, me or none"))


def _contact(text: str, actor: Actor) -> Q:
    if "@" not in text:
        return Q(contact=_id("contact", text, "a contact's id or e-mail address"))
    if not decide(actor, Permission.CONTACTS_READ):
        raise _wrong("contact", "Filtering by address needs the scope contacts:read. Filter by id.")
    return Q(contact__emails__address=normalize_email(text))


def _reference(field: str) -> Callable[[str, Actor], Q]:
    def condition(text: str, actor: Actor) -> Q:
        return Q(**{field: None if text == "none" else _id(field, text, "an id or none")})

    return condition


def _tag(text: str, actor: Actor) -> Q:
    return Q(tags__name=normalize_tag(text))


def _external_id(text: str, actor: Actor) -> Q:
    return Q(external_id=text)


def _follower(text: str, actor: Actor) -> Q:
    if text == "me" and actor.agent:
        return Q(followers=actor.agent)
    if "@" in text:
        return Q(followers__email=normalize_email(text))
    return Q(followers=_id("follower", text, "an agent's id, an e-mail address or me"))


def _present(name: str, column: str) -> Callable[[str, Actor], Q]:
    def condition(text: str, actor: Actor) -> Q:
        if text not in {"true", "false"}:
            raise _wrong(name, f"{name} must be true or false.")
        return Q(**{f"{column}__isnull": text == "false"})

    return condition


_FILTERS: dict[str, Callable[[str, Actor], Q]] = {
    "status": _status,
    "priority": _priority,
    "assignee": _assignee,
    "contact": _contact,
    "organization": _reference("organization"),
    "team": _reference("team"),
    "channel": _reference("channel"),
    "tag": _tag,
    "external_id": _external_id,
    "follower": _follower,
    "snoozed": _present("snoozed", "snoozed_until"),
    "merged": _present("merged", "merged_into"),
}
_FIND_MERGED = frozenset({"merged", "ids", "external_id", "updated_since"})
"""Merged tickets are listed for whoever asks for them, knows them already, or keeps a copy of everything."""

PARAMETERS = frozenset({"q", "custom_fields", *_FILTERS})


def of_conversation(column: str) -> Filter:
    """Belongs to the conversation of the ticket with this id: to it, or to what was merged into it."""

    def condition(name: str, text: str, actor: Actor) -> Q:
        pk = _id(name, text, "an id")
        ticket = policy.visible(actor).filter(pk=pk).first()
        # A ticket that is seen only within another one still has the messages that are seen there.
        return Q(**{f"{column}__in": policy.conversation(ticket) if ticket else [pk]})

    return condition


def selection(request: Request, actor: Actor, order: Order) -> Selection:
    """What `q` and all other filters of the query string together mean."""
    try:
        found = select(request.query_params.get("q", ""), actor, order)
    except FilterError as error:
        raise refused(error, parameter="q") from None
    merged = not _FIND_MERGED.isdisjoint(request.query_params)
    asked = condition(request, actor) & custom_fields.condition(request, Thing.TICKET)
    return replace(found, condition=found.condition & asked, merged=merged)


def refused(error: FilterError, **details: Any) -> ApiError:
    return ApiError(
        400,
        "invalid_filter",
        error.message,
        position=error.position,
        length=error.length,
        excerpt=error.excerpt,
        **details,
    )


def condition(request: Request, actor: Actor) -> Q:
    """All filters of the query string but `q`."""
    together = Q()
    for name, text in request.query_params.dict().items():
        if name in _FILTERS:
            if "\x00" in text:
                raise _wrong(name, f"{name} must not hold NUL.")
            together &= _FILTERS[name](text, actor)
    return together


def _id(name: str, text: str, form: str) -> int:
    if not re.fullmatch(r"[0-9]{1,18}", text, re.ASCII):
        raise _wrong(name, f"{name} must be {form}.")
    return int(text)


def _wrong(parameter: str, message: str) -> ApiError:
    return ApiError(400, "invalid_parameter", message, parameter=parameter)
