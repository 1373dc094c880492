"""What makes sense for a key, whoever asks."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actions.refusal import Refused
from accounts.networks import check_address
from accounts.permissions import ADMINISTRATIVE, parse_scope
from apitokens.models import AccessLevel, ApiKey


def check(key: ApiKey) -> None:
    """Refuse what makes no sense. Raises Refused."""
    for field, fault, message in _RULES:
        if fault(key):
            raise Refused(field, "invalid", str(message))
    for scope in key.scopes:
        _check_scope(scope)
    for address in key.addresses:
        check_address(address)
    for tag in key.tags:
        check_tag(tag)


_RULES: tuple[tuple[str, Callable[[ApiKey], bool], Promise], ...] = (
    ("name", lambda key: not key.name, gettext_lazy("Give the key a name that says which program uses it.")),
    ("name", lambda key: len(key.name) > 100, gettext_lazy("A name may have at most 100 characters.")),
    (
        "description",
        lambda key: len(key.description) > 300,
        gettext_lazy("Say in at most 300 characters what it is used for."),
    ),
    (
        "agent",
        lambda key: not key.is_superuser_key and key.agent is None,
        gettext_lazy("Choose the agent that this key acts as."),
    ),
    (
        "owner",
        lambda key: not key.owner.is_person,
        gettext_lazy("The owner has to be a person who can answer for the key."),
    ),
    (
        "scopes",
        lambda key: key.access_level == AccessLevel.CUSTOM and not key.scopes and not key.admin_functions,
        gettext_lazy("Choose at least one thing that the key may do."),
    ),
    (
        "admin_functions",
        lambda key: key.is_bot_token and key.admin_functions,
        gettext_lazy(
            "A bot token has no admin functions: nothing that only administrators may is offered to bots."
        ),
    ),
    (
        "rate_limit",
        lambda key: key.rate_limit is not None and key.rate_limit < 1,
        gettext_lazy("A key must be allowed at least one request a minute."),
    ),
)


def _check_scope(scope: str) -> None:
    try:
        meaning = parse_scope(scope)
    except ValueError as error:
        raise Refused("scopes", "invalid", str(error)) from None
    if meaning & ADMINISTRATIVE:
        raise Refused(
            "scopes",
            "invalid",
            _("“%(scope)s” cannot be chosen as a scope: give the key admin functions instead.")
            % {"scope": scope[:80]},
        )


def check_tag(tag: str) -> None:
    """Raises Refused unless this is a pattern over names of operations."""
    if len(tag) > 60 or not tag.strip("-") or not all(c.islower() or c in "-*._" for c in tag):
        raise Refused(
            "tags",
            "invalid",
            _("“%(tag)s” is no operation pattern. Write tickets.create, tickets.* or -*.delete.")
            % {"tag": tag[:80]},
        )
