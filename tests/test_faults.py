"""Every fault of the upstream, followed in every way; what readers saw is the table in docs/faults.md.

`python -m pytest tests/test_faults.py --write-tables` makes the table anew from the run.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from gevent.pool import Pool

from harness.behaviours import FAULTS, refused_url
from harness.readers import MODES, TIMEOUT_S, Reader
from harness.servers import ROOT, AppServer, UpstreamProcess
from kindlechat.errors import ENDED_BY_MODEL
from kindlechat.rendering.ui.templates import Templates

TABLE = ROOT / "docs/faults.md"
HASTE = 6
CONCURRENT_FAULTS = 5
PAGES = ("live", "page")

WHAT = {
    "refused": "nothing listens at the address",
    "bad_key": "the key is invalid (400)",
    "unauthenticated": "the key is missing or refused (401)",
    "bad_request": "the request is not accepted (400)",
    "leaked_key": "the key was reported as leaked (403)",
    "blocked_key": "the key is blocked (403)",
    "credits": "the operator's credits are used up (429)",
    "billing": "the operator's billing is disabled (403)",
    "country": "not offered in the server's country (400)",
    "permission": "the key may not use the model (403)",
    "model_gone": "there is no such model (404)",
    "not_found": "nothing is at the address (404)",
    "quota_day": "the day's quota is used up (429)",
    "quota_minute": "the minute's quota is used up (429), three times",
    "quota_wait": "the same, and the model asks for a wait of 60 s",
    "cancelled": "the request was cancelled (499)",
    "internal": "an internal error (500), three times",
    "bad_gateway": "an HTML page from a gateway (502), three times",
    "busy": "the model is overloaded (503), three times",
    "busy_array": "the same, told as a JSON array",
    "deadline": "the model ran out of its own time (504), three times",
    "cut": "the connection ends in the middle of an event",
    "reset": "the connection is reset after some words",
    "reset_early": "the connection is reset before any word, three times",
    "stall": "silence after some words",
    "stall_early": "silence from the beginning",
    "drip": "events with no text after some words",
    "drip_early": "events with no text from the beginning",
    "no_finish": "the stream ends with no finish reason",
    "stall_after_stop": "silence after the finish",
    "drip_after_stop": "events with no text after the finish",
    "reset_after_stop": "the connection is reset after the finish",
    "cut_after_stop": "the connection ends in the middle of an event after the finish",
    "error_after_stop": "an error event after the finish",
    "bare_error_after_stop": "a bare JSON error after the finish",
    "error_event": "an error event in place of an answer, three times",
    "bare_json": "a bare JSON error in place of a stream, three times",
    "array": "the whole answer as one JSON array",
    "not_an_object": "events that are no objects among the others",
    "malformed": "an event of broken JSON among the others",
    "huge": "an event of more than 1 MiB",
    "gzip": "an answer compressed against our wish",
    "bytes": "an answer one byte at a time",
    "unchunked": "an answer with no chunked coding",
    "empty": "an answer with no text, twice",
    "blank": "an answer of blanks alone, twice",
    "error_null": "an answer whose events say that there is no error",
    "thought_out": "all room used up by thoughts",
    "length": "the length limit is hit",
    "safety": "stopped for safety",
    "recitation": "stopped for recitation",
    "prohibited": "stopped as prohibited content",
    "unknown_end": "a finish reason that nobody knows yet",
    "blocked": "the prompt is blocked",
    "thinking": "thoughts before the first word",
}


@dataclass(frozen=True)
class Outcome:
    """What a fault came to, the same in every way of following."""

    state: str
    sentence: str
    text: str
    status: int
    complete: bool

    @property
    def broken_off(self) -> str:
        return ", broken off" if self.status == 200 and not self.complete else ""


@pytest.fixture(scope="module")
def outcomes(site, tmp_path_factory):
    return run(tmp_path_factory.mktemp("faults"))


def run(folder: Path) -> dict[str, Outcome]:
    """Ask for every fault at once, and follow each answer in every way."""
    (folder / "refused").mkdir()
    # A few at a time: where all asked at once, a busy machine would tell some troubles too late for a
    # status, which waits for them no longer than `status_wait_s` / HASTE.
    few = Pool(CONCURRENT_FAULTS)
    settings = {"haste": HASTE, "GEMINI_API_KEY": "a-key"}
    with (
        UpstreamProcess(folder) as upstream,
        AppServer(folder, GEMINI_BASE_URL=upstream.url, **settings) as app,
        AppServer(folder / "refused", GEMINI_BASE_URL=refused_url(), **settings) as without,
    ):
        servers = {"refused": without} | dict.fromkeys(FAULTS, app)
        jobs = {fault: few.spawn(look_at, server, fault) for fault, server in servers.items()}
        return {fault: job.get() for fault, job in jobs.items()}


def look_at(app: AppServer, fault: str) -> Outcome:
    """What one fault comes to."""
    reply = ask(app, fault)
    readers = {mode: Reader(mode, app.url, reply) for mode in MODES}
    return outcome(readers, chat(app, fault))


def ask(app: AppServer, fault: str) -> dict[str, str]:
    question = {"message": f"fault:{fault}"}
    return requests.post(f"{app.url}/api/replies", json=question, timeout=TIMEOUT_S).json()


def chat(app: AppServer, fault: str) -> tuple[int, str]:
    """The status of a text stream, and its text or the sentence in place of it."""
    question = {"message": f"fault:{fault}"}
    with requests.post(
        f"{app.url}/api/chat", json=question, stream=True, timeout=TIMEOUT_S
    ) as response:
        if not response.ok:
            return response.status_code, response.json()["error"]["message"]
        text = b""
        try:
            for part in response.iter_content(None):
                text += part
        except requests.exceptions.ChunkedEncodingError:
            pass
        return response.status_code, text.decode().lstrip(" ")


def outcome(readers: dict[str, Reader], chatted: tuple[int, str]) -> Outcome:
    """What all readers agree on; fails where they do not."""
    seen = {mode: reader.wait() for mode, reader in readers.items()}
    end = seen["poll"]
    templates = Templates.load(ROOT / "site", demo=False).localized()
    state_line = "" if end.state == "done" else templates.sentence(f"state.{end.state}")
    assert {each.text for each in seen.values()} == {end.text}
    assert (seen["events"].state, seen["events"].sentence) == (end.state, end.sentence)
    assert seen["stream"].complete == (end.state not in ("interrupted", "failed"))
    by_model = {templates.sentence(f"reason.{reason}") for reason in ENDED_BY_MODEL}
    is_alone = end.state == "failed" or end.sentence in by_model
    shown = end.sentence if is_alone else f"{state_line} {end.sentence}".strip()
    assert {seen[mode].sentence for mode in PAGES} == {shown}
    status, text = chatted
    assert seen["stream"].sentence == ("" if status == 200 else end.sentence)
    assert text == (end.text if status == 200 else end.sentence)
    return Outcome(end.state, end.sentence, end.text, status, seen["stream"].complete)


def table(outcomes: dict[str, Outcome]) -> str:
    """docs/faults.md."""
    rows = "".join(
        f"| {WHAT[fault]} | {each.state} | {each.sentence or '–'} |"
        f" {each.text or '–'} | {each.status}{each.broken_off} |\n"
        for fault, each in outcomes.items()
    )
    return HEAD + rows


HEAD = """# What readers see when the model fails

Made by a test run (`python -m pytest tests/test_faults.py --write-tables`): every fault against a real
server, each followed by polls, a text stream, server-sent events, the page that grows and the page that
refreshes. All five showed the same state, sentence and text. Pages put "[Connection interrupted]" before
the sentence of an interrupted answer and offer Continue, unless the model itself ended it. A text stream
tells trouble that comes before the first word by its status; later trouble ends it without its last chunk
("broken off").

What comes twice or three times was tried again, as it came before the first word.

| what the model's side does | state | sentence | text kept | `POST /api/chat` |
|---|---|---|---|---|
"""


def test_every_fault_has_a_row():
    assert WHAT.keys() == {"refused", *FAULTS}


@pytest.mark.long
def test_readers_see_what_the_table_says(outcomes, write_table):
    write_table(TABLE, table(outcomes))
    assert table(outcomes) == TABLE.read_text()
