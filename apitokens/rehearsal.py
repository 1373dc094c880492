"""What a request of a key would meet, found out by sending it through the API's own views, and by nothing else.

It comes in behind the credential: the key is looked up by its id instead of its secret. It is neither counted nor
logged, and what it does is taken back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import Resolver404, resolve
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import call as calls
from accounts.api.operations import may
from accounts.api.routes import Route
from accounts.api.views import ApiView
from accounts.models import Agent
from accounts.networks import address_of
from accounts.policy import require, rights
from activity.actor import Door
from apitokens import assistants, header, lookup
from apitokens.admission import act, refuse_unusable, remember
from apitokens.lookup import FoundKey
from apitokens.models import KeyKind

REQUEST_ID = "access-test"


@dataclass(frozen=True, slots=True)
class Question:
    """`agent` is what X-Agent-ID would say; `name` the id (or external id) in the address; `body` JSON, if any."""

    key: int
    route: Route
    address: str
    agent: str = ""
    name: str = ""
    body: str = ""
    is_of_a_bot: bool = False
    """Bot tokens come in at MCP's door, where some of the operations are tools, and no others."""

    @property
    def is_whole(self) -> bool:
        """Whether all is said that the operation needs, so that it can be tried to its end."""
        return (
            bool(self.body.strip()) or self.route.view.body is None or self.route.method in {"GET", "DELETE"}
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """The API's answer: its status, and of a refusal the whole error."""

    status: int
    error: dict[str, Any]
    tried_out: bool

    @property
    def is_allowed(self) -> bool:
        """Nothing stands against who asks; what he asks may still be wrong (`is_at_fault`)."""
        return self.status < 400 or self.is_at_fault

    @property
    def is_at_fault(self) -> bool:
        return self.status in {409, 415, 422} or (
            self.status == 400
            and "decided_by" not in self.error
            and (self.error.get("reason") not in {"agent_required", "invalid_agent_id"})
        )


def rehearse(question: Question) -> Verdict:
    """Ask the API. Nothing of it stays.

    What is wrong with a body is said before the role is asked: then what stands against it besides is what counts.
    """
    verdict = _ask(question)
    if question.is_of_a_bot and not assistants.is_tool(question.route.operation.name):
        return verdict if _is_kept_out(verdict) else _no_tool(question.route.operation.name)
    if verdict.is_at_fault and question.body:
        besides = _ask(replace(question, body=""))
        return verdict if besides.is_allowed else besides
    return verdict


def _is_kept_out(verdict: Verdict) -> bool:
    """Whoever asked was not let in, whatever he asked."""
    return verdict.status == 401 or verdict.error.get("decided_by") in {"address", "plan", "agent"}


def _no_tool(operation: str) -> Verdict:
    sentence = assistants.NO_TOOL % assistants.tool_name(operation)
    return Verdict(400, {"message": sentence, "reason": "no_tool", "decided_by": "door"}, tried_out=False)


def _ask(question: Question) -> Verdict:
    request = _request(question)
    try:
        match = resolve(request.path)
    except Resolver404:
        return Verdict(404, {}, tried_out=False)
    view: ApiView = match.func.cls(**match.func.initkwargs)  # type: ignore[attr-defined]
    view.get_authenticators = lambda: [_ByKey(question.key)]  # type: ignore[method-assign]
    if not question.is_whole:
        setattr(view, question.route.method.lower(), _stop_before_the_body(view))
    with transaction.atomic():
        response = view.dispatch(request, **match.kwargs)
        transaction.set_rollback(True)
    if file := getattr(response, "file_to_stream", None):
        file.close()
    error = (getattr(response, "data", None) or {}).get("error", {}) if response.status_code >= 400 else {}
    return Verdict(response.status_code, error, tried_out=question.is_whole)


def _request(question: Question) -> HttpRequest:
    headers = {"Accept": "application/json"}
    if question.agent:
        headers["X-Agent-ID"] = question.agent
    request = RequestFactory().generic(
        question.route.method,
        question.route.address(question.name),
        question.body.encode() if question.is_whole else b"",
        content_type="application/json",
        headers=headers,
        REMOTE_ADDR=question.address,
    )
    request.api_call = calls.ApiCall(REQUEST_ID)  # type: ignore[attr-defined]
    return request


class _ByKey(BaseAuthentication):
    """Admits the key with this id, by the checks that its secret would have led to."""

    def __init__(self, key: int) -> None:
        self.key = key

    def authenticate(self, request: Request) -> tuple[Agent | None, FoundKey]:
        call = calls.of(request._request)
        named = header.named_agent(request._request)
        key = lookup.of_id(self.key, named=named if isinstance(named, int) else None)
        remember(call, key, scheme="bearer")
        refuse_unusable(key, named, address_of(request._request))
        return act(call, key, named, Door.MCP if key.kind == KeyKind.BOT else Door.API), key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def _stop_before_the_body(view: ApiView) -> Callable[..., Response]:
    """Is there such a row for him, and may he do this? What he says about it is left out."""

    def handler(request: Request, **path: Any) -> Response:
        operation = view.call.operation
        if "pk" in path:
            view.named().get(pk=path["pk"])
        if operation is not None and not may(view.actor, operation, rights(view.actor)):
            # Where one of several rights is enough, the first stands for them.
            require(view.actor, operation.permission or operation.either[0])
        return Response(status=204)

    return handler
