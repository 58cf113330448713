"""The application within this process, so that its store, its clock and its log are at hand."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.behaviours import answer
from harness.quick_start import start_app
from harness.upstream import Upstream
from kindlechat.web.app import Kindlechat
from kindlechat.web.services import EXTENSION
from tests.stores.values import Clock


@pytest.fixture(scope="session")
def an_upstream() -> Iterator[Upstream]:
    with Upstream() as upstream:
        yield upstream


@pytest.fixture
def upstream(an_upstream: Upstream) -> Upstream:
    an_upstream.script(answer("Because."))
    an_upstream.requests.clear()
    return an_upstream


@pytest.fixture
def open_app(site: Path, upstream: Upstream, tmp_path: Path) -> Iterator[Callable[..., Kindlechat]]:
    """Make applications that share a folder; the environment lifts all limits unless it says otherwise."""
    apps: list[Kindlechat] = []

    def open_one(**environment: str) -> Kindlechat:
        settings = {
            "GEMINI_BASE_URL": upstream.base_url,
            "GEMINI_API_KEY": "a-key",
            "KINDLECHAT_DATA": str(tmp_path / "data"),
            "KINDLECHAT_RATE_LIMIT": "off",
            "KINDLECHAT_REPLIES_AT_ONCE": "off",
        }
        apps.append(start_app(settings | environment))
        return apps[-1]

    yield open_one
    for app in apps:
        app.relay.drain(grace_s=10)  # a producer that is killed while it connects leaves a socket


@pytest.fixture
def app(open_app: Callable[..., Kindlechat]) -> Kindlechat:
    return open_app()


@pytest.fixture
def clock(app: Kindlechat, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the application's store."""
    clock = Clock()
    monkeypatch.setattr(app.extensions[EXTENSION].store, "_clock", clock)
    return clock
