"""A reply: its states, the signals that change them, and the place of a follower in its text (pure)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from kindlechat.errors import ENDED_BY_MODEL, KindlechatError, Reason

POLL_MS = 500
"""The interval of polls while text comes. An old Kindle can repaint that often without hurting e-ink."""

SILENT_POLL_MS = 2000
"""The longest interval of polls while a reply is under way and no text comes."""


class State(StrEnum):
    """The states of a reply."""

    WAITING = "waiting"
    STREAMING = "streaming"
    DONE = "done"
    CUT = "cut"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        """Whether no more text comes, unless the reader continues the reply."""
        return self not in UNDER_WAY

    @property
    def broken(self) -> bool:
        """Whether a stream of this reply must end without looking complete."""
        return self in (State.INTERRUPTED, State.FAILED)


UNDER_WAY = frozenset({State.WAITING, State.STREAMING})


class Signal(StrEnum):
    """An event that changes the state of a reply."""

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


FINAL = ENDED_BY_MODEL | {Reason.TOO_LONG_TEXT}
"""The reasons of replies that no more text can come to: the model itself ended them, or they have no room."""


class IllegalTransition(KindlechatError):
    """A signal came in a state that does not allow it. This is a bug of ours."""


def next_state(state: State, signal: Signal, *, has_text: bool) -> State:
    """The state after `signal`. Raises IllegalTransition.

    A break before any text is a failure, because there is nothing to continue.
    """
    try:
        after = TRANSITIONS[state, signal]
    except KeyError:
        raise IllegalTransition(f"no transition from {state} by {signal}") from None
    if signal is Signal.BREAK and not has_text:
        return State.FAILED
    return after


@dataclass(frozen=True)
class Numbers:
    """What the requests for a reply took: tokens read and written, tries, and times in seconds.

    `first_word_s` is None where no word came.
    """

    tokens_read: int
    tokens_written: int
    tries: int
    first_word_s: float | None
    whole_s: float


class Depth(StrEnum):
    """How long an answer may be, and for how long the model thinks about it."""

    QUICK = "quick"
    THOROUGH = "thorough"


@dataclass(frozen=True)
class Message:
    """One message of a conversation; `jpeg` is the picture that goes with it, if any."""

    role: Literal["user", "model"]
    text: str
    jpeg: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Progress:
    """What a follower learns at one moment: the text after its cursor, and the state of the reply.

    `cursor` is the end of `text`, in characters from the beginning of the reply. `follow_ups` come with
    the end.
    """

    text: str
    cursor: int
    state: State
    reason: Reason | None
    follow_ups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reply:
    """A question and its answer, as a store returns them.

    `prompt` is what the model is asked where pages show less of it: a button's few words. `follow_ups` are
    questions that the model proposes after its answer. `picture` names the one that goes with the question.
    """

    id: str
    conversation: str
    question: str
    text: str
    state: State
    reason: Reason | None
    prompt: str = ""
    follow_ups: tuple[str, ...] = ()
    picture: str = ""

    def message(self, pictures: Mapping[str, bytes]) -> Message:
        """The question as the model is asked it; `pictures` are those of its conversation, by name."""
        return Message("user", self.prompt or self.question, pictures.get(self.picture, b""))

    @property
    def can_continue(self) -> bool:
        """Whether it can be continued: nothing that the model itself ended, and no text of full length."""
        return (self.state, Signal.CONTINUE) in TRANSITIONS and self.reason not in FINAL

    def after(self, cursor: int) -> Progress:
        """The progress of a follower that has read up to `cursor`."""
        return progress_after(cursor, self.text, self.state, self.reason, self.follow_ups)


def progress_after(
    cursor: int,
    text: str,
    state: State,
    reason: Reason | None,
    follow_ups: tuple[str, ...] = (),
) -> Progress:
    """The progress of a follower that has read up to `cursor` of a reply whose text here is `text`.

    A follower may come from a process that knows more text. It keeps its cursor, so that it reads nothing
    twice.
    """
    return Progress(text[cursor:], max(cursor, len(text)), state, reason, follow_ups)


class BadCursor(KindlechatError):
    """This server did not make this cursor."""


def parse_cursor(value: str) -> int:
    """The position of a follower's opaque cursor. Raises BadCursor."""
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise BadCursor
    return int(value)


def next_poll_ms(state: State, silent_s: float) -> int:
    """How long a poller should wait after `silent_s` seconds without news, or 0 when the reply has ended."""
    if state.ended:
        return 0
    if silent_s < 4:
        return POLL_MS
    return 2 * POLL_MS if silent_s < 10 else SILENT_POLL_MS
