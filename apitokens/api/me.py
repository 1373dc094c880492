"""`/me` and `/me/requests`: what a credential is, what it can do, and what it did."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.call import ApiCall, Credential
from accounts.api.operations import Operation, abilities
from accounts.api.views import ApiView
from accounts.models import Agent
from apitokens.api import shapes
from apitokens.api.representations import LOGGED, logged
from apitokens.models import RING_SIZE, ConsentRequest, LoggedRequest


class Me(ApiView):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("me.read", None, "What this credential is and may do", needs_agent=False),
    }
    answers = {"GET": shapes.Me}

    def get(self, request: Request) -> Response:
        call = self.call
        agent = call.actor.agent if call.actor else None
        return Response({"data": _credential(call) | _person(agent) | {"abilities": abilities(call.actor)}})


class MyRequests(ApiView):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("me.requests", None, "The last 50 requests of this credential", needs_agent=False),
    }
    answers = {"GET": [shapes.LoggedRequest]}

    def get(self, request: Request) -> Response:
        credential = self.call.credential
        assert credential is not None
        rows = _log_of(credential).order_by("-sequence").values(*LOGGED)
        return Response({"data": [logged(row) for row in rows], "meta": {"limit": RING_SIZE}})


def _log_of(credential: Credential) -> QuerySet[Any]:
    if credential.method == "oauth":
        return ConsentRequest.objects.filter(consent_id=credential.id)
    return LoggedRequest.objects.filter(key_id=credential.id)


def _credential(call: ApiCall) -> dict[str, Any]:
    credential = call.credential
    assert credential is not None
    return {
        "auth_method": credential.method,
        "app_id": credential.application_id or credential.id,
        "scopes": credential.scopes,
        "key": {
            "id": credential.id,
            "name": credential.name,
            "kind": credential.kind,
            "access_level": credential.access_level,
            "tags": credential.tags,
            "expires_at": credential.expires_at,
            "ip_restricted": credential.ip_restricted,
        },
        "acting": {
            "agent_id": call.actor.agent.pk if call.actor and call.actor.agent else None,
            "source": call.agent_source,
        },
    }


def _person(agent: Agent | None) -> dict[str, Any]:
    if agent is None:
        return {"person_id": None, "person": None, "id": None, "email": None, "role": None}
    person = {
        "id": agent.pk,
        "name": agent.name,
        "email": agent.email,
        "kind": agent.kind,
        "role": agent.role.name,
        "teams": getattr(agent, "_team_ids", []),
        "active": agent.is_active,
        "available": agent.is_available,
    }
    role = "admin" if agent.role.administers else "agent"
    return {"person_id": agent.pk, "person": person, "id": agent.pk, "email": agent.email, "role": role}
