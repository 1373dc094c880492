"""What every view of the API is: declared operations, one order of checks, one envelope."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ClassVar, NoReturn

from django.db.models import QuerySet
from django.http import HttpRequest
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from accounts.api import call as calls
from accounts.api import idempotency, lists, preferences
from accounts.api.errors import ApiError, not_found
from accounts.api.operations import OPERATIONS, Operation, require_scope
from accounts.policy import require
from activity.actor import Actor

Fields = Serializer[Any]
Shape = type[Fields] | list[type[Fields]] | tuple[type[Fields], ...]
"""One object, `[Ticket]` for a list of them, or `(Ticket, Receipt)` for either of several."""

CUSTOM = "custom_fields."
"""What query parameters about custom fields begin with."""

WRITING = {"post", "put", "patch", "delete"}

Handler = Callable[..., Any]


def safely(handler: Handler) -> Handler:
    """Let clients write without fear: `Idempotency-Key` on POST, `Prefer: dry-run` and `return=minimal`."""

    @wraps(handler)
    def write(view: ApiView, request: Request, *args: Any, **kwargs: Any) -> Any:
        def work() -> Any:
            return handler(view, request, *args, **kwargs)

        if view.body is None and request.method != "DELETE" and request.data:
            view.refuse_body(request, **kwargs)
        wanted = preferences.of(request)
        if "dry-run" in wanted:
            return preferences.rehearse(view.call, work)
        if request.method == "POST" and "Idempotency-Key" in request.headers:
            return _once(view, request, work, kwargs)
        response = work()
        if request.method in {"PUT", "PATCH"} and "return=minimal" in wanted:
            return preferences.minimal(response)
        return response

    return write


def _once(view: ApiView, request: Request, work: Handler, path: dict[str, Any]) -> Any:
    credential, agent = view.call.credential, view.actor.agent
    assert credential is not None
    response = idempotency.once(
        request,
        credential=f"key:{credential.id}",
        agent=agent.pk if agent else None,
        work=work,
        may_repeat=lambda: view.require_again(**path),
    )
    view.call.replayed = "Idempotent-Replayed" in response.headers
    return response


class ApiView(APIView):
    """Maps each HTTP method to an operation. A method without one does not exist."""

    operations: ClassVar[dict[str, Operation]]
    parameters: ClassVar[frozenset[str]] = frozenset()
    """Query parameters understood besides those of lists. Any other is refused."""
    needs_credential: ClassVar[bool] = True
    listing: ClassVar[lists.Listing | None] = None
    query: ClassVar[type[Fields] | None] = None
    """The parameters that are no list's, described."""
    body: ClassVar[type[Fields] | None] = None
    """What POST, PUT and PATCH accept."""
    answers: ClassVar[Mapping[str, Shape]] = {}
    """What `data` is in the answer to each method."""
    versioned: ClassVar[bool] = False
    """Whether an update may name the version it is based on (`If-Match`, or `version` in the body)."""
    creates: ClassVar[bool] = False
    """Whether POST answers 201 with a Location."""
    upserts: ClassVar[bool] = False
    """Whether PUT does so, too, where there was nothing yet; or POST answers 200 with what was there already."""
    identifying: ClassVar[frozenset[str]] = frozenset()
    """Query parameters that say which row is meant, whatever the method."""
    http_method_names = ["get", "post", "put", "patch", "delete", "head"]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for operation in getattr(cls, "operations", {}).values():
            OPERATIONS[operation.name] = operation
        for method in WRITING & set(cls.__dict__):
            setattr(cls, method, safely(getattr(cls, method)))

    @property
    def call(self) -> calls.ApiCall:
        return calls.of(self.request._request)

    @property
    def actor(self) -> Actor:
        """Who acts. Only for operations that need an agent, which is checked before they run."""
        actor = self.call.actor
        assert actor is not None
        return actor

    @property
    def actor_as_agent(self) -> Actor:
        """The agent without the key's narrowing: for looking up what a create-only key may name."""
        return Actor(self.actor.door, agent=self.actor.agent)

    def require_again(self, **path: Any) -> None:
        """Before an earlier answer is repeated: whoever lost the right to it since does not get it again.

        `path` is what the address names. The row must still be there for him.
        """
        operation = self.call.operation
        if operation is not None and operation.permission is not None:
            require(self.actor, operation.permission)
        if "pk" in path:
            self.named().get(pk=path["pk"])

    def named(self) -> QuerySet[Any]:
        """The rows of which the address names one, as far as they exist for whoever asks."""
        raise NotImplementedError

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Credential and rate (in authentication), agent, scope and tag, then the form of the request."""
        self.format_kwarg = None
        self.perform_authentication(request)
        method = "GET" if request.method == "HEAD" else request.method or ""
        operation = self.operations.get(method)
        if operation is None:
            raise self._not_allowed(method)
        self.call.operation = operation
        self._require_credential()
        if operation.needs_agent:
            self._require_agent()
        require_scope(self.call, operation)
        if method == "GET" and operation.permission:
            # Writing asks the role later, in its verb, after the object was seen and the body read.
            require(self.actor, operation.permission)
        self._negotiate(request)
        self._refuse_unknown_parameters(request)
        self._refuse_repeated_parameters(request)
        self._refuse_unknown_preconditions(request)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        if isinstance(response, Response) and response.status_code < 400 and response.data is not None:
            response.data = {"success": True, "data": None, "meta": {}, "linked": {}} | response.data
        return response

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        raise self._not_allowed("OPTIONS")

    @property
    def allowed_methods(self) -> list[str]:
        heads = ["HEAD"] if "GET" in self.operations else []
        return [*self.operations, *heads]

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        raise self._not_allowed(request.method or "")

    def _not_allowed(self, method: str) -> ApiError:
        known = ", ".join(self.allowed_methods) or "none"
        return ApiError(405, "method_not_allowed", f"{method} is not understood here. Methods are: {known}.")

    @property
    def default_response_headers(self) -> dict[str, str]:
        headers = super().default_response_headers
        return headers if headers["Allow"] else {name: headers[name] for name in headers if name != "Allow"}

    def refuse_body(self, request: Request, **path: Any) -> NoReturn:
        """What is sent to an operation that takes no body would be ignored."""
        if "pk" in path:
            self.named().get(pk=path["pk"])
        known = ", ".join(sorted(self.identifying))
        hint = f"Send it in the address: {known}." if known else "Leave it out."
        told = serializers.ErrorDetail(f"This operation takes no body. {hint}", "unknown_field")
        named = isinstance(request.data, Mapping)
        raise serializers.ValidationError({name: [told] for name in request.data} if named else [told])

    def _require_credential(self) -> None:
        if self.needs_credential and self.call.credential is None:
            raise ApiError(
                401,
                "credentials_missing",
                "Send an API key: “Authorization: Bearer hdk_…” or “Authorization: key ID:hdk_…”.",
            )

    def _require_agent(self) -> None:
        if self.call.actor is None or self.call.actor.agent is None:
            raise ApiError(
                400,
                "agent_required",
                "This superuser key has no default agent. Name the agent to act as: “X-Agent-ID: 4”.",
            )

    def _negotiate(self, request: Request) -> None:
        renderer, media_type = self.perform_content_negotiation(request)
        request.accepted_renderer, request.accepted_media_type = renderer, media_type

    def _refuse_unknown_parameters(self, request: Request) -> None:
        understood = self.parameters if request.method in {"GET", "HEAD"} else self.identifying
        unknown = sorted(set(request.query_params) - understood)
        if "custom_fields" in understood:  # Which of these there are, the list itself knows.
            unknown = [name for name in unknown if not name.startswith(CUSTOM)]
        if unknown:
            known = ", ".join(sorted(understood)) or "none"
            raise ApiError(
                400,
                "unknown_parameter",
                f"There is no parameter {unknown[0]!r} here. Known are: {known}.",
                parameter=unknown[0],
            )

    def _refuse_repeated_parameters(self, request: Request) -> None:
        """Of two values one would be ignored. Only lists may be given piece by piece."""
        for name, values in request.query_params.lists():
            if len(values) > 1 and name not in lists.IN_PIECES:
                raise ApiError(
                    400,
                    "invalid_parameter",
                    f"{name} is there {len(values)} times. Give it once.",
                    parameter=name,
                )

    def _refuse_unknown_preconditions(self, request: Request) -> None:
        if "If-Match" in request.headers and not (self.versioned and request.method in {"PUT", "PATCH"}):
            raise ApiError(
                400, "invalid_precondition", "If-Match is understood where a row with versions is changed."
            )


class UnknownPath(ApiView):
    """Where every path under the API leads that no other view has."""

    operations: ClassVar[dict[str, Operation]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.format_kwarg = None
        self.perform_authentication(request)
        raise not_found()
