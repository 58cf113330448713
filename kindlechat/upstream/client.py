"""The edge towards Gemini: one streaming request, retried before its first word, watched for progress."""

import json
import logging
import math
import random
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import Any, NamedTuple

import gevent
import requests
import urllib3
from requests.adapters import HTTPAdapter

from kindlechat.errors import Reason, UpstreamError
from kindlechat.reply import Message
from kindlechat.timings import Timings
from kindlechat.upstream import gemini
from kindlechat.upstream.gemini import (
    DEFAULT_LANGUAGE,
    Chunk,
    Finished,
    Generation,
    MalformedEvent,
)
from kindlechat.upstream.sse import Decoder, EventTooLarge

logger = logging.getLogger(__name__)

READ_BYTES = 65536
MAX_ERROR_BYTES = 65536
POOL_CONNECTIONS = 10_000
"""urllib3 drops (with a warning) what exceeds its pool; gevent's workers are bounded elsewhere."""


class Text(NamedTuple):
    """Visible text of the model's."""

    text: str


class Retrying(NamedTuple):
    """The request failed before its first word and is tried again after `pause_s` seconds."""

    reason: Reason
    pause_s: float


class GeminiClient:
    """Asks one model at one base URL. Safe to share between greenlets."""

    def __init__(
        self,
        base_url: str,
        model: str,
        api_key: str | None,
        generation: Generation,
        *,
        timings: Timings = Timings(),
        sleep: Callable[[float], None] = gevent.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        url = f"{base_url}/v1beta/models/{model}:streamGenerateContent?alt=sse"
        self._generation = generation
        self._timings = timings
        self._sleep = sleep
        self._jitter = jitter
        headers = {
            "Content-Type": "application/json",
            "Accept": "text/event-stream",
            "Accept-Encoding": "identity",
            "User-Agent": "kindlechat",
        }
        if api_key:
            headers["x-goog-api-key"] = api_key
        self._request = requests.Request("POST", url, headers).prepare()
        self._adapter = HTTPAdapter(pool_maxsize=POOL_CONNECTIONS)
        self._environment = _environment_settings(base_url)

    def stream(
        self, messages: list[Message], language: str = DEFAULT_LANGUAGE
    ) -> Generator[Text | Retrying | Finished, None, None]:
        """The model's next message after `messages`, as it comes; the last item is Finished.

        `language` is the reader's, by its English name.

        Raises UpstreamError when the upstream refuses, fails or breaks off. Closing the iterator, or
        throwing into the greenlet that runs it, closes the upstream's connection at once.
        """
        body = json.dumps(gemini.build_request(messages, self._generation, language)).encode()
        tries = 0
        while True:
            tries += 1
            has_text = False
            try:
                for item in self._attempt(body):
                    has_text = has_text or isinstance(item, Text)
                    yield item
                return
            except UpstreamError as error:
                logger.warning("upstream, try %d: %s", tries, error)
                pause_s = (
                    None
                    if has_text
                    else gemini.retry_pause_s(error, tries, self._jitter(), self._timings)
                )
                if pause_s is None:
                    raise
                yield Retrying(error.reason, pause_s)
                self._sleep(pause_s)

    def _attempt(self, body: bytes) -> Iterator[Text | Finished]:
        with _Watchdog(self._timings) as watchdog:
            try:
                with closing(self._open(body)) as raw:
                    yield from self._read(raw, watchdog)
            except _NoProgress:
                raise watchdog.error() from None

    def _open(self, body: bytes) -> urllib3.BaseHTTPResponse:
        """The answer's body, to be read; request and head are not held meanwhile."""
        request = self._request.copy()
        request.prepare_body(body, files=None)
        try:
            # The adapter alone: no redirects, cookies or hooks are wanted, nor paid for.
            response = self._adapter.send(
                request,
                stream=True,
                timeout=(self._timings.connect_timeout_s, None),
                **self._environment,
            )
        except requests.ConnectTimeout:
            raise UpstreamError(Reason.TIMEOUT_CONNECT, retryable=True) from None
        except requests.RequestException as error:
            # The exception's text may hold the address; its kind is enough.
            raise UpstreamError(
                Reason.UNREACHABLE, retryable=True, detail=type(error).__name__
            ) from None
        if response.status_code != 200:
            with closing(response):
                raise gemini.parse_error(response.status_code, _read_some(response))
        raw: urllib3.BaseHTTPResponse = response.raw
        return raw

    def _read(
        self, raw: urllib3.BaseHTTPResponse, watchdog: "_Watchdog"
    ) -> Iterator[Text | Finished]:
        decoder = Decoder()
        finish: str | None = None
        has_text = False
        pace_s = self._timings.read_interval_s
        try:
            for data in _as_it_comes(raw):
                arrived = time.monotonic()
                for chunk in _parse_all(decoder, data):
                    finish = chunk.finish or finish
                    watchdog.see(chunk)
                    if chunk.text:
                        has_text = True
                        yield Text(chunk.text)
                if has_text and arrived - watchdog.last_read > WAITED_S:
                    self._sleep(pace_s - time.monotonic() % pace_s)
                watchdog.last_read = time.monotonic()
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise UpstreamError(
                Reason.BROKEN, retryable=True, detail=type(error).__name__
            ) from None
        except EventTooLarge as error:
            raise UpstreamError(Reason.HUGE_EVENT, detail=str(error)) from None
        decoder.close()
        if stray := _parse_stray(decoder):
            finish = stray.finish or finish
            if stray.text:
                has_text = True
                yield Text(stray.text)
        yield gemini.conclude(finish, has_text=has_text)


WAITED_S = 0.001
"""A read that took longer than this had nothing to take at first."""


def _as_it_comes(raw: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    """The body's pieces, none of them waited for longer than it takes to come."""
    if raw.chunked:
        return raw.read_chunked(READ_BYTES, decode_content=True)
    return iter(lambda: raw.read1(READ_BYTES, decode_content=True), b"")


def _environment_settings(base_url: str) -> dict[str, Any]:
    """The environment's proxies and certificates, looked up once and not at every request."""
    with requests.Session() as session:
        found = session.merge_environment_settings(base_url, {}, None, None, None)
    return {name: found[name] for name in ("proxies", "verify", "cert")}


def _read_some(response: requests.Response) -> bytes:
    """An error's body, or what can be had of it."""
    try:
        return bytes(response.raw.read(MAX_ERROR_BYTES, decode_content=True))
    except (urllib3.exceptions.HTTPError, OSError):
        return b""


def _parse_all(decoder: Decoder, data: bytes) -> Iterator[Chunk]:
    """The chunks in the events that `data` completes; a malformed one is logged and left out."""
    for event in decoder.feed(data):
        try:
            yield gemini.parse_event(event.data)
        except MalformedEvent as error:
            logger.warning("an event of %d characters is left out: %s", len(event.data), error)


def _parse_stray(decoder: Decoder) -> Chunk | None:
    """What the lines outside of all events amount to: bare JSON, or nothing."""
    if not decoder.stray:
        return None
    try:
        return gemini.parse_event(b"\n".join(decoder.stray).decode("utf-8", "replace"))
    except MalformedEvent:
        logger.warning("%d lines outside of all events are left out", len(decoder.stray))
        return None


class _NoProgress(BaseException):
    """Thrown into the reading greenlet; not an Exception, so that no library swallows it."""


class _Watchdog:
    """Ends an attempt that makes no progress: visible text, or a growing token count, which once there
    is text counts for `pause_timeout_s` at most.

    A read time-out would not do, since a stuck upstream keeps sending empty chunks. The timer is
    re-armed only when it fires, so that progress costs one assignment.
    """

    def __init__(self, timings: Timings) -> None:
        self._limit_s = timings.first_word_timeout_s
        self._idle_s = timings.idle_timeout_s
        self._pause_s = timings.pause_timeout_s
        self._words_due = math.inf
        self._has_text = False
        self._tokens = 0
        self._last_progress = self.last_read = time.monotonic()
        self._greenlet = gevent.getcurrent()
        self._timer = gevent.get_hub().loop.timer(self._limit_s)

    def __enter__(self) -> "_Watchdog":
        self._timer.start(self._check)
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.close()

    def see(self, chunk: Chunk) -> None:
        """Take note of what came."""
        if chunk.text:
            if not self._has_text:
                self._has_text = True
                self._limit_s = self._idle_s
                self._rearm(self._idle_s)
            self._last_progress = time.monotonic()
            self._words_due = self._last_progress + self._pause_s
        elif chunk.total_tokens is not None and chunk.total_tokens > self._tokens:
            self._last_progress = time.monotonic()
        if chunk.total_tokens is not None:
            self._tokens = max(self._tokens, chunk.total_tokens)

    def error(self) -> UpstreamError:
        """What the end by this watchdog means."""
        return UpstreamError(
            Reason.STALLED if self._has_text else Reason.SILENT,
            detail=f"no progress for {self._limit_s:g} s, or thoughts alone for {self._pause_s:g} s",
        )

    def _check(self) -> None:
        due = min(self._last_progress + self._limit_s, self._words_due)
        left_s = due - time.monotonic()
        if left_s > 0:
            self._rearm(left_s)
        else:
            self._greenlet.throw(_NoProgress)

    def _rearm(self, seconds: float) -> None:
        self._timer.close()
        self._timer = gevent.get_hub().loop.timer(seconds)
        self._timer.start(self._check)
