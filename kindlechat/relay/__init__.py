"""The relay: one producer greenlet a reply, any number of followers, one log between them.

A **log** is a reply's text in memory, which followers wait on. Two things fill logs: producers of
this process, and the **mirror**, which reads what producers of other processes have stored. So every
follower, and every poll, is the same code, whoever writes the reply.

A word is stored before anybody sees it: producers hand their text to the **keeper**, which writes
the texts of all replies in one transaction, `flush_delay_s` after the first of them came, and only then
publishes them to the logs. First words and ends do not wait. If the store is out of reach the text is
published all the same, and stored when the store is back. A store that comes back without its last
writes gets them again from memory; a reply that it knows nothing of any more goes on in memory alone.
"""

import logging
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import gevent
from gevent.event import Event

from kindlechat.errors import Reason, ShuttingDown, StoreUnavailable, UnknownReply, UpstreamError
from kindlechat.relay.seam import Seam
from kindlechat.reply import Message, Progress, Signal, State, next_state, progress_after
from kindlechat.stores.contract import NewReply, Quota, Store, Write
from kindlechat.timings import Timings
from kindlechat.upstream.client import GeminiClient, Retrying, Text
from kindlechat.upstream.gemini import CONTINUE_INSTRUCTION, DEFAULT_LANGUAGE, Finished

logger = logging.getLogger(__name__)

MAX_REPLY_CHARS = 200_000


def new_id() -> str:
    """An id nobody can guess: 128 random bits, URL-safe, 22 characters."""
    return secrets.token_urlsafe(16)


class Log:
    """What is known here of one reply; followers wait for it to change."""

    __slots__ = (
        *("conversation", "text", "state", "reason", "news", "changed_at", "_changed"),
        *("followers", "polled_at"),
    )

    def __init__(
        self,
        conversation: str,
        text: str = "",
        state: State = State.WAITING,
        reason: Reason | None = None,
    ) -> None:
        self.conversation = conversation
        self.text = text
        self.state = state
        self.reason = reason
        self.followers = 0
        self.news = 0
        self.changed_at = self.polled_at = time.monotonic()
        self._changed = Event()

    def publish(self, text: str, state: State, reason: Reason | None) -> None:
        """Take the text that comes next and the state, and wake the followers if either is new."""
        if not text and (state, reason) == (self.state, self.reason):
            return
        self.text += text
        self.state = state
        self.reason = reason
        self.news += 1
        self.changed_at = time.monotonic()
        self._changed.set()
        self._changed.clear()

    def wait(self, timeout_s: float) -> None:
        """Wait until something is published, at most `timeout_s` seconds."""
        self._changed.wait(timeout_s)

    def after(self, cursor: int) -> Progress:
        """The progress of a follower that has read up to `cursor`."""
        return progress_after(cursor, self.text, self.state, self.reason)


class Production:
    """A reply that this process writes: the producer's side of a log."""

    __slots__ = (
        *("id", "owner", "log", "messages", "language", "text", "state", "reason"),
        *("published", "stored", "seam", "greenlet", "lost", "gone"),
    )

    def __init__(
        self,
        reply_id: str,
        conversation: str,
        owner: str,
        messages: list[Message],
        language: str,
        text: str = "",
    ) -> None:
        self.id = reply_id
        self.owner = owner
        self.messages = messages
        self.language = language
        self.log = Log(conversation, text)
        self.text = text
        self.state = State.WAITING
        self.reason: Reason | None = None
        self.published = self.stored = len(text)
        self.seam = Seam(text)
        self.greenlet: gevent.Greenlet[..., None] | None = None
        self.lost = False
        self.gone = False

    def signal(self, signal: Signal, reason: Reason | None = None) -> None:
        """Move to the next state."""
        self.state = next_state(self.state, signal, has_text=bool(self.text))
        self.reason = reason

    def end(self, signal: Signal, reason: Reason | None) -> None:
        """Move to an end state, unless the reply got to one just before.

        What the seam still holds is left out: it reads like a piece of the text that is there, and
        whoever goes on gets it anew if it was not.
        """
        if not self.state.ended:
            self.signal(signal, reason)

    def write(self) -> Write:
        """What the store does not have yet."""
        return Write(
            self.id, self.owner, self.stored, self.text[self.stored :], self.state, self.reason
        )

    def publish(self, write: Write) -> None:
        """Show followers everything up to where `write` ends; an end is never taken back."""
        if self.log.state.ended:
            return
        end = write.start + len(write.text)
        self.log.publish(self.text[self.published : end], write.state, write.reason)
        self.published = max(end, self.published)


