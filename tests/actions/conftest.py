"""An application in this process, whose model answers and proposes questions."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from harness import behaviours as up
from harness.upstream import Upstream
from kindlechat.settings import Settings
from kindlechat.web.app import Kindlechat, create_app
from tests.actions.pages import ANSWER

BLOCK = "\n\n<follow-ups>\nWhy red at night?\nIs <b>it</b> & so on?\nПочему?\n</follow-ups>"
PRESETS = """
[[preset]]
name = { en = "For a child", de = "Für <ein> Kind" }
prompt = "Say it for a child."
at = ["answer", "box"]
"""


@pytest.fixture(scope="module")
def app(
    site: Path, upstream: Upstream, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kindlechat]:
    folder = tmp_path_factory.mktemp("data")
    (folder / "presets.toml").write_text(PRESETS)
    app = create_app(
        Settings.from_env(
            {
                "GEMINI_BASE_URL": upstream.base_url,
                "KINDLECHAT_RATE_LIMIT": "off",
                "KINDLECHAT_DATA": str(folder),
                "KINDLECHAT_PRESETS": str(folder / "presets.toml"),
            }
        )
    )
    yield app
    app.relay.drain(grace_s=10)
    app.close()


@pytest.fixture(autouse=True)
def answers(upstream: Upstream) -> None:
    upstream.script(up.answer(ANSWER + BLOCK))
    upstream.requests.clear()


@pytest.fixture
def reader(app: Kindlechat) -> FlaskClient:
    return app.test_client()
