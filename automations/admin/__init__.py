"""The admin's pages of what acts by itself."""

from automations.admin import macros, sla, sla_home, triggers  # noqa: F401 - importing them registers the pages.
