"""Backs up and restores the SQLite store. A backup can run beside the server."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from kindlechat.errors import KindlechatError
from kindlechat.stores.sqlite.database import FILE_NAME
from kindlechat.stores.sqlite.schema import MIGRATIONS

BEFORE_RESTORE = "kindlechat.before-restore.sqlite3"
"""Where `restore` puts the data that it replaces."""


class BackupError(KindlechatError):
    """A backup cannot be made or restored. The text says what to do."""


def back_up(data: Path, target: Path) -> int:
    """Copy the store in the folder `data` to the new file `target`. Returns its size in bytes.

    The copy is one consistent state of the store, whatever the server writes meanwhile. Raises BackupError.
    """
    source = data / FILE_NAME
    if not source.is_file():
        raise BackupError(f"expected a store in {data}, found no {FILE_NAME}: set KINDLECHAT_DATA")
    if target.exists():
        raise BackupError(f"expected a new file, but {target} exists: name another or move it away")
    unfinished = target.with_name(f"{target.name}.unfinished")
    with _errors_told():
        unfinished.unlink(missing_ok=True)
        _copy(source, unfinished)
        unfinished.replace(target)
    return target.stat().st_size


def restore(file: Path, data: Path) -> Path | None:
    """Replace the store in `data` by the backup `file`.

    The server must not run. The former store is kept in another file, whose path is returned. Raises
    BackupError.
    """
    _check_is_backup(file)
    target, before = data / FILE_NAME, None
    with _errors_told():
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if target.is_file():
            before = data / BEFORE_RESTORE
            if before.exists():
                raise BackupError(
                    f"{before} holds what an earlier restore replaced: move it away first"
                )
            back_up(data, before)
        _copy(file, target)
    return before


def _copy(source: Path, target: Path) -> None:
    """Copy a database with SQLite's own function, which knows the write-ahead log."""
    os.close(os.open(target, os.O_CREAT | os.O_RDONLY, 0o600))
    with (
        closing(sqlite3.connect(source)) as opened,
        closing(sqlite3.connect(target)) as copy,
    ):
        opened.backup(copy)


def _check_is_backup(file: Path) -> None:
    if not file.is_file():
        raise BackupError(f"expected a backup, found no file {file}")
    with _errors_told(), closing(sqlite3.connect(file)) as opened:
        tables = {name for (name,) in opened.execute("SELECT name FROM sqlite_master")}
        if not {"conversations", "replies"} <= tables:
            raise BackupError(
                f"expected a backup of Kindlechat's store, got another database: {file}"
            )
        (version,) = opened.execute("PRAGMA user_version").fetchone()
        if version > len(MIGRATIONS):
            raise BackupError(
                f"{file}: expected schema version {len(MIGRATIONS)} or older, got {version}; run the"
                " newer Kindlechat that made it"
            )
        (verdict,) = opened.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise BackupError(f"{file} is damaged: {verdict}")


@contextmanager
def _errors_told() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise BackupError(f"the copy failed: {error}") from error
