"""The log that an operator reads: requests, ends of replies, in text and JSON; never what readers write."""

import json
import logging

import pytest
import requests

from harness.behaviours import FAULTS, answer
from harness.servers import AppServer
from harness.waiting import eventually
from kindlechat.logging import (
    JsonFormatter,
    TextFormatter,
    configure_logging,
    log_event,
    request_id,
)
from kindlechat.web.middleware.request_log import shown

QUESTION = "echo 5 and my secret diagnosis"
PASSCODE = "open sesame, please"


@pytest.fixture(scope="module")
def server(site, upstream, tmp_path_factory):
    settings = {
        "GEMINI_BASE_URL": upstream.base_url,
        "GEMINI_API_KEY": "AIza-a-secret-key",
        "KINDLECHAT_PASSCODE": PASSCODE,
        "KINDLECHAT_LOG_FORMAT": "json",
        "KINDLECHAT_LOG_REQUESTS": "on",
    }
    with AppServer(tmp_path_factory.mktemp("logs"), **settings) as server:
        yield server


@pytest.fixture(autouse=True)
def answers(upstream):
    upstream.script(answer())


def lines(server, **wanted):
    """The lines of the log with these fields."""
    told = [json.loads(line) for line in server.log.splitlines()]
    return [line for line in told if wanted.items() <= line.items()]


def ask(server, message=QUESTION, **headers):
    headers = {"Authorization": f"Bearer {PASSCODE}", **headers}
    return requests.post(
        f"{server.url}/api/replies", json={"message": message}, headers=headers, timeout=10
    )


def test_a_request_has_its_id_in_its_answer_its_line_and_the_line_of_its_reply(server):
    answered = ask(server, **{"X-Request-Id": "router-17"})
    assert answered.headers["X-Request-Id"] == "router-17"
    eventually(lambda: lines(server, event="request", request_id="router-17"))
    (line,) = lines(server, event="request", request_id="router-17")
    assert (line["method"], line["path"], line["status"]) == ("POST", "/api/replies", "201")
    assert line["seconds"] >= 0
    eventually(lambda: lines(server, event="reply", request_id="router-17"))
    (end,) = lines(server, event="reply", request_id="router-17")
    assert end["id"] == f"{answered.json()['id'][:6]}…"
    assert (end["state"], end["tries"]) == ("done", 1)
    assert end["characters"] > 0
    assert 0 < end["first_word_s"] <= end["whole_s"]
    assert end["tokens_read"] == 30
    assert end["tokens_written"] > 0


@pytest.mark.parametrize("given", ["", "two words", "x" * 65, 'a"b'])
def test_an_id_that_does_not_fit_into_a_log_is_replaced(server, given):
    own = ask(server, **{"X-Request-Id": given}).headers["X-Request-Id"]
    assert own != given
    assert len(own) == 16


def test_no_line_holds_what_a_reader_wrote_or_may_know(server, upstream):
    upstream.script(FAULTS["bad_request"])
    reply = ask(server, "Again, of my secret diagnosis").json()
    requests.get(server.url + reply["page"], timeout=10)
    requests.get(f"{server.url}/?message=my+secret+diagnosis", timeout=10)
    requests.post(f"{server.url}/ask", data={"message": QUESTION, "passcode": "wrong"}, timeout=10)
    eventually(lambda: lines(server, event="request", path="/ask"))
    assert lines(server, message="POST /ask refused: 401 passcode_wanted")
    for secret in ("diagnosis", "AIza-a", "sesame", "wrong", reply["id"], reply["conversation"]):
        assert secret not in server.log


def test_what_a_library_says_of_connections_that_are_not_kept_is_not_heard():
    library = logging.getLogger("urllib3.connectionpool")
    library.setLevel(logging.NOTSET)
    configure_logging()
    assert not library.isEnabledFor(logging.WARNING)
    assert library.isEnabledFor(logging.ERROR)


def test_a_path_is_shown_without_ids_and_on_one_line():
    path = "/c/Abcdef0123456789abcdef.epub"
    assert shown({"PATH_INFO": path}) == "/c/Abcdef….epub"
    assert shown({"SCRIPT_NAME": "/ru", "PATH_INFO": "/help/"}) == "/ru/help/"
    assert shown({"PATH_INFO": "/a\nb\x1b"}) == "/a%0Ab%1B"


class TestFormats:
    @pytest.fixture
    def record(self, caplog):
        request_id.set("")  # a test before may have handled a request in this process
        caplog.set_level(logging.INFO, "kindlechat")
        log_event(logging.getLogger("kindlechat.x"), "reply", state="done", reason=None, tries=1)
        return caplog.records[0]

    def test_text_has_names_and_values(self, record):
        assert TextFormatter("%(message)s").format(record) == "reply: state=done tries=1"

    def test_json_has_fields(self, record):
        line = json.loads(JsonFormatter().format(record))
        assert (line["event"], line["state"], line["tries"]) == ("reply", "done", 1)
        assert line["level"] == "INFO"
        assert "reason" not in line

    def test_both_name_the_request(self, record):
        token = request_id.set("router-17")
        try:
            assert TextFormatter("%(message)s").format(record).endswith(" [router-17]")
            assert json.loads(JsonFormatter().format(record))["request_id"] == "router-17"
        finally:
            request_id.reset(token)
