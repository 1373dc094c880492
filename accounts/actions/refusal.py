from __future__ import annotations


class Refused(ValueError):
    """What was asked cannot be, whoever asks. The message says what to do; `field` names the input, or is empty."""

    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(message)
        self.field, self.code, self.message = field, code, message
