"""People and their rights in the admin."""

from accounts.admin import (  # noqa: F401 - importing registers.
    agents,
    contacts,
    custom_fields,
    events,
    helpdesk,
    roles,
    teams,
    work,
)
