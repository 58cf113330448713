"""The file: one connection, used by one thread, so that no disk or lock blocks the gevent hub."""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from gevent.threadpool import ThreadPool

from kindlechat.errors import StoreUnavailable
from kindlechat.stores.matching import folded
from kindlechat.stores.outage import Outage
from kindlechat.stores.sqlite.schema import MIGRATIONS, NewerSchema, migrate
from kindlechat.timings import Timings

FILE_NAME = "kindlechat.sqlite3"

DELETE_BATCH = 200
"""How many conversations one call deletes at most."""

D = TypeVar("D", bound="SqliteDatabase")
P = ParamSpec("P")
T = TypeVar("T")


def off_hub(method: Callable[Concatenate[D, P], T]) -> Callable[Concatenate[D, P], T]:
    """Run a method in the database's thread; SQLite's errors become StoreUnavailable, and the log hears of
    them."""

    def run(self: D, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            result = _in_thread(method, self, args, kwargs)
        except StoreUnavailable as trouble:
            self.outage.failed(method.__name__, trouble)
            raise
        self.outage.worked(method.__name__)
        return result

    return run


def _in_thread(method: Callable[..., T], self: "SqliteDatabase", args: Any, kwargs: Any) -> T:
    # An exception that left the thread by itself would be printed there, traceback and all.
    result, error = self.thread.apply(_outcome, (method, self, args, kwargs))
    if isinstance(error, (sqlite3.Error, OSError, NewerSchema, FileReplaced)):
        raise StoreUnavailable(f"{self.path}: {error}") from error
    if error is not None:
        raise error
    return cast(T, result)


def _outcome(
    method: Callable[..., T], self: Any, args: Any, kwargs: Any
) -> tuple[T | None, Exception | None]:
    try:
        return method(self, *args, **kwargs), None
    except Exception as error:  # noqa: BLE001 - raised again by the caller, in its own greenlet
        return None, error


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
        self.thread = ThreadPool(1)
        self.outage = Outage()
        self._clock = clock
        self._steady = steady or (time.monotonic if clock is time.time else clock)
        self._timings = timings
        self._delete_batch = delete_batch
        self._db: sqlite3.Connection
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
            _in_thread(SqliteDatabase._open, self, (migrations,), {})
        except StoreUnavailable as error:
            raise StoreUnavailable(
                f"{error}; make its folder writable with room on the disk, move a damaged file away, or"
                " set KINDLECHAT_DATA to another folder"
            ) from error

    def _open(self, migrations: Sequence[str]) -> None:
        self._db = sqlite3.connect(
            self.path,
            timeout=self._timings.sqlite_busy_timeout_s,
            isolation_level=None,
            check_same_thread=False,
        )
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA foreign_keys = ON")
        self._db.execute("PRAGMA secure_delete = ON")  # what is deleted is gone from the file too
        self._db.create_function("folded", 1, folded, deterministic=True)
        with self._transaction():
            migrate(self._db, migrations)
        with suppress(OSError):  # another user's file, that this one may write to
            self.path.chmod(0o600)
        self._identity = _identity(self.path)

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

        What is `flushed` is on the disk afterwards, with all that was committed before.
        """
        if flushed is not self._is_flushing:
            self._db.execute(f"PRAGMA synchronous = {'FULL' if flushed else 'NORMAL'}")
            self._is_flushing = flushed
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._db.in_transaction:  # a full disk ends it by itself
                self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


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
