"""Every refusal of the API, in one shape."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.conf import settings
from rest_framework.exceptions import APIException

CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    406: "NOT_ACCEPTABLE",
    409: "CONFLICT",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    422: "VALIDATION_FAILED",
    429: "RATE_LIMITED",
    500: "SERVER_ERROR",
    503: "UNAVAILABLE",
}


class ApiError(APIException):
    """A refusal: HTTP status, a reason for programs, a sentence for people, and whatever helps to mend it."""

    def __init__(
        self, status: int, reason: str, message: str, *, headers: dict[str, str] | None = None, **details: Any
    ) -> None:
        super().__init__(message)
        self.status_code = status
        self.reason, self.message, self.details = reason, message, details
        self.headers = headers or {}


def not_found() -> ApiError:
    """The same words whether something does not exist or does not exist for the caller."""
    return ApiError(404, "not_found", "There is nothing here, or nothing that the acting agent may see.")


def invalid(field: str, code: str, message: str) -> ApiError:
    """422 for one field, or with an empty name for the whole."""
    entry = [{"code": code, "message": message}]
    where: dict[str, Any] = (
        {"fields": {field: entry}, "errors": []} if field else {"fields": {}, "errors": entry}
    )
    return ApiError(422, "invalid", message, **where)


def envelope(error: ApiError, request_id: str) -> dict[str, Any]:
    """The body that every refusal has."""
    return {
        "success": False,
        "error": {
            "code": CODES.get(error.status_code, HTTPStatus(error.status_code).name),
            "status": error.status_code,
            "reason": error.reason,
            "message": error.message,
            **error.details,
            "request_id": request_id,
            "docs": f"{settings.SITE_URL}/api/docs#{error.reason}",
        },
        "meta": {},
    }
