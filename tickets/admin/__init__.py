"""Tickets in the admin: what is configured for them; they themselves are read only."""

from tickets.admin import home, setup, tickets, views  # noqa: F401 - importing them registers them.
