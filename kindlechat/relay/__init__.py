"""The relay: one producer a reply, any number of followers, and one log between them.

Two things fill logs: producers of this process, through the write-behind, and the mirror, which reads
what producers of other processes have stored. So every follower, and every poll, runs the same code,
whoever writes the reply. A store that comes back without its last writes gets them again from memory;
a reply that it no longer knows goes on in memory alone.
"""

import logging
import secrets
import time
from collections.abc import Callable, Hashable, Iterator, Sequence

import gevent

from kindlechat.errors import RateLimited, Reason, ShuttingDown, UnknownReply
from kindlechat.relay.daily_limit import DailyLimit
from kindlechat.relay.heartbeat import Heartbeat
from kindlechat.relay.keep_alive import KeepAlive
from kindlechat.relay.log import Log
from kindlechat.relay.lookups import LookedUpText, Lookups
from kindlechat.relay.mirror import Mirror
from kindlechat.relay.producer import Producer
from kindlechat.relay.production import Production
from kindlechat.relay.write_behind import WriteBehind
from kindlechat.reply import Depth, Message, Progress, Signal, State
from kindlechat.stores.contract import NewReply, Quota, Store
from kindlechat.timings import Timings
from kindlechat.upstream.client import UpstreamClient
from kindlechat.upstream.prompts import DEFAULT_LANGUAGE, ask_to_continue

logger = logging.getLogger(__name__)

MAX_REPLY_CHARS = 200_000


def new_id() -> str:
    """An id nobody can guess: 128 random bits, URL-safe, 22 characters."""
    return secrets.token_urlsafe(16)


