"""How a parallel run spreads the tests, and which kind each test is of; loaded as a plugin.

The kinds are pytest's markers: `browser` tests need a program that shows pages, `survival` tests
start, kill and replace whole servers; `make check` leaves these out. `long` tests take seconds.
"""

import os
from collections.abc import Generator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

TESTS = Path(__file__).parent

KIND_OF_FOLDER = {"e2e": "browser", "survival": "survival"}
BROWSER_FIXTURES = {"browser", "w3m"}

SHARING = ('scope="module"', 'scope="class"', "\n@cache\n", "from tests.apps import")
"""What a file has whose tests share something: fixtures, some of them from tests/apps.py, or a result."""

WORKERS_PER_CORE = 2
"""Half of the time goes by in waiting for words, time-outs and other processes."""

MOST_WORKERS = 16
"""Each worker collects all tests and starts servers of its own, so more of them gain nothing."""


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers."""
    config.addinivalue_line("markers", "browser: needs a program that shows pages")
    config.addinivalue_line("markers", "survival: starts, kills and replaces whole servers")
    config.addinivalue_line("markers", "long: takes seconds, so it begins before others")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the folders that a quick run has no test of: it would only import them."""
    left_out = config.getoption("--quick") and collection_path.name in KIND_OF_FOLDER
    return True if left_out else None


@pytest.hookimpl(tryfirst=True)
def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark a test by its folder, or by a fixture that is a browser."""
    kind = KIND_OF_FOLDER.get(item.path.parent.name)
    if kind is None and BROWSER_FIXTURES & set(getattr(item, "fixturenames", ())):
        kind = "browser"
    if kind:
        item.add_marker(kind)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the tests that wait longest first, and then the files that stay together and single long tests.

    So what is short comes last, and the workers end at about the same time. Otherwise the order stays random.
    """
    items.sort(
        key=lambda item: (
            not any(item.iter_markers("survival")),
            not (is_together(item.path) or is_long(item)),
        )
    )


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_auto_num_workers() -> int:
    """The number of workers that `-n auto` starts."""
    return min(MOST_WORKERS, WORKERS_PER_CORE * len(os.sched_getaffinity(0)))


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    """Send of a test that has passed what is told of it: its name, its place and how long it took."""
    data = yield
    if data and data.get("outcome") == "passed":
        data |= {"keywords": {}, "sections": []}
    return data


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> "Scheduling":
    """Replace xdist's scheduler."""
    return Scheduling(config, log)


class Scheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Hands out single tests, but the tests of a file together where they share a server.

    So a server that a file's tests share is started once, and no worker gets a long queue at the end.
    xdist's own groups would do the same, but they change the tests' names, and `--last-failed` would
    not find these again.
    """

    def __init__(self, config: pytest.Config, log: Producer) -> None:
        config.option.loadscopereorder = False  # `pytest_collection_modifyitems` has ordered them
        super().__init__(config, log)

    def mark_test_complete(
        self, node: WorkerController, item_index: int, duration: float = 0
    ) -> None:
        """Forget the tests that a worker has done: xdist counts all it was ever given at each report."""
        nodeid = self.registered_collections[node][item_index]
        scope, given = self._split_scope(nodeid), self.assigned_work[node]
        super().mark_test_complete(node, item_index, duration)
        if all(given[scope].values()):
            del given[scope]

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if is_together(self.config.rootpath / file) else nodeid


@cache
def is_together(file: Path) -> bool:
    """Whether a file's tests stay together, because they share fixtures of the file or of its folder, or what
    one of them found out."""
    shared = file.with_name("conftest.py")
    text = file.read_text()
    if shared.exists() and shared.parent != TESTS:
        text += shared.read_text()
    return any(mark in text for mark in SHARING)


def is_long(item: pytest.Item) -> bool:
    """Whether a test waits for a browser, takes seconds, or tries less in a quick run."""
    markers = {marker.name for marker in item.iter_markers()}
    return bool(markers & {"browser", "long"}) or "quick" in getattr(item, "fixturenames", ())
