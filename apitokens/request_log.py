"""Which parts of a request the log keeps, and which it must not."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from accounts.api.call import ApiCall
from accounts.networks import address_of
from apitokens import leaks, metering
from apitokens.metering import Ledger

_SHOWN_VALUES = {
    "page", "per_page", "count", "cursor", "sort", "include", "ids", "status", "assignee", "team", "priority",
    "channel", "updated_since",
}  # fmt: skip
"""Query parameters whose values say nothing about people. Of all others only the names are kept."""


def write(request: HttpRequest, response: HttpResponseBase, call: ApiCall) -> None:
    """Log a request of an identified key. Secrets, headers, bodies and other query values stay out."""
    if call.credential is None or call.sequence is None:
        return
    actor = call.actor
    permission = call.operation.permission if call.operation else None
    metering.log(
        Ledger.CONSENT if call.credential.method == "oauth" else Ledger.KEY,
        call.credential.id,
        call.sequence,
        {
            "at": timezone.now(),
            "method": _clean(request.method or "", 10),
            "path": _clean(request.path, 500),
            "query": _clean(_query(request), 500),
            "operation": call.operation.name if call.operation else "",
            "status": response.status_code,
            "code": call.code[:40],
            "reason": call.reason[:40],
            "duration_ms": round(call.elapsed_ms, 2),
            "size": len(getattr(response, "content", b"")),
            "address": address_of(request),
            "user_agent": _clean(request.headers.get("User-Agent", ""), 256),
            "request_id": call.request_id,
            "scheme": call.credential.scheme,
            "agent_id": actor.agent.pk if actor and actor.agent else None,
            "agent_source": call.agent_source,
            "required_scope": str(permission or ""),
            "replayed": call.replayed,
            "secret": call.credential.secret,
            "admitted": actor is not None,
            "scopes": sorted(actor.grant.used) if actor and actor.grant else [],
        },
    )


def _query(request: HttpRequest) -> str:
    shown = (f"{k}={v}" if k in _SHOWN_VALUES else k for k, v in request.GET.items())
    return "&".join(shown)


def _clean(text: str, length: int) -> str:
    """Printable, and no secret that somebody put where it does not belong."""
    masked = leaks.mask(text[: length * 2])
    return "".join(c if c.isprintable() else "�" for c in masked)[:length]
