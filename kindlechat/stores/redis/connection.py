"""The connection to Redis, and the Lua scripts that run there.

Every method of the store is one script, so it is atomic and costs one round trip.
"""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gevent.lock import BoundedSemaphore
from redis import ConnectionPool, Redis, RedisError
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import ReadOnlyError
from redis.retry import Retry

from kindlechat.errors import (
    NotContinuable,
    RateLimited,
    ReplacedMeanwhile,
    StoreUnavailable,
    TooManyReplies,
    UnknownConversation,
    UnknownReply,
)
from kindlechat.stores.ids import SLOT_CHARS
from kindlechat.stores.outage import Outage
from kindlechat.stores.redis.keys import NAMED, PREFIX
from kindlechat.timings import Timings

logger = logging.getLogger(__name__)

MAX_CONNECTIONS = 16
"""A process's connections: one waits for news, the others serve requests of a millisecond each. Small
Redis plans allow 20 connections in all."""

MIN_CONNECTIONS = 2
"""One waits for news, one does the rest."""

DELETE_BATCH = 200
"""How many conversations one call looks at to delete."""

NAMED_S = 3600
"""So long after a look nobody looks again for keys with names of an older version."""

RENAME_BATCH = 1000
"""So many keys are looked at in a millisecond or two."""

FOLDER = Path(__file__).with_name("scripts")
SCRIPTS = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.lua")}

SHARED = "".join(
    (FOLDER / "shared" / f"{name}.lua").read_text(encoding="utf-8")
    for name in (
        *("values", "conversations", "library", "lifetimes", "replies", "limits"),
        *("newsletter", "readers", "pairing"),
    )
)
"""What the scripts share. Each part uses those before it."""

REFUSALS = {
    "room": TooManyReplies,
    "conversation": UnknownConversation,
    "reply": UnknownReply,
    "state": NotContinuable,
    "replaced": ReplacedMeanwhile,
}
"""A script's refusals, as errors of the contract."""


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
        self._timings = timings
        self._delete_batch = delete_batch
        self._max_connections = max(MIN_CONNECTIONS, max_connections)
        self._turns = BoundedSemaphore(self._max_connections)
        self._outage = Outage()
        self._pool = _open_pool(url, timings, self._max_connections)
        self._redis = Redis(connection_pool=self._pool)
        self._head = (
            f"local PREFIX, SLOT_CHARS, TTL_S = '{PREFIX}', {SLOT_CHARS}, {keep_s}\n"
            f"local ORPHAN_AFTER_S = {timings.orphan_after_s:g}\n{SHARED}"
        )
        self._scripts: dict[str, Script] = {}
        self._renaming = BoundedSemaphore(1)
        self._is_named = False
        self._naming_trouble: StoreUnavailable | None = None

    def _run(self, script: str, **given: Any) -> Any:
        """Run scripts/SCRIPT.lua; arguments that are None are left out. Raises what it refuses by."""
        if not self._is_named:
            self._rename_at_first()
        return self._call(script, **given)

    def _rename_at_first(self) -> None:
        """See to the names before anything else is asked; who comes meanwhile waits for what comes of it."""
        earlier_trouble = self._naming_trouble
        with self._renaming:
            if self._is_named:
                return
            if self._naming_trouble is not earlier_trouble:
                raise StoreUnavailable(str(self._naming_trouble))
            try:
                self._rename_older()
            except StoreUnavailable as trouble:
                self._naming_trouble = trouble
                raise
            self._is_named = True

    def _rename_older(self) -> None:
        """See that no key has a name of an older version, which no script would find; once in a while for
        all processes, as instances of that version may still run."""
        with self._connected("names"):
            if self._redis.exists(NAMED):
                return
        cursor, renamed = None, 0
        while cursor != "0":
            found = self._call(
                "rename_older",
                cursor=cursor or "0",
                batch=RENAME_BATCH,
                named=NAMED,
                named_s=NAMED_S,
            )
            cursor, renamed = found["cursor"], renamed + found["renamed"]
        if renamed:
            logger.info("Redis: %d keys of an older version were renamed", renamed)

    def _call(self, script: str, **given: Any) -> Any:
        if self._clock is not None:
            given["now"] = self._clock()
        arguments = {name: value for name, value in given.items() if value is not None}
        with self._connected(script):
            found = self._script(script)(args=[json.dumps(arguments, ensure_ascii=False)])
        result = json.loads(found)
        if "refused" in result:
            raise REFUSALS[result["refused"]]
        if "spent" in result:
            raise RateLimited(result["spent"]["quota"], float(result["spent"]["wait_s"]))
        return result

    def _script(self, name: str) -> Script:
        """The script of this name, which is prepared at its first use."""
        if name not in self._scripts:
            self._scripts[name] = self._redis.register_script(self._head + SCRIPTS[name])
        return self._scripts[name]

    @contextmanager
    def _connected(self, task: str) -> Iterator[None]:
        """Within, a connection is free for one call. Turns Redis's errors into StoreUnavailable.

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


def _open_pool(url: str, timings: Timings, max_connections: int) -> ConnectionPool:
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
