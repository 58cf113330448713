"""The forms in which a follower's progress goes out as bytes: plain text, server-sent events, HTML.

Pure: each function turns an iterator of Progress into an iterator of bytes. An empty progress means
that nothing came for a while; each form has its own byte to send then, one that changes no text.
"""

import errno
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kindlechat.errors import Reason
from kindlechat.reply import BadCursor, Progress, State, parse_cursor

HELD_CHARS = 8
"""Plain text has no byte to spare once words flow, so the last few characters are held back and sent
one by one, a beat apart, when the upstream falls silent: enough for a model that thinks in mid-answer
for as long as the client lets it (Timings.pause_timeout_s)."""

LOAD_AGAIN = '<meta http-equiv="refresh" content="0">'
"""For a page that cannot end as it began: loaded anew, it has the finished answer. Nothing is known to
bring it about; a rule that is wrong would."""

LIVE_HEAD_BYTES = 1024
"""WebKit paints nothing before some 512 bytes, newer ones before 200 visible characters."""

LIVE_HEARTBEAT = b"</x>"
"""The end tag of no element, which every browser ignores: a growing page stays as it is. A comment would be a
node more; what is left open, be it a comment or a tag, some browsers show or wait for."""

HEARTBEAT_EVERY = 3
"""Of so many pieces of text that a growing page does not show yet, the first one sends a heartbeat: one for
each would weigh as much as the text."""


class BrokenOff(ConnectionResetError):
    """Ends a response without its last chunk, so that the client notices that text is missing.

    gunicorn closes the connection quietly on a reset connection; any other error it would log.
    """

    def __init__(self) -> None:
        super().__init__(errno.ECONNRESET, "the reply broke off")


def plain_text(first: Progress, rest: Iterator[Progress]) -> Iterator[bytes]:
    """The text as it comes and nothing else; spaces before the first word as heartbeats.

    Its last characters are held back until more come or the reply ends. `first` was read already, to learn
    the response's status.
    """
    held = ""
    begun = False
    progress = first
    while True:
        held += progress.text
        if progress.state.ended:
            if held:
                yield held.encode()
            if progress.state.broken:
                raise BrokenOff
            return
        begun = begun or len(held) > HELD_CHARS
        if begun and held:
            # Some of what came, so that a trickle is no silence; in a silence one character.
            send = max(1, len(held) - HELD_CHARS) if progress.text else 1
            yield held[:send].encode()
            held = held[send:]
        elif not begun and not progress.text:
            yield b" "
        progress = next(rest)  # an ended one comes before the iterator's end


@dataclass(frozen=True)
class EventId:
    """The id of a server-sent event, from which a client that has this event goes on.

    It is the cursor for a text, and `CURSOR-STATE` or `CURSOR-STATE-REASON` for a state or an end.
    """

    cursor: int
    state: State | None = None
    reason: Reason | None = None

    @classmethod
    def parse(cls, value: str) -> "EventId":
        """The id that a client gives back. Raises BadCursor."""
        digits, *names = value.split("-", 2)
        cursor = parse_cursor(digits)
        try:
            state = State(names[0]) if names else State.STREAMING  # which is told before any text
            reason = Reason(names[1]) if names[1:] else None
        except ValueError:
            raise BadCursor from None
        return cls(cursor, state, reason)

    def __str__(self) -> str:
        return "-".join(
            str(part) for part in (self.cursor, self.state, self.reason) if part is not None
        )

    def tells(self, progress: Progress) -> bool:
        """Whether a client that has this event knows all of this progress."""
        return not progress.text and (self.state, self.reason) == (progress.state, progress.reason)


def server_sent_events(
    progresses: Iterator[Progress],
    describe: Callable[[Progress], dict[str, object]],
    last: EventId = EventId(0),
) -> Iterator[bytes]:
    """The text as `message` events, each news of the state as a `state` event before the text that
    comes with it, and one `end` event; comments keep the connection alive.

    `describe` gives the JSON of a state or end event. `last` is the event that the client has already.
    """
    yield b"retry: 2000\n\n"
    told = (last.state, last.reason)
    for progress in progresses:
        standing = (progress.state, progress.reason)
        ended, news = progress.state.ended, standing != told
        if news and not ended:
            start = progress.cursor - len(progress.text)
            yield _event(EventId(start, *standing), json.dumps(describe(progress)), "state")
        if progress.text:
            yield _event(EventId(progress.cursor), progress.text)
        if ended:
            yield _event(EventId(progress.cursor, *standing), json.dumps(describe(progress)), "end")
        elif not news and not progress.text:
            yield b": still here\n\n"
        told = standing


def _event(event_id: EventId, data: str, kind: str = "") -> bytes:
    name = f"event: {kind}\n" if kind else ""
    lines = "".join(f"data: {line}\n" for line in data.split("\n"))
    return f"id: {event_id}\n{name}{lines}\n".encode()


def html_updates(
    progresses: Iterator[Progress],
    update: Callable[[str, Progress, bool], dict[str, object] | None],
) -> Iterator[bytes]:
    """A JSON object a line for a page that shows the answer: what a poll would have told it.

    `update` makes it of the whole text so far, the last progress and whether nothing came for a while,
    or finds nothing to tell; an empty line is the heartbeat.
    """
    text = ""
    for progress in progresses:
        text += progress.text
        news = update(text, progress, not progress.text)
        if news:
            yield json.dumps(news, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
        else:  # a patient reader's text may flow for minutes with nothing to tell
            yield b"\n"


def growing_html(
    head: str,
    progresses: Iterator[Progress],
    show: Callable[[str, Progress], str],
    tail: Callable[[str, Progress], str],
) -> Iterator[bytes]:
    """A page that grows: its head at once, the answer as it comes, then its tail.

    `show` gives the HTML of the whole text so far at a progress, open at its end until it has ended;
    `tail` gets the same.
    A comment, which no browser shows, is the padding of the head.
    """
    start = head.encode()
    filler = max(0, LIVE_HEAD_BYTES - len(start) - len("<!---->"))
    yield start + b"<!--" + b" " * filler + b"-->"
    text = shown = ""
    unshown = 0
    for progress in progresses:
        text += progress.text
        html = show(text, progress)
        if html.startswith(shown):
            piece, shown = html[len(shown) :], html
        else:
            piece = LOAD_AGAIN if progress.state.ended else ""
        unshown = 0 if piece or not progress.text else unshown + 1
        if piece:
            yield piece.encode()
        elif not (progress.state.ended or ((unshown - 1) % HEARTBEAT_EVERY and progress.text)):
            yield LIVE_HEARTBEAT  # a patient reader's text may flow for minutes, unshown
        if progress.state.ended:
            yield tail(text, progress).encode()
