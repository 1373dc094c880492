"""Finding a credential with its acting agent, that agent's role, and the helpdesk's plan: one statement per request.

The prefix of a secret says in which table it is, so that no kind of credential costs another kind anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.utils import timezone

from accounts.models import Agent, Role
from accounts.permissions import meaning
from apitokens import secrets
from apitokens.header import Sent
from apitokens.hot_path import fetch
from apitokens.metering import Ledger
from apitokens.models import AccessLevel, ApiKey, KeyKind, Which
from apitokens.oauth.scopes import narrowed

_AGENT = tuple(field.attname for field in Agent._meta.concrete_fields)
_ROLE = tuple(field.attname for field in Role._meta.concrete_fields)

_KEY_COLUMNS = (
    "id", "name", "kind", "agent_id", "owner_id", "access_level", "scopes", "admin_functions", "tags", "addresses",
    "rate_limit", "expires_at", "revoked_at", "suspended_at", "digest", "previous_until",
)  # fmt: skip
_PLAN_COLUMNS = ("plan", "plans_with_api", "enterprise_rate", "trial_started_at", "api_addresses")

_FIND = f"""
    SELECT {", ".join(f"key.{c}" for c in _KEY_COLUMNS)}, {", ".join(f"desk.{c}" for c in _PLAN_COLUMNS)},
        {", ".join(f"agent.{c}" for c in _AGENT)}, {", ".join(f"role.{c}" for c in _ROLE)},
        ARRAY(SELECT member.team_id FROM accounts_agent_teams member WHERE member.agent_id = agent.id ORDER BY 1)
    FROM apitokens_apikey AS key
    CROSS JOIN accounts_helpdesksettings AS desk
    LEFT JOIN accounts_agent AS agent ON agent.id = CASE
        WHEN key.kind = '{KeyKind.SUPERUSER}' THEN coalesce(%s::bigint, key.agent_id) ELSE key.agent_id END
    LEFT JOIN accounts_role AS role ON role.id = agent.role_id
    WHERE desk.id = 1 AND """


_TOKEN_COLUMNS = (
    "consent.id", "application.name", "consent.agent_id", "string_to_array(token.scope, ' ')", "token.expires",
    "coalesce(token.revoked_at, consent.withdrawn_at)", "application.disabled_at", "token.digest", "application.id",
    "application.scopes",
)  # fmt: skip
_FIND_TOKEN = f"""
    SELECT {", ".join(_TOKEN_COLUMNS)}, {", ".join(f"desk.{c}" for c in _PLAN_COLUMNS)},
        {", ".join(f"agent.{c}" for c in _AGENT)}, {", ".join(f"role.{c}" for c in _ROLE)},
        ARRAY(SELECT member.team_id FROM accounts_agent_teams member WHERE member.agent_id = agent.id ORDER BY 1)
    FROM apitokens_accesstoken AS token
    JOIN apitokens_consent AS consent ON consent.id = token.consent_id
    JOIN apitokens_application AS application ON application.id = consent.application_id
    JOIN accounts_agent AS agent ON agent.id = consent.agent_id
    JOIN accounts_role AS role ON role.id = agent.role_id
    CROSS JOIN accounts_helpdesksettings AS desk
    WHERE desk.id = 1 AND token.digest IN """


@dataclass(slots=True)
class FoundKey:
    """A credential as the database holds it at this moment, with what the request's checks need.

    Of an OAuth token the id is that of its consent: the row of application and agent.
    """

    id: int
    name: str
    kind: str
    agent_id: int | None
    owner_id: int
    access_level: str
    scopes: list[str]
    admin_functions: bool
    tags: list[str]
    addresses: list[str]
    rate_limit: int | None
    expires_at: datetime | None
    revoked_at: datetime | None
    suspended_at: datetime | None
    digest: bytes
    previous_until: datetime | None
    plan: str
    plans_with_api: list[str]
    enterprise_rate: int
    trial_started_at: datetime | None
    api_addresses: list[str]
    agent: Agent | None = None
    secret: str = Which.CURRENT
    application_id: int | None = None
    """Of an OAuth token."""

    @property
    def is_superuser_key(self) -> bool:
        return self.kind == KeyKind.SUPERUSER

    @property
    def method(self) -> str:
        """How `/me` names this kind of credential."""
        return METHODS.get(self.kind, "api_key")

    @property
    def ledger(self) -> Ledger:
        """Where its requests are counted and logged."""
        return Ledger.CONSENT if self.kind == OAUTH else Ledger.KEY


OAUTH = "oauth"
"""The kind of an OAuth access token, beside the kinds of keys."""
METHODS = {OAUTH: "oauth", KeyKind.BOT.value: "bot_token"}


def find(sent: Sent, *, named: int | None) -> FoundKey | None:
    """The credential with this secret, if there is one. Whether it may be used is `admission`'s question.

    `named` is the agent a superuser key would act as.
    """
    if secrets.prefix_of(sent.secret) == secrets.ACCESS_PREFIX:
        # `key ID:SECRET` is a way to write keys alone.
        return _token(sent.secret) if sent.key_id is None else None
    return _key(sent, named)


@cache
def _find(peppers: int) -> str:
    """One parameter for each pepper: of an array the planner could not know that it will find one row."""
    those = ", ".join(["%s"] * peppers)
    return f"{_FIND}(key.digest IN ({those}) OR key.previous_digest IN ({those}))"


def _key(sent: Sent, named: int | None) -> FoundKey | None:
    """The key with this secret, its newest or one that is still accepted beside it."""
    digests = secrets.digests(sent.secret)
    row = fetch(_find(len(digests)), [named, *digests, *digests])
    if row is None or (sent.key_id is not None and sent.key_id != row[0]):
        return None
    found = _found(row)
    if bytes(found.digest) not in digests:
        found.secret = Which.PREVIOUS
        if found.previous_until is None or found.previous_until <= timezone.now():
            return None
    return found


def of_id(pk: int, *, named: int | None) -> FoundKey:
    """The same by the key's id, for whoever asks what a request with it would meet."""
    row = fetch(f"{_FIND}key.id = %s", [named, pk])
    if row is None:
        raise ApiKey.DoesNotExist
    return _found(row)


