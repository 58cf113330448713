"""The producer: reads the upstream's stream of one reply into its production."""

import logging
from collections.abc import Callable

import gevent

from kindlechat.errors import Reason, UpstreamError
from kindlechat.logging import context_of_request, log_event
from kindlechat.relay.production import Interrupt, Production
from kindlechat.relay.write_behind import WriteBehind
from kindlechat.reply import Signal, State
from kindlechat.upstream.client import Retrying, Text, UpstreamClient
from kindlechat.upstream.wire import Finished

logger = logging.getLogger(__name__)


class Producer:
    """Writes replies from one client's streams, one greenlet each."""

    def __init__(
        self,
        client: UpstreamClient,
        write_behind: WriteBehind,
        count_retry: Callable[[], bool],
        *,
        max_s: float,
        max_chars: int,
    ) -> None:
        """A reply ends at the latest after `max_s` seconds or with `max_chars` characters.

        `count_retry` is called before a request is sent again, and says whether it may be.
        """
        self._client = client
        self._count_retry = count_retry
        self._write_behind = write_behind
        self._max_s = max_s
        self._max_chars = max_chars

    def start(self, production: Production) -> None:
        """Spawn the greenlet that writes this reply; returns when it has begun."""
        production.greenlet = gevent.spawn(context_of_request().run, self._run, production)
        gevent.sleep(0)  # a greenlet killed before it began would never run, nor end its reply

    def _run(self, production: Production) -> None:
        try:
            with gevent.Timeout(self._max_s, UpstreamError(Reason.TOO_LONG_TIME)):
                self._read(production)
        except UpstreamError as error:
            production.end(Signal.BREAK, error.reason)
        except Interrupt as interrupt:
            production.end(interrupt.signal, interrupt.reason)
        except Exception as error:
            logger.error("reply %s…: the producer failed", production.id[:6], exc_info=error)
            production.end(Signal.BREAK, Reason.BROKEN)
        self._write_behind.put(production, urgent=True)
        if not production.lost:
            _tell_end(production)

    def _read(self, production: Production) -> None:
        stream = self._client.stream(
            production.messages,
            production.language,
            production.tally,
            depth=production.depth,
            is_urgent=production.log.is_urgent,
        )
        try:
            for item in stream:
                match item:
                    case Text(text):
                        self._append(production, production.seam.join(text))
                    case Retrying(reason):
                        if not self._count_retry():
                            raise UpstreamError(reason, detail="no more retries today")
                        production.reason = Reason.RETRYING
                        self._write_behind.put(production, urgent=True)
                    case Finished(cut, has_gap, follow_ups):
                        self._append(production, production.seam.close())
                        production.follow_ups = follow_ups
                        production.signal(
                            Signal.LENGTH if cut else Signal.FINISH,
                            Reason.HAS_GAP if has_gap else None,
                        )
        finally:
            stream.close()  # closes the upstream's connection, now and not at some collection

    def _append(self, production: Production, text: str) -> None:
        if not text:
            return
        is_first = production.state is State.WAITING
        room = self._max_chars - production.chars
        production.append(text[:room])
        if len(text) > room:
            raise Interrupt(Signal.LENGTH, Reason.TOO_LONG_TEXT)
        self._write_behind.put(production, urgent=is_first)


def _tell_end(production: Production) -> None:
    """The line in the log of each reply's end: how it ended, and what it took."""
    log_event(
        logger,
        "reply",
        id=f"{production.id[:6]}…",
        state=production.state,
        reason=production.reason,
        characters=production.chars,
        **({} if production.numbers is None else vars(production.numbers)),
    )
