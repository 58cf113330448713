"""The cache of earlier builds, kept beside the site for the next build. It may be deleted.

The file holds two pickles, and a third one in the second. Whoever can write it can write the site and its
sources too.
"""

import hashlib
import os
import pickle
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from kindlechat.rendering.ui.sources import scan
from kindlechat.site.files import read_file

T = TypeVar("T")

FILE = "cache"
"""Its name in the folder beside the site."""

INSTALLED = (".dist-info", ".egg-info")
"""How the name of the folder ends that tells of an installed library."""


class Record(NamedTuple):
    """A file of the site as it was written: a `key` for what it was made of, its size and its time.

    `links` are the addresses that it refers to, `ids` its anchors. `packed` is the size and the time of the
    packed file beside it, if there is one.
    """

    key: str
    size: int
    mtime_ns: int
    links: tuple[str, ...]
    ids: tuple[str, ...]
    packed: tuple[int, int] | None = None


def digest(*parts: bytes) -> str:
    """A short digest of some bytes."""
    told = hashlib.blake2b(digest_size=16)
    for part in parts:
        told.update(len(part).to_bytes(8, "big"))  # tells the parts apart
        told.update(part)
    return told.hexdigest()


class Cache:
    """Values by the digest of what they were made of, and records of the written files.

    Saving forgets the values that the build did not ask for.
    """

    def __init__(self, version: str) -> None:
        """`version` is that of the program, on which the values depend too."""
        self._version = version
        self._old: dict[tuple[str, str], object] = {}
        self._used: dict[tuple[str, str], object] = {}
        self._pickled = b""
        self.records: dict[str, Record] = {}
        self.written: frozenset[str] = frozenset()
        """The paths of the files that the last build put in place, whatever its version."""
        self._saved_records: dict[str, Record] = {}

    @classmethod
    def load(cls, file: Path, version: str) -> "Cache":
        """Load what the same version has saved. Where that is missing, everything but `written` is empty."""
        cache = cls(version)
        # A build can do without the pickles, whatever is wrong with them.
        with suppress(Exception), file.open("rb") as opened:
            saved = pickle.load(opened)  # noqa: S301 (see above)
            if isinstance(saved, frozenset):
                cache.written = saved
                saved = pickle.load(opened)  # noqa: S301
            else:  # until lately there was one pickle, and at first without this list
                cache.written = frozenset(saved.get("written", saved["records"]))
            if saved["version"] == version:
                cache._old = pickle.loads(saved["values"])  # noqa: S301
                cache.records = saved["records"]
                cache._saved_records = cache.records
        return cache

    @property
    def is_empty(self) -> bool:
        """Whether no earlier build of this version has found anything out."""
        return not self._old

    def prepare(self) -> None:
        """Pickle the values while other cores are at work. Whatever is kept later lets `save` do it again."""
        if self._used != self._old:
            self._pickled = pickle.dumps(self._used, pickle.HIGHEST_PROTOCOL)

    def save(self, file: Path) -> None:
        """Save everything for the next build, unless nothing has changed."""
        if self._used == self._old and self.records == self._saved_records:
            return
        saved = {
            "version": self._version,
            "values": self._pickled or pickle.dumps(self._used, pickle.HIGHEST_PROTOCOL),
            "records": self.records,
        }
        beside = file.with_suffix(".new")
        with beside.open("wb") as opened:
            # Apart and first: without it no later version could tell the site from a stranger's files.
            pickle.dump(self.written, opened, pickle.HIGHEST_PROTOCOL)
            pickle.dump(saved, opened, pickle.HIGHEST_PROTOCOL)
        beside.replace(file)

    def value(self, kind: str, key: str, make: Callable[[], T]) -> T:
        """The value of this kind for this key. Makes it where it is not known yet."""
        if not self.knows(kind, key):
            self.keep(kind, key, make())
        return self.get(kind, key)  # type: ignore[no-any-return]

    def knows(self, kind: str, key: str) -> bool:
        """Whether the value is known."""
        place = (kind, key)
        if place in self._old:
            self.keep(kind, key, self._old[place])
        return place in self._used

    def get(self, kind: str, key: str) -> Any:
        """The known value."""
        return self._used[kind, key]

    def keep(self, kind: str, key: str, value: object) -> None:
        """Remember a value that was made."""
        self._pickled = b""
        self._used[kind, key] = value


@cache
def program_version() -> str:
    """A digest that changes with the generator's code, the installed libraries, and Python's version."""
    package = Path(__file__).parents[1]
    files = [*scan(package / "site"), *scan(package / "rendering")]
    return digest(
        sys.version.encode(),
        *(name.encode() for name in sorted(_installed(sys.path))),
        *(read_file(file.path) for file in files if file.name.endswith(".py")),
    )


def _installed(folders: Iterable[str]) -> Iterator[str]:
    """The names and versions of the libraries in some folders, such as pyromark-0.9.12.dist-info."""
    for folder in folders:
        with suppress(OSError):  # Python looks for its own in folders that need not be there
            yield from (name for name in os.listdir(folder) if name.endswith(INSTALLED))
