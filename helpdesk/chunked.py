"""Bodies of unknown length (`Transfer-Encoding: chunked`), which Django would take for no body at all."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from typing import Any, cast
from wsgiref.types import InputStream

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]

LARGEST = 32 * 1024 * 1024
"""Bytes kept of such a body: more than any limit of the product admits, so that the limit itself is what answers."""

IN_MEMORY = 1024 * 1024


def wrap(application: Application) -> Application:
    """Read a chunked body first and give the application its length."""

    def measured(environ: Environ, start_response: Any) -> Iterable[bytes]:
        if "chunked" not in environ.get("HTTP_TRANSFER_ENCODING", "").lower() or environ.get(
            "CONTENT_LENGTH"
        ):
            return application(environ, start_response)
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as body:
            length = _copy(environ["wsgi.input"], body)
            body.seek(0)
            environ |= {"wsgi.input": body, "CONTENT_LENGTH": str(length)}
            return application(environ, start_response)

    return measured


def _copy(source: InputStream, target: Any) -> int:
    length = 0
    while length < LARGEST and (block := source.read(min(65536, LARGEST - length))):
        length += cast("int", target.write(block))
    return length
