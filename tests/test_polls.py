"""Polls and streams that are answered ahead of Flask: Flask would answer them in the same way."""

import gevent
import pytest
from flask import Flask
from werkzeug.test import Client

from harness.behaviours import Gate, answer
from harness.waiting import eventually
from kindlechat.rendering.answer.growing import Growing
from kindlechat.rendering.device.glyphs import Glyphs
from kindlechat.rendering.device.reading import Reading
from kindlechat.web.conversation import live_answer
from kindlechat.web.middleware.language import LanguageRoot
from kindlechat.web.middleware.polls import Polls
from kindlechat.web.services import EXTENSION
from tests.apps import app, open_app  # noqa: F401
from tests.cases import cases

ASCII = Reading(glyphs=Glyphs.ASCII).code

ANSWER = (
    "**Because** of the [air](https://example.com/a?b=c) – and of *light*.\n\n- one\n- two 🚀\n"
)

DESKTOP = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def reply(app, upstream):  # noqa: F811
    """An ended reply."""
    upstream.script(answer(ANSWER))
    created = app.test_client().post("/api/replies", json={"message": "Why?"}).json
    app.relay.wait_for_end(created["id"], 20)
    return created


@pytest.fixture
def flask_alone(app):  # noqa: F811
    """A client of the application with nothing ahead of Flask but the language of an address."""

    def dispatch(environ, start_response):
        return Flask.wsgi_app(app, environ, start_response)

    return Client(LanguageRoot(dispatch, app.extensions[EXTENSION].templates.languages))


def no_flask(*_):
    raise AssertionError("Flask was asked")


def told_alike(app, flask_alone, address, headers):  # noqa: F811
    """What is told at an address ahead of Flask. Flask alone must tell the same."""
    services = app.extensions[EXTENSION]
    ahead = Client(LanguageRoot(Polls(no_flask, services), services.templates.languages))
    told = ahead.get(address, headers=headers)
    by_flask = flask_alone.get(address, headers=headers)
    assert told.status_code == 200
    assert told.data == by_flask.data
    assert sorted(told.headers) == sorted(by_flask.headers)
    return told


@cases(
    ("root", "query", "headers"),
    [
        ("", "", {}),
        ("", "?after=5", {}),
        ("/ru", "?after=5", {}),
        ("", "?format=html", {}),
        ("", "?format=html&after=7", {}),
        ("/ru", "?format=html", {}),
        ("", f"?format=html&after=0&r={ASCII}", {}),
        ("", f"?format=html&r={ASCII}", {"Cookie": "reading=; other=1"}),
        ("", "?format=html", {"Cookie": f"a=b; reading={ASCII}; screen=600.800.24.dejavu"}),
        ("", "?format=html", {"Cookie": "reading=\xff\xfe", "User-Agent": DESKTOP}),
    ],
)
def test_a_poll_is_told_what_flask_would_tell_it(
    app,  # noqa: F811
    reply,
    flask_alone,
    root,
    query,
    headers,
):
    told_alike(app, flask_alone, f"{root}{reply['poll']}{query}", headers)


@cases(
    ("root", "query", "headers"),
    [
        ("", "?format=html", {}),
        ("/ru", "?format=html&after=7", {}),
        ("", f"?format=html&after=0&r={ASCII}", {"Accept": "text/event-stream"}),
        ("", "?format=html", {"Cookie": f"reading={ASCII}", "User-Agent": DESKTOP}),
    ],
)
def test_a_stream_of_changes_is_what_flask_would_send(
    app,  # noqa: F811
    reply,
    flask_alone,
    root,
    query,
    headers,
):
    told = told_alike(app, flask_alone, f"{root}{reply['stream']}{query}", headers)
    assert b'"actions"' in told.data


def test_other_streams_and_unknown_replies_go_to_flask(app, reply):  # noqa: F811
    client = app.test_client()
    assert client.get(reply["stream"]).text == ANSWER
    events = client.get(reply["stream"], headers={"Accept": "text/event-stream"})
    assert events.mimetype == "text/event-stream"
    unknown = client.get("/api/replies/unknown/stream?format=html")
    assert unknown.json["error"]["code"] == "unknown_reply"
    bad = client.get(f"{reply['stream']}?format=html&after=x")
    assert bad.json["error"]["code"] == "bad_cursor"


def test_what_is_no_plain_poll_goes_to_flask(app, reply):  # noqa: F811
    client = app.test_client()
    assert client.get(f"{reply['poll']}?after=x").json["error"]["code"] == "bad_cursor"
    assert client.get("/api/replies/unknown?format=html").json["error"]["code"] == "unknown_reply"
    assert client.get(f"{reply['poll']}?after=0&after=3").json["text"] == ANSWER
    assert client.head(reply["poll"]).data == b""
    assert client.post(reply["poll"]).status_code == 405


def test_a_poll_that_fails_is_told_so_by_flask(app, reply, monkeypatch, caplog):  # noqa: F811
    def fail(*_):
        raise RuntimeError("a bug")

    monkeypatch.setattr(app.relay, "progress", fail)
    answered = app.test_client().get(reply["poll"])
    assert (answered.status_code, answered.json["error"]["code"]) == (500, "internal")
    assert "a bug" in caplog.text


def test_twenty_readers_of_one_reply_cost_one_rendering(app, upstream, monkeypatch):  # noqa: F811
    rendered = []

    class Counting(Growing):
        def nodes(self, text, *, ended):
            rendered.append(text)
            return super().nodes(text, ended=ended)

    monkeypatch.setattr(live_answer, "Growing", Counting)
    gate = Gate(3)
    upstream.script(gate)
    client = app.test_client()
    poll = client.post("/api/replies", json={"message": "Count."}).json["poll"]
    gate.give(2)
    eventually(lambda: client.get(poll).json["text"] == "word1 word2 ")
    polls = [gevent.spawn(app.test_client().get, f"{poll}?format=html") for _ in range(20)]
    told = {str(each.get().json["html"]) for each in polls}
    gate.give(3)
    assert told == {str([[0, 0, "<p>word1 word2</p>"]])}
    assert rendered == ["", "word1 word2 "]
