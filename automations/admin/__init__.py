"""The admin's pages of what acts by itself."""

from automations.admin import (  # noqa: F401 - importing them registers the pages.
    home,
    macros,
    sla,
    sla_home,
    triggers,
    webhooks,
)
