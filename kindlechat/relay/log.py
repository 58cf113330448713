"""The log of a reply: the text that its followers may see, and how they wait for more."""

import time
from collections.abc import Iterator

from gevent.event import Event

from kindlechat.errors import Reason
from kindlechat.relay.keep_alive import KeepAlive
from kindlechat.reply import Progress, State, progress_after


class Log:
    """What is published of one reply; any number of followers read it, each from its own cursor."""

    __slots__ = (
        *("conversation", "text", "state", "reason", "follow_ups"),
        *("_changed", "_changes", "_changed_at", "_followers", "_polled_at"),
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
        self._followers = 0

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
        return self._after(cursor), self._polled_at - self._changed_at

    def follow(self, cursor: int, keep_alive: KeepAlive) -> Iterator[Progress]:
        """Yield the progress from `cursor` on, as it is published; the last one has an ended state.

        In a silence, yields an empty progress once an interval of `keep_alive`.
        """
        due = time.monotonic() + keep_alive.interval_s
        self._followers += 1
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
                while self._changes == changes and time.monotonic() < due:
                    keep_alive.wait(self._changed, due)
        finally:
            self._followers -= 1

    def wait_for_end(self, timeout_s: float) -> None:
        """Return when the reply has ended, or after `timeout_s` seconds."""
        until = time.monotonic() + timeout_s
        self._followers += 1
        try:
            while not self.state.ended and (left_s := until - time.monotonic()) > 0:
                self._changed.wait(left_s)
        finally:
            self._followers -= 1

    @property
    def has_followers(self) -> bool:
        """Whether anybody follows it at this moment; pollers do not count."""
        return self._followers > 0

    def is_wanted(self, poll_lapse_s: float) -> bool:
        """Whether anybody follows it, or polled it in the last `poll_lapse_s` seconds."""
        return self.has_followers or time.monotonic() - self._polled_at < poll_lapse_s

    def _after(self, cursor: int) -> Progress:
        return progress_after(cursor, self.text, self.state, self.reason, self.follow_ups)
