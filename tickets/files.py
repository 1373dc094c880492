"""Handing out files that strangers sent, so that they can do no harm."""

from __future__ import annotations

from django.http import FileResponse

from tickets.models import Attachment


def download(attachment: Attachment) -> FileResponse:
    """The file, to be saved and never shown: its name, type and content are a stranger's."""
    response = FileResponse(
        attachment.file.open("rb"),
        as_attachment=True,
        filename=attachment.name,
        content_type=attachment.content_type,
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response
