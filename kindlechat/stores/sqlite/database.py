"""The file: one connection, used by one thread, so that no disk or lock blocks the gevent hub."""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar, cast

from kindlechat.errors import StoreUnavailable
from kindlechat.stores.matching import folded
from kindlechat.stores.outage import Outage
from kindlechat.stores.sqlite.checkpoints import MOST_PAGES, Checkpoints, sleep
from kindlechat.stores.sqlite.schema import MIGRATIONS, NewerSchema, migrate
from kindlechat.stores.sqlite.thread import Call, CallThread, Outcome
from kindlechat.timings import Timings

FILE_NAME = "kindlechat.sqlite3"

BUSY_PAUSE_S = 0.01

DELETE_BATCH = 200
"""How many conversations one call deletes at most."""

D = TypeVar("D", bound="SqliteDatabase")
P = ParamSpec("P")
T = TypeVar("T")


def off_hub(method: Callable[Concatenate[D, P], T]) -> Callable[Concatenate[D, P], T]:
    """Run a method in the database's thread; SQLite's errors become StoreUnavailable, and the log hears of
    them."""
    return _off_hub(method, may_share=False)


def off_hub_together(method: Callable[Concatenate[D, P], T]) -> Callable[Concatenate[D, P], T]:
    """The same for a method that is one transaction and has no other effect: calls that wait together share
    one, which takes half the time of one for each."""
    return _off_hub(method, may_share=True)


