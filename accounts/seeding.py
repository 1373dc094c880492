"""What seeds ask before they write: does the database know these models as the code does?"""

from __future__ import annotations

from typing import Any

from django.apps.registry import Apps
from django.db import models


def are_migrated(*known: type[models.Model], apps: Apps | None = None, **_signal: Any) -> bool:
    """Whether a migration left these tables as they are to be: one app alone leaves those of others for later.

    Takes what the signal after a migration tells; one without `apps` comes where everything is migrated.
    """
    return apps is None or all(_columns(model, apps) == _columns(model) for model in known)


def _columns(model: type[models.Model], apps: Apps | None = None) -> set[Any]:
    try:
        now = apps.get_model(model._meta.label) if apps else model
    except LookupError:
        return set()
    return {field.column for field in now._meta.local_concrete_fields}
