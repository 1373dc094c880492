"""The endpoint: Streamable HTTP with answers in JSON, without sessions and streams."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from accounts.api import call as calls
from accounts.api.errors import ApiError
from activity.actor import Door
from apitokens import request_log
from apitokens.admission import admit
from helpdesk.api.errors import remember, translate
from helpdesk.api.middleware import add_credential_headers, challenge
from helpdesk.mcp import eras, jsonrpc
from helpdesk.mcp.jsonrpc import (
    INTERNAL_ERROR,
    INVALID_REQUEST,
    MOST_MESSAGES,
    NOT_LET_IN,
    REFUSED,
    TOO_MANY,
    UNAVAILABLE,
    Message,
    RpcError,
)
from helpdesk.mcp.methods import perform

logger = logging.getLogger(__name__)

Answer = dict[str, Any]

_CODES = {
    401: NOT_LET_IN,
    403: REFUSED,
    413: INVALID_REQUEST,
    429: TOO_MANY,
    500: INTERNAL_ERROR,
    503: UNAVAILABLE,
}


@csrf_exempt
def endpoint(request: HttpRequest) -> HttpResponse:
    """One JSON-RPC message in, or a batch of them where the version has batches; one answer out."""
    call = calls.begin(request)
    try:
        _refuse_form(request)
        _let_in(request)
        answer = _answer(request)
    except RpcError as error:
        answer = _failed(request, None, error)
    return _with_headers(answer, request, call)


def _refuse_form(request: HttpRequest) -> None:
    """What is wrong before anybody asks who it is."""
    if settings.HTTPS_ONLY and not request.is_secure():
        message = "MCP answers over HTTPS only. If the token was sent in the clear, regenerate it."
        raise RpcError(REFUSED, message, status=403)
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin)[:2] != urlsplit(settings.SITE_URL)[:2]:
        # A page of somebody else's, in the browser of somebody who can reach this server.
        raise RpcError(REFUSED, "Pages of other sites may not call this server.", status=403)
    if request.method != "POST":
        message = "Send messages by POST. This server opens no streams and keeps no sessions."
        raise RpcError(INVALID_REQUEST, message, status=405, headers={"Allow": "POST"})


def _let_in(request: HttpRequest) -> None:
    """The credential, anew for each message of a batch: each of them counts, and each is logged."""
    call = calls.of(request)
    try:
        admitted = admit(request, Door.MCP)
    except Exception as error:  # noqa: BLE001 - Logged with its trace, and answered in the protocol's own form.
        raise _refusal(error, call) from None
    if admitted is None:
        message = "Send a bot token, or an OAuth token: “Authorization: Bearer hdb_…”."
        raise _refusal(ApiError(401, "credentials_missing", message), call)


def _refusal(raised: Exception, call: calls.ApiCall) -> RpcError:
    """What to answer in the place of an exception, whether or not somebody expected it."""
    error = translate(raised)
    if error is None:
        logger.error("MCP failed at %s.", call.request_id, exc_info=raised)
        text = f"Something went wrong on our side. It has been noted under {call.request_id}."
        error = ApiError(500, "server_error", text)
    about = remember(call, error)["error"]
    data = {name: value for name, value in about.items() if name not in {"code", "message", "docs"}}
    code = _CODES.get(error.status_code, INVALID_REQUEST)
    return RpcError(code, error.message, status=error.status_code, data=data, headers=error.headers)


def _answer(request: HttpRequest) -> HttpResponse:
    given = _body(request)
    if not isinstance(given, list):
        return _one(given, request)
    eras.check_batch(request)
    if not 0 < len(given) <= MOST_MESSAGES:
        raise RpcError(INVALID_REQUEST, f"A batch has 1 to {MOST_MESSAGES} messages.", status=400)
    if any(isinstance(one, dict) and one.get("method") == "initialize" for one in given):
        message = "The handshake comes before everything else, by itself."
        raise RpcError(INVALID_REQUEST, message, status=400)
    answers = []
    for place, one in enumerate(given):
        if place:
            calls.begin(request)
        answers.append(_of_a_batch(one, request, is_first=not place))
    bodies = [answer.content.decode() for answer in answers if answer.content]
    return _json(f"[{','.join(bodies)}]") if bodies else HttpResponse(status=202)


def _of_a_batch(given: Any, request: HttpRequest, *, is_first: bool) -> HttpResponse:
    try:
        if not is_first:
            _let_in(request)
    except RpcError as error:
        return _failed(request, jsonrpc.id_of(given), error)
    return _one(given, request)


def _body(request: HttpRequest) -> Any:
    if request.content_type != "application/json":
        raise RpcError(INVALID_REQUEST, "Send the message as application/json.", status=415)
    if not request.accepts("application/json"):
        raise RpcError(INVALID_REQUEST, "The answer is in application/json: accept it.", status=406)
    try:
        return jsonrpc.parse(request.body)
    except RequestDataTooBig:
        raise RpcError(INVALID_REQUEST, "The message is too large: it may have 1 MB.", status=413) from None
    except UnreadablePostError:
        raise RpcError(INVALID_REQUEST, "The message did not arrive whole.", status=400) from None


def _one(given: Any, request: HttpRequest) -> HttpResponse:
    """Answers one message, and logs it."""
    try:
        message = jsonrpc.read(given)
        eras.version_of(request)
        if message is None or message.is_notification:
            _log(request, 202)
            return HttpResponse(status=202)
        return _performed(message, request)
    except RpcError as error:
        return _failed(request, jsonrpc.id_of(given), error)


def _performed(message: Message, request: HttpRequest) -> HttpResponse:
    call = calls.of(request)
    if eras.is_stateless(request):
        eras.check_envelope(request, message)
    try:
        found = perform(message, request, call)
    except RpcError:
        raise
    except Exception as error:  # noqa: BLE001 - Logged with its trace, and answered in the protocol's own form.
        raise _refusal(error, call) from None
    answer = _json(jsonrpc.dumps(jsonrpc.result(message, found)))
    wrong = (found.get("structuredContent") or {}).get("error")
    _log(request, wrong["status"] if wrong else 200, answer)
    return answer


def _failed(request: HttpRequest, pk: str | int | None, error: RpcError) -> HttpResponse:
    answer = _json(jsonrpc.dumps(jsonrpc.failure(pk, error)), status=error.status, headers=error.headers)
    status = (error.data or {}).get("status", error.status)
    _log(request, status if status != 200 else 400, answer)
    return answer


def _json(body: str, status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
    return HttpResponse(body, "application/json", status=status, headers=headers)


def _log(request: HttpRequest, status: int, answer: HttpResponse | None = None) -> None:
    """In the token's last 50 stands what came of the call, whatever the status of the answer that told it."""
    call, body = calls.of(request), answer.content if answer else b""
    request_log.write(request, HttpResponse(body, status=status), call)


def _with_headers(answer: HttpResponse, request: HttpRequest, first: calls.ApiCall) -> HttpResponse:
    headers, call = answer.headers, calls.of(request)
    headers["X-Request-ID"] = first.request_id
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cache-Control"] = "no-store"
    headers["Vary"] = "Authorization, Accept, Origin"
    if answer.status_code == 401:
        headers["WWW-Authenticate"] = challenge(call, "/mcp")
    elif call.credential is not None:
        add_credential_headers(answer, call)
    return answer
