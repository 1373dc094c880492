"""What makes production unsafe to start, or unable to: most of it as Django system checks."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from accounts.models import Agent
from apitokens.models import ApiKey
from helpdesk.static_files import not_gathered

SHORTEST_SECRET = 50
FEWEST_CHARACTERS = 10  # Different ones in a secret: fewer, and nobody chose it at random.


@register(Tags.security)
def production_settings_are_safe(**_kwargs: Any) -> list[CheckMessage]:
    return list(_unsafe_settings()) if settings.PRODUCTION else []


@register(Tags.database)
def production_has_no_demo_accounts(**_kwargs: Any) -> list[CheckMessage]:
    return list(_demo_accounts()) if settings.PRODUCTION else []


def refuse_unsafe_start() -> None:
    """A web server starts without running the checks; these it must not skip."""
    errors = production_settings_are_safe() + production_has_no_demo_accounts() + list(_static_files())
    if errors:
        raise ImproperlyConfigured(" ".join(f"{error.msg} {error.hint}" for error in errors))


def _unsafe_settings() -> Iterator[CheckMessage]:
    if settings.DEBUG:
        yield Error("DEBUG is on.", hint="Unset DEBUG: its error pages show secrets.", id="helpdesk.E001")
    for name, secret in _secrets():
        if is_weak(secret):
            yield Error(
                f"{name} is weak.",
                hint=f"Give at least {SHORTEST_SECRET} random characters: openssl rand -base64 48",
                id="helpdesk.E002",
            )
    if "*" in settings.ALLOWED_HOSTS:
        yield Error(
            "ALLOWED_HOSTS allows every host.", hint="Name the hosts that people type.", id="helpdesk.E003"
        )
    if settings.HTTPS_ONLY and not settings.SITE_URL.startswith("https://"):
        yield Error(
            "SITE_URL is not an https address.",
            hint="Give the https address, or set HTTPS_ONLY=false if this site really has none.",
            id="helpdesk.E004",
        )


def _demo_accounts() -> Iterator[CheckMessage]:
    try:
        found = Agent.objects.filter(is_demo=True).exists() or ApiKey.objects.filter(is_demo=True).exists()
    except DatabaseError:
        return  # Away, or not migrated yet: there is nobody to let in either.
    if found:
        yield Error(
            "The database holds demo accounts, whose passwords and keys are public.",
            hint="Use a database of its own for production.",
            id="helpdesk.E005",
        )


def _static_files() -> Iterator[CheckMessage]:
    if not_gathered():
        yield Error(
            "Not all static files are gathered, and every page would fail.",
            hint="Run: python manage.py collectstatic --noinput",
            id="helpdesk.E006",
        )


def _secrets() -> Iterator[tuple[str, str]]:
    yield "SECRET_KEY", settings.SECRET_KEY
    for secret in settings.SECRET_KEY_FALLBACKS:
        yield "SECRET_KEY_FALLBACKS", secret
    for pepper in settings.API_KEY_PEPPERS or [""]:
        yield "API_KEY_PEPPERS", pepper


def is_weak(secret: str) -> bool:
    return len(secret) < SHORTEST_SECRET or len(set(secret)) < FEWEST_CHARACTERS or "insecure" in secret
