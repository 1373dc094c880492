"""What an agent allows an application, and the tokens that come of it.

Every code and every refresh token is good for one use: the update that marks it as used is the check. Whoever brings
one a second time ends all tokens that come from the same consent page, because one of the two bearers is a thief.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts.actions.refusal import Refused
from accounts.permissions import Permission, meaning
from accounts.policy import Decision, NotAllowed, decide, rights
from activity.actor import Actor, system_actor
from activity.recording import record
from apitokens import secrets
from apitokens.models import (
    AccessToken,
    Application,
    AuthorizationCode,
    Consent,
    ConsentUsage,
    RefreshToken,
)

CODE_LIVES = timedelta(minutes=1)
REFRESH_LIVES = timedelta(days=90)
"""Since it was issued: an application that is not used for so long has to ask again."""
KEPT = timedelta(days=1)
"""For how long a token that has expired is still known, to say so."""


@dataclass(frozen=True, slots=True)
class Pair:
    """An access token and a refresh token that were just made. They exist nowhere else."""

    access: str
    refresh: str
    scope: str
    expires_in: int


@transaction.atomic
@sensitive_variables("code")
def allow(
    application: Application,
    *,
    actor: Actor,
    scopes: Sequence[str],
    code: str,
    redirect_uri: str,
    challenge: str,
) -> Consent:
    """Let the application act for the agent who acts, and store the code that gets it its first tokens."""
    agent = actor.agent
    if agent is None or actor.grant is not None:
        raise NotAllowed(
            Decision(False, "agent", _("Only an agent in person can allow an application to act."))
        )
    wider = meaning(scopes) - (rights(actor) & application.permissions)
    if wider or not scopes:
        raise Refused(
            "scopes", "invalid", _("Choose what the application may do, of what you may do yourself.")
        )
    consent, is_new = Consent.objects.get_or_create(application=application, agent=agent)
    if is_new:
        ConsentUsage.objects.create(consent=consent)
    consent = _locked(consent)
    before = [] if is_new or consent.withdrawn_at else consent.scopes
    consent.scopes = list(dict.fromkeys([*before, *scopes]))
    consent.allowed_at, consent.withdrawn_at = timezone.now(), None
    consent.save(update_fields=["scopes", "allowed_at", "withdrawn_at"])
    AuthorizationCode.objects.create(
        application=application,
        user=agent,
        code=secrets.code_digests(code)[0],
        expires=timezone.now() + CODE_LIVES,
        redirect_uri=redirect_uri,
        scope=" ".join(scopes),
        code_challenge=challenge,
        code_challenge_method="S256" if challenge else "",
    )
    if consent.scopes != before:
        record(actor, "application.allowed", application, scopes=consent.scopes)
    return consent


@sensitive_variables("pair")
def exchange(code: AuthorizationCode, pair: Pair) -> bool:
    """Store the first tokens for a code. False when it was used before, or is no good any more."""
    now = timezone.now()
    with transaction.atomic():
        # Everybody takes the consent first, so that nobody waits for each other in a circle.
        consent = _live_consent(application=code.application_id, agent=code.user_id)
        unused = AuthorizationCode.objects.filter(pk=code.pk, consumed_at=None, expires__gt=now)
        if consent is not None and unused.update(consumed_at=now):
            _store(consent, code.family, pair, whole=code.scope, now=now)
            return True
    end_family(code.family, why="code_replayed")
    return False


@sensitive_variables("pair")
def refresh(token: RefreshToken, pair: Pair) -> bool:
    """Store the next tokens for a refresh token. False when it was used before, or is no good any more."""
    now = timezone.now()
    with transaction.atomic():
        consent = _live_consent(pk=token.consent_id)
        unused = RefreshToken.objects.filter(pk=token.pk, used_at=None, revoked=None, expires__gt=now)
        if consent is not None and unused.update(used_at=now):
            _store(consent, token.family, pair, whole=token.scope, now=now)
            return True
    end_family(token.family, why="refresh_token_reused")
    return False


@transaction.atomic
def end_family(family: UUID, *, why: str) -> None:
    """End every token that goes back to one consent page. History tells of it once."""
    first = RefreshToken.objects.filter(family=family).select_related("consent__application").first()
    ended = _end(family=family)
    if first is not None and ended:
        record(
            system_actor(),
            "application.tokens_ended",
            first.consent.application,
            why=why,
            agent=first.consent.agent_id,
        )


def end_leaked(by_digest: Mapping[bytes, str], *, actor: Actor, where: Mapping[str, Any]) -> set[str]:
    """End the families of live tokens with these digests, which somebody wrote down. Returns their secrets."""
    now = timezone.now()
    access = AccessToken.objects.filter(digest__in=list(by_digest), expires__gt=now, revoked_at=None)
    refresh = RefreshToken.objects.filter(digest__in=list(by_digest), expires__gt=now, revoked=None)
    related = "consent__application"
    found: list[Any] = [
        *access.select_related(related).order_by("pk"),
        *refresh.select_related(related).order_by("pk"),
    ]
    for token in found:
        if _end(family=token.family):
            facts = {"why": "leaked", "agent": token.consent.agent_id, **where}
            record(actor, "application.tokens_ended", token.consent.application, **facts)
    return {by_digest[bytes(token.digest)] for token in found}


@transaction.atomic
def withdraw(consent: Consent, *, actor: Actor) -> Consent:
    """What was allowed is not allowed any more: all tokens are refused from the next request on."""
    consent = _locked(consent)
    if consent.agent != actor.agent and not decide(actor, Permission.KEYS_WRITE):
        sentence = _("You can withdraw what you allowed yourself. For others, ask an administrator.")
        raise NotAllowed(Decision(False, "agent", sentence))
    if consent.withdrawn_at:
        return consent
    consent.withdrawn_at = timezone.now()
    consent.save(update_fields=["withdrawn_at"])
    _end(consent=consent)
    codes = AuthorizationCode.objects.filter(application=consent.application, user=consent.agent)
    codes.filter(consumed_at=None).update(consumed_at=timezone.now())
    record(actor, "application.withdrawn", consent.application, agent=consent.agent_id)
    return consent


def forget_expired(now: datetime) -> None:
    """Let go of tokens that have long expired, and of codes as soon as nothing hangs on their being known."""
    AccessToken.objects.filter(expires__lt=now - KEPT).delete()
    RefreshToken.objects.filter(expires__lt=now - KEPT).delete()
    used = RefreshToken.objects.filter(family=OuterRef("family"))
    AuthorizationCode.objects.filter(~Exists(used), expires__lt=now - KEPT).delete()


def _store(consent: Consent, family: UUID, pair: Pair, *, whole: str, now: datetime) -> None:
    """The refresh token keeps the whole of what was allowed, also when the access token was asked to be narrower."""
    AccessToken.objects.create(
        consent=consent,
        family=family,
        digest=secrets.digest(pair.access),
        scope=pair.scope,
        expires=now + timedelta(seconds=pair.expires_in),
    )
    RefreshToken.objects.create(
        consent=consent,
        family=family,
        digest=secrets.digest(pair.refresh),
        scope=whole,
        expires=now + REFRESH_LIVES,
    )


def _end(**which: object) -> int:
    now = timezone.now()
    access = AccessToken.objects.filter(revoked_at=None, expires__gt=now, **which).update(revoked_at=now)
    refresh = RefreshToken.objects.filter(revoked=None, **which).update(revoked=now)
    return access + refresh


def _locked(consent: Consent) -> Consent:
    rows = Consent.objects.select_for_update(of=("self",)).select_related("application", "agent__role")
    return rows.get(pk=consent.pk)


def _live_consent(**which: object) -> Consent | None:
    rows = Consent.objects.live().filter(agent__is_active=True, application__disabled_at=None, **which)
    return rows.select_for_update(of=("self",)).first()
