"""Fixtures for all tests, and what pytest needs to run them under gevent."""

import fcntl
import signal
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import gevent
import hypothesis
import pytest
import requests

from harness.servers import ROOT, AppServer, UpstreamProcess
from kindlechat.site.building import build
from kindlechat.site.plan import Options

# A busy machine is no failure.
hypothesis.settings.register_profile(
    "patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("patient")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-tables", action="store_true", help="make docs' tables from this run")


@pytest.fixture
def write_table(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Write a table of docs/, where this run was asked to."""

    def write(path: Path, text: str) -> None:
        if request.config.getoption("--write-tables"):
            path.write_text(text)

    return write


def pytest_configure(config: pytest.Config) -> None:
    """Make ready for servers as processes of their own, and for gevent."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell's job in the background has it so, and what is started here would not hear Ctrl-C.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(config, "workerinput"):
        # Under xdist a real thread hands a worker its tests: keep the hub alive while it waits.
        gevent.spawn(gevent.sleep, 1e9)


@pytest.fixture(autouse=True)
def own_reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test is a reader with a browser of its own: two that ask the same within a few seconds have
    not pressed one button twice. Those that share a real browser ask different questions instead."""
    name = f"test {request.node.nodeid}".encode("ascii", "backslashreplace").decode()
    monkeypatch.setattr(requests.utils, "default_user_agent", lambda *_: name)


@pytest.fixture(scope="session")
def site() -> Path:
    """The built site in the checkout, where the application looks for it."""
    public = ROOT / "public"
    with (ROOT / "tests/conftest.py").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # xdist's workers build one after the other
        build(ROOT / "site", public, Options("http://localhost:8000", date.today(), demo=True))
    return public


@pytest.fixture(scope="session")
def upstream_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UpstreamProcess]:
    """An upstream that does what a question asks for; see harness/upstream.py."""
    with UpstreamProcess(tmp_path_factory.mktemp("upstream")) as upstream:
        yield upstream


@pytest.fixture(scope="session")
def app_server(
    site: Path, upstream_process: UpstreamProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AppServer]:
    """The application with that upstream, and no limits."""
    with AppServer(
        tmp_path_factory.mktemp("app"),
        GEMINI_BASE_URL=upstream_process.url,
    ) as server:
        yield server