class Relay:
    """Starts, follows and stops replies."""

    def __init__(
        self,
        store: Store,
        client: GeminiClient,
        *,
        concurrency_limit: int | None = None,
        max_reply_chars: int = MAX_REPLY_CHARS,
        timings: Timings = Timings(),
    ) -> None:
        self._store = store
        self._client = client
        self._concurrency_limit = concurrency_limit
        self._timings = timings
        self._max_reply_chars = max_reply_chars
        self._productions: dict[str, Production] = {}
        self._mirrored: dict[str, Log] = {}
        self._keeper = Keeper(store, timings, on_ended=self._ended, on_lost=self._leave)
        self._signing: gevent.Greenlet[..., None] | None = None
        self._mirroring: gevent.Greenlet[..., None] | None = None
        self._draining = False

    # Asking

    def start(
        self,
        new: NewReply,
        messages: list[Message],
        language: str = DEFAULT_LANGUAGE,
        *,
        quotas: Sequence[Quota] = (),
    ) -> str:
        """Store the question and start to answer `messages`; returns the reply's id.

        `language` is the reader's, by its English name. The question counts against `quotas`.

        Raises ShuttingDown and what Store.create_reply raises. A form sent twice starts nothing anew.
        """
        if self._draining:
            raise ShuttingDown
        reply_id = self._store.create_reply(
            new, concurrency_limit=self._concurrency_limit, quotas=quotas
        )
        if reply_id == new.id:
            self._produce(Production(new.id, new.conversation, new.owner, messages, language))
        return reply_id

    def resume(
        self,
        reply_id: str,
        owner: str,
        client_hash: str,
        history: list[Message],
        language: str = DEFAULT_LANGUAGE,
        *,
        quotas: Sequence[Quota] = (),
    ) -> None:
        """Go on with an ended reply from where its text ends; `history` is what came before its
        question. Counts against `quotas`. Raises ShuttingDown and what Store.resume raises."""
        if self._draining:
            raise ShuttingDown
        reply = self._store.resume(
            reply_id,
            owner,
            client_hash,
            concurrency_limit=self._concurrency_limit,
            quotas=quotas,
        )
        messages = [*history, Message("user", reply.question)]
        if reply.text:
            messages += [Message("model", reply.text), Message("user", CONTINUE_INSTRUCTION)]
        self._produce(
            Production(reply_id, reply.conversation, owner, messages, language, reply.text)
        )

    def _produce(self, production: Production) -> None:
        self._productions[production.id] = production
        production.greenlet = gevent.spawn(self._run, production)
        gevent.sleep(0)  # a greenlet killed before it began would never run, nor end its reply
        if self._signing is None:
            self._signing = gevent.spawn(self._sign)
        if self._draining:  # since the store was asked
            self._interrupt(production.id, Signal.BREAK, Reason.SHUTDOWN)

    def _run(self, production: Production) -> None:
        try:
            with gevent.Timeout(self._timings.max_reply_s, UpstreamError(Reason.TOO_LONG_TIME)):
                self._read_upstream(production)
        except UpstreamError as error:
            logger.warning("reply %s…: %s", production.id[:6], error)
            production.end(Signal.BREAK, error.reason)
        except Interrupt as interrupt:
            production.end(interrupt.signal, interrupt.reason)
        except Exception as error:
            logger.error("reply %s…: the producer failed", production.id[:6], exc_info=error)
            production.end(Signal.BREAK, Reason.BROKEN)
        self._keeper.keep(production, urgent=True)

    def _read_upstream(self, production: Production) -> None:
        stream = self._client.stream(production.messages, production.language)
        try:
            for item in stream:
                match item:
                    case Text(text):
                        self._take_text(production, production.seam.join(text))
                    case Retrying():
                        production.reason = Reason.RETRYING
                        self._keeper.keep(production, urgent=True)
                    case Finished(cut):
                        self._take_text(production, production.seam.close())
                        production.signal(Signal.LENGTH if cut else Signal.FINISH)
        finally:
            stream.close()  # closes the upstream's connection, now and not at some collection

    def _take_text(self, production: Production, text: str) -> None:
        if not text:
            return
        first = production.state is State.WAITING
        room = self._max_reply_chars - len(production.text)
        production.text += text[:room]
        production.signal(Signal.TEXT)
        if len(text) > room:
            raise Interrupt(Signal.LENGTH, Reason.TOO_LONG_TEXT)
        self._keeper.keep(production, urgent=first)

    # Following

    def progress(self, reply_id: str, cursor: int = 0) -> tuple[Progress, float]:
        """How a reply stands for one who has read up to `cursor`, and for how many seconds it has
        been silent, as far as this process knows. Raises UnknownReply."""
        polled = self._followed(reply_id)
        polled.polled_at = time.monotonic()
        return polled.after(cursor), polled.polled_at - polled.changed_at

    def conversation_of(self, reply_id: str) -> str:
        """The conversation of a reply; the store is not asked for one that is followed here. Raises
        UnknownReply."""
        return self._followed(reply_id).conversation

    def follow(self, reply_id: str, cursor: int = 0) -> Iterator[Progress]:
        """The progress of a reply from `cursor` on, as it comes, up to its end.

        Yields at least every `keep_alive_interval_s`, with an empty text where nothing came; the last
        progress is an ended one. Leaving changes nothing for the reply. Raises UnknownReply at the call.
        """
        followed = self._followed(reply_id)
        return self._follow(reply_id, followed, cursor)

    def _follow(self, reply_id: str, followed: Log, cursor: int) -> Iterator[Progress]:
        if not followed.state.ended:
            # A device may be slow to begin, and a log that nobody followed is not filled any more.
            followed = self._followed(reply_id)
        followed.followers += 1
        beat_at = time.monotonic() + self._timings.keep_alive_interval_s
        try:
            while True:
                known = followed.news
                progress = followed.after(cursor)
                cursor = progress.cursor
                now = time.monotonic()
                if progress.text or now >= beat_at:
                    beat_at = now + self._timings.keep_alive_interval_s
                yield progress
                if progress.state.ended:
                    return
                if followed.news == known:  # whoever was told may have taken a while
                    followed.wait(max(0.0, beat_at - time.monotonic()))
        finally:
            followed.followers -= 1

    def wait_for_end(self, reply_id: str, timeout_s: float) -> None:
        """Return when the reply has ended, or after `timeout_s` seconds. Raises UnknownReply."""
        followed = self._followed(reply_id)
        followed.followers += 1
        until = time.monotonic() + timeout_s
        try:
            while not followed.state.ended and (left_s := until - time.monotonic()) > 0:
                followed.wait(left_s)
        finally:
            followed.followers -= 1

    def _log_of(self, reply_id: str) -> Log | None:
        production = self._productions.get(reply_id)
        if production is not None:
            return production.log
        return self._mirrored.get(reply_id)

    def _followed(self, reply_id: str) -> Log:
        """The log of a reply, wherever it is written. Raises UnknownReply."""
        return self._log_of(reply_id) or self._mirror(reply_id)

    def _mirror(self, reply_id: str) -> Log:
        reply = self._store.reply(reply_id)
        if reply is None:
            raise UnknownReply
        if (known := self._log_of(reply_id)) is not None:
            return known  # another follower was quicker while the store was read
        mirrored = Log(reply.conversation, reply.text, reply.state, reply.reason)
        if not reply.state.ended:
            self._mirrored[reply_id] = mirrored
            if self._mirroring is None:
                self._mirroring = gevent.spawn(self._fill_mirror)
        return mirrored

    def _fill_mirror(self) -> None:
        """Keep the logs of other processes' replies up to date while anybody follows them."""
        interval_s = self._timings.mirror_interval_s
        gevent.sleep(interval_s)
        while self._mirrored:
            cursors = {id_: len(mirrored.text) for id_, mirrored in self._mirrored.items()}
            with _going_on("following other processes' replies"):
                for id_, progress in self._store.read_after(cursors, interval_s).items():
                    if (mirrored := self._mirrored.get(id_)) is not None:
                        mirrored.publish(progress.text, progress.state, progress.reason)
            lapsed = time.monotonic() - self._timings.poll_lapse_s
            for id_, mirrored in list(self._mirrored.items()):
                wanted = mirrored.followers or mirrored.polled_at > lapsed
                if mirrored.state.ended or not wanted:
                    del self._mirrored[id_]
            gevent.sleep(interval_s)
        self._mirroring = None

    # Stopping

    def stop(self, reply_id: str) -> None:
        """End a reply by the reader's wish, wherever it is written. Raises UnknownReply."""
        if not self._interrupt(reply_id, Signal.STOP):
            if self._store.reply(reply_id) is None:
                raise UnknownReply
            self._store.request_stop(reply_id)

    def _interrupt(self, reply_id: str, signal: Signal, reason: Reason | None = None) -> bool:
        production = self._productions.get(reply_id)
        if production is None or production.state.ended or production.greenlet is None:
            return False
        production.greenlet.kill(Interrupt(signal, reason), block=False)
        return True

    def drain(self, grace_s: float) -> None:
        """Take no new replies, give running ones (and those followed here that run elsewhere) `grace_s`
        seconds, interrupt and store the rest."""
        self._draining = True
        until = time.monotonic() + grace_s
        self._join(grace_s)
        while self._follows_elsewhere() and time.monotonic() < until:
            gevent.sleep(self._timings.mirror_interval_s)
        for reply_id in list(self._productions):
            self._interrupt(reply_id, Signal.BREAK, Reason.SHUTDOWN)
        self._join(1.0)
        self._keeper.drain(timeout_s=2.0)

    def _join(self, timeout_s: float) -> None:
        running = [p.greenlet for p in self._productions.values() if p.greenlet is not None]
        gevent.joinall(running, timeout=timeout_s)

    def _follows_elsewhere(self) -> bool:
        return any(mirrored.followers for mirrored in self._mirrored.values())

    @property
    def draining(self) -> bool:
        """Whether this process is about to end."""
        return self._draining

    # Housekeeping

    def _sign(self) -> None:
        """Send heartbeats for the replies written here, and heed requests to stop."""
        every = self._timings.stop_checks_per_heartbeat
        silent = every  # looks since the last heartbeat that was taken
        while self._productions:
            under_way = {p.id: p for p in self._productions.values() if not p.state.ended}
            if under_way:
                owned = {production.id: production.owner for production in under_way.values()}
                renew = silent >= every
                with _going_on("sending heartbeats"):
                    status = self._store.heartbeat(owned, renew=renew)
                    silent = 0 if renew else silent
                    for reply_id in status.stop:
                        self._interrupt(reply_id, Signal.STOP)
                    for reply_id in status.lost:
                        if not under_way[reply_id].state.ended:  # else it ended meanwhile
                            self._leave(under_way[reply_id])
            silent += 1
            gevent.sleep(self._timings.stop_check_interval_s)
        self._signing = None

    def _leave(self, production: Production) -> None:
        """Others thought this producer dead: leave the reply to them, its readers can follow there."""
        logger.warning("reply %s… was taken from this process", production.id[:6])
        production.lost = True
        self._forget(production)
        production.log.publish("", State.INTERRUPTED, Reason.ORPHAN)
        if production.greenlet is not None:
            production.greenlet.kill(Interrupt(Signal.BREAK, Reason.ORPHAN), block=False)

    def _ended(self, production: Production) -> None:
        if production.gone:  # the end is nowhere else: those who poll are told
            gevent.spawn_later(self._timings.poll_lapse_s, self._forget, production)
        else:
            self._forget(production)

    def _forget(self, production: Production) -> None:
        """Leave it to the store: any process may go on with an ended reply, and this one would not
        hear of it."""
        if self._productions.get(production.id) is production:
            del self._productions[production.id]


