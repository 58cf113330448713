"""The write-behind: stores what productions hand in, many in one transaction, then publishes it.

A word is stored before anybody sees it. The texts of all replies are written `flush_delay_s` after the first
of them came, a part of them at a time; first words and ends are written at once. While the store is out of
reach, text is published all the same and stored when the store is back.
"""

import logging
import time
from collections.abc import Callable, Sequence
from itertools import islice

import gevent
from gevent.event import Event

from kindlechat.background import carry_on
from kindlechat.errors import StoreUnavailable
from kindlechat.relay.production import Production
from kindlechat.stores.contract import Store, Write, Written
from kindlechat.timings import Timings

logger = logging.getLogger(__name__)


class WriteBehind:
    """Writes productions to the store in the background."""

    def __init__(
        self,
        store: Store,
        timings: Timings,
        *,
        on_ended: Callable[[Production], None],
        on_lost: Callable[[Production], None],
    ) -> None:
        """`on_ended` is called when a reply's end is stored (or can be stored nowhere), `on_lost` when
        another lease of the reply is held."""
        self._store = store
        self._timings = timings
        self._on_ended = on_ended
        self._on_lost = on_lost
        # By lease: a reply that was resumed here has had two productions.
        self._delayed: dict[str, Production] = {}
        self._urgent: dict[str, Production] = {}
        self._wake = Event()
        self._idle = Event()
        self._due = 0.0
        self._store_is_away = False
        self._greenlet: gevent.Greenlet[..., None] | None = None

    def put(self, production: Production, *, urgent: bool) -> None:
        """Have what is new in `production` stored and published, at once where it is urgent."""
        if production.lost:
            return
        if self._store_is_away:
            production.publish(production.write())  # readers do not wait for the store
        if urgent:
            self._delayed.pop(production.lease, None)
            self._urgent[production.lease] = production
            self._wake.set()
        elif production.lease not in self._urgent:
            if not self._delayed:
                self._due = time.monotonic() + self._timings.flush_delay_s
            self._delayed[production.lease] = production
        if not self._greenlet:
            self._idle.clear()
            self._greenlet = gevent.spawn(self._run)

    def drain(self, timeout_s: float) -> None:
        """Wait until all is stored, at most `timeout_s` seconds."""
        if self._greenlet:
            self._idle.wait(timeout_s)

    def _run(self) -> None:
        while self._delayed or self._urgent:
            self._wake.wait(max(0.0, self._due - time.monotonic()))
            self._wake.clear()
            batch = self._take_batch()
            if batch and not self._flush(batch):
                gevent.sleep(self._timings.store_retry_s)
        self._idle.set()

    def _take_batch(self) -> list[Production]:
        """What is to be written now: all that is urgent, and a part of the rest if that is due."""
        batch, self._urgent = self._urgent, {}
        if time.monotonic() >= self._due:
            for lease in [*islice(self._delayed, self._store.written_together)]:
                batch[lease] = self._delayed.pop(lease)
        return [production for production in batch.values() if not production.lost]

    def _flush(self, batch: Sequence[Production]) -> bool:
        """Store and publish; False where the store took nothing."""
        writes = [production.write() for production in batch]
        try:
            written = self._store.write(writes)
        except Exception as error:  # a bug must not stop all replies of this process
            if not self._store_is_away:
                bug = None if isinstance(error, StoreUnavailable) else error
                logger.error(
                    "the store takes no text, going on from memory: %s", error, exc_info=bug
                )
                for production in self._delayed.values():  # whose turn would come later
                    production.publish(production.write())
            self._store_is_away = True
            for production, write in zip(batch, writes, strict=True):
                production.publish(write)
                self._delayed[production.lease] = production
            return False
        if self._store_is_away:
            logger.info("the store takes text again")
            self._store_is_away = False
        for production, write in zip(batch, writes, strict=True):
            with carry_on("settling a write"):
                self._settle(production, write, written)
        return True

    def _settle(self, production: Production, write: Write, written: Written) -> None:
        """Do what follows from the store's answer to one write."""
        if production.lost:
            return  # since it was written
        if write.id in written.lost:
            self._on_lost(production)
        elif write.id in written.behind:
            logger.info(
                "reply %s…: the store has only %d of %d characters; it gets the rest again",
                write.id[:6],
                written.behind[write.id],
                write.start,
            )
            production.stored = written.behind[write.id]
            self.put(production, urgent=True)
        else:
            if write.id in written.gone and not production.gone:
                logger.info(
                    "reply %s…: the store has lost it; it goes on from memory", write.id[:6]
                )
            production.gone = write.id in written.gone
            production.stored = write.start + len(write.text)
            production.publish(write)
            if write.state.ended:
                self._on_ended(production)