def _off_hub(
    method: Callable[Concatenate[D, P], T], *, may_share: bool
) -> Callable[Concatenate[D, P], T]:
    def run(self: D, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            result = self.call(Call(method, (self, *args), kwargs, may_share))
        except StoreUnavailable as trouble:
            self.outage.failed(method.__name__, trouble)
            raise
        self.outage.worked(method.__name__)
        return cast(T, result)

    return run


class FileReplaced(Exception):
    """The file at the path is not the one that was opened."""


class SqliteDatabase:
    """Opens the file and runs transactions.

    Committed writes survive the process. A power cut may take those of the last moments, unless their
    transaction was flushed.
    """

    def __init__(
        self,
        folder: Path,
        clock: Callable[[], float] = time.time,
        *,
        steady: Callable[[], float] | None = None,
        timings: Timings = Timings(),
        delete_batch: int = DELETE_BATCH,
        migrations: Sequence[str] = MIGRATIONS,
    ) -> None:
        """Open or make the file in `folder`. Raises StoreUnavailable with what to do about it.

        `steady` counts seconds that run on however `clock` is set, the same in all processes of this
        machine: by default time.monotonic, or a `clock` that is given.
        """
        self.path = folder / FILE_NAME
        self._pid = os.getpid()
        self._thread = CallThread(self._run)
        self.outage = Outage()
        self._clock = clock
        self._steady = steady or (time.monotonic if clock is time.time else clock)
        self._timings = timings
        self._delete_batch = delete_batch
        self._migrations = migrations
        self._db: sqlite3.Connection
        self._checkpoints: Checkpoints | None = None
        self._is_flushing: bool | None = None
        try:
            _make_private(folder)
            # Nobody else's to read from the first moment; SQLite's side files get the same mode.
            os.close(os.open(self.path, os.O_CREAT | os.O_RDONLY, 0o600))
        except OSError as error:
            raise StoreUnavailable(
                f"KINDLECHAT_DATA: expected a folder that can be written, got {folder}: {error.strerror}"
            ) from error
        try:
            self.in_thread(self._open)
        except StoreUnavailable as error:
            raise StoreUnavailable(
                f"{error}; make its folder writable with room on the disk, move a damaged file away, or"
                " set KINDLECHAT_DATA to another folder"
            ) from error

    def in_thread(self, function: Callable[..., T], *arguments: object) -> T:
        """Call a function in the database's thread.

        Raises what the function raises, but StoreUnavailable for SQLite's errors.
        """
        return cast(T, self.call(Call(function, arguments)))

    def call(self, call: Call) -> object:
        """The same for a call that may share a transaction."""
        if self._pid != os.getpid():
            self._begin_anew()
        result, error = self._thread.call(call)
        if isinstance(error, (sqlite3.Error, OSError, NewerSchema, FileReplaced)):
            raise StoreUnavailable(f"{self.path}: {error}") from error
        if error is not None:
            raise error
        return result

    def _begin_anew(self) -> None:
        """Get a thread and a connection in a process that was forked (`gunicorn --preload`): no thread is
        there any more, and a connection may serve one process only."""
        self._pid = os.getpid()
        # Never closed: that would give up this process's locks.
        self._inherited = self._db, self._checkpoints
        self._is_flushing = None
        self._thread = CallThread(self._run)
        try:
            self.in_thread(self._open)
        except StoreUnavailable:
            self._pid = 0  # the next call tries again
            raise

    def _run(self, calls: list[Call]) -> list[Outcome]:
        """Run calls in the database's thread. Another one copies what they write into the file itself."""
        outcomes = self._outcomes(calls)
        if self._checkpoints:
            self._checkpoints.note_changes(self._db.total_changes)
        return outcomes

    def _outcomes(self, calls: list[Call]) -> list[Outcome]:
        """What comes of calls; several of them are one transaction."""
        if len(calls) > 1:
            outcomes: list[Outcome] = []
            try:
                return self._run_together(calls, outcomes)
            except Exception as error:  # noqa: BLE001 - nothing has happened
                if not outcomes:  # no transaction can begin: nobody waits for the lock once more
                    return [Outcome(None, error)] * len(calls)
        return [_outcome(call) for call in calls]

    def _run_together(self, calls: list[Call], outcomes: list[Outcome]) -> list[Outcome]:
        """The same in one transaction. Raises sqlite3.Error where one of them does, and MemoryError; then it
        has done nothing. `outcomes` gets what came of each."""
        with self._transaction():
            for call in calls:
                outcomes.append(_outcome(call))
                if isinstance(outcomes[-1].error, (sqlite3.Error, MemoryError)):
                    raise outcomes[-1].error
        return outcomes

    def _open(self) -> None:
        self._db = sqlite3.connect(
            self.path,
            timeout=self._timings.sqlite_begin_timeout_s,
            isolation_level=None,
            check_same_thread=False,
        )
        self._begin_log()
        self._db.execute(f"PRAGMA wal_autocheckpoint = {MOST_PAGES}")
        self._db.execute("PRAGMA foreign_keys = ON")
        self._db.execute("PRAGMA secure_delete = ON")  # what is deleted is gone from the file too
        self._db.create_function("folded", 1, folded, deterministic=True)
        with self._transaction():
            migrate(self._db, self._migrations)
        self._db.execute(f"PRAGMA busy_timeout = {int(1000 * self._timings.sqlite_busy_timeout_s)}")
        with suppress(OSError):  # another user's file, that this one may write to
            self.path.chmod(0o600)
        self._identity = _identity(self.path)
        self._checkpoints = Checkpoints(self.path, self._timings.checkpoint_interval_s)

    def _begin_log(self) -> None:
        """Let writes go to a log ahead of the file.

        SQLite refuses this at once to one of two processes that begin a new file together, where it would
        wait elsewhere: so this waits as long.
        """
        until = time.monotonic() + self._timings.sqlite_begin_timeout_s
        while True:
            try:
                self._db.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
            sleep(BUSY_PAUSE_S)

    @off_hub
    def _close(self) -> None:
        if self._checkpoints:
            self._checkpoints.close()
            self._checkpoints = None
        self._db.close()

    def _check_is_ours(self) -> None:
        """Raises FileReplaced where another file lies at the path by now, or none."""
        if _identity(self.path) != self._identity:
            raise FileReplaced(
                "the file was deleted or replaced under the running server, and what is written now is"
                " lost; start the server anew"
            )

    @contextmanager
    def _transaction(self, *, flushed: bool = False) -> Iterator[None]:
        """Take the write lock at once: upgrading a read lock later could fail with no retry.

        What is `flushed` is on the disk afterwards, with all that was committed before. Within another
        transaction it is a part that can fail by itself.
        """
        if self._db.in_transaction:
            with self._part():
                yield
            return
        if flushed is not self._is_flushing:
            self._db.execute(f"PRAGMA synchronous = {'FULL' if flushed else 'NORMAL'}")
            self._is_flushing = flushed
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:  # a full disk ends it by itself
                self._db.execute("ROLLBACK")
            raise

    @contextmanager
    def _part(self) -> Iterator[None]:
        self._db.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK TO part")
            raise
        finally:
            if self._db.in_transaction:
                self._db.execute("RELEASE part")


def _outcome(call: Call) -> Outcome:
    try:
        return Outcome(call.function(*call.arguments, **call.options), None)
    except Exception as error:  # noqa: BLE001 - raised again by the caller, in its own greenlet
        return Outcome(None, error)


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells a file from another one at the same path; None where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _make_private(folder: Path) -> None:
    """Make the folder, or close it to others, unless it holds anything else than the store."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if all(path.name.startswith(FILE_NAME) for path in folder.iterdir()):
        with suppress(OSError):  # another user's folder, that this one may write to
            folder.chmod(0o700)
