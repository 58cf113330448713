"""The wire format of a model's API, as the client needs it: a protocol and its values (pure)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from kindlechat.errors import UpstreamError
from kindlechat.reply import Depth, Message


class Usage(NamedTuple):
    """Tokens of a request: those read, those written (thoughts included), and the upstream's own total."""

    read: int
    written: int
    total: int

    def plus(self, other: "Usage") -> "Usage":
        """The tokens of two requests together."""
        return Usage(
            read=self.read + other.read,
            written=self.written + other.written,
            total=self.total + other.total,
        )


class Chunk(NamedTuple):
    """What one event brought: visible text, the usage so far, and a finish reason.

    `usage` is cumulative within a request (None: not said). A finish reason may stand on any
    event, and on several; at the end of the body the last one counts.
    """

    text: str
    usage: Usage | None
    finish: str | None

    @property
    def total_tokens(self) -> int | None:
        """All tokens so far."""
        return self.usage and self.usage.total


def join_chunks(chunks: Iterable[Chunk]) -> Chunk:
    """One chunk that says what several say: texts joined, the last usage and finish."""
    text, usage, finish = "", None, None
    for chunk in chunks:
        text += chunk.text
        usage = chunk.usage or usage
        finish = chunk.finish or finish
    return Chunk(text, usage, finish)


class Finished(NamedTuple):
    """The upstream ended normally.

    `cut` says that it did so at its length limit, `has_gap` that a piece in the middle could not be read.
    `follow_ups` are the questions that the model proposes.
    """

    cut: bool
    has_gap: bool = False
    follow_ups: tuple[str, ...] = ()


class MalformedEvent(Exception):
    """The event's data is not what the wire format says."""


class WireFormat(Protocol):
    """One API: how a request is written, and what the answer's events and errors mean.

    The answer is a stream of server-sent events. No method does any I/O.
    """

    @property
    def url(self) -> str:
        """The address to which requests are posted."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers that the API wants, its key among them."""

    @property
    def normal_finish(self) -> str:
        """The finish reason of an answer that the model ended as it wanted to."""

    def encode_request(
        self,
        messages: Sequence[Message],
        language: str,
        depth: Depth | None = None,
        *,
        follow_ups: bool = True,
    ) -> bytes:
        """The body that asks for the next message, in a language given by its English name; for one without
        `follow_ups` where the model is to propose no questions."""

    def parse_event(self, data: str) -> Chunk:
        """The meaning of one event's data. Raises MalformedEvent and UpstreamError."""

    def parse_error(
        self, status: int, body: bytes, retry_after_s: float | None = None
    ) -> UpstreamError:
        """The error that an HTTP status other than 200, its body and its `Retry-After` stand for."""

    def conclude(self, finish: str | None, *, has_text: bool) -> Finished:
        """What a whole body amounts to, by its last finish reason. Raises UpstreamError."""
