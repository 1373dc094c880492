"""The service agent that is made together with its key."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import Agent, AgentKind

NOBODY_YET = -1
"""The id of an agent who is not made yet: no row has it, so nothing is his."""


def agent_to_be(cleaned: Mapping[str, Any]) -> Agent:
    """The agent as the form describes it, not saved."""
    name = cleaned.get("service_name") or _("the new agent")
    agent = Agent(pk=NOBODY_YET, name=name, kind=AgentKind.SERVICE, role=cleaned["service_role"])
    agent._team_ids = [team.pk for team in cleaned.get("service_teams", ())]  # type: ignore[attr-defined]
    return agent


def new_agent(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """The same in the words of the verb that makes it."""
    name = cleaned["service_name"].strip()
    # Agents are told apart by their addresses. Nothing is ever sent to this one: no such domain can exist.
    address = f"{slugify(name) or 'service'}-{secrets.token_hex(4)}@service.invalid"
    return {
        "email": address[-254:],
        "name": name,
        "role": cleaned["service_role"],
        "teams": cleaned["service_teams"],
        "kind": AgentKind.SERVICE,
    }
