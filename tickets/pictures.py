"""Which files are pictures that a page may show: told from their first bytes, never from their names."""

from __future__ import annotations

import struct
from dataclasses import dataclass

CLAIMED = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""Types for which it is worth looking."""

MAX_PIXELS = 25_000_000
"""A small file can describe a picture that takes gigabytes to unpack."""

MAX_SHOWN = 10 * 1024 * 1024
"""Bytes of a file that is shown."""

HEAD = 256 * 1024
"""Bytes that are looked at. A JPEG's size may stand behind a preview inside it."""

_SIZES = frozenset({*range(0xC0, 0xD0)}) - {0xC4, 0xC8, 0xCC}
"""Markers of JPEG that are followed by the picture's size."""


@dataclass(frozen=True, slots=True)
class Picture:
    content_type: str
    width: int
    height: int

    @property
    def is_small_enough(self) -> bool:
        return 0 < self.width * self.height <= MAX_PIXELS


def recognise(head: bytes) -> Picture | None:
    """The picture that a file with this beginning is; None for anything else, damaged ones included."""
    for read in (_png, _gif, _webp, _jpeg):
        try:
            picture = read(head)
        except (struct.error, IndexError):
            picture = None
        if picture:
            return picture
    return None


def _png(head: bytes) -> Picture | None:
    if head[:8] != b"\x89PNG\r\n\x1a\n" or head[12:16] != b"IHDR":
        return None
    return Picture("image/png", *struct.unpack(">II", head[16:24]))


def _gif(head: bytes) -> Picture | None:
    if head[:6] not in {b"GIF87a", b"GIF89a"}:
        return None
    return Picture("image/gif", *struct.unpack("<HH", head[6:10]))


def _webp(head: bytes) -> Picture | None:
    if head[:4] != b"RIFF" or head[8:12] != b"WEBP":
        return None
    match head[12:16]:
        case b"VP8 ":
            width, height = struct.unpack("<HH", head[26:30])
            return Picture("image/webp", width & 0x3FFF, height & 0x3FFF)
        case b"VP8L":
            (bits,) = struct.unpack("<I", head[21:25])
            return Picture("image/webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
        case b"VP8X":
            sizes = (int.from_bytes(head[at : at + 3], "little") + 1 for at in (24, 27))
            return Picture("image/webp", *sizes)
    return None


def _jpeg(head: bytes) -> Picture | None:
    if head[:3] != b"\xff\xd8\xff":
        return None
    at = 2
    while head[at] == 0xFF:
        marker, length = head[at + 1], int.from_bytes(head[at + 2 : at + 4], "big")
        if marker in _SIZES:
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return Picture("image/jpeg", width, height)
        at += 2 + max(length, 2)
    return None
