"""An application in this process, whose model answers and proposes questions."""

import pytest
from flask.testing import FlaskClient

from harness import behaviours as up
from harness.upstream import Upstream
from kindlechat.web.app import Kindlechat
from tests.actions.pages import ANSWER
from tests.apps import OpenApp, open_app

__all__ = ["open_app"]

BLOCK = "\n\n<follow-ups>\nWhy red at night?\nIs <b>it</b> & so on?\nПочему?\n</follow-ups>"
PRESETS = """
[[preset]]
name = { en = "For a child", de = "Für <ein> Kind" }
prompt = "Say it for a child."
at = ["answer", "box"]
"""


@pytest.fixture(scope="module")
def app(open_app: OpenApp, tmp_path_factory: pytest.TempPathFactory) -> Kindlechat:
    presets = tmp_path_factory.mktemp("settings") / "presets.toml"
    presets.write_text(PRESETS)
    return open_app(KINDLECHAT_PRESETS=str(presets))


@pytest.fixture(autouse=True)
def answers(upstream: Upstream) -> None:
    upstream.script(up.answer(ANSWER + BLOCK))
    upstream.requests.clear()


@pytest.fixture
def reader(app: Kindlechat) -> FlaskClient:
    return app.test_client()
