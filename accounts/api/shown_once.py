"""Answers that hold a secret. It is in the answer itself, and nowhere that outlives it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.response import Response


class ShownOnce(Response):
    """`data` with the members of `secret`. What is kept for a repetition, or rehearsed, has them as null."""

    def __init__(
        self,
        data: Mapping[str, Any],
        *,
        secret: Mapping[str, str],
        headers: Mapping[str, str],
        status: int = 200,
    ) -> None:
        super().__init__(
            {"data": {**data, **secret}}, status, headers={**headers, "Cache-Control": "no-store"}
        )
        self.without_secret = {"data": {**data, **dict.fromkeys(secret)}, "meta": {"secret_withheld": True}}


def memorable(response: Response) -> Any:
    """What may be kept of an answer, or shown of one that is taken back."""
    return response.without_secret if isinstance(response, ShownOnce) else response.data
