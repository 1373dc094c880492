"""Who a session belongs to: agents sign in with their e-mail address."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, check_password
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.http import HttpRequest

from accounts.models import Agent


class EmailBackend(BaseBackend):
    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **_credentials: Any,
    ) -> Agent | None:
        """The agent with this address and password. An unknown address takes as long as a wrong password."""
        if username is None or password is None:
            return None
        agent: Agent | None = Agent.objects.with_email(username).select_related("role").first()
        if agent is None:
            check_password(password, UNUSABLE_PASSWORD_PREFIX)
            return None
        return agent if agent.check_password(password) and agent.can_sign_in else None

    def get_user(self, user_id: int) -> Agent | None:
        """The session's agent. Asked on every request, so a deactivated agent is out with the next one."""
        # With the teams, which the reach and nearly every page ask for: no query more.
        teams = Agent.teams.through.objects.filter(agent=OuterRef("pk")).order_by("team")
        rows = Agent.objects.select_related("role").annotate(_team_ids=ArraySubquery(teams.values("team")))
        agent: Agent | None = rows.filter(pk=user_id).first()
        return agent if agent is not None and agent.can_sign_in else None
