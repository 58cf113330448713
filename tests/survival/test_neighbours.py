"""One reader's hostile answer holds up no other: a small bench/hub.py."""

import pytest

from harness.behaviours import ANSWER
from harness.hostile import PATTERNS
from harness.neighbours import Neighbours
from harness.servers import AppServer
from harness.upstream import Upstream

MOST_MS = 80
"""Several times what the bench allows, for a busy machine; without slices it would be a second."""


@pytest.fixture(scope="module")
def neighbours(site, tmp_path_factory):
    with (
        Upstream() as upstream,
        AppServer(
            tmp_path_factory.mktemp("app"),
            application="harness.traced_app:app",
            GEMINI_BASE_URL=upstream.base_url,
        ) as server,
        Neighbours(server, upstream) as neighbours,
    ):
        neighbours.show(ANSWER)  # load and warm everything
        yield neighbours


@pytest.mark.parametrize("name", ["letters on lines", "table with few cells", "quotes apart"])
def test_a_hostile_answer_never_holds_the_hub_for_long(neighbours, name):
    assert neighbours.show(PATTERNS[name](20_000)).hold_ms < MOST_MS
