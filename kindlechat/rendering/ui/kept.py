"""Keeps what was made of a folder's sources in `__pycache__` beside them, as Python keeps its bytecode.

A process then starts sooner. A folder that cannot be read or written is no trouble.
"""

import hashlib
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

FOLDER = "__pycache__"

DIGEST_BYTES = 32


def keep(folder: Path, name: str, data: bytes) -> None:
    """Put a file in place as a whole: other processes may read it."""
    if sys.dont_write_bytecode:
        return
    file = _file(folder, name)
    with suppress(OSError):
        file.parent.mkdir(exist_ok=True)
        part = file.with_suffix(f".{os.getpid()}")
        part.write_bytes(data)
        os.replace(part, file)


def find_kept(folder: Path, name: str) -> bytes:
    """What is kept under a name; nothing where there is none."""
    with suppress(OSError):
        return _file(folder, name).read_bytes()
    return b""


def made_of(source: bytes, make: Callable[[], bytes], folder: Path, name: str) -> bytes:
    """What `make` makes of a source: as it is kept, if it was made of this one."""
    found = find_kept(folder, name)
    if found[:DIGEST_BYTES] == hashlib.sha256(source).digest():
        return found[DIGEST_BYTES:]
    made = make()
    keep_made(source, made, folder, name)
    return made


def keep_made(source: bytes, made: bytes, folder: Path, name: str) -> None:
    """Keep what somebody else has made of a source, for `made_of`."""
    data = hashlib.sha256(source).digest() + made
    if find_kept(folder, name) != data:
        keep(folder, name, data)


def _file(folder: Path, name: str) -> Path:
    return folder / FOLDER / f"{name}.{sys.implementation.cache_tag}"
