"""People and their rights in the admin."""

from accounts.admin import agents, contacts, events, helpdesk, roles, teams  # noqa: F401 - importing registers.
