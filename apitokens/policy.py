"""Whose keys and request logs exist for whom."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from accounts.permissions import Permission
from accounts.policy import rights
from activity.actor import Actor
from apitokens.models import ApiKey, Application, Consent, ConsentRequest, LoggedRequest


def visible(actor: Actor) -> QuerySet[ApiKey]:
    """Administrators see every key; others who may read keys see the ones they own."""
    held = rights(actor)
    if Permission.KEYS_READ not in held:
        return ApiKey.objects.none()
    own = Q(owner=actor.agent)
    return ApiKey.objects.all() if Permission.ADMIN in held or actor.is_system else ApiKey.objects.filter(own)


def answered_for(actor: Actor) -> QuerySet[ApiKey]:
    """The keys that an agent is told of: those he sees, and those he answers for without seeing their page."""
    if actor.agent is None:
        return visible(actor)
    return ApiKey.objects.filter(Q(owner=actor.agent) | Q(pk__in=visible(actor).order_by().values("pk")))


def visible_requests(actor: Actor) -> QuerySet[LoggedRequest]:
    """The logs of visible keys."""
    return LoggedRequest.objects.filter(key__in=visible(actor))


def visible_applications(actor: Actor) -> QuerySet[Application]:
    """Administrators see every application; they belong to nobody else."""
    held = rights(actor)
    may = actor.is_system or {Permission.KEYS_READ, Permission.ADMIN} <= held
    return Application.objects.all() if may else Application.objects.none()


def visible_consents(actor: Actor) -> QuerySet[Consent]:
    """Whoever sees an application sees who allowed it."""
    return Consent.objects.filter(application__in=visible_applications(actor))


def visible_consent_requests(actor: Actor) -> QuerySet[ConsentRequest]:
    """And what it did for them."""
    return ConsentRequest.objects.filter(consent__in=visible_consents(actor))
