"""Sessions in the database that know whose they are. The setting SESSION_ENGINE names this module."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Agent, Session
from activity.actor import Actor, Door
from activity.screening import screened

SEEN_EVERY = timedelta(minutes=10)
"""How exactly `seen_at` is kept. Writing it with each request would make every page wait for the disk."""
_ADDRESS, _BROWSER, _SIGNED_IN = "address", "browser", "signed_in_at"


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row: Session = super().create_model_instance(data)  # type: ignore[assignment]
        row.agent_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        row.address, row.browser = data.get(_ADDRESS), data.get(_BROWSER, "")
        if _SIGNED_IN in data:
            row.signed_in_at = datetime.fromisoformat(data[_SIGNED_IN])
        return row

    def _get_session_from_db(self) -> Session | None:
        row: Session | None = super()._get_session_from_db()  # type: ignore[misc]
        if row is not None and timezone.now() - row.seen_at > SEEN_EVERY:
            Session.objects.filter(pk=row.pk).update(seen_at=timezone.now())
        return row


@transaction.atomic
def describe(request: HttpRequest, agent: Agent) -> None:
    """Note in a session that begins where it is, for its owner to recognise it by."""
    browser = request.headers.get("User-Agent", "").replace("\0", "")[:256]
    actor = Actor(Door.WEB, agent=agent)
    request.session[_ADDRESS] = request.META["REMOTE_ADDR"]
    request.session[_BROWSER] = screened(browser, actor=actor, where="session")
    request.session[_SIGNED_IN] = timezone.now().isoformat()
