"""One-time links that let an agent choose a password."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import Agent, LinkPurpose, SignInLink

LIFETIMES = {LinkPurpose.INVITE: timedelta(days=7), LinkPurpose.RESET: timedelta(hours=1)}


class InvalidLink(ValueError):
    """The link was used, replaced by a newer one, has expired, or never existed."""


def make_link(agent: Agent, purpose: LinkPurpose) -> str:
    """A new link for the agent; older unused ones of the same purpose stop working.

    Built from the configured site address, never from a request's Host header. Only its digest is stored.
    """
    token = secrets.token_urlsafe(32)
    agent.sign_in_links.filter(purpose=purpose, used_at=None).delete()
    SignInLink.objects.create(
        agent=agent, purpose=purpose, digest=_digest(token), expires_at=timezone.now() + LIFETIMES[purpose]
    )
    path = reverse("accounts:choose_password", args=[token])
    return f"{settings.SITE_URL}{path}"


def peek(token: str) -> SignInLink:
    """The link behind a token, still unused. Raises InvalidLink."""
    link = _usable(token).select_related("agent").first()
    if link is None or not link.agent.can_sign_in:
        raise InvalidLink
    return link


def consume(token: str) -> Agent:
    """Use the link up. Of many parallel uses exactly one succeeds: the update is the check."""
    link = peek(token)
    if not _usable(token).update(used_at=timezone.now()):
        raise InvalidLink
    # Who has a password now needs no other link, and a forgotten one in a mailbox lets nobody else in.
    link.agent.sign_in_links.filter(used_at=None).delete()
    return link.agent


def _usable(token: str) -> QuerySet[SignInLink]:
    return SignInLink.objects.filter(digest=_digest(token), used_at=None, expires_at__gt=timezone.now())


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
