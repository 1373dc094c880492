"""`/attachments`: files of messages, and uploads that wait to be sent."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.files.uploadedfile import UploadedFile
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import filters, lists
from accounts.api.errors import ApiError, invalid
from accounts.api.operations import Operation
from accounts.api.representations import Shown
from accounts.api.resources import BY_ID, WITHOUT_TIMES, Collection, Member
from accounts.api.views import ApiView
from accounts.permissions import Permission
from tickets import actions, policy
from tickets.api import shapes
from tickets.api.filters import of_conversation
from tickets.api.representations import ATTACHMENT, attachment
from tickets.files import download
from tickets.models import Attachment

_ATTACHMENTS = Shown(policy.visible_attachments, ATTACHMENT, attachment, Permission.MESSAGES_READ)


class Attachments(Collection):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("attachments.list", Permission.MESSAGES_READ, "List files"),
        "POST": Operation("attachments.create", Permission.MESSAGES_WRITE, "Upload a file to send later"),
    }
    parser_classes = [MultiPartParser]
    shown = _ATTACHMENTS
    filters = {"message": filters.owner("message"), "ticket": of_conversation("message__ticket")}
    parameters = WITHOUT_TIMES - {"include"} | set(filters)
    listing = lists.Listing(BY_ID, default="-id")
    query = shapes.AttachmentFilters
    body = shapes.Upload
    answers = {"GET": [shapes.Attachment], "POST": shapes.Attachment}
    creates = True

    def post(self, request: Request, **path: Any) -> Response:
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


class AttachmentDetail(Member):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("attachments.read", Permission.MESSAGES_READ, "Read about a file"),
        "DELETE": Operation("attachments.delete", Permission.MESSAGES_WRITE, "Delete an upload of one's own"),
    }
    shown = _ATTACHMENTS
    parameters = frozenset()
    listing = Attachments.listing
    answers = {"GET": shapes.Attachment}

    def remove(self, row: Attachment) -> None:
        actions.discard_upload(row, actor=self.actor)


class AttachmentDownload(ApiView):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("attachments.download", Permission.MESSAGES_READ, "Download a file"),
    }

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """A file is sent as what it is, whatever the client would like best."""
        return super().perform_content_negotiation(request, force=True)

    def get(self, request: Request, pk: int) -> HttpResponseBase:
        file = policy.visible_attachments(self.actor).get(pk=pk)
        etag = quote_etag(file.sha256)
        unchanged = get_conditional_response(request._request, etag=etag)
        response: HttpResponseBase = unchanged or download(file)
        response.headers["ETag"] = etag
        return response
