"""The hostile corpus over HTTP: no answer is an error of ours, in any way of delivery and any view."""

import logging

import pytest

from harness.behaviours import answer
from harness.hostile import PATTERNS
from harness.quick_start import start_app
from kindlechat.rendering.device.reading import CHOICES, Reading, View
from tests.cases import cases

CHARS = 60
TOGETHER = 12
"""So many patterns are one answer: what an answer takes beside its text is much more."""

NAMES = list(PATTERNS)
ANSWERS = [NAMES[begin : begin + TOGETHER] for begin in range(0, len(NAMES), TOGETHER)]

IN_PAGES = Reading(view=View.PAGES).code
NARROW = Reading(screen="240x320", size=CHOICES["size"][-1]).code

WAYS = {
    "page": ("{page}", {}),
    "page of a narrow screen": (f"{{page}}?r={NARROW}", {}),
    "page view": (f"{{page}}?r={IN_PAGES}", {}),
    "screen": (f"{{page}}?screen=2&r={IN_PAGES}", {}),
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
    "old book": ("{page}.mobi", {}),
}
"""The ways in which an answer is asked for: an address and headers."""


@pytest.fixture(scope="module")
def client(site, upstream, tmp_path_factory):
    environment = {
        "GEMINI_BASE_URL": upstream.base_url,
        "KINDLECHAT_DATA": str(tmp_path_factory.mktemp("data")),
        "KINDLECHAT_RATE_LIMIT": "off",
        "KINDLECHAT_REPLIES_AT_ONCE": "off",
    }
    app = start_app(environment)
    yield app.test_client()
    app.drain()
    app.close()


@pytest.fixture
def stride(quick):
    """Each answer is asked for in one way of so many, and the next one in others."""
    return 8 if quick else 1


@cases("names", ANSWERS, ids=lambda names: ", ".join(names), quick_stride=3)
def test_it_is_served(names, client, upstream, stride, caplog):
    caplog.set_level(logging.ERROR)
    text = "\n\n".join(PATTERNS[name](CHARS) for name in names)
    upstream.script(answer(pieces=[text[: len(text) // 2], text[len(text) // 2 :]]))
    asked = client.post("/api/replies", json={"message": f"{names[0]}?"}).json
    begun = client.get(f"{asked['poll']}?format=html&after=0").json
    grown = client.get(f"{asked['stream']}?format=html", buffered=True).text
    assert '"state":"done"' in grown.splitlines()[-1]
    ended = client.get(f"{asked['poll']}?format=html&after={begun['cursor']}")
    assert ended.json["state"] == "done"
    for address, headers in [*WAYS.values()][ANSWERS.index(names) % stride :: stride]:
        told = client.get(address.format(**asked), headers=headers, buffered=True)
        gone = headers and told.status_code == 204  # an EventSource need not come back
        assert told.status_code == 200 or gone, address
        assert told.data or gone, address
    assert [record.getMessage() for record in caplog.records] == []
