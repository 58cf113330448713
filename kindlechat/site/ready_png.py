"""Knows a picture that needs no work: a PNG in 16 greys, as a build makes it (pure).

To make one anew takes a hundred times as long as to look at it, and Pillow besides.
"""

import struct
import zlib
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEAD = struct.Struct(">IIBBBBB")
DEPTH, PALETTE = 4, 3
"""Four bits for each pixel, which name an entry of the palette."""

LEVELS = {bytes((level,) * 3) for level in range(0, 256, 17)}
KINDS = [b"IHDR", b"PLTE", b"IDAT", b"IEND"]


def ready_size(data: bytes, max_width: int) -> tuple[int, int] | None:
    """The width and the height of a picture that is ready, and at most so wide. None for any other file."""
    if not data.startswith(SIGNATURE):
        return None
    try:
        return _size(data, max_width)
    except (ValueError, struct.error, zlib.error):
        return None


def _size(data: bytes, max_width: int) -> tuple[int, int] | None:
    chunks: dict[bytes, bytes] = {}
    for kind, body in _chunks(data):
        chunks[kind] = chunks.get(kind, b"") + body
    if [*chunks] != KINDS:  # a background or a profile would have to be looked at
        return None
    width, height, *rest = HEAD.unpack(chunks[b"IHDR"])
    greys = chunks[b"PLTE"]
    shades = {greys[at : at + 3] for at in range(0, len(greys), 3)}
    if rest != [DEPTH, PALETTE, 0, 0, 0] or not 0 < width <= max_width or not shades <= LEVELS:
        return None
    lines = zlib.decompress(chunks[b"IDAT"])
    return (width, height) if len(lines) == height * (1 + (width + 1) // 2) > 0 else None


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The parts of a PNG, by kind. Raises ValueError for a spoilt one, struct.error for one that is cut."""
    at = len(SIGNATURE)
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        (check,) = struct.unpack_from(">I", data, at + 8 + size)
        if zlib.crc32(data[at + 4 : at + 8 + size]) != check:
            raise ValueError("expected a whole chunk")
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        at += 12 + size
