"""The store on one machine: a SQLite file in write-ahead mode, shared by all worker processes."""

import json
import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from gevent.threadpool import ThreadPool
from limits import RateLimitItem
from limits.storage import Storage

from kindlechat.errors import (
    NotContinuable,
    Reason,
    ReplacedMeanwhile,
    StoreUnavailable,
    TooManyReplies,
    UnknownConversation,
    UnknownReply,
)
from kindlechat.reply import TRANSITIONS, Message, Progress, Reply, Signal, State
from kindlechat.stores import (
    FORGET_AT_ONCE,
    Conversation,
    NewReply,
    Signs,
    Store,
    Write,
    Written,
)
from kindlechat.stores.limiting import count_question
from kindlechat.timings import Timings

MIGRATIONS = (
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE conversations (id TEXT PRIMARY KEY, created REAL NOT NULL, seed TEXT NOT NULL)
        WITHOUT ROWID;
    CREATE TABLE replies (
        id TEXT PRIMARY KEY,
        conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        replaced INTEGER NOT NULL DEFAULT 0,
        question TEXT NOT NULL,
        chars INTEGER NOT NULL DEFAULT 0,
        state TEXT NOT NULL,
        reason TEXT,
        owner TEXT,
        stop INTEGER NOT NULL DEFAULT 0,
        heartbeat REAL NOT NULL,
        created REAL NOT NULL,
        address TEXT NOT NULL,
        fingerprint TEXT
    ) WITHOUT ROWID;
    CREATE INDEX replies_of_conversation ON replies (conversation, position);
    CREATE INDEX replies_under_way ON replies (address)
        WHERE state IN ('waiting', 'streaming');
    CREATE INDEX replies_by_fingerprint ON replies (fingerprint) WHERE fingerprint IS NOT NULL;
    CREATE TABLE pieces (
        reply TEXT NOT NULL REFERENCES replies (id) ON DELETE CASCADE,
        start INTEGER NOT NULL,
        text TEXT NOT NULL,
        PRIMARY KEY (reply, start)
    ) WITHOUT ROWID;
    CREATE TABLE counters (key TEXT PRIMARY KEY, count INTEGER NOT NULL, expires REAL NOT NULL)
        WITHOUT ROWID;
    """,
)
"""One script a schema version; a file of an older version is brought forward at opening."""

P = ParamSpec("P")
T = TypeVar("T")


def off_hub(
    method: Callable[Concatenate["SqliteStore", P], T],
) -> Callable[Concatenate["SqliteStore", P], T]:
    """Run a method in the store's own thread, so that no disk or lock ever holds the gevent hub."""

    def run(self: "SqliteStore", /, *args: P.args, **kwargs: P.kwargs) -> T:
        # An exception that left the thread by itself would be printed there, traceback and all.
        result, error = self.thread.apply(_outcome, (method, self, args, kwargs))
        if isinstance(error, sqlite3.Error):
            raise StoreUnavailable(f"{self.path}: {error}") from error
        if error is not None:
            raise error
        return cast(T, result)

    return run


def _outcome(
    method: Callable[..., T], self: Any, args: Any, kwargs: Any
) -> tuple[T | None, Exception | None]:
    try:
        return method(self, *args, **kwargs), None
    except Exception as error:  # noqa: BLE001 - raised again by the caller, in its own greenlet
        return None, error


class SqliteStore(Store):
    """The contract on one SQLite file.

    Committed writes survive the process. A power cut may take those of the last moments, but no reply
    that has ended: an end is flushed to the disk, with all before it. One thread holds the one connection.
    """

    def __init__(
        self,
        folder: Path,
        clock: Callable[[], float] = time.time,
        *,
        timings: Timings = Timings(),
    ) -> None:
        """Open or make the file in `folder`. Raises StoreUnavailable with what to do about it."""
        self.path = folder / "kindlechat.sqlite3"
        self.thread = ThreadPool(1)
        self._clock = clock
        self._timings = timings
        self._db: sqlite3.Connection
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # Nobody else's to read from the first moment; SQLite's side files get the same mode.
            os.close(os.open(self.path, os.O_CREAT | os.O_RDONLY, 0o600))
        except OSError as error:
            raise StoreUnavailable(
                f"KINDLECHAT_DATA: expected a folder that can be written, got {folder}: {error.strerror}"
            ) from error
        try:
            self._open()
        except StoreUnavailable as error:
            raise StoreUnavailable(
                f"{error}; make its folder writable with room on the disk, move a damaged file away, or"
                " set KINDLECHAT_DATA to another folder"
            ) from error

    @off_hub
    def _open(self) -> None:
        self._db = sqlite3.connect(
            self.path,
            timeout=self._timings.sqlite_busy_timeout_s,
            isolation_level=None,
            check_same_thread=False,
        )
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA foreign_keys = ON")
        self._db.execute("PRAGMA secure_delete = ON")  # what is forgotten is gone from the file too
        self._limits = SqliteCounters(self._db, self._clock)
        self._log_is_clean = True  # whether what was forgotten is gone from the write-ahead log
        with self._transaction():
            self._migrate()
        with suppress(OSError):  # another user's file, that this one may write to
            self.path.chmod(0o600)

    def _migrate(self) -> None:
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version > len(MIGRATIONS):
            raise StoreUnavailable(
                f"{self.path}: expected a file of schema version {len(MIGRATIONS)} or older, got"
                f" {version}; run the newer Kindlechat that made it"
            )
        for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
            for statement in script.split(";"):
                self._db.execute(statement)
            self._db.execute(f"PRAGMA user_version = {number}")

    @contextmanager
    def _transaction(self, *, flushed: bool = False) -> Iterator[None]:
        """Take the write lock at once: upgrading a read lock later could fail with no retry.

        What is `flushed` is on the disk afterwards.
        """
        self._db.execute(f"PRAGMA synchronous = {'FULL' if flushed else 'NORMAL'}")
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._db.in_transaction:  # a full disk ends it by itself
                self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @off_hub
    def create_reply(self, new: NewReply, at_once: int | None = None) -> str:
        now = self._clock()
        with self._transaction():
            if (twin := self._twin(new, now)) is not None:
                return twin
            self._check_room(new.address, at_once, now, besides=new.replaces)
            self._ensure_conversation(new, now)
            self._replace(new)
            self._db.execute(
                """
                INSERT INTO replies (id, conversation, position, question, state, owner, heartbeat,
                    created, address, fingerprint)
                SELECT ?, ?, 1 + COALESCE(MAX(position), 0), ?, 'waiting', ?, ?, ?, ?, ?
                FROM replies WHERE conversation = ?
                """,
                (
                    *(new.id, new.conversation, new.question, new.owner, now, now, new.address),
                    *(new.fingerprint, new.conversation),
                ),
            )
        return new.id

    def _twin(self, new: NewReply, now: float) -> str | None:
        if new.fingerprint is None:
            return None
        self._mark_orphans("fingerprint = ?", new.fingerprint)
        row = self._db.execute(
            "SELECT id FROM replies WHERE fingerprint = ?"
            " AND (created > ? OR state IN ('waiting', 'streaming'))",
            (new.fingerprint, now - new.repeat_within_s),
        ).fetchone()
        return row[0] if row else None

    def _replace(self, new: NewReply) -> None:
        found = self._db.execute(
            "SELECT replaced FROM replies WHERE id = ?", (new.replaces,)
        ).fetchone()
        if found and found[0]:
            raise ReplacedMeanwhile
        self._db.execute("UPDATE replies SET replaced = 1 WHERE id = ?", (new.replaces,))

    def _check_room(
        self, address: str, at_once: int | None, now: float, besides: str | None = None
    ) -> None:
        if at_once is None:
            return
        (under_way,) = self._db.execute(
            "SELECT COUNT(*) FROM replies WHERE address = ? AND state IN ('waiting', 'streaming')"
            " AND heartbeat > ? AND id IS NOT ?",
            (address, now - self._timings.orphan_after_s, besides),
        ).fetchone()
        if under_way >= at_once:
            raise TooManyReplies

    def _ensure_conversation(self, new: NewReply, now: float) -> None:
        if new.seed is not None:
            seed = json.dumps([[message.role, message.text] for message in new.seed])
            self._db.execute(
                "INSERT INTO conversations (id, created, seed) VALUES (?, ?, ?)",
                (new.conversation, now, seed),
            )
        elif not self._db.execute(
            "SELECT 1 FROM conversations WHERE id = ?", (new.conversation,)
        ).fetchone():
            raise UnknownConversation

    @off_hub
    def reply(self, reply_id: str) -> Reply | None:
        return next(iter(self._replies("id = ?", reply_id)), None)

    @off_hub
    def conversation(self, conversation_id: str) -> Conversation | None:
        row = self._db.execute(
            "SELECT seed FROM conversations WHERE id = ?", (conversation_id,)
        ).fetchone()
        if row is None:
            return None
        seed = tuple(Message(role, text) for role, text in json.loads(row[0]))
        replies = self._replies("conversation = ? AND NOT replaced", conversation_id)
        return Conversation(conversation_id, seed, tuple(replies))

    def _replies(self, condition: str, value: str) -> list[Reply]:
        """Replies under a fixed condition (never made of input), oldest first."""
        self._mark_orphans(condition, value)
        rows = self._db.execute(
            "SELECT id, conversation, question, state, reason, heartbeat FROM replies"  # noqa: S608
            f" WHERE {condition} ORDER BY position",
            (value,),
        ).fetchall()
        return [
            Reply(id_, conversation, question, self._text(id_, 0), *self._standing(*standing))
            for id_, conversation, question, *standing in rows
        ]

    def _standing(
        self, state: str, reason: str | None, heartbeat: float
    ) -> tuple[State, Reason | None]:
        """How a reply stands for who reads it: an orphan that could not be marked is one, too."""
        if not State(state).ended and heartbeat <= self._clock() - self._timings.orphan_after_s:
            return State.INTERRUPTED, Reason.ORPHAN
        return State(state), _reason(reason)

    def _mark_orphans(self, condition: str, value: str) -> None:
        """Mark what is orphaned, unless the disk is full: what there is can be read all the same."""
        orphaned = (
            f"{condition} AND state IN ('waiting', 'streaming') AND heartbeat <= ?",
            (value, self._clock() - self._timings.orphan_after_s),
        )
        # Looking first keeps the common case free of the write lock.
        if self._db.execute(f"SELECT 1 FROM replies WHERE {orphaned[0]}", orphaned[1]).fetchone():  # noqa: S608
            with suppress(sqlite3.OperationalError):
                self._db.execute(
                    "UPDATE replies SET state = 'interrupted', reason = 'orphan'"  # noqa: S608
                    f" WHERE {orphaned[0]}",
                    orphaned[1],
                )

    def _text(self, reply_id: str, cursor: int) -> str:
        pieces = self._db.execute(
            "SELECT start, text FROM pieces WHERE reply = ? AND start + length(text) > ?"
            " ORDER BY start",
            (reply_id, cursor),
        ).fetchall()
        if not pieces:
            return ""
        return "".join(text for _, text in pieces)[max(0, cursor - pieces[0][0]) :]

    @off_hub
    def write(self, writes: Sequence[Write]) -> Written:
        now = self._clock()
        lost, behind, gone = set(), {}, set()
        with self._transaction(flushed=any(write.state.ended for write in writes)):
            for write in writes:
                row = self._db.execute(
                    "SELECT chars, owner FROM replies WHERE id = ?", (write.id,)
                ).fetchone()
                if row is None:
                    gone.add(write.id)
                elif row[1] != write.owner:
                    lost.add(write.id)
                elif write.start > row[0]:
                    behind[write.id] = row[0]
                else:
                    self._write(write, row[0], now)
        return Written(frozenset(lost), behind, frozenset(gone))

    def _write(self, write: Write, chars: int, now: float) -> None:
        text = write.text[max(0, chars - write.start) :]
        if text:
            self._db.execute("INSERT INTO pieces VALUES (?, ?, ?)", (write.id, chars, text))
        self._db.execute(
            "UPDATE replies SET chars = ?, state = ?, reason = ?, heartbeat = ?, owner = ? WHERE id = ?",
            (
                *(chars + len(text), write.state, write.reason, now),
                *(None if write.state.ended else write.owner, write.id),
            ),
        )

    @off_hub
    def read_after(self, cursors: Mapping[str, int], wait_s: float) -> dict[str, Progress]:
        return {id_: self._read_after(id_, cursor) for id_, cursor in cursors.items()}

    def _read_after(self, reply_id: str, cursor: int) -> Progress:
        self._mark_orphans("id = ?", reply_id)
        row = self._db.execute(
            "SELECT chars, state, reason, heartbeat FROM replies WHERE id = ?", (reply_id,)
        ).fetchone()
        if row is None:
            return Progress("", cursor, State.INTERRUPTED, Reason.ORPHAN)
        chars, *standing = row
        text = self._text(reply_id, cursor) if chars > cursor else ""
        return Progress(text, cursor + len(text), *self._standing(*standing))

    @off_hub
    def resume(self, reply_id: str, owner: str, address: str, at_once: int | None = None) -> Reply:
        now = self._clock()
        with self._transaction():
            replies = self._replies("id = ?", reply_id)
            if not replies:
                raise UnknownReply
            if (replies[0].state, Signal.CONTINUE) not in TRANSITIONS:
                raise NotContinuable
            self._check_room(address, at_once, now)
            self._db.execute(
                "UPDATE replies SET state = 'waiting', reason = NULL, owner = ?, stop = 0,"
                " heartbeat = ?, address = ? WHERE id = ?",
                (owner, now, address, reply_id),
            )
            return replies[0]

    @off_hub
    def ask_stop(self, reply_id: str) -> None:
        self._db.execute(
            "UPDATE replies SET stop = 1 WHERE id = ? AND state IN ('waiting', 'streaming')",
            (reply_id,),
        )

    @off_hub
    def give_signs(self, owned: Mapping[str, str], *, alive: bool) -> Signs:
        if alive:
            now = self._clock()
            with self._transaction():
                self._db.executemany(
                    "UPDATE replies SET heartbeat = ? WHERE id = ? AND owner = ?",
                    [(now, id_, owner) for id_, owner in owned.items()],
                )
        found = self._db.execute(
            "SELECT id, owner, stop FROM replies WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(owned)),),
        ).fetchall()
        return Signs(
            stop=frozenset(id_ for id_, owner, stop in found if owner == owned[id_] and stop),
            lost=frozenset(id_ for id_, owner, _ in found if owner != owned[id_]),
        )

    @off_hub
    def forget(self, older_than_s: float) -> int:
        now = self._clock()
        with self._transaction():
            self._db.execute("DELETE FROM counters WHERE expires < ?", (now,))
            forgotten = self._db.execute(
                """
                DELETE FROM conversations WHERE id IN (
                    SELECT id FROM conversations WHERE created < :before AND NOT EXISTS (
                        SELECT 1 FROM replies WHERE conversation = conversations.id
                        AND heartbeat >= :before)
                    LIMIT :at_once)
                """,
                {"before": now - older_than_s, "at_once": FORGET_AT_ONCE},
            ).rowcount
        self._log_is_clean = self._log_is_clean and not forgotten
        if not self._log_is_clean:
            # The write-ahead log would hold the words until something else is written over them. Another
            # process's reader may be in the way: then the next call tries again.
            (busy, *_) = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            self._log_is_clean = not busy
        return forgotten

    @off_hub
    def count(
        self, limits: Sequence[RateLimitItem], address: str, *, cost: int = 1
    ) -> float | None:
        with self._transaction():
            return count_question(self._limits, limits, address, self._clock(), cost)

    @off_hub
    def secret(self) -> str | None:
        with self._transaction():
            self._db.execute(
                "INSERT OR IGNORE INTO meta VALUES ('secret_key', ?)", (secrets.token_urlsafe(32),)
            )
            (value,) = self._db.execute(
                "SELECT value FROM meta WHERE key = 'secret_key'"
            ).fetchone()
        return str(value)

    @off_hub
    def check(self) -> None:
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO meta VALUES ('checked', ?)", (self._clock(),))

    @off_hub
    def close(self) -> None:
        self._db.close()


def _reason(value: str | None) -> Reason | None:
    return None if value is None else Reason(value)


class SqliteCounters(Storage):
    """Counters for the `limits` library in the store's file; used inside the store's transactions."""

    STORAGE_SCHEME = None

    def __init__(self, db: sqlite3.Connection, clock: Callable[[], float]) -> None:
        super().__init__()
        self._db = db
        self._clock = clock

    @property
    def base_exceptions(self) -> type[Exception]:
        return sqlite3.Error

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now = self._clock()
        (count,) = self._db.execute(
            """
            INSERT INTO counters VALUES (:key, :amount, :now + :expiry)
            ON CONFLICT (key) DO UPDATE SET
                count = CASE WHEN expires <= :now THEN 0 ELSE count END + :amount,
                expires = CASE WHEN expires <= :now THEN :now + :expiry ELSE expires END
            RETURNING count
            """,
            {"key": key, "amount": amount, "now": now, "expiry": expiry},
        ).fetchone()
        return int(count)

    def get(self, key: str) -> int:
        row = self._db.execute(
            "SELECT count FROM counters WHERE key = ? AND expires > ?", (key, self._clock())
        ).fetchone()
        return int(row[0]) if row else 0

    def get_expiry(self, key: str) -> float:
        row = self._db.execute(
            "SELECT expires FROM counters WHERE key = ? AND expires > ?", (key, self._clock())
        ).fetchone()
        return float(row[0]) if row else self._clock()

    def check(self) -> bool:
        return bool(self._db.execute("SELECT 1").fetchone())

    def reset(self) -> int | None:
        return self._db.execute("DELETE FROM counters").rowcount

    def clear(self, key: str) -> None:
        self._db.execute("DELETE FROM counters WHERE key = ?", (key,))
