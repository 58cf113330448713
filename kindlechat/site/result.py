"""What a build did."""

from collections.abc import Mapping
from typing import NamedTuple

from kindlechat.site.cache import Record


class BuildResult(NamedTuple):
    """What a build did or would do, as sorted paths below the target. `records` has all files.

    Packed files are not among the paths: each goes with the file that it holds.
    """

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    records: Mapping[str, Record]
