"""Picks the source files of a folder: editors and operating systems leave other files beside them."""

from pathlib import Path


def find_sources(folder: Path, pattern: str = "*") -> list[Path]:
    """The sources of a folder in their order, such as "**/*.md"; none where there is no folder."""
    return sorted(path for path in folder.glob(pattern) if is_source(path, folder))


def is_source(path: Path, folder: Path) -> bool:
    """Whether it is a file, and neither hidden nor an editor's, nor in such a folder."""
    return path.is_file() and not is_leftover(path, folder)


def is_leftover(path: Path, folder: Path) -> bool:
    """Whether its name is one that editors and systems use for files of their own.

    Editors call theirs `.page.md.swp`, `.#page.md`, `#page.md#` or `page.md~`. Compiled templates are in
    `__pycache__`.
    """
    names = path.relative_to(folder).parts
    return "__pycache__" in names or any(
        name.startswith((".", "#")) or name.endswith("~") for name in names
    )
