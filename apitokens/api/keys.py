"""`/keys`: for credentials with admin functions. No access level and no wildcard opens it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.db.models import Q
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import filters, lists
from accounts.api.errors import invalid
from accounts.api.operations import Operation
from accounts.api.resources import BY_ID, BY_NAME, WITHOUT_TIMES, Collection, Member, Resource
from accounts.api.shown_once import ShownOnce
from accounts.models import Agent
from accounts.permissions import Permission, is_special
from activity.actor import Actor
from apitokens import actions, policy
from apitokens.api import shapes
from apitokens.api.representations import LOGGED, SHOWN_KEY, logged
from apitokens.inputs import KeyFields, NewKey, Rotation
from apitokens.models import RING_SIZE, AccessLevel, ApiKey, KeyKind

LISTING = lists.Listing(
    BY_ID | BY_NAME, default="id", includes={"agent": "agent", "owner": "agent", "created_by": "agent"}
)


def _state(name: str, text: str, actor: Actor) -> Q:
    """The first that is true of: revoked, suspended, expired, live."""
    revoked, suspended = Q(revoked_at__isnull=False), Q(suspended_at__isnull=False)
    expired = Q(expires_at__isnull=False, expires_at__lte=timezone.now())
    states = {
        "revoked": revoked,
        "suspended": ~revoked & suspended,
        "expired": ~revoked & ~suspended & expired,
        "live": ~revoked & ~suspended & ~expired,
    }
    if text not in states:
        raise filters.wrong(name, f"{name} must be one of: {', '.join(states)}.")
    return states[text]


class Keys(Collection):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("keys.list", Permission.KEYS_READ, "List API keys"),
        "POST": Operation("keys.create", Permission.KEYS_WRITE, "Create an API key"),
    }
    shown = SHOWN_KEY
    filters = {
        "name": filters.equals("name__iexact"),
        "kind": filters.choice("kind", KeyKind.values),
        "agent": filters.row("agent"),
        "owner": filters.owner("owner"),
        "state": _state,
    }
    parameters = WITHOUT_TIMES | set(filters)
    listing = LISTING
    query = shapes.KeyFilters
    body = NewKey
    answers = {"GET": [shapes.ApiKey], "POST": shapes.ApiKeyWithSecret}
    creates = True

    @sensitive_variables("secret")
    def post(self, request: Request, **path: Any) -> Response:
        given = {"owner": self._owner(), **_with_scopes(self.given(request))}
        key, secret = actions.create_key(actor=self.actor, **given)
        location = request.build_absolute_uri(f"{request.path.rstrip('/')}/{key.pk}")
        return _shown_once(key, secret, status=201, headers={"Location": location})

    def _owner(self) -> Agent:
        """The person who acts; where that is a service agent, the owner of the key that asks."""
        agent, credential = self.actor.agent, self.call.credential
        assert agent is not None
        assert credential is not None
        return agent if agent.is_person else Agent.objects.get(pk=credential.owner_id)


class KeyDetail(Member):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("keys.read", Permission.KEYS_READ, "Read an API key"),
        "PUT": Operation("keys.update", Permission.KEYS_WRITE, "Change an API key"),
        "PATCH": Operation("keys.update", Permission.KEYS_WRITE, "Change an API key"),
        "DELETE": Operation("keys.delete", Permission.KEYS_DELETE, "Delete a revoked API key"),
    }
    shown = SHOWN_KEY
    listing = LISTING
    body = KeyFields
    answers = dict.fromkeys(("GET", "PUT", "PATCH"), shapes.ApiKey)

    def change(self, row: ApiKey, **given: Any) -> object:
        return actions.edit_key(row, actor=self.actor, **_with_scopes(given, row))

    def remove(self, row: ApiKey) -> None:
        actions.delete_key(row, actor=self.actor)


class OneKey(Resource):
    """What is asked of one key besides the key itself."""

    shown = SHOWN_KEY

    def key(self, pk: int) -> ApiKey:
        """As the agent sees it: a key that may only write can name it."""
        return policy.visible(self.actor_as_agent).get(pk=pk)


class Regenerate(OneKey):
    operations: ClassVar[dict[str, Operation]] = {
        "POST": Operation("keys.regenerate", Permission.KEYS_WRITE, "Give an API key a new secret"),
    }
    answers = {"POST": shapes.ApiKeyWithSecret}

    @sensitive_variables("secret")
    def post(self, request: Request, pk: int) -> Response:
        key = self.key(pk)
        return _shown_once(key, actions.regenerate(key, actor=self.actor))


class Rotate(OneKey):
    operations: ClassVar[dict[str, Operation]] = {
        "POST": Operation(
            "keys.rotate", Permission.KEYS_WRITE, "Give an API key a new secret and let the old one live on"
        ),
    }
    body = Rotation
    answers = {"POST": shapes.ApiKeyWithSecret}

    @sensitive_variables("secret")
    def post(self, request: Request, pk: int) -> Response:
        key = self.key(pk)
        until = timezone.now() + timedelta(hours=self.given(request)["hours"])
        return _shown_once(key, actions.rotate(key, until=until, actor=self.actor))


class EndRotation(OneKey):
    operations: ClassVar[dict[str, Operation]] = {
        "POST": Operation("keys.end_rotation", Permission.KEYS_WRITE, "Refuse the old secret from now on"),
    }
    answers = {"POST": shapes.ApiKey}

    def post(self, request: Request, pk: int) -> Response:
        return Response({"data": _shown(actions.end_rotation(self.key(pk), actor=self.actor))})


class Revoke(OneKey):
    operations: ClassVar[dict[str, Operation]] = {
        "POST": Operation("keys.revoke", Permission.KEYS_WRITE, "Shut an API key for good"),
    }
    answers = {"POST": shapes.ApiKey}

    def post(self, request: Request, pk: int) -> Response:
        return Response({"data": _shown(actions.revoke(self.key(pk), actor=self.actor))})


class KeyRequests(OneKey):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("keys.requests", Permission.KEYS_READ, "The last 50 requests of an API key"),
    }
    answers = {"GET": [shapes.LoggedRequest]}

    def get(self, request: Request, pk: int) -> Response:
        key = self.rows().get(pk=pk)
        rows = policy.visible_requests(self.actor).filter(key=key).order_by("-sequence").values(*LOGGED)
        return Response({"data": [logged(row) for row in rows], "meta": {"limit": RING_SIZE}})


def _with_scopes(given: dict[str, Any], key: ApiKey | None = None) -> dict[str, Any]:
    """Scopes are what custom access is: given alone they choose it, beside another level they are a mistake.

    Special ones stand beside any level.
    """
    level = given.get("access_level") or (key.access_level if key else None)
    if given.get("scopes"):
        if level not in {None, AccessLevel.CUSTOM} and all(map(is_special, given["scopes"])):
            return given
        if given.get("access_level") in {None, AccessLevel.CUSTOM}:
            return {**given, "access_level": AccessLevel.CUSTOM}
        raise invalid("scopes", "invalid", "Scopes are for a key whose access_level is custom.")
    if key is None or "scopes" in given or level == AccessLevel.CUSTOM:
        return given
    return {**given, "scopes": list(filter(is_special, key.scopes))}


def _shown(key: ApiKey) -> lists.Row:
    """A key as the answer to whoever just wrote it."""
    return SHOWN_KEY.show(lists.select(ApiKey.objects.all(), SHOWN_KEY.columns).get(pk=key.pk))


@sensitive_variables("secret")
def _shown_once(
    key: ApiKey, secret: str, *, status: int = 200, headers: dict[str, str] | None = None
) -> ShownOnce:
    once = {"secret": secret, "code": f"{key.pk}:{secret}"}
    return ShownOnce(_shown(key), secret=once, status=status, headers=headers or {})