@contextmanager
def _going_on(doing: str) -> Iterator[None]:
    """What is done for ever in the background does not end by an error, not even by a bug."""
    try:
        yield
    except StoreUnavailable:
        pass  # the keeper says so, once
    except Exception as error:
        logger.error("%s failed", doing, exc_info=error)


class Interrupt(BaseException):
    """Thrown into a producer to end its reply; not an Exception, so that no library swallows it."""

    def __init__(self, signal: Signal, reason: Reason | None = None) -> None:
        super().__init__(signal)
        self.signal = signal
        self.reason = reason


class Keeper:
    """Writes what producers hand in, many replies in one transaction, then publishes it."""

    def __init__(
        self,
        store: Store,
        timings: Timings,
        *,
        on_ended: Callable[[Production], None],
        on_lost: Callable[[Production], None],
    ) -> None:
        """`on_ended` is called when a reply's end is stored (or can nowhere be stored), `on_lost` when
        its owner is another."""
        self._store = store
        self._timings = timings
        self._on_ended = on_ended
        self._on_lost = on_lost
        self._dirty: dict[str, Production] = {}
        self._urgent: dict[str, Production] = {}
        self._wake = Event()
        self._idle = Event()
        self._due = 0.0
        self._in_memory = False
        self._greenlet: gevent.Greenlet[..., None] | None = None

    def keep(self, production: Production, *, urgent: bool) -> None:
        """Have what is new in `production` stored and published, at once where it is urgent."""
        if production.lost:
            return
        if self._in_memory:
            production.publish(production.write())  # readers do not wait for a store that is away
        if urgent:
            self._dirty.pop(production.id, None)
            self._urgent[production.id] = production
            self._wake.set()
        elif production.id not in self._urgent:
            if not self._dirty:
                self._due = time.monotonic() + self._timings.flush_delay_s
            self._dirty[production.id] = production
        if self._greenlet is None:
            self._idle.clear()
            self._greenlet = gevent.spawn(self._run)

    def drain(self, timeout_s: float) -> None:
        """Wait until all is stored, at most `timeout_s` seconds."""
        if self._greenlet is not None:
            self._idle.wait(timeout_s)

    def _run(self) -> None:
        while self._dirty or self._urgent:
            self._wake.wait(max(0.0, self._due - time.monotonic()))
            self._wake.clear()
            batch = self._urgent
            self._urgent = {}
            if time.monotonic() >= self._due:
                batch = self._dirty | batch
                self._dirty = {}
            if batch and not self._flush(batch):
                gevent.sleep(self._timings.store_retry_s)
        self._greenlet = None
        self._idle.set()

    def _flush(self, batch: dict[str, Production]) -> bool:
        """Store and publish; False where the store took nothing."""
        writes = [production.write() for production in batch.values()]
        try:
            written = self._store.write(writes)
        except Exception as error:  # a bug must not stop all replies of this process
            if not self._in_memory:
                bug = None if isinstance(error, StoreUnavailable) else error
                logger.error(
                    "the store takes no text, going on from memory: %s", error, exc_info=bug
                )
            self._in_memory = True
            for write in writes:
                production = batch[write.id]
                production.publish(write)
                self._dirty[write.id] = production
            return False
        if self._in_memory:
            logger.warning("the store takes text again")
        self._in_memory = False
        for write in writes:
            production = batch[write.id]
            if write.id in written.lost:
                self._on_lost(production)
            elif write.id in written.behind:
                production.stored = written.behind[write.id]
                self.keep(production, urgent=True)
            else:
                production.gone = write.id in written.gone
                production.stored = write.start + len(write.text)
                production.publish(write)
                if write.state.ended:
                    self._on_ended(production)
        return True
