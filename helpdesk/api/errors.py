"""From whatever went wrong, inside REST framework or outside, to the one shape of refusals."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, RequestDataTooBig, TooManyFilesSent
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.db.models import ProtectedError
from django.http import Http404
from psycopg_pool import PoolTimeout
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actions.refusal import Faulty, InUse, Merged, Refused, Stale, Taken
from accounts.api import call as calls
from accounts.api.errors import CODES, ApiError, envelope, invalid, not_found
from accounts.policy import NotAllowed, OperationDenied

logger = logging.getLogger(__name__)

DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeout)


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """REST framework's exception handler. None for what nobody expected: that becomes a 500."""
    if isinstance(error, exceptions.UnsupportedMediaType):
        error = _unsupported(context["view"])
    translated = translate(error)
    if translated is None:
        return None
    call = calls.of(context["request"]._request)
    return Response(remember(call, translated), status=translated.status_code, headers=translated.headers)


def remember(call: calls.ApiCall, error: ApiError) -> dict[str, Any]:
    """Note the refusal for the log and build its body."""
    call.code, call.reason = CODES.get(error.status_code, ""), error.reason
    return envelope(error, call.request_id)


def translate(error: Exception) -> ApiError | None:  # noqa: C901, PLR0911, PLR0912 - one table
    """The refusal that an exception means to the caller."""
    match error:
        case ApiError():
            return error
        case OperationDenied():
            return ApiError(
                403,
                "insufficient_scope",
                error.decision.sentence,
                operation=error.operation,
                granted_tags=list(error.patterns),
                decided_by="tag",
            )
        case NotAllowed():
            return _not_allowed(error)
        case Stale():
            return ApiError(
                409, "stale_version", error.message, conflicts=error.conflicts, version=error.version
            )
        case Taken():
            return ApiError(409, "duplicate", error.message, field=error.field, existing=error.existing)
        case Merged():
            return ApiError(409, "merged", error.message, merged_into=error.into)
        case InUse():
            return ApiError(409, "in_use", error.message)
        case Faulty():
            return _faulty(error)
        case Refused():
            return invalid(error.field, error.code, error.message)
        case ObjectDoesNotExist() | Http404() | exceptions.NotFound():
            return not_found()
        case DjangoValidationError():
            return invalid("", "invalid", " ".join(error.messages))
        case exceptions.ValidationError():
            return _validation(error)
        case PermissionDenied() | exceptions.PermissionDenied():
            return ApiError(403, "agent_permission", "The acting agent may not do this.")
        case RequestDataTooBig() | TooManyFilesSent():
            return ApiError(413, "too_large", "The body is too large: JSON may have 1 MB, a file 25 MB.")
        case DataError():
            return ApiError(
                400, "unstorable_value", "A value is out of range, or holds characters that cannot be stored."
            )
        case ProtectedError():
            return ApiError(409, "in_use", _still_needed(error))
        case IntegrityError():
            return ApiError(
                409, "duplicate", "Another row has this value already, or the row is still in use."
            )
        case exceptions.APIException():
            return _framework(error)
    if isinstance(error, DATABASE_AWAY):
        logger.error("The database did not answer: %s", error)
        return unavailable()
    return None


def unavailable() -> ApiError:
    message = "The helpdesk's database does not answer. Try again in a few seconds."
    return ApiError(503, "unavailable", message, headers={"Retry-After": "5"})


def _still_needed(error: ProtectedError) -> str:
    """Says what kinds of rows need it, and not which: not everybody may see them."""
    kinds = sorted({str(row._meta.verbose_name_plural) for row in error.protected_objects})
    return f"It is not deleted, because it is still needed by: {', '.join(kinds)}."


def _not_allowed(error: NotAllowed) -> ApiError:
    decision = error.decision
    if decision.rule == "scope":
        required = [str(decision.missing)]
        return ApiError(
            403, "insufficient_scope", decision.sentence, required_scopes=required, decided_by="scope"
        )
    missing: dict[str, Any] = {"missing_permission": str(decision.missing)} if decision.missing else {}
    return ApiError(403, "agent_permission", decision.sentence, decided_by=decision.rule, **missing)


def _unsupported(view: APIView) -> ApiError:
    understood = " or ".join(parser.media_type for parser in view.parser_classes)
    return ApiError(415, "unsupported_media_type", f"Send the body as {understood}.")


def _faulty(error: Faulty) -> ApiError:
    fields = {path: [{"code": code, "message": message}] for path, (code, message) in error.faults.items()}
    reason = "unknown_field" if error.code == "unknown_field" else "invalid"
    return ApiError(422, reason, f"{error.field}: {error.message}", fields=fields, errors=[])


def _framework(error: exceptions.APIException) -> ApiError:
    match error:
        case exceptions.ParseError():
            return ApiError(400, "invalid_json", f"The body cannot be read. {error.detail}")
        case exceptions.NotAcceptable():
            return ApiError(406, "not_acceptable", "The API answers in application/json only.")
    return ApiError(error.status_code, str(error.default_code), str(error.detail))


def _validation(error: exceptions.ValidationError) -> ApiError:
    fields: dict[str, list[dict[str, str]]] = {}
    _flatten(error.get_full_details(), "", fields)
    general = fields.pop("", [])
    first = next(iter(fields), "")
    worst = (fields[first] if first else general)[0]
    reason = "unknown_field" if worst["code"] == "unknown_field" else "invalid"
    message = f"{first}: {worst['message']}" if first else worst["message"]
    return ApiError(422, reason, message, fields=fields, errors=general)


def _flatten(details: Any, path: str, into: dict[str, list[dict[str, str]]]) -> None:
    """REST framework's nested errors as flat dotted paths: `lines.0.price`."""
    if isinstance(details, dict) and set(details) == {"message", "code"}:
        entry = {"code": str(details["code"]), "message": _sendable(str(details["message"]))}
        into.setdefault(_sendable(path), []).append(entry)
    elif isinstance(details, dict):
        for name, inner in details.items():
            own = "" if name == "non_field_errors" else str(name)
            _flatten(inner, ".".join(part for part in (path, own) if part), into)
    else:
        leaves = all(isinstance(d, dict) and set(d) == {"message", "code"} for d in details)
        for index, inner in enumerate(details):
            _flatten(inner, path if leaves else f"{path}.{index}", into)


def _sendable(text: str) -> str:
    """Errors repeat what was sent, which may hold half a character that no answer can carry."""
    return text.encode(errors="replace").decode()
