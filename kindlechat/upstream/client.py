"""The client of the upstream: one streaming request, tried again before its first word, watched."""

import logging
import random
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from datetime import UTC, datetime
from fcntl import ioctl
from functools import partial
from struct import pack, unpack
from termios import FIONREAD
from typing import NamedTuple

import gevent
import urllib3

from kindlechat.errors import Reason, UpstreamError
from kindlechat.reply import Depth, Message
from kindlechat.setting_values import without_password
from kindlechat.timings import Timings
from kindlechat.upstream.answer import Answer
from kindlechat.upstream.connections import connections_to
from kindlechat.upstream.exchange import READ_BYTES, CommonBody, Exchange, RawBody, pieces_of
from kindlechat.upstream.pace import Pace
from kindlechat.upstream.prompts import DEFAULT_LANGUAGE
from kindlechat.upstream.quoting import fit_for_log
from kindlechat.upstream.retry import parse_retry_after, retry_pause_s
from kindlechat.upstream.sse import Decoder, EventTooLarge
from kindlechat.upstream.tally import Tally
from kindlechat.upstream.watchdog import NoProgress, Watchdog
from kindlechat.upstream.wire import Chunk, Finished, MalformedEvent, WireFormat, join_chunks

logger = logging.getLogger(__name__)

MAX_ERROR_BYTES = 65536

NO_BYTES = pack("i", 0)
"""Where the system puts a number."""

WAITED_S = 0.001
"""A read that took longer than this found nothing to read at first."""

HEADERS = {
    "Content-Type": "application/json",
    "Accept": "text/event-stream",
    "Accept-Encoding": "identity",
    "User-Agent": "kindlechat",
}


class Text(NamedTuple):
    """Visible text of the model's."""

    text: str


class Retrying(NamedTuple):
    """The request failed before its first word and is tried again after `pause_s` seconds."""

    reason: Reason
    pause_s: float


