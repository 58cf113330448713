"""How a parallel run spreads the tests, and which kind each test is of; loaded as a plugin.

The kinds are pytest's markers: `browser` tests need a program that shows pages, `survival` tests
start, kill and replace whole servers, and `whole` tests try everything there is or load a large program.
`make check` leaves all of them out.
"""

import math
import os
from functools import cache
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

KIND_OF_FOLDER = {"e2e": "browser", "survival": "survival"}
BROWSER_FIXTURES = {"browser", "w3m"}

WORKERS_PER_CORE = 2
QUICK_WORKERS_PER_CORE = 1.5
"""Half of the time goes by in waiting for words, time-outs and other processes; of a quick run a third."""

MOST_WORKERS = 16
"""Each worker collects all tests and starts servers of its own, so more of them gain nothing."""


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers."""
    config.addinivalue_line("markers", "browser: needs a program that shows pages")
    config.addinivalue_line("markers", "survival: starts, kills and replaces whole servers")
    config.addinivalue_line("markers", "whole: tries everything there is, or loads a large program")


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
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """The number of workers that `-n auto` starts."""
    per_core = QUICK_WORKERS_PER_CORE if config.getoption("--quick") else WORKERS_PER_CORE
    return min(MOST_WORKERS, math.ceil(per_core * len(os.sched_getaffinity(0))))


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

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if is_together(self.config.rootpath / file) else nodeid


@cache
def is_together(file: Path) -> bool:
    """Whether a file's tests stay together, because they share fixtures, or what one of them found out."""
    text = file.read_text()
    return 'scope="module"' in text or "\n@cache\n" in text


def is_long(item: pytest.Item) -> bool:
    """Whether a test waits for a browser, tries everything there is, or tries less in a quick run."""
    markers = {marker.name for marker in item.iter_markers()}
    return bool(markers & {"browser", "whole"}) or "quick" in getattr(item, "fixturenames", ())
