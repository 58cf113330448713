"""The production of a reply: its state in the process that writes it."""

import time

import gevent

from kindlechat.errors import Reason
from kindlechat.relay.log import Log
from kindlechat.relay.seam import Seam
from kindlechat.reply import Depth, Message, Numbers, Signal, State, next_state
from kindlechat.stores.contract import Write
from kindlechat.upstream.tally import Tally


class Interrupt(BaseException):
    """Thrown into a producer to end its reply; not an Exception, so that no library swallows it."""

    def __init__(self, signal: Signal, reason: Reason | None = None) -> None:
        super().__init__(signal)
        self.signal = signal
        self.reason = reason


class Production:
    """A reply that this process writes.

    Its text is in two parts: what the log shows, and what is not published yet. `state` is how the
    reply stands, which the log learns a moment later. `stored` counts the characters that the store
    has. `lost` means that another lease of the reply is held now; `gone`, that the store does not know it.
    `tally` counts what the requests take; `numbers` has all that, and `follow_ups` what the model
    proposes, from the end on.
    """

    __slots__ = (
        *("tally", "numbers", "follow_ups", "_began", "_first_word_s"),
        *("id", "lease", "messages", "language", "depth", "log", "seam"),
        *("unpublished", "state", "reason", "stored", "lost", "gone", "greenlet"),
    )

    def __init__(
        self,
        reply_id: str,
        conversation: str,
        lease: str,
        messages: list[Message],
        language: str,
        text: str = "",
        *,
        depth: Depth | None = None,
    ) -> None:
        self.id = reply_id
        self.lease = lease
        self.messages = messages
        self.language = language
        self.depth = depth
        self.log = Log(conversation, text)
        self.seam = Seam(text)
        self.unpublished = ""
        self.state = State.WAITING
        self.reason: Reason | None = None
        self.stored = len(text)
        self.lost = False
        self.gone = False
        self.tally = Tally(f"reply {reply_id[:6]}…")
        self.numbers: Numbers | None = None
        self.follow_ups: tuple[str, ...] = ()
        self._began = time.monotonic()
        self._first_word_s: float | None = None
        self.greenlet: gevent.Greenlet[..., None] | None = None

    @property
    def chars(self) -> int:
        """The length of all the text there is, published or not."""
        return len(self.log.text) + len(self.unpublished)

    def append(self, text: str) -> None:
        """Take the text that comes next."""
        self.unpublished += text
        if self._first_word_s is None:
            self._first_word_s = self._age_s
        self.signal(Signal.TEXT)

    def signal(self, signal: Signal, reason: Reason | None = None) -> None:
        """Move to the next state. Raises IllegalTransition."""
        self.state = next_state(self.state, signal, has_text=self.chars > 0)
        self.reason = reason
        if self.state.ended:
            tokens = self.tally.tokens
            self.numbers = Numbers(
                tokens_read=tokens.read,
                tokens_written=tokens.written,
                tries=self.tally.tries,
                first_word_s=self._first_word_s,
                whole_s=self._age_s,
            )

    @property
    def _age_s(self) -> float:
        return round(time.monotonic() - self._began, 3)

    def end(self, signal: Signal, reason: Reason | None) -> None:
        """Move to an end state, unless the reply has just ended by itself.

        What the seam still holds back is left out. It probably repeats the text; if it does not, the model
        writes it again when a reader continues.
        """
        if not self.state.ended:
            self.signal(signal, reason)

    def interrupt(self, signal: Signal, reason: Reason | None = None) -> bool:
        """Have the producer end the reply now; False where there is nothing to end."""
        if self.state.ended or self.greenlet is None:
            return False
        self.greenlet.kill(Interrupt(signal, reason), block=False)
        return True

    def write(self) -> Write:
        """What the store does not have yet."""
        published = len(self.log.text)
        # Of a store that fell back, the text that it has lost is written again.
        text = self.log.text[self.stored :] + self.unpublished[max(0, self.stored - published) :]
        return Write(
            self.id,
            self.lease,
            self.stored,
            text,
            self.state,
            self.reason,
            self.numbers,
            self.follow_ups,
        )

    def publish(self, write: Write) -> None:
        """Show followers all up to the end of `write`, unless they were shown more already."""
        chars = write.start + len(write.text) - len(self.log.text)
        if chars < 0 or self.log.state.ended:
            return
        text, self.unpublished = self.unpublished[:chars], self.unpublished[chars:]
        self.log.publish(text, write.state, write.reason, write.follow_ups)
