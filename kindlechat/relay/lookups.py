"""Lookups: short answers of the model that are no replies, each asked for once at a time and given whole."""

import logging
from collections.abc import Callable, Hashable
from dataclasses import dataclass

import gevent

from kindlechat.background import carry_on
from kindlechat.errors import Reason, UpstreamError
from kindlechat.reply import Depth, Message
from kindlechat.timings import Timings
from kindlechat.upstream.client import Retrying, Text, UpstreamClient
from kindlechat.upstream.tally import Tally

logger = logging.getLogger(__name__)

MAX_CHARS = 2_000


@dataclass(frozen=True)
class LookedUpText:
    """What a lookup brought: a text, or the reason why there is none."""

    text: str
    reason: Reason | None = None


class Lookups:
    """The lookups of this process."""

    def __init__(
        self, client: UpstreamClient, count_retry: Callable[[], bool], timings: Timings
    ) -> None:
        """`count_retry` is called before a request is sent again, and says whether it may be."""
        self._client = client
        self._count_retry = count_retry
        self._timings = timings
        self._running: dict[Hashable, gevent.Greenlet[..., LookedUpText]] = {}

    def is_known(self, key: Hashable) -> bool:
        """Whether this is being looked up, or has failed and nobody was told."""
        return key in self._running

    def start(self, key: Hashable, prompt: str, language: str, keep: Callable[[str], None]) -> None:
        """Look something up in the background; `keep` is called with the text that comes."""
        greenlet = gevent.spawn(self._run, prompt, language, keep)
        self._running[key] = greenlet
        greenlet.link(
            lambda _: gevent.spawn_later(self._timings.lookup_lapse_s, self._forget, key, greenlet)
        )

    def wait(self, key: Hashable, timeout_s: float) -> LookedUpText | None:
        """What a lookup that is known brought; None where it takes longer. It is told once."""
        greenlet = self._running[key]
        greenlet.join(timeout_s)
        found: LookedUpText | None = greenlet.value  # None as long as it runs
        if found is not None:
            self._forget(key, greenlet)
        return found

    def _forget(self, key: Hashable, greenlet: "gevent.Greenlet[..., LookedUpText]") -> None:
        if self._running.get(key) is greenlet:
            del self._running[key]

    def _run(self, prompt: str, language: str, keep: Callable[[str], None]) -> LookedUpText:
        try:
            with gevent.Timeout(self._timings.lookup_s, UpstreamError(Reason.TOO_LONG_TIME)):
                text = self._read(prompt, language)
        except UpstreamError as error:
            return LookedUpText("", error.reason)
        with carry_on("keeping what was looked up"):
            keep(text)
        return LookedUpText(text)

    def _read(self, prompt: str, language: str) -> str:
        stream = self._client.stream(
            [Message("user", prompt)],
            language,
            Tally("lookup"),
            depth=Depth.QUICK,
            follow_ups=False,
        )
        text = ""
        try:
            for item in stream:
                match item:
                    case Text(more):
                        text += more
                    case Retrying(reason):
                        if not self._count_retry():
                            raise UpstreamError(reason, detail="no more retries today")
                if len(text) >= MAX_CHARS:
                    break
        finally:
            stream.close()
        return text[:MAX_CHARS].strip()
