"""Tickets and what belongs to them as the API shows them: plain functions over rows of `values()`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject
from django.utils import timezone

from accounts.api.lists import Row
from accounts.api.representations import LINKABLE, Shown
from accounts.models import Thing
from accounts.models.custom_field import values_in_use
from accounts.permissions import Permission
from tickets import clocks, policy
from tickets.models import Attachment, Priority, Tag, Ticket

_tags = Tag.objects.filter(tickets=OuterRef("pk")).order_by("name").values("name")
_files = (
    Attachment.objects.filter(message=OuterRef("pk"))
    .order_by("id")
    .values(about=JSONObject(id="id", name="name", content_type="content_type", size="size"))
)
_followers = (
    Ticket.followers.through.objects.filter(ticket=OuterRef("pk")).order_by("agent").values("agent_id")
)
_WORDS = {priority.value: priority.word for priority in Priority}

TICKET: Mapping[str, Any] = {
    "id": None,
    "subject": None,
    "category": None,
    "status_name": F("status__name"),
    "priority": None,
    "channel_id": None,
    "contact_id": None,
    "organization_id": None,
    "team_id": None,
    "assignee_id": None,
    "tag_names": ArraySubquery(_tags),
    "follower_ids": ArraySubquery(_followers),
    "external_id": None,
    "language": None,
    "custom_values": values_in_use(Thing.TICKET),
    "snoozed_until": None,
    "merged_into_id": None,
    "sla": None,
    "version": None,
    "created_at": None,
    "updated_at": None,
    "first_replied_at": None,
    "solved_at": None,
}

MESSAGE: Mapping[str, Any] = {
    "id": None,
    "ticket_id": None,
    "kind": None,
    "direction": None,
    "agent_id": None,
    "agent_name": F("agent__name"),
    "contact_id": None,
    "contact_name": F("contact__name"),
    "door": None,
    "key_id": None,
    "key_name": None,
    "body_text": None,
    "body_html": None,
    "to": None,
    "cc": None,
    "delivery": None,
    "delivery_detail": None,
    "delivery_at": None,
    "created_at": None,
    "files": ArraySubquery(_files),
}

ATTACHMENT: Mapping[str, Any] = {
    "id": None, "message_id": None, "name": None, "content_type": None, "size": None, "sha256": None,
    "created_at": None,
}  # fmt: skip


PROPOSAL: Mapping[str, Any] = {
    "id": None, "ticket_id": None, "kind": None, "state": None, "body": None, "changes": None, "reason": None,
    "version": None, "agent_id": None, "door": None, "key_id": None, "key_name": None, "created_at": None,
    "decided_by_id": None, "decided_at": None, "answer": None,
}  # fmt: skip

TAG: Mapping[str, Any] = {"id": None, "name": None, "group_id": None}
TAG_GROUP: Mapping[str, Any] = {
    "id": None,
    "name": None,
    "tag_ids": ArraySubquery(Tag.objects.filter(group=OuterRef("pk")).order_by("id").values("pk")),
}


def ticket(row: Row) -> Row:
    return {
        "id": row["id"],
        "number": row["id"],
        "subject": row["subject"],
        "status": row["category"],
        "status_name": row["status_name"],
        "priority": _WORDS[row["priority"]],
        "channel": row["channel_id"],
        "contact": row["contact_id"],
        "organization": row["organization_id"],
        "team": row["team_id"],
        "assignee": row["assignee_id"],
        "tags": row["tag_names"],
        "followers": row["follower_ids"],
        "external_id": row["external_id"],
        "language": row["language"],
        "custom_fields": row["custom_values"],
        "snoozed_until": row["snoozed_until"],
        "merged_into": row["merged_into_id"],
        "sla": _service_level(row),
        "version": row["version"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "first_replied_at": row["first_replied_at"],
        "solved_at": row["solved_at"],
        "url": f"{settings.SITE_URL}/tickets/{row['id']}/",
    }


def _service_level(row: Row) -> Row:
    found = clocks.clocks(
        row["sla"], row["category"], row["first_replied_at"], row["solved_at"], timezone.now()
    )
    if not found:
        return {}
    told = {
        clock.target.value: {
            "due_at": clock.due_at,
            "done_at": clock.done_at,
            "state": clock.state.value,
        }
        for clock in found
    }
    return {
        "policy": row["sla"]["policy"],
        **{target.value: told.get(target.value) for target in clocks.Target},
        "paused": any(clock.state == clocks.State.PAUSED for clock in found),
    }


def message(row: Row) -> Row:
    return {
        "id": row["id"],
        "ticket": row["ticket_id"],
        "kind": row["kind"],
        "direction": row["direction"],
        "author": _author(row),
        "via": {"door": row["door"], "key": _key(row)},
        "body_text": row["body_text"],
        "body_html": row["body_html"],
        "to": row["to"],
        "cc": row["cc"],
        "attachments": [file | {"url": download_url(file["id"])} for file in row["files"]],
        "created_at": row["created_at"],
        "delivery": delivery(row),
    }


def delivery(row: Row) -> Row:
    """How far a reply has come; empty as long as no program has said."""
    if not row["delivery"]:
        return {}
    return {"state": row["delivery"], "detail": row["delivery_detail"], "at": row["delivery_at"]}


def attachment(row: Row) -> Row:
    return {
        "id": row["id"],
        "message": row["message_id"],
        "name": row["name"],
        "content_type": row["content_type"],
        "size": row["size"],
        "sha256": row["sha256"],
        "created_at": row["created_at"],
        "url": download_url(row["id"]),
    }


def download_url(pk: int) -> str:
    return f"{settings.SITE_URL}/api/v1/attachments/{pk}/download"


def _author(row: Row) -> Row:
    for kind in ("agent", "contact"):
        if row[f"{kind}_id"] is not None:
            return {"type": kind, "id": row[f"{kind}_id"], "name": row[f"{kind}_name"]}
    return {"type": "system", "id": None, "name": None}


def _key(row: Row) -> Row | None:
    return None if row["key_id"] is None else {"id": row["key_id"], "name": row["key_name"]}


def proposal(row: Row) -> Row:
    changes = dict(row["changes"])
    if "priority" in changes:
        changes["priority"] = _WORDS[changes["priority"]]
    return {
        "id": row["id"],
        "ticket": row["ticket_id"],
        "kind": row["kind"],
        "state": row["state"],
        "body": row["body"],
        "changes": changes,
        "reason": row["reason"],
        "version": row["version"],
        "agent": row["agent_id"],
        "via": {"door": row["door"], "key": _key(row)},
        "created_at": row["created_at"],
        "decided_by": row["decided_by_id"],
        "decided_at": row["decided_at"],
        "answer": row["answer"],
    }


def tag(row: Row) -> Row:
    return {"id": row["id"], "name": row["name"], "group": row["group_id"]}


def tag_group(row: Row) -> Row:
    return {"id": row["id"], "name": row["name"], "tags": row["tag_ids"]}


LINKABLE["tag"] = Shown(policy.visible_tags, TAG, tag, Permission.TAGS_READ)
LINKABLE["tag_group"] = Shown(policy.visible_tag_groups, TAG_GROUP, tag_group, Permission.TAG_GROUPS_READ)
LINKABLE["ticket"] = Shown(policy.visible, TICKET, ticket, Permission.TICKETS_READ)
