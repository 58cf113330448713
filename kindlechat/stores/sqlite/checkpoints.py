"""The thread that makes SQLite's checkpoints: it copies what the write-ahead log holds into the file.

SQLite itself makes one within a transaction whenever the log has grown by 4 MB, and whoever asks just then
waits for the disk.
"""

import sqlite3
from contextlib import suppress
from pathlib import Path

from gevent.monkey import get_original

from kindlechat.stores.sqlite.thread import Queue, start_thread

allocate_lock = get_original("_thread", "allocate_lock")
sleep = get_original("time", "sleep")

CHANGES = 400
"""So many rows are changed before one: some 1,000 pages in the log, as much as SQLite itself leaves there. A
server with few readers seldom writes to its disk then, and sleeps longer."""

MOST_PAGES = 16_384
"""With so many pages in the log, 64 MB, a transaction makes a checkpoint after all: the thread lags."""


class Checkpoints:
    """Makes checkpoints through a connection of its own, as long as others write."""

    def __init__(self, path: Path, interval_s: float) -> None:
        """Of the file at `path`, which is there; each one `interval_s` seconds after there are changes
        enough. Raises sqlite3.Error."""
        self._interval_s = interval_s
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._making_one = allocate_lock()
        self._changes = 0
        self._is_due = False
        self._due = Queue()
        start_thread(self._serve, ())

    def note_changes(self, changes: int) -> None:
        """Have a checkpoint made soon where there are CHANGES since the last. `changes` counts all rows that
        this process ever changed."""
        if changes - self._changes >= CHANGES and not self._is_due:
            self._changes = changes
            self._is_due = True
            self._due.put(True)

    def close(self) -> None:
        """Make no more. Waits for one that is being made."""
        with self._making_one:
            self._db.close()
        self._due.put(False)

    def _serve(self) -> None:
        """Runs in the thread."""
        while self._due.get():
            is_whole = False
            while not is_whole:
                sleep(self._interval_s)
                self._is_due = False  # changes from here on want another one
                is_whole = self._make_one()

    def _make_one(self) -> bool:
        """Make a checkpoint. Returns whether the file holds all that was in the log: a process that reads, or
        makes one itself, can be in the way."""
        # A fault that lasts fails the next write, too, which tells it.
        with self._making_one, suppress(sqlite3.Error, MemoryError):
            was_busy, in_log, copied = self._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            return not was_busy and in_log == copied
        return True
