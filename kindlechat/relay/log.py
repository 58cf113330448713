"""The log of a reply: the text that its followers may see, and how they wait for more."""

import time
from collections.abc import Iterator

from gevent.event import Event

from kindlechat.errors import Reason
from kindlechat.relay.keep_alive import KeepAlive
from kindlechat.reply import Progress, State, progress_after
from kindlechat.upstream.pace import next_moment

LINGER_S = 0.15
"""So long a rest goes on for words that are about to come: they are shown at once, and not after another."""


class Log:
    """What is published of one reply; any number of followers read it, each from its own cursor."""

    __slots__ = (
        *("conversation", "text", "state", "reason", "follow_ups"),
        *("_changed", "_changes", "_changed_at", "_followers", "_polled_at"),
        *("_restless", "_has_calm_readers"),
    )

    def __init__(
        self,
        conversation: str,
        text: str = "",
        state: State = State.WAITING,
        reason: Reason | None = None,
        follow_ups: tuple[str, ...] = (),
    ) -> None:
        self.conversation = conversation
        self.text = text
        self.state = state
        self.reason = reason
        self.follow_ups = follow_ups
        self._changed = Event()
        self._changes = 0
        self._changed_at = self._polled_at = time.monotonic()
        self._followers = self._restless = 0
        self._has_calm_readers = False

    def publish(
        self,
        text: str,
        state: State,
        reason: Reason | None,
        follow_ups: tuple[str, ...] = (),
    ) -> None:
        """Append text and set the state; wake the followers if either is new. Follow-ups come with an end."""
        if not text and (state, reason) == (self.state, self.reason):
            return
        self.text += text
        self.state = state
        self.reason = reason
        self.follow_ups = follow_ups
        self._changes += 1
        self._changed_at = time.monotonic()
        self._changed.set()
        self._changed.clear()

    def poll(self, cursor: int) -> tuple[Progress, float]:
        """The progress after `cursor`, and for how many seconds nothing has been published."""
        self._polled_at = time.monotonic()
        self._has_calm_readers = True
        return self._after(cursor), self._polled_at - self._changed_at

    def follow(self, cursor: int, keep_alive: KeepAlive, rest_s: float = 0.0) -> Iterator[Progress]:
        """Yield the progress from `cursor` on, as it is published; the last one has an ended state.

        In a silence, yields an empty progress once an interval of `keep_alive`. With a rest, text is
        yielded once at most between two multiples of `rest_s` on the clock: a reply that only such
        followers read is published about as often, and nobody is woken in vain.
        """
        due = time.monotonic() + keep_alive.interval_s
        restless, resting_until = not rest_s, 0.0
        self._followers += 1
        self._restless += restless
        self._has_calm_readers |= not restless
        try:
            while True:
                changes = self._changes
                progress = self._after(cursor)
                cursor = progress.cursor
                now = time.monotonic()
                if progress.text or now >= due:
                    due = now + keep_alive.interval_s
                yield progress
                if progress.state.ended:
                    return
                # The consumer may have taken a while.
                if rest_s and progress.text:
                    resting_until = next_moment(rest_s)
                while self._changes == changes and time.monotonic() < due:
                    keep_alive.wait(self._changed, due)
                self._rest(resting_until)
        finally:
            self._followers -= 1
            self._restless -= restless

    def _rest(self, until: float) -> None:
        """Return at the first change after `until`; where none comes, soon after it."""
        while (left_s := until - time.monotonic()) > 0:
            self._changed.wait(left_s + (0 if self.state.ended else LINGER_S))

    def wait_for_end(self, timeout_s: float) -> None:
        """Return when the reply has ended, or after `timeout_s` seconds."""
        until = time.monotonic() + timeout_s
        self._followers += 1
        self._has_calm_readers = True
        try:
            while not self.state.ended and (left_s := until - time.monotonic()) > 0:
                self._changed.wait(left_s)
        finally:
            self._followers -= 1

    @property
    def has_followers(self) -> bool:
        """Whether anybody follows it at this moment; pollers do not count."""
        return self._followers > 0

    def is_urgent(self) -> bool:
        """Whether somebody may want words as they come: a follower without rests or, where nobody has asked
        for the reply here, one at another process."""
        return self._restless > 0 or not self._has_calm_readers

    def is_wanted(self, poll_lapse_s: float) -> bool:
        """Whether anybody follows it, or polled it in the last `poll_lapse_s` seconds."""
        return self.has_followers or time.monotonic() - self._polled_at < poll_lapse_s

    def _after(self, cursor: int) -> Progress:
        return progress_after(cursor, self.text, self.state, self.reason, self.follow_ups)
