"""Builds a site. Meanwhile other builds of it wait, and other cores work while all is loaded."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kindlechat.site import folders
from kindlechat.site.cache import FILE, Cache, program_version
from kindlechat.site.mistakes import BuildError, Mistake
from kindlechat.site.options import Options, ProgressReport
from kindlechat.site.pictures import pictures_begun
from kindlechat.site.result import BuildResult
from kindlechat.site.started import Started

LOCK = "lock"


def build(
    source: Path,
    target: Path,
    options: Options,
    progress: ProgressReport = lambda done, total: None,
) -> BuildResult:
    """Make `target` hold the site of `source` and nothing else.

    It keeps what it finds out in a folder beside the target, for the next build. It waits for another
    build of the same target. Raises BuildError, before it touches the target, for mistakes in the sources
    and for a target that holds something other than a built site.

    Hidden files in the target stay as they are, because another program put them there.
    """
    target = target.absolute()
    _check_apart(source, target)
    beside = _beside(target)
    with _alone(beside):
        cache = Cache.load(beside / FILE, program_version())
        with started(source, options, cache) as begun:
            from kindlechat.site.making import put_site  # see `started`

            return put_site(source, target, beside, options, cache, begun, progress)


def compare(source: Path, target: Path, options: Options) -> BuildResult:
    """Find out what a build would do, from the sources and the target alone. Writes nothing.

    Raises BuildError for mistakes in the sources.
    """
    cache = Cache(program_version())
    with started(source, options, cache) as begun:
        from kindlechat.site.making import compare_site  # see `started`

        return compare_site(source, target, options, cache, begun)


def cache_of(target: Path) -> Path:
    """The file that keeps what builds of a target found out."""
    return _beside(target) / FILE


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name}.build")


@contextmanager
def started(source: Path, options: Options, cache: Cache) -> Iterator[Started]:
    """Let the other cores begin what they can.

    To load a module takes a while. So each is loaded when it is needed, while another core has begun its
    share of the work.
    """
    with pictures_begun(source, cache) as pictures:
        from kindlechat.site.library import texts_begun

        with texts_begun(source, cache, pictures) as texts:
            from kindlechat.site.furniture import furniture_begun

            with furniture_begun(source, cache, server=options.server) as (furniture, mistakes):
                yield Started(texts, furniture, mistakes)


@contextmanager
def _alone(beside: Path) -> Iterator[None]:
    """Let other builds of the target wait. The lock ends with the process, however that ends."""
    beside.mkdir(parents=True, exist_ok=True)
    with (beside / LOCK).open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _check_apart(source: Path, target: Path) -> None:
    if source.resolve().is_relative_to(target.resolve()):
        raise BuildError(Mistake(str(target), 1, "the target holds the sources"))
    if any(target.resolve().is_relative_to(source.resolve() / folder) for folder in folders.ALL):
        raise BuildError(Mistake(str(target), 1, "the target is one of the sources' folders"))
