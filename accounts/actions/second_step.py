"""Two-step sign-in: a password, then a code of an authenticator app (RFC 6238) or a recovery code."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from accounts.actions.agents import refuse_wider, refuse_wider_agent
from accounts.actions.refusal import Refused
from accounts.models import Agent, RecoveryCode, SecondStep
from accounts.permissions import Permission
from accounts.policy import require
from accounts.sealing import seal, unseal
from activity.actor import Actor
from activity.recording import record

STEP = 30
"""Seconds; with six digits and SHA-1 what every authenticator app expects."""
DRIFT = 1
"""Steps that a phone's clock may be ahead or behind."""
RECOVERY_CODES = 10
_PURPOSE = "second step"
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def has_second_step(agent: Agent) -> bool:
    return SecondStep.objects.filter(agent=agent, confirmed_at__isnull=False).exists()


@transaction.atomic
def begin_second_step(agent: Agent, *, actor: Actor) -> None:
    """Make a new seed for the agent's app. Nothing is asked at sign-in until a code has confirmed it."""
    _refuse_others(agent, actor)
    if _locked(agent, confirmed=True):
        raise Refused(
            "",
            "exists",
            gettext("Two-step sign-in is on already. Switch it off before setting up another app."),
        )
    seed = seal(secrets.token_bytes(20), purpose=_PURPOSE)
    SecondStep.objects.update_or_create(
        agent=agent, defaults={"sealed_seed": seed, "used_until": 0, "created_at": timezone.now()}
    )


def setup_address(step: SecondStep, *, issuer: str) -> str:
    """The `otpauth:` address that an app reads from a picture."""
    return _totp(step).get_provisioning_uri(step.agent.email, issuer)


def setup_key(step: SecondStep) -> str:
    """The seed as an app lets one type it, in groups of four."""
    text = base64.b32encode(unseal(step.sealed_seed, purpose=_PURPOSE)).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


@transaction.atomic
def confirm_second_step(agent: Agent, *, code: str, actor: Actor) -> list[str]:
    """Switch two-step sign-in on, proven by a code. Returns the recovery codes, which nobody can read again."""
    _refuse_others(agent, actor)
    step = _locked(agent, confirmed=False)
    if step is None:
        raise Refused("", "gone", gettext("There is no set-up to confirm. Begin it again."))
    if not _accept(step, code):
        raise Refused(
            "code",
            "wrong",
            gettext("This code does not fit. Wait for the next one, and check the phone's clock."),
        )
    step.confirmed_at = timezone.now()
    step.save(update_fields=["confirmed_at"])
    record(actor, "agent.second_step_added", agent)
    return _make_recovery_codes(agent)


@transaction.atomic
def renew_recovery_codes(agent: Agent, *, actor: Actor) -> list[str]:
    """Ten new recovery codes; the old ones stop working."""
    _refuse_others(agent, actor)
    if not _locked(agent, confirmed=True):
        raise Refused("", "off", gettext("Two-step sign-in is off."))
    record(actor, "agent.recovery_codes_renewed", agent)
    return _make_recovery_codes(agent)


@transaction.atomic
def remove_second_step(agent: Agent, *, actor: Actor) -> None:
    """Switch it off: for oneself, or for somebody whose phone is lost and who may not do more than the actor."""
    if actor.agent != agent:
        require(actor, Permission.AGENTS_WRITE)
        refuse_wider(actor, agent.role)
        refuse_wider_agent(actor, agent)
    step = SecondStep.objects.select_for_update().filter(agent=agent).first()
    if step is None:
        return
    step.delete()
    agent.recovery_codes.all().delete()
    if step.confirmed_at:
        record(actor, "agent.second_step_removed", agent)


@transaction.atomic
def pass_second_step(agent: Agent, code: str) -> str:
    """How the code lets the agent in: "app", "recovery", or "" for not at all. Each code does so once."""
    code = "".join(code.split()).replace("-", "").lower()
    step = _locked(agent, confirmed=True)
    if step is not None and _accept(step, code):
        return "app"
    used = RecoveryCode.objects.filter(agent=agent, digest=_digest(code), used_at=None).update(
        used_at=timezone.now()
    )
    return "recovery" if used else ""


def _locked(agent: Agent, *, confirmed: bool) -> SecondStep | None:
    rows = SecondStep.objects.select_for_update().filter(agent=agent, confirmed_at__isnull=not confirmed)
    return rows.first()


def _refuse_others(agent: Agent, actor: Actor) -> None:
    """Nobody else, of whatever rights, learns or chooses an agent's second step."""
    if actor.agent != agent or actor.grant is not None:
        raise Refused("", "not_yours", gettext("Everybody sets up two-step sign-in for himself."))


def _accept(step: SecondStep, code: str) -> bool:
    """Use a code up. The row is locked, so of many parallel uses of one code one is accepted."""
    totp, now = _totp(step), int(time.time()) // STEP
    for tried in range(max(now - DRIFT, step.used_until + 1), now + DRIFT + 1):
        if hmac.compare_digest(totp.generate(tried * STEP).decode(), code.strip()):
            step.used_until = tried
            step.save(update_fields=["used_until"])
            return True
    return False


def _totp(step: SecondStep) -> TOTP:
    return TOTP(unseal(step.sealed_seed, purpose=_PURPOSE), 6, SHA1(), STEP)  # noqa: S303


def _make_recovery_codes(agent: Agent) -> list[str]:
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(12)) for _ in range(RECOVERY_CODES)]
    agent.recovery_codes.all().delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(agent=agent, digest=_digest(code)) for code in codes)
    return ["-".join((code[:4], code[4:8], code[8:])) for code in codes]


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode("utf-8", "replace")).digest()