def _token(secret: str) -> FoundKey | None:
    digests = secrets.digests(secret)
    row = fetch(_find_token(len(digests)), digests)
    if row is None:
        return None
    columns, end = len(_TOKEN_COLUMNS), len(_TOKEN_COLUMNS) + len(_PLAN_COLUMNS)
    consent, name, agent, scopes, expires, revoked, disabled, digest, application, allowed = row[:columns]
    # What the application may have was perhaps narrowed since.
    scopes = narrowed(scopes, meaning(allowed))
    found = FoundKey(
        consent, name, OAUTH, agent, agent, AccessLevel.CUSTOM, scopes, False, [], [], None, expires, revoked, disabled,
        digest, None, *row[columns:end],
    )  # fmt: skip
    found.agent = _agent(row[end : end + len(_AGENT)], row[end + len(_AGENT) : -1], row[-1])
    found.application_id = application
    return found


@cache
def _find_token(peppers: int) -> str:
    return f"{_FIND_TOKEN}({', '.join(['%s'] * peppers)})"


def _found(row: tuple[Any, ...]) -> FoundKey:
    start = len(_KEY_COLUMNS) + len(_PLAN_COLUMNS)
    found = FoundKey(*row[:start])
    if row[start] is not None:
        found.agent = _agent(row[start : start + len(_AGENT)], row[start + len(_AGENT) : -1], row[-1])
    return found


def _agent(values: tuple[Any, ...], role: tuple[Any, ...], team_ids: list[int]) -> Agent:
    agent = Agent.from_db("default", _AGENT, values)
    agent.role = Role.from_db("default", _ROLE, role)
    agent._team_ids = team_ids  # type: ignore[attr-defined]
    return agent
