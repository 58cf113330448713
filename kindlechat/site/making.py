"""Builds a site: makes those files of the plan that have changed, and puts them in place together.

A build makes and checks everything beside the target first. A mistake therefore leaves the site of the
last build as it was, and a reader never meets half a file.
"""

import os
import re
import shutil
import signal
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from kindlechat.rendering.ui.sources import find_sources
from kindlechat.site.cache import FILE, Cache, Record
from kindlechat.site.cores import begun
from kindlechat.site.files import Writer, files_below, hidden_files, holds, merge, remove
from kindlechat.site.folders import TEMPLATES
from kindlechat.site.links import broken_links, read_links
from kindlechat.site.memory import keep_objects
from kindlechat.site.mistakes import BuildError, Mistake
from kindlechat.site.options import Options, ProgressReport
from kindlechat.site.packing import SUFFIX, pack
from kindlechat.site.plan import Output, Plan, plan
from kindlechat.site.result import BuildResult
from kindlechat.site.started import Started

NEW = "new"
"""The folder beside the target where the files are made."""


def put_site(
    source: Path,
    target: Path,
    beside: Path,
    options: Options,
    cache: Cache,
    started: Started,
    progress: ProgressReport,
) -> BuildResult:
    """Make the files in the folder `beside`, put them in place, and keep what was found out."""
    new = beside / NEW
    shutil.rmtree(new, ignore_errors=True)
    try:
        making = _Making(source, target, new, cache, plan(source, options, cache, started))
        making.make(options.base_url, progress)
        with _undisturbed():
            result = making.put_in_place()
            cache.records = making.records | making.hidden
            cache.written = frozenset(_with_packed(making.records))
            cache.save(beside / FILE)
        keep_objects(making)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return result


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Hold back Ctrl-C and SIGTERM, which would leave parts of the old site and of the new one.

    Only the main thread has to: signals do not end other threads.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _: held.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for late in held:
            signal.raise_signal(late)


def compare_site(
    source: Path, target: Path, options: Options, cache: Cache, started: Started
) -> BuildResult:
    """Find out what putting the site in place would do."""
    planned = plan(source, options, cache, started)
    present = files_below(target)
    written: list[str] = []
    unchanged: list[str] = []
    records: dict[str, Record] = {}
    hidden: dict[str, Record] = {}
    mistakes: list[Mistake] = []
    for output in planned.outputs:
        try:
            data = output.make()
        except BuildError as error:
            mistakes += error.mistakes
            continue
        if output.hidden:
            hidden[output.path] = _record(output, data, 0)
            continue
        packed = _packed(output, data, planned)
        same = holds(target, output.path, data) and (
            not packed or holds(target, output.path + SUFFIX, packed)
        )
        records[output.path] = _record(output, data, 0, (0, 0) if packed else None)
        (unchanged if same else written).append(output.path)
    _check(source, planned, mistakes, records, hidden, options.base_url)
    stale = present.keys() - _with_packed(records)
    return BuildResult(_sorted(written), _sorted(unchanged), _sorted(stale), records)


class _Made(NamedTuple):
    """The record of a file and whether the file differs from the one in the target, or the mistakes in it."""

    record: Record | None
    changed: bool = False
    mistakes: tuple[Mistake, ...] = ()


