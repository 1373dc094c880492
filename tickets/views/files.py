from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tickets import policy
from tickets.models import Attachment
from tickets.pictures import HEAD, MAX_SHOWN, recognise
from tickets.views.door import AgentRequest, workspace


@require_safe
@workspace
def attachment(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Hand a file out to be saved, never to be shown: what strangers send stays outside our pages."""
    file, content = _opened(request, pk)
    response = FileResponse(
        content, as_attachment=True, filename=file.name, content_type="application/octet-stream"
    )
    return _guarded(response)


@require_safe
@workspace
def preview(request: AgentRequest, pk: int) -> HttpResponseBase:
    """A picture, shown: only what its own first bytes say is one, of a bearable size, and as nothing else."""
    file, content = _opened(request, pk)
    picture = recognise(content.read(HEAD)) if file.size <= MAX_SHOWN else None
    if picture is None or not picture.is_small_enough:
        content.close()
        raise Http404(_("This file is no picture that can be shown. It can be saved."))
    content.seek(0)
    return _guarded(FileResponse(content, content_type=picture.content_type))


def _opened(request: AgentRequest, pk: int) -> tuple[Attachment, Any]:
    try:
        file = policy.visible_attachments(request.actor).get(pk=pk)
        return file, file.file.open("rb")
    except (Attachment.DoesNotExist, FileNotFoundError, OverflowError):
        raise Http404(_("There is no such file, or you may not see it.")) from None


def _guarded(response: FileResponse) -> FileResponse:
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
