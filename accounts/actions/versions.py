"""Changes made against an older version: what does not clash is merged, what does is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from accounts.actions.refusal import Refused, Stale
from activity.models import Event


def refuse_stale(row: models.Model, based_on: int, wanted: Mapping[str, tuple[Any, Any]]) -> None:
    """Stop who would undo what others did since the version `based_on`. The row is locked.

    `wanted` holds for each field its present value and the one that shall be, as a conflict shows them. Raises
    Stale for fields that somebody changed to something else, and Refused for a version that is still to come.
    """
    version: int = row.version  # type: ignore[attr-defined]
    if based_on > version:
        kind = row._meta.verbose_name
        raise Refused(
            "version",
            "unknown_version",
            _("The %(kind)s has no version %(based_on)s yet. Read it again.")
            % {"kind": kind, "based_on": based_on},
        )
    changed = _changed_since(row, based_on) if based_on < version else set()
    conflicts = {
        field: {"yours": yours, "now": now}
        for field, (now, yours) in wanted.items()
        if field in changed and yours != now
    }
    if conflicts:
        raise Stale(conflicts, version)


def _changed_since(row: models.Model, version: int) -> set[str]:
    """Events tell the version they made, and either the values of fields or that they changed."""
    later = Event.objects.about(row).filter(facts__version__gt=version)
    return {
        field
        for changes, facts in later.values_list("changes", "facts")
        for field in (*changes, *facts.get("fields", ()))
    }
