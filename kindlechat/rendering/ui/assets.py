"""Scripts, style sheets and pictures as they are served: slim, and named by what they hold.

A name with a fingerprint may be kept for ever by whoever has it: another content has another name.
"""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from kindlechat.rendering.ui.sources import find_sources

ASSETS = "assets"
"""The folder that they are served from."""

FINGERPRINT_CHARS = 8

FINGERPRINTED = re.compile(rf"/{ASSETS}/[\w.-]+\.[0-9a-f]{{{FINGERPRINT_CHARS}}}\.\w+")
"""The addresses that may be cached for ever."""

SCRIPT_BLANKS = re.compile(rb"""("[^"\n]*"|'[^'\n]*')| *([=+?:<>&|!{}(),;]+) *""")
"""Strings, which keep their blanks, and the signs of a script that need none."""


class Asset(NamedTuple):
    """A file below /assets/."""

    address: str
    data: bytes


def load_assets(folder: Path) -> Mapping[str, Asset]:
    """The assets of `folder`, by their plain names."""
    return {
        path.name: as_asset(path.name, slim(path.name, path.read_bytes()))
        for path in find_sources(folder)
    }


def as_asset(name: str, data: bytes) -> Asset:
    """What holds `data`, under a name such as /assets/style.0123abcd.css."""
    plain = PurePosixPath(name)
    fingerprint = hashlib.sha256(data).hexdigest()[:FINGERPRINT_CHARS]
    return Asset(f"/{ASSETS}/{plain.stem}.{fingerprint}{plain.suffix}", data)


def slim(name: str, data: bytes) -> bytes:
    """A script or style sheet without its comments, and without the blanks, line ends and semicolons that
    it does not need.

    Comments are what stands between `/* ` and ` */`; our assets hold no such text in a string, and our
    scripts no blank beside a sign in a regular expression.
    """
    if not name.endswith((".js", ".css")):
        return data
    data = re.sub(rb"[ \t]*/\* .*? \*/", b"", data, flags=re.DOTALL)
    data = re.sub(rb"(?m)^[ \t]+|^\n", b"", data)
    if name.endswith(".css"):
        return re.sub(rb"\s*([{};,])\s*|(:)\s+", rb"\1\2", data)
    data = re.sub(rb"(?<=[{;,(&|?:+=])\n", b"", SCRIPT_BLANKS.sub(rb"\1\2", data))
    return re.sub(rb";\n?}", b"}", data)
