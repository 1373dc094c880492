"""What verbs raise when the request itself is at fault. Every door turns it into its own kind of answer."""

from __future__ import annotations


class Refused(ValueError):
    """What was asked cannot be, whoever asks. The message says what to do; `field` names the input, or is empty."""

    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(message)
        self.field, self.code, self.message = field, code, message


class Taken(Refused):
    """Another row has this value already. `existing` is its id."""

    def __init__(self, field: str, message: str, existing: int) -> None:
        super().__init__(field, "duplicate", message)
        self.existing = existing
