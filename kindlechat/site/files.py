"""Writes, moves and removes the files of a site, each of which is whole at any moment."""

import errno
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from kindlechat.rendering.ui.assets import ASSETS
from kindlechat.rendering.ui.sources import WELL_KNOWN

NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
READABLE = 0o644
MOST_AT_ONCE = 1 << 16


def holds(target: Path, path: str, data: bytes) -> bool:
    """Whether the file at a path below the target has these bytes."""
    file = target / path
    return file.is_file() and file.read_bytes() == data


def hidden_files(folder: Path, paths: Iterable[str]) -> dict[str, tuple[int, int]]:
    """The size and the time of each of these files that is in the well-known folder and there.

    Others may be another program's, such as a proof for a certificate.
    """
    found: dict[str, tuple[int, int]] = {}
    for path in paths:
        if path.startswith(f"{WELL_KNOWN}/"):
            with suppress(FileNotFoundError, NotADirectoryError):
                stat = os.stat(f"{folder}/{path}", follow_symlinks=False)
                found[path] = stat.st_size, stat.st_mtime_ns
    return found


def files_below(folder: Path) -> dict[str, tuple[int, int]]:
    """The size and the time of every visible file, by its path below the folder."""
    found: dict[str, tuple[int, int]] = {}
    folders = [""] if folder.is_dir() else []
    for prefix in folders:  # it grows
        with os.scandir(f"{folder}/{prefix}") as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folders.append(f"{prefix}{entry.name}/")
                else:
                    stat = entry.stat(follow_symlinks=False)
                    found[prefix + entry.name] = stat.st_size, stat.st_mtime_ns
    return found


def read_file(file: str) -> bytes:
    """The bytes of a file.

    A site has thousands, so it asks the system directly: Python's own files ask it twice as much.
    """
    opened = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        parts = []
        while part := os.read(opened, MOST_AT_ONCE):
            parts.append(part)
        return b"".join(parts)
    finally:
        os.close(opened)


class Writer:
    """Writes new files below a folder, and makes the folders that they need."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._made: set[str] = set()

    def write(self, path: str, data: bytes) -> int:
        """Write a file that everyone may read. Returns its time in nanoseconds. See `read_file`."""
        file = f"{self._folder}/{path}"
        folder = file.rpartition("/")[0]
        if folder not in self._made:
            _make_folder(folder)
            self._made.add(folder)
        opened = os.open(file, NEW_FILE, READABLE)
        try:
            written = 0
            while written < len(data):
                written += os.write(opened, data[written:] if written else data)
            stat = os.fstat(opened)
            if stat.st_mode & 0o777 != READABLE:  # the umask
                os.fchmod(opened, READABLE)
            return stat.st_mtime_ns
        finally:
            os.close(opened)


def _make_folder(folder: str) -> None:
    """Make a folder, and those around it where they are missing, which is rare."""
    try:
        os.mkdir(folder)
    except FileExistsError:  # another process was quicker
        pass
    except FileNotFoundError:
        os.makedirs(folder, exist_ok=True)


def merge(new: Path, target: Path) -> None:
    """Move everything in `new` to the same place in `target`, whole folders where there are none yet.

    Scripts and style sheets go first. Their names follow from their content, so old and new pages find
    their own.
    """
    target.mkdir(exist_ok=True)
    for entry in sorted(new.iterdir(), key=lambda entry: (entry.name != ASSETS, entry.name)):
        place = target / entry.name
        if entry.is_dir() and place.is_dir():
            merge(entry, place)
        else:
            if place.exists() and entry.is_dir() != place.is_dir():
                shutil.rmtree(place) if place.is_dir() else place.unlink()
            _move(entry, place)


def _move(entry: Path, place: Path) -> None:
    """Put a file or folder in its place at once. From another disk it is first copied beside that place."""
    try:
        entry.replace(place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        near = place.with_name(f".{place.name}.new")
        (shutil.copytree if entry.is_dir() else shutil.copy2)(entry, near)
        near.replace(place)


def remove(target: Path, path: str) -> None:
    """Remove a file, and the folders that it leaves empty."""
    file = target / path
    if not file.is_file() and not file.is_symlink():
        return  # a folder has become a file, or a file a folder
    file.unlink()
    for folder in file.parents:
        if folder == target or any(folder.iterdir()):
            return
        folder.rmdir()
