"""`Prefer: dry-run` and `Prefer: return=minimal` (RFC 7240), and `If-Match` (RFC 9110)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import notices
from accounts.api.call import ApiCall
from accounts.api.errors import ApiError
from accounts.api.shown_once import memorable
from accounts.models import Notification
from activity.models import Event, EventQuerySet
from activity.recording import reactions, rehearse_reactions


def of(request: Request) -> frozenset[str]:
    """The preferences of a request that we know."""
    said = (part.partition(";")[0].lower() for part in request.headers.get("Prefer", "").split(","))
    names = {"".join(text.replace('"', "").split()) for text in said}
    means_to_try = any(_DRY_RUN.fullmatch(name) for name in names)
    return frozenset(names & {"return=minimal"} | ({"dry-run"} if means_to_try else set()))


_DRY_RUN = re.compile("dry[-_]?run(=.*)?")
"""However it is spelt: who means to try must not change anything by a slip of the pen."""
_VERSION = re.compile(r'(?:W/)?"?([1-9][0-9]{0,8})(?:-[0-9a-f]+)?"?', re.ASCII)


def based_on(request: Request) -> int | None:
    """The version that `If-Match` names, by itself or as the start of an ETag. None for no such header, or `*`."""
    given = request.headers.get("If-Match", "*").strip()
    if given == "*":
        return None
    match = _VERSION.fullmatch(given)
    if match is None:
        raise ApiError(
            400,
            "invalid_precondition",
            "If-Match must be the row's version, or the ETag of the answer you have.",
        )
    return int(match[1])


def rehearse(call: ApiCall, work: Callable[[], Response]) -> Response:
    """Do the work and take it back. Answers with what would be, what would be recorded, and who would be told."""
    with transaction.atomic():
        before = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        response = work()
        events = list(_recorded(call, before))
        told, notified = [_told(event) for event in events], _notified(events)
        transaction.set_rollback(True)
    body: dict[str, Any] = dict(memorable(response) or {"data": None})
    body["meta"] = {**body.get("meta", {}), "dry_run": True, "events": told, "notified": notified}
    return Response(body, status=200, headers={"Preference-Applied": "dry-run"})


def _recorded(call: ApiCall, after: int) -> EventQuerySet:
    """What this request recorded. Its id alone would not do: clients choose it."""
    key_id = call.credential.id if call.credential else None
    return Event.objects.filter(pk__gt=after, request_id=call.request_id, key_id=key_id).order_by("pk")


def _told(event: Event) -> dict[str, Any]:
    return {
        "type": event.type,
        "subject": {"type": event.subject_type, "id": event.subject_id},
        "changes": event.changes,
        "reactions": [] if event.facts.get("quiet") else reactions(event.type),
    }


def _notified(events: list[Event]) -> list[dict[str, Any]]:
    """The agents who would hear of these events, and how."""
    for event in events:
        rehearse_reactions(event)
    made = Notification.objects.filter(event__in=events).select_related("agent").order_by("pk")
    return [_hearing(told) for told in made if notices.may_hear(told)]


def _hearing(told: Notification) -> dict[str, Any]:
    shown, mailed = notices.choices([told.agent], notices.kind_of(told))[told.agent_id]
    return {"agent": told.agent_id, "kind": told.kind, "shown": shown, "mailed": mailed}


def minimal(response: Response) -> Response:
    """The same answer to a change, without repeating the object."""
    kept = {name: response.headers[name] for name in ("Location", "ETag") if name in response.headers}
    return Response(status=204, headers=kept | {"Preference-Applied": "return=minimal"})
