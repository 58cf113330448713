"""The connection to Redis, and the Lua scripts that run there.

A script is atomic. One that works on a conversation touches keys of that conversation's slot alone; what a
method of the store does elsewhere are calls before or after it (`lists.py`, `holds.py`). Calls that need no
answer of another one go together, in one round trip.
"""

import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from gevent.lock import BoundedSemaphore
from redis import ConnectionPool, Redis, RedisError
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.connection import AbstractConnection
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import NoScriptError, ReadOnlyError
from redis.retry import Retry

from kindlechat.errors import StoreUnavailable
from kindlechat.stores.ids import SLOT_CHARS
from kindlechat.stores.outage import Outage
from kindlechat.stores.redis.calls import Call, accepted, command, lua
from kindlechat.stores.redis.clock import SteadyClock
from kindlechat.stores.redis.keys import PREFIX
from kindlechat.stores.redis.older import see_to_older
from kindlechat.timings import Timings

logger = logging.getLogger(__name__)

MAX_CONNECTIONS = 16
"""A process's connections: one waits for news, the others serve requests of a millisecond each. Small
Redis plans allow 20 connections in all."""

MIN_CONNECTIONS = 2
"""One waits for news, one does the rest."""

DELETE_BATCH = 200
"""How many conversations one call looks at to delete."""

MAX_TRIES = 3
"""So often the same calls are sent: once, when Redis has forgotten their scripts, and when a successor is
found."""

FOLDER = Path(__file__).with_name("scripts")
SCRIPTS = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.lua")}

SHARED = "".join(
    (FOLDER / "shared" / f"{name}.lua").read_text(encoding="utf-8")
    for name in (
        *("values", "conversations", "lifetimes", "replies"),
        *("newsletter", "readers", "pairing"),
    )
)
"""What the scripts share. Each part uses those before it."""


