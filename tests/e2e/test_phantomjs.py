"""PhantomJS 1.9.8, a WebKit 534 as in e-readers before 2016, alone and without what older ones lack."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.e2e.tools import PHANTOMJS
from tests.e2e.words import count, counted

SCRIPT = Path(__file__).with_name("phantom.js")

KINDLE_3 = (582, 706)
PAPERWHITE = (758, 899)
KINDLE_3_LACKS = (
    "EventSource",
    "FormData",
    "WebSocket",
    "matchMedia",
    "history.pushState",
    "history.replaceState",
)
"""classList, too, but it cannot be taken away: a test of the scripts' text forbids it."""


@pytest.fixture
def ask(app_server, tmp_path):
    """Ask in a page of the given screen's size; returns what phantom.js saw."""
    assert PHANTOMJS.is_file(), "needs PhantomJS: run tests/tools.sh"
    # With no certificates to load it does not stumble over today's OpenSSL.
    command = [PHANTOMJS, f"--ssl-certificates-path={tmp_path}", SCRIPT]
    environment = os.environ | {"OPENSSL_CONF": "/dev/null", "HOME": str(tmp_path)}

    def ask(page, question, screen, lacking=()):
        arguments = [app_server.url + page, question, *map(str, screen), ",".join(lacking)]
        ran = subprocess.run(
            command + arguments, env=environment, capture_output=True, text=True, timeout=30
        )
        assert ran.stdout, ran.stderr
        # What follows the first line are its complaints about its own end.
        return json.loads(ran.stdout.splitlines()[0])

    return ask


@pytest.mark.parametrize("page", ["/", "/poll/"])
@pytest.mark.parametrize(
    ("screen", "lacking"),
    [(KINDLE_3, KINDLE_3_LACKS), (PAPERWHITE, ())],
    ids=["kindle3", "paperwhite"],
)
def test_old_webkit_shows_the_answer_as_it_is_written(ask, page, screen, lacking):
    seen = ask(page, count(40, 60), screen, lacking)
    assert seen["errors"] == []
    assert seen["lacking"] == list(lacking)
    assert seen["last"]["state"] == "done"
    assert seen["last"]["text"].strip() == counted(40)
    assert seen["last"]["status"] == ""
    partial = [shown for shown in seen["texts"] if shown and shown.strip() != counted(40)]
    assert len(partial) >= 3
    assert all(counted(40).startswith(shown.strip()) for shown in partial)


def test_old_webkit_is_told_of_trouble_in_a_sentence(ask):
    seen = ask("/", "fault:cut", KINDLE_3, KINDLE_3_LACKS)
    assert seen["errors"] == []
    assert (seen["last"]["state"], seen["last"]["text"].strip()) == ("interrupted", "Half an ans")
    assert "[Connection interrupted]" in seen["last"]["status"]
