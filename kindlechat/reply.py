"""A reply: its states, what moves it between them, and where a follower stands in its text (pure)."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from kindlechat.errors import KindlechatError, Reason

POLL_MS = 500
"""How often an old Kindle repaints without hurting e-ink; the poll's pace while text flows."""

SILENT_POLL_MS = 2000
"""The slowest pace of a poll while a reply is under way and nothing comes."""


class State(StrEnum):
    """The states of a reply (the contract's names)."""

    WAITING = "waiting"
    STREAMING = "streaming"
    DONE = "done"
    CUT = "cut"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        """Whether nothing more comes, unless the reader asks to go on."""
        return self not in UNDER_WAY

    @property
    def broken(self) -> bool:
        """Whether a stream of this reply must not look complete."""
        return self in (State.INTERRUPTED, State.FAILED)


UNDER_WAY = frozenset({State.WAITING, State.STREAMING})


class Signal(StrEnum):
    """What happens to a reply."""

    TEXT = "text"
    FINISH = "finish"
    LENGTH = "length"
    STOP = "stop"
    BREAK = "break"
    CONTINUE = "continue"


TRANSITIONS: dict[tuple[State, Signal], State] = {
    (State.WAITING, Signal.TEXT): State.STREAMING,
    (State.WAITING, Signal.FINISH): State.DONE,
    (State.WAITING, Signal.LENGTH): State.CUT,
    (State.WAITING, Signal.STOP): State.STOPPED,
    (State.WAITING, Signal.BREAK): State.INTERRUPTED,  # FAILED where the text is empty
    (State.STREAMING, Signal.TEXT): State.STREAMING,
    (State.STREAMING, Signal.FINISH): State.DONE,
    (State.STREAMING, Signal.LENGTH): State.CUT,
    (State.STREAMING, Signal.STOP): State.STOPPED,
    (State.STREAMING, Signal.BREAK): State.INTERRUPTED,
    (State.CUT, Signal.CONTINUE): State.WAITING,
    (State.STOPPED, Signal.CONTINUE): State.WAITING,
    (State.INTERRUPTED, Signal.CONTINUE): State.WAITING,
}


FULL_LENGTH = Reason.TOO_LONG_TEXT
"""Why a reply was cut that has no room for more text."""


class IllegalTransition(KindlechatError):
    """A signal came in a state that has no place for it: a bug of ours."""


def next_state(state: State, signal: Signal, *, has_text: bool) -> State:
    """The state after `signal`. Raises IllegalTransition.

    A break with no text at all is a failure: there is nothing to go on from.
    """
    try:
        after = TRANSITIONS[state, signal]
    except KeyError:
        raise IllegalTransition(f"no transition from {state} by {signal}") from None
    if signal is Signal.BREAK and not has_text:
        return State.FAILED
    return after


@dataclass(frozen=True)
class Message:
    """One message of a conversation."""

    role: Literal["user", "model"]
    text: str


@dataclass(frozen=True)
class Progress:
    """What a follower learns at one moment: the text after its cursor, and how the reply stands.

    `cursor` is where `text` ends, in characters from the reply's beginning.
    """

    text: str
    cursor: int
    state: State
    reason: Reason | None


@dataclass(frozen=True)
class Reply:
    """One question and the answer to it, as a store gives them."""

    id: str
    conversation: str
    question: str
    text: str
    state: State
    reason: Reason | None

    @property
    def can_continue(self) -> bool:
        """Whether it can go on from where its text ends; a text of full length cannot."""
        return (self.state, Signal.CONTINUE) in TRANSITIONS and self.reason is not FULL_LENGTH

    def after(self, cursor: int) -> Progress:
        """The progress of a follower that has read up to `cursor`."""
        return progress_after(cursor, self.text, self.state, self.reason)


def progress_after(cursor: int, text: str, state: State, reason: Reason | None) -> Progress:
    """The progress of a follower that has read up to `cursor` of a reply that reads `text` here.

    A follower that comes from a process which knows more already keeps its cursor: it must not
    read twice what it has.
    """
    return Progress(text[cursor:], max(cursor, len(text)), state, reason)


class BadCursor(KindlechatError):
    """The cursor is not one that this server gave."""


def parse_cursor(value: str) -> int:
    """The position that a follower's opaque cursor stands for. Raises BadCursor."""
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise BadCursor
    return int(value)


def next_poll_ms(state: State, silent_s: float) -> int:
    """When a poller should ask again after `silent_s` seconds without news: 0 when all has come."""
    if state.ended:
        return 0
    if silent_s < 4:
        return POLL_MS
    return 2 * POLL_MS if silent_s < 10 else SILENT_POLL_MS
