"""`/messages`, `/tickets/{id}/messages`, `/attachments` and `/tags`."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import FileResponse
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import lists
from accounts.api.errors import ApiError, invalid
from accounts.api.inputs import read
from accounts.api.views import OPERATIONS, ApiView, Operation, require_scope
from accounts.keyset import Order
from accounts.permissions import Permission
from tickets import actions, policy
from tickets.api import shapes
from tickets.api.representations import ATTACHMENT, MESSAGE, attachment, message
from tickets.api.tickets import written
from tickets.files import download
from tickets.inputs import NewMessageInput, TagInput
from tickets.models import Message, Tag

_ORDERS = {"id": Order("id", False), "-id": Order("id")}
_MESSAGE_ORDERS = _ORDERS | {"created_at": Order("created_at", False), "-created_at": Order("created_at")}


class Messages(ApiView):
    """Messages across tickets."""

    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("messages.list", Permission.MESSAGES_READ, "List messages"),
    }
    parameters = lists.PARAMETERS - {"updated_since", "include"} | {"ticket", "kind"}
    listing = lists.Listing(_MESSAGE_ORDERS, default="-id")
    query = shapes.MessageFilters
    answers = {"GET": [shapes.Message]}

    def get(self, request: Request) -> Response:
        return _messages(self, request, policy.visible_messages(self.actor), self.listing)


class MessageDetail(ApiView):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("messages.read", Permission.MESSAGES_READ, "Read a message"),
    }
    answers = {"GET": shapes.Message}

    def get(self, request: Request, pk: int) -> Response:
        rows = lists.select(policy.visible_messages(self.actor), MESSAGE)
        return Response({"data": message(rows.get(pk=pk))})


class TicketMessages(ApiView):
    """The conversation of one ticket."""

    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("tickets.messages", Permission.MESSAGES_READ, "List a ticket's messages"),
        "POST": Operation(
            "messages.create",
            None,
            "Write a reply or a note",
            either=(Permission.MESSAGES_WRITE, Permission.NOTES_WRITE),
        ),
    }
    parameters = lists.PARAMETERS - {"updated_since", "include"} | {"kind"}
    listing = lists.Listing(_MESSAGE_ORDERS, default="id")
    query = shapes.ConversationFilters
    body = NewMessageInput
    answers = {"GET": [shapes.Message], "POST": shapes.Message}
    creates = True

    def get(self, request: Request, pk: int) -> Response:
        ticket = policy.visible(self.actor).get(pk=pk)
        rows = policy.visible_messages(self.actor).filter(ticket=ticket)
        return _messages(self, request, rows, self.listing)

    def post(self, request: Request, pk: int) -> Response:
        """A reply or a note: each needs what its own sub-resource needs."""
        ticket = policy.visible(self.actor).get(pk=pk)
        given = read(NewMessageInput, request.data, self.actor)
        kind = given.pop("kind")
        require_scope(self.call, OPERATIONS[f"tickets.{kind}"])
        if kind == "reply":
            return written(self, actions.reply(ticket, actor=self.actor, **given))
        if given.pop("status", None):
            raise invalid("status", "invalid", "A note sets no status. Use the ticket's status.")
        return written(self, actions.note(ticket, actor=self.actor, **given))


class Attachments(ApiView):
    operations: ClassVar[dict[str, Operation]] = {
        "POST": Operation("attachments.create", Permission.MESSAGES_WRITE, "Upload a file to send later"),
    }
    parser_classes = [MultiPartParser]
    body = shapes.Upload
    answers = {"POST": shapes.Attachment}
    creates = True

    def post(self, request: Request) -> Response:
        sent = request.FILES.getlist("file")
        if len(sent) != 1 or not isinstance(sent[0], UploadedFile):
            raise invalid("file", "required", "Send exactly one file, in the form field “file”.")
        if (sent[0].size or 0) > actions.MAX_FILE:
            raise ApiError(413, "too_large", f"A file may have at most {actions.MAX_FILE // 2**20} MB.")
        file = actions.File(sent[0].name or "", sent[0].content_type or "", sent[0].read())
        made = actions.upload(file, actor=self.actor)
        row = lists.select(policy.own_uploads(self.actor), ATTACHMENT).get(pk=made.pk)
        location = request.build_absolute_uri(f"/api/v1/attachments/{made.pk}")
        return Response({"data": attachment(row)}, status=201, headers={"Location": location})


class AttachmentDetail(ApiView):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("attachments.read", Permission.MESSAGES_READ, "Read about a file"),
    }
    answers = {"GET": shapes.Attachment}

    def get(self, request: Request, pk: int) -> Response:
        row = lists.select(policy.visible_attachments(self.actor), ATTACHMENT).get(pk=pk)
        return Response({"data": attachment(row)})


class AttachmentDownload(ApiView):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("attachments.download", Permission.MESSAGES_READ, "Download a file"),
    }

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """A file is sent as what it is, whatever the client would like best."""
        return super().perform_content_negotiation(request, force=True)

    def get(self, request: Request, pk: int) -> FileResponse:
        return download(policy.visible_attachments(self.actor).get(pk=pk))


class Tags(ApiView):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("tags.list", Permission.TAGS_READ, "List tags"),
        "POST": Operation("tags.create", Permission.TAGS_WRITE, "Create a tag"),
    }
    parameters = lists.PARAMETERS - {"updated_since", "include"} | {"name"}
    listing = lists.Listing(_ORDERS | {"name": Order("name", False)}, default="id")
    query = shapes.TagFilters
    body = TagInput
    answers = {"GET": [shapes.Tag], "POST": shapes.Tag}
    creates = True

    def get(self, request: Request) -> Response:
        ask = lists.parse(request, self.listing)
        rows = policy.visible_tags(self.actor).filter(ask.condition)
        if name := request.query_params.get("name"):
            rows = rows.filter(name=name.lower())
        return lists.answer(
            request, ask, lists.QuerySource(rows, ask.order, {"id": None, "name": None}, dict)
        )

    def post(self, request: Request) -> Response:
        name = read(TagInput, request.data, self.actor)["name"]
        if existing := Tag.objects.named(name):
            raise ApiError(409, "duplicate", f"There is a tag “{existing}” already.", existing=existing.pk)
        tag = actions.create_tag(name, actor=self.actor)
        location = request.build_absolute_uri(f"/api/v1/tags/{tag.pk}")
        return Response({"data": _tag(tag)}, status=201, headers={"Location": location})


class TagDetail(ApiView):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("tags.read", Permission.TAGS_READ, "Read a tag"),
        "PUT": Operation("tags.update", Permission.TAGS_WRITE, "Rename a tag"),
        "PATCH": Operation("tags.update", Permission.TAGS_WRITE, "Rename a tag"),
        "DELETE": Operation("tags.delete", Permission.TAGS_DELETE, "Delete a tag"),
    }
    body = TagInput
    answers = dict.fromkeys(("GET", "PUT", "PATCH"), shapes.Tag)

    def get(self, request: Request, pk: int) -> Response:
        return Response({"data": _tag(policy.visible_tags(self.actor).get(pk=pk))})

    def put(self, request: Request, pk: int) -> Response:
        tag = policy.visible_tags(self.actor_as_agent).get(pk=pk)
        given = read(TagInput, request.data, self.actor, partial=True)
        if "name" in given:
            tag = actions.rename_tag(tag, name=given["name"], actor=self.actor)
        return Response({"data": _tag(tag)})

    patch = put

    def delete(self, request: Request, pk: int) -> Response:
        actions.delete_tag(policy.visible_tags(self.actor_as_agent).get(pk=pk), actor=self.actor)
        return Response(status=204)


def one_message(pk: int) -> dict[str, Any]:
    """A message as the answer to whoever just wrote it."""
    rows = Message.objects.filter(pk=pk)
    return message(lists.select(rows, MESSAGE).get())


def _messages(view: ApiView, request: Request, rows: QuerySet[Message], listing: lists.Listing) -> Response:
    ask = lists.parse(request, listing)
    rows = rows.filter(ask.condition)
    if kind := request.query_params.get("kind"):
        if kind not in {"reply", "note"}:
            raise ApiError(400, "invalid_parameter", "kind must be reply or note.", parameter="kind")
        rows = rows.filter(kind=kind)
    if ticket := request.query_params.get("ticket"):
        if not ticket.isascii() or not ticket.isdigit() or len(ticket) > 18:
            raise ApiError(400, "invalid_parameter", "ticket must be an id.", parameter="ticket")
        rows = rows.filter(ticket=int(ticket))
    return lists.answer(request, ask, lists.QuerySource(rows, ask.order, MESSAGE, message))


def _tag(tag: Tag) -> dict[str, Any]:
    return {"id": tag.pk, "name": tag.name}
