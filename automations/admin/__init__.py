"""The admin's pages of what acts by itself."""

from automations.admin import macros, triggers  # noqa: F401 - importing them registers the pages.
