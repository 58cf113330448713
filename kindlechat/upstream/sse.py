"""Server-sent events, decoded from bytes as WHATWG's HTML standard says, section 9.2.6 (pure).

No I/O: bytes in, events out. Each byte is looked at a bounded number of times, however the
stream is split.
"""

from typing import NamedTuple

MAX_EVENT_BYTES = 1024 * 1024
"""Far above any event Gemini sends (some 100 kB with grounding); what is larger is a broken stream."""

_BOM = b"\xef\xbb\xbf"


class Event(NamedTuple):
    """A dispatched event: its type, its data lines joined with LF, the last event id."""

    event: str
    data: str
    id: str


class EventTooLarge(Exception):
    """An event, or a line, grew beyond the bound; the stream cannot be followed further.

    `before` has the events that came with it and are whole.
    """

    def __init__(self, max_event_bytes: int) -> None:
        super().__init__(f"expected events of at most {max_event_bytes} bytes, got a larger one")
        self.before: list[Event] = []


class Decoder:
    """Turns the bytes of one event stream into events.

    Lines that are neither a field of the standard nor a comment are ignored by it, but kept (joined
    with LF) in `stray`: Gemini puts bare JSON into some streams.
    """

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self.stray: list[bytes] = []
        self._max = max_event_bytes
        self._line: list[bytes] = []  # pieces of the unfinished line
        self._line_size = 0
        self._data_size = 0
        self._stray_size = 0
        self._first_line = True
        self._after_cr = False
        self._data: list[bytes] = []
        self._event = b""
        self._id = b""

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that `chunk` completes. Raises EventTooLarge."""
        if self._after_cr and chunk:
            # The LF of a CRLF that straddles two chunks ended no line of its own.
            self._after_cr = False
            if chunk.startswith(b"\n"):
                chunk = chunk[1:]
        events: list[Event] = []
        try:
            self._take_lines(chunk, events)
        except EventTooLarge as error:
            error.before = events
            raise
        self._after_cr = chunk.endswith(b"\r")
        return events

    def _take_lines(self, chunk: bytes, events: list[Event]) -> None:
        for line in chunk.splitlines(keepends=True):  # on bytes: LF, CR and CRLF alone
            self._line_size += len(line)
            self._check(self._line_size + self._data_size)
            end = line[-1]
            if end == 0x0A or end == 0x0D:
                self._line_size = 0
                self._end_line(line.rstrip(b"\r\n"), events)
            else:
                self._line.append(line)

    def close(self) -> None:
        """Take the body's end: an unfinished event is discarded, an unfinished stray line kept."""
        if self._line:
            rest = b"".join(self._line)
            self._line = []
            if rest.lstrip()[:1] in (b"{", b"[", b"}", b"]"):
                self.stray.append(rest)

    def _end_line(self, line: bytes, events: list[Event]) -> None:
        if self._line:
            self._line.append(line)
            line = b"".join(self._line)
            self._line.clear()
        if self._first_line:
            self._first_line = False
            line = line.removeprefix(_BOM)
        if not line:
            self._dispatch(events)
        elif line.startswith(b"data:"):  # the one line that matters for speed
            self._data.append(line[6:] if line.startswith(b"data: ") else line[5:])
            self._data_size += len(line)
        else:
            self._take_field(line)

    def _take_field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value)
            self._data_size += len(line)
        elif name == b"event":
            self._event = value
        elif name == b"id":
            if b"\0" not in value:
                self._id = value
        elif name not in (b"", b"retry"):  # a comment; a wish that is not ours to heed
            self.stray.append(line)
            self._stray_size += len(line)
            self._check(self._stray_size)

    def _check(self, size: int) -> None:
        if size > self._max:
            raise EventTooLarge(self._max)

    def _dispatch(self, events: list[Event]) -> None:
        if self._data:
            events.append(
                Event(
                    self._event.decode("utf-8", "replace") or "message",
                    b"\n".join(self._data).decode("utf-8", "replace"),
                    self._id.decode("utf-8", "replace"),
                )
            )
            self._data = []
        self._event = b""
        self._data_size = 0