class RedisConnection:
    """Runs scripts on one Redis."""

    def __init__(
        self,
        url: str,
        keep_s: int,
        clock: Callable[[], float] | None = None,
        *,
        timings: Timings = Timings(),
        delete_batch: int = DELETE_BATCH,
        max_connections: int = MAX_CONNECTIONS,
    ) -> None:
        """Prepare for the Redis at `url`; it is connected to at first use, and again whenever needed.

        Replies are kept for `keep_s` seconds. `clock` takes the place of Redis's own. At most
        `max_connections` are open at once. Raises StoreUnavailable when the address makes no sense.
        """
        self._clock = clock
        self._keep_s = keep_s
        self._timings = timings
        self._delete_batch = delete_batch
        self._max_connections = max(MIN_CONNECTIONS, max_connections)
        self._turns = BoundedSemaphore(self._max_connections)
        self._outage = Outage()
        self._steady = SteadyClock(
            self._ask_steady, clock or time.monotonic, timings.orphan_after_s / 2
        )
        self._pool = _open_pool(url, timings, self._max_connections, self._greet)
        self._redis = Redis(connection_pool=self._pool)
        self._head = (
            f"local PREFIX, SLOT_CHARS, TTL_S = '{PREFIX}', {SLOT_CHARS}, {keep_s}\n"
            f"local ORPHAN_AFTER_S = {timings.orphan_after_s:g}\n{SHARED}"
        )
        self._scripts: dict[str, Script] = {}
        self._loaded: set[str] = set()
        self._seeing_to_older = BoundedSemaphore(1)
        self._has_seen_to_older = False
        self._older_trouble: StoreUnavailable | None = None

    def _run(self, name: str, **given: Any) -> Any:
        """Run scripts/NAME.lua; arguments that are None are left out. Raises what it refuses by."""
        return accepted(self._send([lua(name, **given)])[0])

    def _run_between(
        self, before: Sequence[Call], call: Call, after: Sequence[Call] = ()
    ) -> dict[str, Any]:
        """The answer of a script that goes together with calls before and after it. Raises what it refuses
        by; the other calls are done all the same."""
        return accepted(self._send([*before, call, *after])[len(before)])

    def _send(self, calls: Sequence[Call]) -> list[Any]:
        """The answers to these calls, which are done in this order, in one round trip.

        Others may be served in between. A refusal of a script is an answer, too. Who sends calls takes care
        that all of them may be sent twice: an answer can be lost.
        """
        if not self._has_seen_to_older:
            self._see_to_older_at_first()
        return self._exchange(calls)

    def _see_to_older_at_first(self) -> None:
        """See to what older versions left before anything else is asked; who comes meanwhile waits for what
        comes of it."""
        earlier_trouble = self._older_trouble
        with self._seeing_to_older:
            if self._has_seen_to_older:
                return
            if self._older_trouble is not earlier_trouble:
                raise StoreUnavailable(str(self._older_trouble))
            try:
                self._see_to_older()
            except StoreUnavailable as trouble:
                self._older_trouble = trouble
                raise
            self._has_seen_to_older = True

    def _now(self) -> float:
        """The time by Redis's clock, in seconds since the epoch."""
        if self._clock is not None:
            return self._clock()
        seconds, microseconds = self._send([command("TIME")])[0]
        return int(seconds) + int(microseconds) / 1e6

    def _see_to_older(self) -> None:
        see_to_older(self._exchange, self._keep_s)

    def _try_to_send(self, calls: Sequence[Call]) -> None:
        """Send what takes something back that was counted or held. If Redis is out of reach by now, a limit
        has counted one too many, and who was refused is told why all the same."""
        with suppress(StoreUnavailable):
            self._send(calls)

    def _exchange(self, calls: Sequence[Call]) -> list[Any]:
        if not calls:
            return []
        if not any(call.is_script for call in calls):
            return self._exchange_with(calls, {})
        for _ in range(MAX_TRIES):
            lead = self._steady.lead()
            always = {"steady": self._steady.now(), **self._own_time()}
            answers = self._exchange_with(calls, always)
            # Otherwise another Redis has answered: who was renewed by the earlier time would pass for silent.
            if self._steady.still_leads_by(lead):
                break
        return answers

    def _exchange_with(self, calls: Sequence[Call], always: Mapping[str, float]) -> list[Any]:
        words = [self._words(call, always) for call in calls]
        with self._connected(calls[0].task):
            # Otherwise those that Redis knows would be done ahead of those that it does not.
            if missing := {call.task for call in calls if call.is_script} - self._loaded:
                self._load(missing)
            answers = self._exchange_words(calls, words)
        return [
            json.loads(answer) if call.is_script else answer
            for call, answer in zip(calls, answers, strict=True)
        ]

    def _words(self, call: Call, always: Mapping[str, float]) -> Sequence[str | float]:
        if not call.is_script:
            return call.words
        given = json.dumps({**call.given, **always}, ensure_ascii=False)
        return "EVALSHA", self._script(call.task).sha, 0, given

    def _exchange_words(
        self, calls: Sequence[Call], words: Sequence[Sequence[str | float]]
    ) -> list[Any]:
        """Raises the first error among the answers, without the words that redis-py would tell it with."""
        for _ in range(MAX_TRIES):
            with self._redis.pipeline(transaction=False) as pipeline:
                for each in words:
                    pipeline.execute_command(*each)  # type: ignore[no-untyped-call]
                answers = pipeline.execute(raise_on_error=False)
            errors = [each for each in answers if isinstance(each, Exception)]
            if not errors:
                return list(answers)
            if isinstance(errors[0], NoScriptError):
                self._load({call.task for call in calls if call.is_script})
            elif isinstance(errors[0], ReadOnlyError):
                # It was demoted, its successor answers at the same name.
                self._pool.disconnect(inuse_connections=False)
            else:
                break
        raise errors[0]

    def _load(self, names: Iterable[str]) -> None:
        """Have Redis know these scripts."""
        with self._redis.pipeline(transaction=False) as pipeline:
            for name in names:
                pipeline.script_load(self._script(name).script)
            pipeline.execute()
        self._loaded.update(names)

    def _ask_steady(self) -> float:
        asking = lua("clock", steady=self._steady.last_told)
        return float(self._exchange_with([asking], self._own_time())[0]["steady"])

    def _own_time(self) -> dict[str, float]:
        return {} if self._clock is None else {"now": self._clock()}

    def _greet(self, connection: AbstractConnection) -> None:
        """See to a new connection. Behind it may be another Redis than before."""
        self._steady.forget()
        self._loaded.clear()
        connection.on_connect()  # type: ignore[no-untyped-call]

    def _script(self, name: str) -> Script:
        """The script of this name, which is prepared at its first use."""
        if name not in self._scripts:
            self._scripts[name] = self._redis.register_script(self._head + SCRIPTS[name])
        return self._scripts[name]

    @contextmanager
    def _connected(self, task: str) -> Iterator[None]:
        """Within, a connection is free for one round trip. Turns Redis's errors into StoreUnavailable.

        Waiting for a free connection is not waiting for Redis: on a busy machine all of them may be in use
        for a while, though each answer takes a millisecond.
        """
        if not self._turns.acquire(timeout=self._timings.redis_turn_s):
            raise self._trouble(
                task,
                f"all {self._max_connections} connections were in use for {self._timings.redis_turn_s:g} s"
                " (KINDLECHAT_REDIS_CONNECTIONS)",
            )
        try:
            yield
        except (RedisError, OSError) as error:
            # redis-py's messages name the host, not the password.
            raise self._trouble(task, error) from error
        finally:
            self._turns.release()
        self._outage.worked(task)

    def _trouble(self, task: str, cause: object) -> StoreUnavailable:
        trouble = StoreUnavailable(f"Redis: {cause}")
        self._outage.failed(task, trouble)
        return trouble


def _open_pool(
    url: str,
    timings: Timings,
    max_connections: int,
    greet: Callable[[AbstractConnection], None],
) -> ConnectionPool:
    try:
        pool = ConnectionPool.from_url(
            url,
            max_connections=max_connections,
            socket_timeout=timings.redis_timeout_s,
            socket_connect_timeout=timings.redis_timeout_s,
            health_check_interval=timings.redis_idle_s,
            # Once more on a new connection, at once: every script may be sent twice. A server that
            # takes no writes was demoted, its successor answers at the same name. Silence is not
            # worth a second try, it has cost its time already.
            retry=Retry(NoBackoff(), 1, (LostConnection, ReadOnlyError)),
            redis_connect_func=greet,
            decode_responses=True,
            protocol=2,
            # Otherwise each new connection reads from the disk which redis-py this is, and tells Redis.
            driver_info=None,
        )
        pool.connection_class(**pool.connection_kwargs)  # raises on options it does not know
    except (ValueError, TypeError, RedisError):
        # The cause may quote the password: it is left out.
        raise StoreUnavailable(
            "REDIS_URL: expected redis://USER:PASSWORD@HOST:PORT/NUMBER (or rediss://), special"
            " characters percent-encoded and options as redis-py has them, got something else"
        ) from None
    return pool
