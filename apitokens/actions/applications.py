"""Which programs may ask agents to act for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from oauth2_provider.generators import generate_client_id

from accounts.actions.refusal import Refused
from accounts.permissions import ADMINISTRATIVE, Permission, parse_scope
from accounts.policy import Decision, NotAllowed, require, rights
from activity.actor import Actor
from activity.recording import record
from activity.screening import screen
from apitokens import redirects, secrets
from apitokens.models import Application, ClientType

EDITABLE = ("name", "description", "client_type", "redirect_uris", "scopes")
MOST_ADDRESSES = 20


@transaction.atomic
def register(
    *,
    actor: Actor,
    name: str,
    redirect_uris: str,
    scopes: Sequence[str],
    client_type: str = ClientType.CONFIDENTIAL,
    description: str = "",
) -> tuple[Application, str]:
    """A new application and its client secret, which cannot be shown again. A public one has none: it is ""."""
    application = Application(
        name=name.strip(),
        description=description.strip(),
        client_type=client_type,
        client_id=generate_client_id(),
        redirect_uris=_one_a_line(redirect_uris),
        scopes=list(scopes),
        created_by=actor.agent,
    )
    _authorize(actor, application)
    check(application)
    screen(application, actor=actor)
    secret = "" if application.is_public else _give_secret(application)
    application.save(force_insert=True)
    record(actor, "application.created", application, kind=client_type, scopes=application.scopes)
    return application, secret


@transaction.atomic
def edit(application: Application, *, actor: Actor, **fields: Any) -> Application:
    """Change an application. What it may not do any more is refused from the next request on. Raises Refused.

    Whether it keeps a secret is settled when it is made: its tokens were given on that understanding.
    """
    application = locked(application, actor)
    before = {name: getattr(application, name) for name in EDITABLE if name in fields}
    for name in before:
        setattr(application, name, fields[name])
    application.redirect_uris = _one_a_line(application.redirect_uris)
    if application.client_type != before.get("client_type", application.client_type):
        raise Refused("client_type", "invalid", _("An application stays what it is. Register a new one."))
    _authorize(actor, application)
    check(application)
    screen(application, actor=actor)
    changed = {name: old for name, old in before.items() if getattr(application, name) != old}
    if not changed:
        return application
    application.save(update_fields=[*sorted(changed), "updated"])
    changes = {name: (old, getattr(application, name)) for name, old in changed.items()}
    record(actor, "application.changed", application, changes=changes)
    return application


@transaction.atomic
@sensitive_variables("secret")
def regenerate_client_secret(application: Application, *, actor: Actor) -> str:
    """A new client secret. The one before is refused at once; tokens that were given go on."""
    application = locked(application, actor)
    if application.is_public:
        raise Refused("", "invalid", _("A public application has no secret."))
    secret = _give_secret(application)
    application.regenerated_at = timezone.now()
    application.save(update_fields=["digest", "hint", "regenerated_at", "updated"])
    record(actor, "application.regenerated", application)
    return secret


@transaction.atomic
def disable(application: Application, *, actor: Actor) -> Application:
    """Let it in no more, with any of its tokens, until it is enabled again."""
    application = locked(application, actor)
    if application.disabled_at:
        return application
    application.disabled_at = timezone.now()
    application.save(update_fields=["disabled_at", "updated"])
    record(actor, "application.disabled", application)
    return application


def disable_leaked(by_digest: Mapping[bytes, str], *, actor: Actor, where: Mapping[str, Any]) -> set[str]:
    """Disable the applications whose client secret somebody wrote down. Returns these secrets."""
    found: set[str] = set()
    for application in (
        Application.objects.select_for_update().filter(digest__in=list(by_digest)).order_by("pk")
    ):
        found.add(by_digest[application.client_secret or b""])
        if application.disabled_at is None:
            application.disabled_at = timezone.now()
            application.save(update_fields=["disabled_at", "updated"])
            record(actor, "application.disabled", application, why="leaked", **where)
    return found


@transaction.atomic
def enable(application: Application, *, actor: Actor) -> Application:
    application = locked(application, actor)
    if not application.disabled_at:
        return application
    application.disabled_at = None
    application.save(update_fields=["disabled_at", "updated"])
    record(actor, "application.enabled", application)
    return application


@transaction.atomic
def delete_application(application: Application, *, actor: Actor) -> None:
    """Remove a disabled application with its tokens, what agents allowed it, and its logs. History keeps its name."""
    application = locked(application, actor, Permission.KEYS_DELETE)
    if not application.disabled_at:
        raise Refused("", "invalid", _("Disable the application first. Only disabled ones can be deleted."))
    record(actor, "application.deleted", application)
    application.delete()


def locked(
    application: Application, actor: Actor, permission: Permission = Permission.KEYS_WRITE
) -> Application:
    require(actor, permission)
    require(actor, Permission.ADMIN)
    return Application.objects.select_for_update().get(pk=application.pk)


def _authorize(actor: Actor, application: Application) -> None:
    """An application may ask every agent, so only an administrator decides what for."""
    require(actor, Permission.KEYS_WRITE)
    require(actor, Permission.ADMIN)
    wider = sorted(_permissions(application.scopes) - rights(actor))
    if wider:
        sentence = _("This application could ask for what you may not do yourself: %(what)s.")
        raise NotAllowed(Decision(False, "widening", sentence % {"what": ", ".join(wider)}, wider[0]))


def check(application: Application) -> None:
    """Refuse what makes no sense, whoever asks. Raises Refused."""
    if not application.name or len(application.name) > 100:
        raise Refused("name", "invalid", _("Give the application a name of at most 100 characters."))
    if len(application.description) > 300:
        raise Refused("description", "invalid", _("Say in at most 300 characters what it is used for."))
    if not application.scopes:
        raise Refused("scopes", "invalid", _("Choose at least one thing that the application may ask for."))
    _check_addresses(application.addresses)


def _check_addresses(addresses: list[str]) -> None:
    if not addresses or len(addresses) > MOST_ADDRESSES:
        sentence = _("Give the addresses that agents are sent back to: one a line, at most %(most)s.")
        raise Refused("redirect_uris", "invalid", sentence % {"most": MOST_ADDRESSES})
    for fault in filter(None, map(redirects.fault, addresses)):
        raise Refused("redirect_uris", "invalid", fault)


def _permissions(scopes: Sequence[str]) -> frozenset[Permission]:
    found: frozenset[Permission] = frozenset()
    for scope in scopes:
        try:
            found |= parse_scope(scope)
        except ValueError as error:
            raise Refused("scopes", "invalid", str(error)) from None
    if found & ADMINISTRATIVE:
        raise Refused("scopes", "invalid", _("What administers the helpdesk is not for applications."))
    return found


def _one_a_line(addresses: str) -> str:
    return "\n".join(dict.fromkeys(addresses.split()))


def _give_secret(application: Application) -> str:
    secret = secrets.generate(secrets.CLIENT_PREFIX)
    application.digest, application.hint = secrets.digest(secret), secrets.hint(secret)
    return secret
