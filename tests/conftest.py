"""Fixtures for all tests, and what pytest needs to run them under gevent."""

import fcntl
import os
import signal
from _queue import SimpleQueue
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import hypothesis
import pytest
import requests

from harness.mailbox import Mailbox
from harness.servers import ROOT, AppServer, UpstreamProcess
from harness.upstream import Upstream
from kindlechat.site.building import build
from kindlechat.site.options import Options

# A busy machine must not fail a test.
hypothesis.settings.register_profile(
    "patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile(
    "quick", hypothesis.settings.get_profile("patient"), max_examples=10
)

BUILT_FOR = Options("http://localhost:8000", date.today(), server=True)
"""What the site is built for: the address that the Makefile gives, too, and so it is built once."""

HOSTILE_CHARS = 80_000
QUICK_HOSTILE_CHARS = 4_000


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-tables", action="store_true", help="write the tables of docs/ again")
    parser.addoption(
        "--engines", action="store_true", help="try the engines of `make engines`, too"
    )
    parser.addoption("--quick", action="store_true", help="less of what is long or random")


@pytest.fixture
def write_table(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Write a table of docs/ where `--write-tables` asks for it."""

    def write(path: Path, text: str) -> None:
        if request.config.getoption("--write-tables"):
            path.write_text(text)

    return write


def pytest_configure(config: pytest.Config) -> None:
    """Prepare for servers as separate processes, and for gevent."""
    requests.utils.default_user_agent = own_reader
    hypothesis.settings.load_profile("quick" if config.getoption("--quick") else "patient")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell starts background jobs like this, and their children would not hear Ctrl-C.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(config, "workerinput"):
        # xdist's own thread hands a worker its tests, by locks that gevent has replaced. These may hang
        # between threads where two want one at the same time; a queue of C's does not.
        for plugin in config.pluginmanager.get_plugins():
            if hasattr(plugin, "torun"):
                plugin.torun = SimpleQueue()


@pytest.fixture(scope="session")
def quick(request: pytest.FixtureRequest) -> bool:
    """Whether a test tries one of each kind, and leaves the rest to the whole run."""
    return bool(request.config.getoption("--quick"))


@pytest.fixture(scope="session")
def hostile_chars(quick: bool) -> int:
    """How long a hostile text is. The benchmark of hostile texts goes on to what a reply can have."""
    return QUICK_HOSTILE_CHARS if quick else HOSTILE_CHARS


def own_reader(name: str = "") -> str:
    """A User-Agent for each test, so that it is a reader of its own.

    Otherwise two tests that ask the same within a few seconds would look like one press of a button, sent
    twice. Tests that share a real browser ask different questions instead.
    """
    test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0]
    return f"test {test}".encode("ascii", "backslashreplace").decode()


@pytest.fixture(scope="session")
def site() -> Path:
    """Build the site in the checkout, where the application looks for it."""
    public = ROOT / "public"
    with (ROOT / "tests/conftest.py").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the workers of xdist take turns
        build(ROOT / "site", public, BUILT_FOR)
    return public


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    """An upstream in this process, which answers as a test tells it."""
    with Upstream() as upstream:
        yield upstream


@pytest.fixture(scope="session")
def upstream_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UpstreamProcess]:
    """An upstream that does what a question asks for, see harness/behaviours.py."""
    with UpstreamProcess(tmp_path_factory.mktemp("upstream")) as upstream:
        yield upstream


@pytest.fixture(scope="session")
def mail_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    """A mail server, which keeps what it takes."""
    with Mailbox(tmp_path_factory.mktemp("mail")) as server:
        yield server


@pytest.fixture
def mailbox(mail_server: Mailbox) -> Mailbox:
    """The mail server, to which nothing has come yet."""
    mail_server.clear()
    return mail_server


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
