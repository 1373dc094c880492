"""People and their rights in the admin."""

from accounts.admin import agents, contacts, events, roles, teams  # noqa: F401 - importing them registers them.
