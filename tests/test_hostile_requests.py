"""The hostile corpus over HTTP: no answer is an error of ours, in any way of delivery and any view."""

import logging

import pytest

from harness.behaviours import answer
from harness.hostile import PATTERNS
from kindlechat.rendering.device.reading import CHOICES, Reading, View
from kindlechat.settings import Settings
from kindlechat.web.app import create_app
from tests.cases import cases

CHARS = 600

IN_PAGES = Reading(view=View.PAGES).code
NARROW = Reading(screen="240x320", size=CHOICES["size"][-1]).code

WAYS = {
    "page": ("{page}", {}),
    "page of a narrow screen": (f"{{page}}?r={NARROW}", {}),
    "page view": (f"{{page}}?r={IN_PAGES}", {}),
    "screen": ("{page}?screen=1", {}),
    "screen of a turn": (f"{{page}}?turn=1&screen=1&r={IN_PAGES}", {}),
    "turn": ("{page}?turn=1", {}),
    "live page": ("{page}/live", {}),
    "poll": ("{poll}", {}),
    "poll for HTML": ("{poll}?format=html&after=0", {}),
    "text": ("{stream}", {}),
    "events": ("{stream}", {"Accept": "text/event-stream"}),
    "updates": ("{stream}?format=html", {}),
    "text file": ("{page}.txt", {}),
    "Markdown file": ("{page}.md", {}),
    "web page": ("{page}.html", {}),
    "book": ("{page}.epub", {}),
}
"""The ways in which an answer is asked for: an address and headers."""


@pytest.fixture(scope="module")
def client(site, upstream, tmp_path_factory):
    app = create_app(
        Settings.from_env(
            {
                "GEMINI_BASE_URL": upstream.base_url,
                "KINDLECHAT_DATA": str(tmp_path_factory.mktemp("data")),
                "KINDLECHAT_RATE_LIMIT": "off",
                "KINDLECHAT_REPLIES_AT_ONCE": "off",
            }
        )
    )
    yield app.test_client()
    app.relay.drain(grace_s=10)


@pytest.fixture
def ways(request):
    """Each pattern is asked for in some of the ways, and each way is tried."""
    step = 16 if request.config.getoption("--quick") else 4
    return lambda number: [*WAYS.values()][number % step :: step]


@cases("name", PATTERNS)
def test_it_is_served(name, client, upstream, ways, caplog):
    caplog.set_level(logging.ERROR)
    text = PATTERNS[name](CHARS)
    upstream.script(answer(pieces=[text[: CHARS // 2], text[CHARS // 2 :]]))
    asked = client.post("/api/replies", json={"message": f"{name}?"}).get_json()
    begun = client.get(f"{asked['poll']}?format=html&after=0").get_json()
    grown = client.get(f"{asked['stream']}?format=html").get_data(as_text=True)
    assert '"state":"done"' in grown.splitlines()[-1]
    ended = client.get(f"{asked['poll']}?format=html&after={begun['cursor']}")
    assert (ended.status_code, ended.get_json()["state"]) == (200, "done")
    for address, headers in ways([*PATTERNS].index(name)):
        told = client.get(address.format(**asked), headers=headers)
        assert told.status_code in (200, 404), address  # a short answer has no screens
        assert told.get_data()
    assert [record.getMessage() for record in caplog.records] == []
