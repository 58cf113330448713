"""The chunked transfer coding of HTTP/1.1 (RFC 9112, 7.1): bytes without their framing, as they come (pure).

urllib3 reads one chunk at a time, with eight calls for each. A stream that is read four times a second has
several to take at once.
"""

import re

MAX_LINE_BYTES = 4096
"""Far above any size, extension or trailer field that a server sends."""

COMMON_SIZE = re.compile(rb"([1-9a-fA-F][0-9a-fA-F]{0,6})\r\n")
"""The size of a chunk as nearly all servers write it; not that of the last one, which is 0."""

SIZE = re.compile(rb"[ \t]*([0-9a-fA-F]{1,16})[ \t]*(?:;.*)?\r?\n")


class BadChunk(Exception):
    """The framing is not what the standard says; the stream cannot be followed further."""


class ChunkedDecoder:
    """Takes the framing off one body; `ended` says that all of it was there, `has_surplus` that more came
    behind it."""

    def __init__(self) -> None:
        self.ended = self.has_surplus = False
        self._line = b""  # the beginning of an unfinished line
        self._left = 0  # bytes of the chunk that are still to come
        self._after_data = False  # the line end that follows a chunk is to come
        self._in_trailer = False

    def feed(self, data: bytes) -> bytes:
        """What the data holds of the body; no data at all is the connection's end.

        Raises BadChunk. What follows the body's end is left out.
        """
        if not data:
            raise BadChunk("the body ended before its last chunk")
        data = self._line + data if self._line else data
        self._line = b""
        pieces: list[bytes] = []
        is_between = not (self._left or self._after_data or self._in_trailer)
        at, size = _take_common(data, pieces) if is_between else 0, len(data)
        while at < size and not self.ended:
            if self._left:
                piece = data[at : at + self._left]
                pieces.append(piece)
                self._left -= len(piece)
                self._after_data = not self._left
                at += len(piece)
                continue
            end = data.find(b"\n", at) + 1
            if (end or size) - at > MAX_LINE_BYTES:
                raise BadChunk("expected a short line, got a long one")
            if not end:
                self._line = data[at:]
                break
            self._take(data[at:end])
            at = end
        self.has_surplus = self.ended and at < size
        return b"".join(pieces)

    def _take(self, line: bytes) -> None:
        """A line between chunks, or after the last one."""
        is_empty = line in (b"\r\n", b"\n")
        if self._in_trailer:
            self.ended = is_empty
        elif self._after_data:
            if not is_empty:
                raise BadChunk("expected the end of a chunk, got more of it")
            self._after_data = False
        elif size := SIZE.fullmatch(line):
            self._left = int(size[1], 16)
            self._in_trailer = not self._left
        else:
            raise BadChunk("expected the size of a chunk, got something else")


def _take_common(data: bytes, pieces: list[bytes]) -> int:
    """Take the chunks at the data's beginning that are all there, in a third of the time; returns where they
    end. What is not quite as servers write it is left."""
    at = 0
    while line := COMMON_SIZE.match(data, at):
        start = line.end()
        end = start + int(line[1], 16)
        if data[end : end + 2] != b"\r\n":
            break
        pieces.append(data[start:end])
        at = end + 2
    return at
