"""What verbs raise when the request itself is at fault. Every door turns it into its own kind of answer."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _


class Refused(ValueError):
    """What was asked cannot be, whoever asks. The message says what to do; `field` names the input, or is empty."""

    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(message)
        self.field, self.code, self.message = field, code, message


class Faulty(Refused):
    """Several inputs are at fault: `faults` maps the path of each to its code and a sentence."""

    def __init__(self, faults: dict[str, tuple[str, str]]) -> None:
        path, (code, message) = next(iter(faults.items()))
        super().__init__(path, code, message)
        self.faults = faults


class Taken(Refused):
    """Another row has this value already. `existing` is its id, None for a row the actor may not see."""

    def __init__(self, field: str, message: str, existing: int | None) -> None:
        super().__init__(field, "duplicate", message)
        self.existing = existing


class InUse(Refused):
    """The row cannot go, because others still need it. The message says which, as far as the actor sees them."""

    def __init__(self, message: str) -> None:
        super().__init__("", "in_use", message)


class Stale(Refused):
    """Somebody changed the same fields since: `conflicts` maps each to {"yours", "now"}. `version` is the latest."""

    def __init__(self, conflicts: dict[str, dict[str, Any]], version: int) -> None:
        fields = ", ".join(sorted(conflicts))
        super().__init__(
            "version",
            "stale_version",
            _("Somebody else changed %(fields)s meanwhile. Look at both values.") % {"fields": fields},
        )
        self.conflicts, self.version = conflicts, version


class Merged(Refused):
    """The row was merged into another one. Ask it of that one; `into` is its id."""

    def __init__(self, number: int, into: int) -> None:
        message = _(
            "Ticket %(number)s was merged into ticket %(into)s. Do it there, or unmerge %(number)s first."
        ) % {"number": number, "into": into}
        super().__init__("", "merged", message)
        self.into = into
