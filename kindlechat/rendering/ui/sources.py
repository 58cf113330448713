"""Picks the source files of a folder: editors and operating systems leave other files beside them."""

import os
from collections.abc import Iterator
from pathlib import Path

WELL_KNOWN = ".well-known"
"""The folder for files that others look for at a fixed address (RFC 8615): hidden by its name, and public."""


def find_sources(folder: Path, pattern: str = "*") -> list[Path]:
    """The sources of a folder in their order, such as "**/*.md"; none where there is no folder."""
    return sorted(path for path in folder.glob(pattern) if is_source(path, folder))


def scan(folder: Path) -> list["os.DirEntry[str]"]:
    """All that lies in a folder and in the folders below it, in the order of its parts, but no leftovers.

    It asks the system once for each folder, where `find_sources` asks for each file. Links to folders are
    not followed.
    """
    return list(_scan(str(folder))) if folder.is_dir() else []


def _scan(folder: str) -> Iterator["os.DirEntry[str]"]:
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        if not _is_leftover(entry.name):
            yield entry
            if entry.is_dir(follow_symlinks=False):
                yield from _scan(entry.path)


def is_hidden(name: str) -> bool:
    """Whether the name of a file or a folder hides it, from builds and from browsers."""
    return name.startswith(".") and name != WELL_KNOWN


def is_source(path: Path, folder: Path) -> bool:
    """Whether it is a file, and neither hidden nor an editor's, nor in such a folder."""
    return path.is_file() and not any(map(_is_leftover, path.relative_to(folder).parts))


def _is_leftover(name: str) -> bool:
    """Whether the name is one that editors and systems use for files of their own.

    Editors call theirs `.page.md.swp`, `.#page.md`, `#page.md#` or `page.md~`. Compiled templates are in
    `__pycache__`.
    """
    return name == "__pycache__" or is_hidden(name) or name.startswith("#") or name.endswith("~")