class Relay:
    """Starts, follows and stops replies."""

    def __init__(
        self,
        store: Store,
        client: UpstreamClient,
        *,
        concurrency_limit: int | None = None,
        daily_limit: int | None = None,
        max_reply_chars: int = MAX_REPLY_CHARS,
        timings: Timings = Timings(),
    ) -> None:
        """`concurrency_limit` is how many replies a client may have under way, `daily_limit` how many
        requests a day are sent to the model for all clients together (None: any number)."""
        self._store = store
        self._concurrency_limit = concurrency_limit
        self._daily_limit = DailyLimit(store, daily_limit)
        self._timings = timings
        self._productions: dict[str, Production] = {}
        self._mirror = Mirror(store, timings)
        self._keep_alive = KeepAlive(timings.keep_alive_interval_s)
        self._write_behind = WriteBehind(
            store, timings, on_ended=self._on_ended, on_lost=self._on_lost
        )
        self._producer = Producer(
            client,
            self._write_behind,
            self._daily_limit.allows_retry,
            max_s=timings.max_reply_s,
            max_chars=max_reply_chars,
        )
        self._lookups = Lookups(client, self._daily_limit.allows_retry, timings)
        self._heartbeat = Heartbeat(store, timings, self._productions, on_lost=self._on_lost)
        self._draining = False

    # Asking

    def start(
        self,
        new: NewReply,
        messages: list[Message],
        language: str = DEFAULT_LANGUAGE,
        *,
        depth: Depth | None = None,
        quotas: Sequence[Quota] = (),
    ) -> str:
        """Store the question and start to answer `messages`; returns the reply's id.

        `language` is the reader's, by its English name; without `depth` the answer is as the operator
        wants it. The question counts against `quotas` and the
        daily limit. A form that was sent twice starts and counts nothing, and the first reply's id is
        returned. Raises ShuttingDown, DailyLimitReached and what Store.create_reply raises.
        """
        if self._draining:
            raise ShuttingDown
        with self._daily_limit.enforced():
            reply_id = self._store.create_reply(
                new,
                concurrency_limit=self._concurrency_limit,
                quotas=[*quotas, *self._daily_limit.quotas],
            )
        if reply_id == new.id:
            self._produce(
                Production(new.id, new.conversation, new.lease, messages, language, depth=depth)
            )
        return reply_id

    def resume(
        self,
        reply_id: str,
        lease: str,
        client_hash: str,
        history: list[Message],
        language: str = DEFAULT_LANGUAGE,
        *,
        depth: Depth | None = None,
        quotas: Sequence[Quota] = (),
    ) -> None:
        """Continue an ended reply from where its text ends; `history` is what came before its question.

        Counts against `quotas` and the daily limit. Raises ShuttingDown, DailyLimitReached and what
        Store.resume raises.
        """
        if self._draining:
            raise ShuttingDown
        with self._daily_limit.enforced():
            reply = self._store.resume(
                reply_id,
                lease,
                client_hash,
                concurrency_limit=self._concurrency_limit,
                quotas=[*quotas, *self._daily_limit.quotas],
            )
        pictures = (
            self._store.pictures(reply.conversation, [reply.picture]) if reply.picture else {}
        )
        messages = [*history, *ask_to_continue(reply.message(pictures), reply.text)]
        self._produce(
            Production(
                reply_id, reply.conversation, lease, messages, language, reply.text, depth=depth
            )
        )

    def look_up(
        self,
        key: Hashable,
        prompt: str,
        language: str,
        keep: Callable[[str], None],
        *,
        quotas: Sequence[Quota] = (),
        wait_s: float,
    ) -> LookedUpText | None:
        """A short answer of the model's that is no reply; None where it takes longer than `wait_s` seconds.

        Whoever asks for the same `key` meanwhile waits for the same answer; a new one counts against
        `quotas` and the daily limit. `keep` is called with the text, and tells nobody if it fails. Raises
        ShuttingDown, DailyLimitReached and RateLimited.
        """
        if not self._lookups.is_known(key):
            if self._draining:
                raise ShuttingDown
            with self._daily_limit.enforced():
                self._count([*quotas, *self._daily_limit.quotas])
            self._lookups.start(key, prompt, language, keep)
        return self._lookups.wait(key, wait_s)

    def _count(self, quotas: Sequence[Quota]) -> None:
        """Count one question. Raises RateLimited."""
        wait_s = self._store.count(quotas)
        if wait_s is not None:
            spent = (quota for quota in quotas if self._store.count([quota], cost=0) is not None)
            raise RateLimited(next(spent, quotas[0]).key, wait_s)

    def _produce(self, production: Production) -> None:
        if (orphan := self._productions.get(production.id)) is not None:
            self._on_lost(orphan)
        self._productions[production.id] = production
        self._producer.start(production)
        self._heartbeat.start()
        if self._draining:  # since the store was asked
            production.interrupt(Signal.BREAK, Reason.SHUTDOWN)

    # Following

    def progress(self, reply_id: str, cursor: int = 0) -> tuple[Progress, float]:
        """How a reply stands for a reader at `cursor`, and for how many seconds it has been silent,
        as far as this process knows. Raises UnknownReply."""
        return self.log(reply_id).poll(cursor)

    def follow(self, reply_id: str, cursor: int = 0, rest_s: float = 0.0) -> Iterator[Progress]:
        """The progress of a reply from `cursor` on, as it comes; the last one has an ended state.

        Yields at least every `keep_alive_interval_s`, with an empty text where nothing came, and text no
        more often than every `rest_s` seconds. Leaving changes nothing for the reply. Raises UnknownReply at
        the call, before the first item.
        """
        return self._follow(reply_id, self.log(reply_id), cursor, rest_s)

    def _follow(self, reply_id: str, log: Log, cursor: int, rest_s: float) -> Iterator[Progress]:
        if not log.state.ended:
            # A device may be slow to begin, and the mirror drops a log that nobody follows.
            log = self.log(reply_id)
        yield from log.follow(cursor, self._keep_alive, rest_s)

    def wait_for_end(self, reply_id: str, timeout_s: float) -> None:
        """Return when the reply has ended, or after `timeout_s` seconds. Raises UnknownReply."""
        self.log(reply_id).wait_for_end(timeout_s)

    def log(self, reply_id: str) -> Log:
        """The log of a reply, wherever it is written; read from the store once where nobody follows it
        here. Raises UnknownReply."""
        log = self._known_log(reply_id)
        if log is None:
            reply = self._store.reply(reply_id)
            if reply is None:
                raise UnknownReply
            # Another follower may have been quicker while the store was read.
            log = self._known_log(reply_id) or self._mirror.add(reply)
        return log

    def _known_log(self, reply_id: str) -> Log | None:
        production = self._productions.get(reply_id)
        return production.log if production else self._mirror.log_of(reply_id)

    # Stopping

    def stop(self, reply_id: str) -> None:
        """End a reply as its reader wishes, wherever it is written. Raises UnknownReply."""
        production = self._productions.get(reply_id)
        if production is not None and production.interrupt(Signal.STOP):
            return
        if self._store.conversation_of(reply_id) is None:
            raise UnknownReply
        self._store.request_stop(reply_id)

    def drain(self, grace_s: float) -> None:
        """Take no new replies; give running ones, and those of other processes that are followed here,
        `grace_s` seconds; then interrupt and store the rest."""
        self._draining = True
        until = time.monotonic() + grace_s
        self._join(grace_s)
        while self._mirror.has_followers and time.monotonic() < until:
            gevent.sleep(self._timings.mirror_interval_s)
        for production in list(self._productions.values()):
            production.interrupt(Signal.BREAK, Reason.SHUTDOWN)
        self._join(self._timings.interrupt_timeout_s)
        self._write_behind.drain(self._timings.last_write_timeout_s)

    def _join(self, timeout_s: float) -> None:
        running = [p.greenlet for p in self._productions.values() if p.greenlet is not None]
        gevent.joinall(running, timeout=timeout_s)

    @property
    def draining(self) -> bool:
        """Whether this process is about to end."""
        return self._draining

    # What becomes of a production

    def _on_lost(self, production: Production) -> None:
        """Another lease of the reply is held: leave it alone, its readers can follow it there."""
        if production.lost:
            return
        production.lost = True
        logger.warning("reply %s… was resumed by another producer", production.id[:6])
        self._forget(production)
        production.log.publish("", State.INTERRUPTED, Reason.ORPHAN)
        production.interrupt(Signal.BREAK, Reason.ORPHAN)

    def _on_ended(self, production: Production) -> None:
        if production.gone:  # its end is nowhere else, and those who poll are to learn of it
            gevent.spawn_later(self._timings.poll_lapse_s, self._forget, production)
        else:
            self._forget(production)

    def _forget(self, production: Production) -> None:
        """Leave an ended reply to the store: any process may continue it, and this one would not hear
        of it."""
        if self._productions.get(production.id) is production:
            del self._productions[production.id]