class _Making:
    """One build. It makes files in a new folder, and puts those in place that differ from what is there."""

    def __init__(self, source: Path, target: Path, new: Path, cache: Cache, planned: Plan) -> None:
        self._source = source
        self._target = target
        self._new = new
        self._writer = Writer(new)
        self._plan = planned
        self._cache = cache
        self._known = cache.records
        self._present = files_below(target) | hidden_files(target, cache.written | planned.paths)
        _check_ours(target, self._present.keys(), cache.written, planned.paths)
        self._changed: set[str] = set()
        self.records: dict[str, Record] = {}
        self.hidden: dict[str, Record] = {}
        """Records of files that are checked but not written."""

    def make(self, base_url: str, progress: ProgressReport) -> None:
        """Make every file that is missing or outdated, beside the target, and check it."""
        self._new.mkdir(parents=True)
        kept = {output.path: self._kept(output) for output in self._plan.outputs}
        todo = [output for output in self._plan.outputs if kept[output.path] is None]
        made: dict[str, _Made] = {}
        work = partial(self._make_all, progress=progress, total=len(todo))
        with begun(work, [*enumerate(todo)]) as shared:
            self._cache.prepare()
            for part in shared.results():
                made |= part
        # In the order of the plan, so that the cache does not depend on how the work was shared.
        for output in self._plan.outputs:
            record = kept[output.path] or made[output.path].record
            if record:
                (self.hidden if output.hidden else self.records)[output.path] = record
        self._changed = {path for path, each in made.items() if each.changed}
        mistakes = [mistake for each in made.values() for mistake in each.mistakes]
        _check(self._source, self._plan, mistakes, self.records, self.hidden, base_url)

    def _kept(self, output: Output) -> Record | None:
        """The record of a file that is still there as it was written, from the same values."""
        record = self._known.get(output.path)
        if record is None or record.key != output.key:
            return None
        if output.hidden:
            return record
        found = self._present.get(output.path), self._present.get(output.path + SUFFIX)
        return record if found == ((record.size, record.mtime_ns), record.packed) else None

    def _make_all(
        self, outputs: Sequence[tuple[int, Output]], progress: ProgressReport, total: int
    ) -> dict[str, _Made]:
        """Make some files, which have numbers."""
        made = {}
        for number, output in outputs:
            progress(number, total)
            made[output.path] = self._make(output)
        return made

    def _make(self, output: Output) -> _Made:
        try:
            data = output.make()
        except BuildError as error:
            return _Made(None, mistakes=tuple(error.mistakes))
        if output.hidden:
            return _Made(_record(output, data, 0))
        mtime_ns, changed = self._keep_or_write(output.path, data)
        packed = _packed(output, data, self._plan)
        if not packed:
            return _Made(_record(output, data, mtime_ns), changed)
        packed_ns, packed_changed = self._keep_or_write(output.path + SUFFIX, packed)
        record = _record(output, data, mtime_ns, (len(packed), packed_ns))
        return _Made(record, changed or packed_changed)

    def _keep_or_write(self, path: str, data: bytes) -> tuple[int, bool]:
        """Write a file beside the target unless the target has it. Returns its time, and if it is new."""
        found = self._present.get(path)
        if found and found[0] == len(data) and holds(self._target, path, data):
            return found[1], False
        return self._writer.write(path, data), True

    def put_in_place(self) -> BuildResult:
        """Move the new files into the target, then remove stale ones."""
        self._target.parent.mkdir(parents=True, exist_ok=True)
        merge(self._new, self._target)
        stale = self._present.keys() - _with_packed(self.records)
        for path in stale:
            remove(self._target, path)
        if self._changed or stale:
            os.utime(self._target)  # tells a running server that the site has changed
        unchanged = self.records.keys() - self._changed
        return BuildResult(_sorted(self._changed), _sorted(unchanged), _sorted(stale), self.records)


def _packed(output: Output, data: bytes, planned: Plan) -> bytes:
    """The packed file that belongs beside a file, unless its author has packed it."""
    return b"" if output.path + SUFFIX in planned.paths else pack(output.path, data)


def _with_packed(records: Mapping[str, Record]) -> set[str]:
    """The paths of all files, packed ones too."""
    return {*records, *(path + SUFFIX for path, record in records.items() if record.packed)}


def _record(
    output: Output, data: bytes, mtime_ns: int, packed: tuple[int, int] | None = None
) -> Record:
    is_page = output.path.endswith(".html") and not output.verbatim
    links, ids = read_links(data) if is_page else ((), ())
    return Record(output.key, len(data), mtime_ns, links, ids, packed)


def _sorted(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(paths))


def _check(
    source: Path,
    planned: Plan,
    mistakes: Iterable[Mistake],
    records: Mapping[str, Record],
    hidden: Mapping[str, Record],
    base_url: str,
) -> None:
    """Raise BuildError with every mistake: the given ones, and every link that leads nowhere.

    Pages that are due later may link to each other. Today's pages may link only to today's pages.
    """
    sources = {output.path: output.source for output in planned.outputs}
    broken = [
        *broken_links(records, records, planned.roots, base_url),
        *broken_links(hidden, {**records, **hidden}, planned.roots, base_url),
    ]
    links = {document.file: document.links for document in planned.documents} if broken else {}
    told = dict.fromkeys([*planned.mistakes, *mistakes])
    for each in broken:
        file = sources[each.path]
        as_written = (each.link, unquote(each.link))
        lines = [line for address, line in links.get(file, ()) if address in as_written]
        places = [Mistake(file, line, each.what) for line in lines]
        told |= dict.fromkeys(places or [_place(each.link, file, each.what, source)])
    if told:
        raise BuildError(*sorted(told, key=lambda each: (each.file, each.line)))


def _place(link: str, file: str, what: str, source: Path) -> Mistake:
    """The line of the page's source that has the link, or else the line of a template."""
    for path in (source / file, *find_sources(source / TEMPLATES, "**/*")):
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        for written in filter(None, (link, unquote(link))):
            found = re.search(rf"(?<![\w/-]){re.escape(written)}(?![\w/-])", text)
            if found:
                line = text.count("\n", 0, found.start()) + 1
                return Mistake(path.relative_to(source).as_posix(), line, what)
    return Mistake(file, 1, what)


def _check_ours(target: Path, present: Set[str], written: Set[str], outputs: Set[str]) -> None:
    """Refuse a target with files that are not ours, because a build removes what it does not produce.

    Where a site was built before, a few strange files are a mistake, and the build removes them.
    """
    strange = {path for path in present - written if path.removesuffix(SUFFIX) not in outputs}
    if strange and (not written or 2 * len(strange) > len(present)):
        what = f"expected an empty folder or a site built before, found {min(strange)}"
        raise BuildError(Mistake(str(target), 1, what))
