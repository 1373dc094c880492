from __future__ import annotations

from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tickets import policy
from tickets.models import Attachment
from tickets.views.door import AgentRequest, workspace


@require_safe
@workspace
def attachment(request: AgentRequest, pk: int) -> HttpResponseBase:
    """Hand a file out to be saved, never to be shown: what strangers send stays outside our pages."""
    try:
        file = policy.visible_attachments(request.actor).get(pk=pk)
        content = file.file.open("rb")
    except (Attachment.DoesNotExist, FileNotFoundError, OverflowError):
        raise Http404(_("There is no such file, or you may not see it.")) from None
    response = FileResponse(
        content, as_attachment=True, filename=file.name, content_type="application/octet-stream"
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
