from __future__ import annotations

import codecs
import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.utils.json import strict_constant

MOST_DIGITS = 1000


class JsonBody(JSONParser):
    """JSON as the standard defines it, of any depth that a person could mean, and no field twice."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            text = codecs.getreader("utf-8-sig")(stream)
            return json.load(
                text, parse_constant=strict_constant, parse_int=_number, object_pairs_hook=_each_once
            )
        except RecursionError:
            raise ParseError("It is nested too deeply.") from None
        except UnicodeDecodeError as error:
            raise ParseError(f"Its byte {error.start + 1} is not UTF-8.") from None
        except ValueError as error:
            raise ParseError(f"JSON parse error - {error}") from None


def _number(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"a number has {len(digits)} digits, more than {MOST_DIGITS}")
    return int(digits)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object. Which of two values is meant, whoever checked the body before us may have decided otherwise."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"the field {name[:80]!r} is there twice")
        found[name] = value
    return found