class UpstreamClient:
    """Asks the model behind one wire format. Safe to share between greenlets."""

    def __init__(
        self,
        wire: WireFormat,
        *,
        timings: Timings = Timings(),
        sleep: Callable[[float], None] = gevent.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """`sleep` and `jitter`, a source of random numbers in [0, 1), make the pauses of retries."""
        self._wire = wire
        self._timings = timings
        self._sleep = sleep
        self._jitter = jitter
        self._pace = Pace(timings.read_interval_s)
        self._page_pace = Pace(timings.page_read_interval_s)
        connections, target = connections_to(wire.url)
        self._exchange = Exchange(
            connections,
            target,
            {**HEADERS, **wire.headers},
            connect_timeout_s=timings.connect_timeout_s,
        )

    def stream(
        self,
        messages: list[Message],
        language: str = DEFAULT_LANGUAGE,
        tally: Tally | None = None,
        *,
        depth: Depth | None = None,
        follow_ups: bool = True,
        is_urgent: Callable[[], bool] = lambda: True,
    ) -> Generator[Text | Retrying | Finished, None, None]:
        """The model's next message after `messages`, as it comes; the last item is Finished.

        `language` is the reader's, by its English name, `depth` how long the answer may be.
        `tally` counts tries and tokens. Without `follow_ups` the model is to propose no questions.
        `is_urgent` says whether anybody wants words sooner than pages do; it is asked before each read.

        Raises UpstreamError when the upstream refuses, fails or breaks off. Closing the iterator, or
        throwing into the greenlet that runs it, closes the upstream's connection at once.
        """
        body = self._wire.encode_request(messages, language, depth, follow_ups=follow_ups)
        tally = tally or Tally()
        wait = partial(self._wait_for_next_read, is_urgent)
        while True:
            tally.begin_try()
            has_text = False
            try:
                for item in self._attempt(body, tally, wait):
                    has_text = has_text or isinstance(item, Text)
                    yield item
                return
            except UpstreamError as error:
                self._tell(error, tally, messages)
                pause_s = None if has_text else self._retry_pause_s(error, tally.tries)
                if pause_s is None:
                    raise
                yield Retrying(error.reason, pause_s)
                self._sleep(pause_s)

    def _tell(self, error: UpstreamError, tally: Tally, messages: list[Message]) -> None:
        """Log a try that failed, with what the upstream said of it."""
        words = fit_for_log(
            error.words,
            keys=self._wire.headers.values(),
            texts=[message.text for message in messages],
        )
        said = f"; it says: {words}" if words else ""
        url = without_password(self._wire.url)
        logger.warning("%s, try %d: %s: %s%s", tally.name, tally.tries, url, error, said)

    def _retry_pause_s(self, error: UpstreamError, tries: int) -> float | None:
        return retry_pause_s(error, tries, self._jitter(), self._timings)

    def _wait_for_next_read(self, is_urgent: Callable[[], bool]) -> None:
        (self._pace if is_urgent() else self._page_pace).wait()

    def _attempt(
        self, body: bytes, tally: Tally, wait: Callable[[], None]
    ) -> Iterator[Text | Finished]:
        answer = Answer()
        with Watchdog(answer, self._timings) as watchdog:
            try:
                with closing(self._open(body)) as raw:
                    yield from self._read(_paced(raw, answer, wait), answer, watchdog, tally)
            except UpstreamError:
                if not answer.is_whole:
                    raise
            except NoProgress:
                if not (answer.is_final or answer.is_whole):
                    raise watchdog.error() from None
            except (urllib3.exceptions.HTTPError, OSError) as error:
                if not (answer.is_final or answer.is_whole):
                    raise UpstreamError(
                        Reason.BROKEN, retryable=True, detail=type(error).__name__
                    ) from None
        if text := answer.close(cut=answer.finish != self._wire.normal_finish):
            yield Text(text)
        finish = self._wire.normal_finish if answer.is_whole else answer.finish
        finished = self._wire.conclude(finish, has_text=answer.has_text)
        yield finished._replace(has_gap=answer.has_gap, follow_ups=answer.follow_ups)

    def _open(self, body: bytes) -> RawBody:
        """The answer's body, to be read; request and head are not held meanwhile."""
        try:
            raw = self._exchange.send(body)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            # The exception's text may hold the address; its kind is enough.
            raise UpstreamError(
                Reason.TIMEOUT_CONNECT if _took_too_long(error) else Reason.UNREACHABLE,
                retryable=True,
                detail=type(error).__name__,
            ) from None
        if not isinstance(raw, CommonBody) and raw.status != 200:
            with closing(raw):
                retry_after_s = parse_retry_after(
                    raw.headers.get("Retry-After", ""), datetime.now(UTC)
                )
                raise self._wire.parse_error(raw.status, _read_some(raw), retry_after_s)
        return raw

    def _read(
        self, pieces: Iterator[bytes], answer: Answer, watchdog: Watchdog, tally: Tally
    ) -> Iterator[Text]:
        """The text of a body, as it comes. Raises UpstreamError, urllib3's errors, OSError and NoProgress."""
        for events in _events(pieces):
            for chunk in self._parse(events, answer):
                text = answer.take(chunk)
                tally.see(chunk.usage)
                watchdog.see(chunk.total_tokens)
                if text:
                    yield Text(text)
            del events, chunk, text  # not to be held while the next ones are waited for

    def _parse(self, events: list[str], answer: Answer) -> Iterator[Chunk]:
        """What events say that came together, in as few chunks as tell the same. Raises UpstreamError."""
        chunks: list[Chunk] = []
        for data in events:
            try:
                chunks.append(self._wire.parse_event(data))
            except MalformedEvent as error:
                logger.warning("an event of %d characters is left out: %s", len(data), error)
                yield join_chunks(chunks)
                answer.skip()
                chunks = []
            except UpstreamError:
                yield join_chunks(chunks)  # the words before it count
                raise
            if chunks and chunks[-1].finish:  # whether more comes after it matters
                yield join_chunks(chunks)
                chunks = []
        yield join_chunks(chunks)


def _events(pieces: Iterator[bytes]) -> Iterator[list[str]]:
    """The data of all events of a body, as they come: those together that came together."""
    decoder = Decoder()
    try:
        for data in pieces:
            yield [event.data for event in decoder.feed(data)]
            del data
    except EventTooLarge as error:
        yield [event.data for event in error.before]
        raise UpstreamError(Reason.HUGE_EVENT, detail=str(error)) from None
    decoder.close()
    if decoder.stray:  # Gemini puts bare JSON into some streams
        yield [b"\n".join(decoder.stray).decode("utf-8", "replace")]


def _paced(raw: RawBody, answer: Answer, wait: Callable[[], None]) -> Iterator[bytes]:
    """The pieces of a body; once there is text, all that comes until the next moment to read is one.

    `wait` returns at that moment; see `Timings.read_interval_s`.
    """
    pieces, fileno = pieces_of(raw), raw.fileno()
    asked_at = time.monotonic()
    for piece in pieces:
        if answer.has_text and time.monotonic() - asked_at > WAITED_S:
            wait()
        more, trouble = _come_by_now(pieces, fileno)
        yield piece + more
        if trouble:
            raise trouble
        del piece, more
        if answer.has_text and not answer.is_final:
            wait()
        asked_at = time.monotonic()


def _come_by_now(pieces: Iterator[bytes], fileno: int) -> tuple[bytes, Exception | None]:
    """All that need not be waited for, and the error that came behind it, if one did."""
    come = b""
    try:
        while len(come) < READ_BYTES and _count_waiting_bytes(fileno):
            come += next(pieces)
    except StopIteration:
        pass
    except Exception as error:  # noqa: BLE001 - raised again once what came is handed on
        return come, error
    return come, None


def _count_waiting_bytes(fileno: int) -> int:
    """How many bytes have come on a socket and were not read yet; none where it is closed."""
    try:
        (count,) = unpack("i", ioctl(fileno, FIONREAD, NO_BYTES))
    except OSError:
        return 0
    return int(count)


def _took_too_long(error: Exception) -> bool:
    """Whether nobody answered in time; urllib3 counts a refusal among these, too."""
    errors = urllib3.exceptions
    return isinstance(error, errors.ConnectTimeoutError) and not isinstance(
        error, errors.NewConnectionError
    )


def _read_some(raw: urllib3.BaseHTTPResponse) -> bytes:
    """An error's body, or what can be had of it."""
    try:
        return raw.read(MAX_ERROR_BYTES, decode_content=True)
    except (urllib3.exceptions.HTTPError, OSError):
        return b""
