"""The contract of the web edge over real sockets; the whole run tries it on the real server."""

import html
import http.client
import itertools
import json
import re
import socket
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import gevent
import pytest
import requests
from flask import Flask

from harness import behaviours as up
from harness.behaviours import Gate, answer, counting
from harness.local_app import LocalApp
from harness.servers import ASSETS, ROOT, AppServer, eventually
from kindlechat.rendering.device.reading import Order, Reading, View
from kindlechat.rendering.ui.templates import Templates
from kindlechat.timings import Timings
from kindlechat.upstream.prompts import CONTINUE_INSTRUCTION
from kindlechat.upstream.sse import Decoder
from kindlechat.web.conversation.streams import LIVE_HEAD_BYTES, LIVE_HEARTBEAT
from kindlechat.web.error_pages import ErrorPages
from kindlechat.web.refusal import rate_limited
from tests.cases import cases

TIMEOUT_S = 20
numbers = itertools.count(1)
ID = r"[A-Za-z0-9_-]{22}"  # 128 bits
COUNTED = "word1 word2 word3 word4 word5 "


HASTE = 4
"""A page waits for an answer's end for 1.25 s instead of 5 s, and so on: see harness/haste.py."""

HASTE_OF_PAGES = 10
"""For tests that wait for pages often, and for nothing else."""


@pytest.fixture(scope="module")
def settings(site, upstream):
    return {
        "GEMINI_BASE_URL": upstream.base_url,
        "GEMINI_API_KEY": "a-key",
        "KINDLECHAT_GRACE_S": "0",
    }


@pytest.fixture(scope="module")
def app(settings, tmp_path_factory, quick):
    folder = tmp_path_factory.mktemp("app")
    server = (LocalApp if quick else AppServer)(folder, settings, haste=HASTE)
    yield server
    server.stop()


@pytest.fixture
def start_app(settings, tmp_path):
    """Start one with settings of its own."""
    with ExitStack() as apps:
        yield lambda **more: apps.enter_context(
            LocalApp(tmp_path, settings, **{"haste": HASTE} | more)
        )


@pytest.fixture(autouse=True)
def plain_answer(upstream):
    upstream.script(counting(5, 0.02))
    upstream.requests.clear()


def post(app, path, body=None, **options):
    options = {"json": body, "timeout": TIMEOUT_S, "allow_redirects": False, **options}
    return requests.post(app.url + path, **options)


def get(app, path, **options):
    return requests.get(app.url + path, timeout=TIMEOUT_S, **options)


def create(app, message="Why?", **more):
    response = post(app, "/api/replies", {"message": message, **more})
    assert response.status_code == 201, response.text
    return response.json()


def poll_to_end(app, reply):
    for _ in range(400):
        body = get(app, reply["poll"]).json()
        if not body["next_ms"]:
            return body
        gevent.sleep(0.05)
    raise AssertionError("the reply did not end")


def ask_by_form(app, message="", **more):
    """Ask something new, unless the test says what: pressed again, a question is the same one."""
    message = message or f"Why, {next(numbers)}?"
    response = post(app, "/ask", data={"message": message, "conversation": "", **more})
    assert response.status_code == 303, response.text
    return response.headers["Location"]


def asked(upstream, *questions):
    """The requests for these questions; others may be another test's that came late."""
    return [request for request in upstream.requests if request.question in questions]


def error_of(response, status, code):
    body = response.json()
    assert (response.status_code, body["error"]["code"]) == (status, code)
    assert len(body["error"]["message"]) > 10
    return body["error"]["message"]


# The API


def test_chat_is_the_text_and_nothing_else(app):
    response = post(app, "/api/chat", {"message": "Why?"}, stream=True)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Accel-Buffering"] == "no"
    assert re.fullmatch(ID, response.headers["X-Reply-Id"])
    assert "Content-Encoding" not in response.headers
    assert response.text.lstrip(" ") == COUNTED


def test_chat_sends_words_as_they_come(app, upstream):
    go = gevent.event.Event()

    def behave(connection):
        connection.head()
        first, *rest = map(up.encode_event, list(up.events(["First words. ", "The rest."]))[1:])
        connection.send(first)
        go.wait(TIMEOUT_S)
        up.send_and_end(*rest)(connection)

    upstream.script(behave)
    response = post(app, "/api/chat", {"message": "Why?"}, stream=True)
    first = response.raw.read1(1000)
    assert first.startswith(b"First")
    go.set()
    rest = response.raw.read()
    assert (first + rest).decode() == "First words. The rest."


def test_history_reaches_the_model(app, upstream):
    history = [{"role": "user", "text": "Один"}, {"role": "model", "text": "Два"}]
    post(app, "/api/chat", {"message": "Три", "history": history})
    contents = asked(upstream, "Три")[0].body["contents"]
    assert [(c["role"], c["parts"][0]["text"]) for c in contents] == [
        *(("user", "Один"), ("model", "Два"), ("user", "Три")),
    ]


def test_a_reply_is_created_and_polled_from_a_cursor(app):
    reply = create(app)
    assert set(reply) == {"id", "conversation", "poll", "stream", "page"}
    assert re.fullmatch(ID, reply["id"])
    assert re.fullmatch(ID, reply["conversation"])
    text, cursor = "", None
    for _ in range(400):
        body = get(app, reply["poll"], params={"after": cursor} if cursor else None).json()
        assert set(body) == {"state", "reason", "text", "cursor", "next_ms"}
        text += body["text"]
        cursor = body["cursor"]
        assert body["next_ms"] in (0, 500, 1000, 2000)
        if body["next_ms"] == 0:
            break
        gevent.sleep(0.02)
    assert text == COUNTED
    assert (body["state"], body["reason"]) == ("done", None)
    assert poll_to_end(app, reply)["text"] == COUNTED


def test_a_stream_goes_on_from_a_cursor(app):
    reply = create(app)
    poll_to_end(app, reply)
    assert get(app, reply["stream"]).text == COUNTED
    assert get(app, reply["stream"], params={"after": "6"}).text == COUNTED[6:]


def read_events(response):
    decoder = Decoder()
    return [event for part in response.iter_content(None) for event in decoder.feed(part)]


def test_events_carry_text_ids_and_an_end(app):
    reply = create(app)
    headers = {"Accept": "text/event-stream"}
    response = get(app, reply["stream"], headers=headers, stream=True)
    assert response.headers["Content-Type"].startswith("text/event-stream")
    assert response.headers["Cache-Control"] == "no-store"
    events = read_events(response)
    messages = [event for event in events if event.event == "message"]
    assert "".join(event.data for event in messages) == COUNTED
    assert json.loads(events[-1].data) == {"state": "done", "reason": None}
    resume = {**headers, "Last-Event-ID": messages[0].id}
    resumed = read_events(get(app, reply["stream"], headers=resume, stream=True))
    rest = "".join(event.data for event in resumed if event.event == "message")
    assert messages[0].data + rest == COUNTED
    done = get(app, reply["stream"], headers={**headers, "Last-Event-ID": events[-1].id})
    assert done.status_code == 204


def test_a_client_that_lost_only_the_end_learns_of_it(app):
    reply = create(app)
    poll_to_end(app, reply)
    headers = {"Accept": "text/event-stream"}
    *before, end = read_events(get(app, reply["stream"], headers=headers, stream=True))
    resume = {**headers, "Last-Event-ID": before[-1].id}
    assert read_events(get(app, reply["stream"], headers=resume, stream=True)) == [end]
    for nonsense in ("x", "5-x", "5-done-x", "-done", "5-done-busy-x"):
        bad = get(app, reply["stream"], headers={**headers, "Last-Event-ID": nonsense})
        error_of(bad, 400, "bad_cursor")


def test_stop_keeps_what_came(app, upstream):
    upstream.script(up.FAULTS["stall"])
    reply = create(app, "Stop me?")
    while get(app, reply["poll"]).json()["text"] != "Half an ans":
        gevent.sleep(0.02)
    assert post(app, reply["poll"] + "/stop").status_code == 204
    assert asked(upstream, "Stop me?")[0].closed.wait(TIMEOUT_S)
    body = poll_to_end(app, reply)
    assert (body["state"], body["text"]) == ("stopped", "Half an ans")


def test_going_on_sent_again_goes_on_once(app, upstream):
    upstream.script(
        up.FAULTS["length"],
        up.finished("MAX_TOKENS", "wer, cut"),
        answer(" again."),
        about=["Once?"],
    )
    reply = create(app, "Once?")
    cursor = poll_to_end(app, reply)["cursor"]
    path = reply["poll"] + "/continue"
    for seen in (cursor, int(cursor), cursor):
        assert post(app, path, {"seen": seen}).json() == reply
        assert poll_to_end(app, reply)["text"] == "Half an answer, cut"
    for seen in (1.5, True, [cursor]):
        error_of(post(app, path, {"seen": seen}), 400, "bad_type")
    error_of(post(app, path, {"seen": "x"}), 400, "bad_cursor")
    error_of(post(app, path, []), 400, "bad_json")
    assert post(app, path, {}).json() == reply
    assert poll_to_end(app, reply)["text"] == "Half an answer, cut again."


def test_continue_and_again_through_the_api(app, upstream):
    upstream.script(
        up.FAULTS["length"],
        answer("wer."),
        answer("Another."),
        answer("Edited."),
        about=["Go on?", "And how?"],
    )
    reply = create(app, "Go on?")
    assert poll_to_end(app, reply)["state"] == "cut"
    went_on = post(app, reply["poll"] + "/continue").json()
    assert went_on["id"] == reply["id"]
    assert poll_to_end(app, reply)["text"] == "Half an answer."
    error_of(post(app, reply["poll"] + "/continue"), 409, "nothing_to_continue")
    again = post(app, reply["poll"] + "/again").json()
    assert poll_to_end(app, again)["text"] == "Another."
    edited = post(app, again["poll"] + "/again", {"message": "And how?"}).json()
    assert poll_to_end(app, edited)["text"] == "Edited."
    assert edited["conversation"] == reply["conversation"]
    late = post(app, reply["poll"] + "/again", {"message": "And late?"})
    error_of(late, 409, "replaced_meanwhile")
    # Asked again for what was replaced already, it starts nothing.
    assert post(app, reply["poll"] + "/again").json()["id"] == edited["id"]
    assert len(asked(upstream, "Go on?", "And how?", CONTINUE_INSTRUCTION)) == 4


def test_an_edited_question_may_come_in_chunks(app, upstream):
    upstream.script(answer("One."), answer("Two."), about=["As a whole?", "In chunks?"])
    reply = create(app, "As a whole?")
    poll_to_end(app, reply)
    edited = requests.post(
        app.url + reply["poll"] + "/again",
        data=iter([b'{"message": ', b'"In chunks?"}']),
        headers={"Content-Type": "application/json"},
        timeout=TIMEOUT_S,
    )
    assert poll_to_end(app, edited.json())["text"] == "Two."
    assert len(asked(upstream, "In chunks?")) == 1


def test_a_nul_in_a_question_is_left_out(app, upstream):
    reply = create(app, "NUL\0 here?")
    poll_to_end(app, reply)
    assert len(asked(upstream, "NUL here?")) == 1


def test_an_idempotency_key_counts_once(app, upstream):
    headers = {"Idempotency-Key": "one-press"}
    first, second = (
        post(app, "/api/replies", {"message": "Once"}, headers=headers).json() for _ in range(2)
    )
    assert first == second


@cases(
    ("options", "status", "code"),
    [
        ({"data": "message=unwanted"}, 415, "unsupported_type"),
        ({"data": "{", "headers": {"Content-Type": "application/json"}}, 400, "bad_json"),
        ({"json": []}, 400, "bad_json"),
        ({"json": {}}, 400, "bad_type"),
        ({"json": {"message": 5}}, 400, "bad_type"),
        ({"json": {"message": " \n "}}, 400, "message_empty"),
        ({"json": {"message": "unwanted" * 1001}}, 400, "message_long"),
        ({"json": {"message": "unwanted", "history": "y"}}, 400, "bad_history"),
        ({"json": {"message": "unwanted", "history": [{"role": "system", "text": "y"}]}}, 400, "bad_history"),
        ({"json": {"message": "unwanted", "history": [{"role": "user"}]}}, 400, "bad_history"),
        ({"json": {"message": "unwanted", "conversation": 5}}, 400, "bad_type"),
        ({"json": {"message": "unwanted", "conversation": "none"}}, 404, "unknown_conversation"),
        ({"json": {"message": "unwanted" * 18_000}}, 413, "too_large"),
    ],
)  # fmt: skip
@cases("path", ["/api/chat", "/api/replies"])
def test_bad_input_is_told(app, upstream, path, options, status, code):
    error_of(requests.post(app.url + path, timeout=TIMEOUT_S, **options), status, code)
    assert not any("unwanted" in request.question for request in upstream.requests)


def test_a_message_may_be_8000_characters_after_trimming(app):
    create(app, message="  " + "ж" * 8000 + "\n")


@cases("path", ["/api/replies/none", "/api/replies/none/stream"])
def test_an_unknown_reply_is_told(app, path):
    error_of(get(app, path), 404, "unknown_reply")


def test_a_cursor_of_another_shape_is_told(app):
    reply = create(app)
    error_of(get(app, reply["poll"], params={"after": "-5"}), 400, "bad_cursor")


def test_unknown_addresses_and_methods(app):
    error_of(get(app, "/api/none"), 404, "not_found")
    response = get(app, "/api/chat")
    error_of(response, 405, "method")
    assert "POST" in response.headers["Allow"]


# Trouble


@pytest.mark.parametrize("fault", ["bad_key", "quota_day", "country", "blocked", "thought_out"])
def test_early_trouble_has_a_status_and_its_own_sentence(app, upstream, fault):
    upstream.script(up.FAULTS[fault])
    message = error_of(post(app, "/api/chat", {"message": "x"}), 502, "upstream_refused")
    assert "own words" not in message
    reply = create(app)
    body = poll_to_end(app, reply)
    assert (body["state"], body["reason"]) == ("failed", message)
    error_of(get(app, reply["stream"]), 502, "upstream_refused")


def test_a_broken_reply_lacks_its_last_chunk(app, upstream):
    upstream.script(up.FAULTS["cut"])
    connection = http.client.HTTPConnection(urlsplit(app.url).netloc, timeout=TIMEOUT_S)
    headers = {"Content-Type": "application/json"}
    connection.request("POST", "/api/chat", json.dumps({"message": "x"}), headers)
    response = connection.getresponse()
    with pytest.raises(http.client.IncompleteRead) as caught:
        response.read()
    assert caught.value.partial == b"Half an ans"
    connection.close()


@pytest.mark.long
def test_the_log_says_nothing_of_messages_or_keys(settings, tmp_path, upstream):
    upstream.script(up.FAULTS["cut"])
    with AppServer(tmp_path, settings, haste=HASTE) as app:
        poll_to_end(app, create(app, message="a secret question"))
        post(app, "/ask", data={"message": "a secret question"})
        for secret in ("secret", "Half an", "a-key", "Traceback"):
            assert secret not in app.log


# Old clients


def raw(app, text):
    host = urlsplit(app.url)
    with socket.create_connection((host.hostname, host.port), timeout=TIMEOUT_S) as connection:
        connection.sendall(text.encode())
        data = b""
        while more := connection.recv(65536):
            data += more
    head, body = data.split(b"\r\n\r\n", 1)
    return head.decode(), body.decode()


def test_http_1_0_gets_no_chunked_coding(app):
    body = json.dumps({"message": "Why?"})
    head, text = raw(
        app,
        "POST /api/chat HTTP/1.0\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}",
    )
    assert "chunked" not in head.lower()
    assert text.lstrip(" ") == COUNTED
    page = ask_by_form(app, mode="live")
    head, html = raw(app, f"GET {page} HTTP/1.0\r\n\r\n")
    assert "chunked" not in head.lower()
    assert html.rstrip().endswith("</html>")
    assert html.count(COUNTED.strip()) == 1


# Pages


def test_a_question_by_form_leads_to_its_page(app):
    location = ask_by_form(app)
    assert re.fullmatch(f"/c/{ID}", location)
    page = get(app, location)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert COUNTED.strip() in page.text
    assert "http-equiv" not in page.text


def test_a_page_waits_then_shows_what_there_is(start_app, upstream):
    app = start_app(haste=HASTE_OF_PAGES)
    upstream.script(up.FAULTS["stall"])
    location = ask_by_form(app)
    page = get(app, location).text
    assert "Half an ans" in page
    assert re.search(r'<meta http-equiv="refresh" content="5', page)
    assert re.search(rf'<a id="refresh" href="{location}\?seen=11"', page)
    assert get(app, location).text == page, "a look that brings nothing new changes nothing"
    stopped = post(app, f"{location}/stop", data={})
    assert (stopped.status_code, stopped.headers["Location"]) == (303, location)
    page = get(app, location).text
    assert "http-equiv" not in page
    assert "Stopped." in page


def test_with_the_newest_question_last_a_page_loads_itself_again_at_the_newest_turn(
    start_app, upstream
):
    """By an address that changes each time: to a place in the same page browsers go without loading it."""
    app = start_app(haste=HASTE_OF_PAGES)
    upstream.script(up.FAULTS["stall"])
    order = Reading(order=Order.LAST).code
    location = ask_by_form(app)
    for look, next_look in (("", 1), ("&look=1", 0), ("&look=0", 1)):
        page = get(app, f"{location}?r={order}{look}&ask=1").text
        assert "http-equiv" not in page, "what is typed stays"
        page = get(app, f"{location}?r={order}{look}").text
        wanted = f"; url={location}?r={order}&amp;look={next_look}#newest"
        assert wanted in page
    assert page.index('id="controls"') < page.index('id="question"')
    post(app, f"{location}/stop", data={})


def test_with_the_newest_question_last_every_address_of_a_conversation_leads_to_its_newest_turn(
    app,
):
    """Where an earlier turn stands above it, and nothing else on the page is meant."""
    browser = requests.Session()
    browser.cookies.set("reading", Reading(order=Order.LAST).code)

    def lead(path):
        response = browser.get(app.url + path, timeout=TIMEOUT_S, allow_redirects=False)
        assert (response.status_code == 303) == ("Location" in response.headers)
        return response.headers.get("Location")

    asked = browser.post(f"{app.url}/ask", data={"message": "One?"}, timeout=TIMEOUT_S)
    page = asked.url.removeprefix(app.url).partition("?")[0]
    assert lead(page) is None, "nothing stands above"
    form = {"message": "Two?", "conversation": page.removeprefix("/c/")}
    answered = browser.post(
        f"{app.url}/ask", data=form, timeout=TIMEOUT_S, allow_redirects=False
    ).headers["Location"]
    assert answered == f"{page}?look=0#newest"
    assert lead(answered) is None
    assert lead(page) == lead(f"{page}?turn=2").replace("turn=2&", "") == answered
    assert lead(f"{page}/live") == f"{page}/live?look=0#newest"
    assert lead(f"{page}?seen=7") == f"{page}?seen=7&look=0#newest"
    for elsewhere in ("turn=1", "ask=1", "look=1"):
        assert lead(f"{page}?{elsewhere}") is None, elsewhere
    browser.cookies.set("reading", Reading(order=Order.LAST, view=View.PAGES).code)
    assert lead(page) is None, "a screen has one turn"
    browser.cookies.clear()
    code = Reading(order=Order.LAST).code
    assert lead(f"{page}?r={code}") == f"{page}?r={code}&look=0#newest"
    assert lead(page) is None, "it stands on top"


def test_a_follow_up_on_a_page_that_grows_is_answered_on_one(app):
    page = ask_by_form(app, mode="live")
    assert page.endswith("/live")
    first = get(app, page).text
    assert f'id="ask" href="{page}?ask=1"' in first, "in place of the box, while it grows"
    assert f'id="follow-up" href="{page}?ask=1#ask"' in first, "at its end"
    for again in (page, f"{page}?ask=1"):
        assert '<input type="hidden" name="mode" value="live">' in get(app, again).text


def test_the_live_page_grows_by_escaped_text(app, upstream):
    go = gevent.event.Event()

    def behave(connection):
        connection.head()
        first, *rest = map(
            up.encode_event, list(up.events(["one two three ", "<b>bold & all"]))[1:]
        )
        connection.send(first)
        go.wait(TIMEOUT_S)
        up.send_and_end(*rest)(connection)

    upstream.script(behave)
    location = ask_by_form(app, mode="live")
    assert re.fullmatch(f"/c/{ID}/live", location)
    response = get(app, location, stream=True)
    page = b""
    while b"one two three" not in page:  # the first words of a line wait: they may head a table
        page += response.raw.read1(65536)
    assert len(page) > LIVE_HEAD_BYTES
    assert b"</html>" not in page
    go.set()
    page += response.raw.read()
    assert b"&lt;b&gt;bold &amp; all" in page
    assert b"<b>bold" not in page
    assert page.rstrip().endswith(b"</html>")
    assert b"http-equiv" not in page
    assert page.count(b'/stop"') == 1


def test_a_conversation_holds_all_its_turns(app, upstream):
    upstream.script(answer("First answer."), answer("Second answer."), about=["First question?"])
    location = ask_by_form(app, "First question?")
    get(app, location)
    again = ask_by_form(app, "Second question?", conversation=location.removeprefix("/c/"))
    assert again == location
    page = get(app, location).text
    for text in ("First question?", "First answer.", "Second question?", "Second answer."):
        assert text in page
    first = get(app, location, params={"turn": "1"}).text
    assert "First answer." in first
    assert "Second answer." not in first
    assert [c["role"] for c in asked(upstream, "Second question?")[0].body["contents"]] == [
        "user",
        "model",
        "user",
    ]
    assert get(app, location, params={"turn": "3"}).status_code == 404


def test_the_same_press_of_a_button_asks_once(app, upstream):
    gate = Gate(1)  # it counts as the same while the answer is under way
    upstream.script(gate)
    locations = {ask_by_form(app, "Pressed twice?") for _ in range(2)}
    assert len(locations) == 1
    gate.give(1)
    get(app, locations.pop())
    assert len(asked(upstream, "Pressed twice?")) == 1


def test_two_browsers_at_one_address_have_their_own_conversations(app):
    def sent_by(browser):
        form = {"message": "Who shares this?"}
        response = post(app, "/ask", data=form, headers={"User-Agent": browser})
        return response.headers["Location"]

    assert sent_by("A Kindle") != sent_by("A Kobo")


def test_a_press_is_the_same_from_another_network_and_at_the_limit(start_app):
    app = start_app(KINDLECHAT_TRUSTED_PROXIES="1", KINDLECHAT_RATE_LIMIT="1/minute")
    form = {"message": "On the way?", "idempotency_key": "k" * 22}

    def sent_from(address):
        return post(app, "/ask", data=form, headers={"X-Forwarded-For": address})

    first, moved, pressed = (sent_from(address) for address in ("1.1.1.1", "2.2.2.2", "1.1.1.1"))
    assert first.status_code == 303
    assert moved.headers["Location"] == pressed.headers["Location"] == first.headers["Location"]
    form["idempotency_key"] = "m" * 22
    assert sent_from("1.1.1.1").status_code == 429


def test_a_late_press_of_continue_starts_nothing(app, upstream):
    upstream.script(up.FAULTS["length"], answer("wer, cut", finish="MAX_TOKENS"), about=["Late?"])
    location = ask_by_form(app, "Late?")
    seen = re.search(r'name="seen" value="(\d+)"', get(app, location).text)[1]
    for _ in range(2):
        post(app, f"{location}/continue", data={"seen": seen})
        assert "Half an answer, cut" in get(app, location).text
    assert len(asked(upstream, CONTINUE_INSTRUCTION)) == 1
    post(app, f"{location}/continue", data={"seen": len("Half an answer, cut")})
    get(app, location)
    assert len(asked(upstream, CONTINUE_INSTRUCTION)) == 2


def test_stop_stops_what_its_page_shows(app, upstream):
    location = ask_by_form(app, "An earlier one?")
    get(app, location)
    upstream.script(up.FAULTS["stall"])
    ask_by_form(app, "The newest?", conversation=location.removeprefix("/c/"))
    at_once = {"screen": "1"}  # a page that is turned to waits for no news
    for shown, stopped in (("a" * 22, False), (None, True)):
        page = get(app, location, params=at_once).text
        button = re.search(r'action="[^"]*/stop">.*?name="reply" value="([^"]+)"', page)
        post(app, f"{location}/stop", data={"reply": shown or button[1]})
        assert ("Stopped." in get(app, location, params=at_once).text) == stopped


def test_an_edited_question_takes_the_room_of_the_one_before(start_app, upstream):
    app = start_app(KINDLECHAT_REPLIES_AT_ONCE="1")
    upstream.script(up.FAULTS["stall"])
    reply = create(app, "One at once?")
    edited = post(app, reply["poll"] + "/again", {"message": "Another at once?"})
    assert edited.status_code == 201, edited.text


def test_a_patient_readers_streams_send_heartbeats(app, upstream):
    upstream.script(counting(60, 0.04))
    code = settings_saved(app, pace_ms="0").headers["Location"].partition("r=")[2]

    def heartbeats(way, ending):
        url = f"{app.url}{create(app)[way]}{ending}r={code}"
        with requests.get(url, stream=True, timeout=TIMEOUT_S) as response:
            return sum(part in (b"\n", LIVE_HEARTBEAT) for part in response.iter_content(None))

    ways = (("stream", "?format=html&"), ("page", "/live?"))
    jobs = [gevent.spawn(heartbeats, *way) for way in ways]
    assert all(job.get() > 1 for job in jobs)


def test_continue_again_and_edit_on_pages(app, upstream):
    upstream.script(
        up.FAULTS["length"],
        answer("wer."),
        answer("Another."),
        answer("Edited."),
        about=["On a page?", "Edited how?"],
    )
    location = ask_by_form(app, "On a page?")
    page = get(app, location).text
    assert "Cut at the length limit." in page
    assert f'action="{location}/continue"' in page
    for _ in range(2):  # pressed twice
        assert post(app, f"{location}/continue", data={}).status_code == 303
    assert "Half an answer." in get(app, location).text
    reply = re.search(r'name="reply" value="([^"]+)"', get(app, location).text)[1]
    for _ in range(2):
        assert post(app, f"{location}/again", data={"reply": reply}).status_code == 303
    assert "Another." in get(app, location).text
    edit = get(app, f"{location}/edit").text
    reply = re.search(r'name="reply" value="([^"]+)"', edit)[1]
    assert "On a page?" in edit
    for _ in range(2):
        edited = {"message": "Edited how?", "reply": reply}
        assert post(app, f"{location}/edit", data=edited).status_code == 303
    page = get(app, location).text
    late = post(app, f"{location}/edit", data={"message": "Edited too late?", "reply": reply})
    assert late.status_code == 409
    assert "Edited too late?</textarea>" in late.text
    assert "Edited." in page
    assert "Edited how?" in page
    assert "On a page?" not in page
    assert len(asked(upstream, "On a page?", "Edited how?", CONTINUE_INSTRUCTION)) == 4


def test_an_answer_tried_again_stays_as_a_version(app, upstream):
    upstream.script(answer("Earlier."), answer("Newer."), about=["In versions?"])
    location = ask_by_form(app, "In versions?")
    eventually(lambda: "Earlier." in get(app, location).text)
    post(app, f"{location}/again", data={})
    eventually(lambda: "Newer." in get(app, location).text)
    newer = get(app, location).text
    assert "2 of 2" in newer
    assert "Earlier." not in newer
    (before,) = re.findall(r'id="version-before" href="([^"]+)"', newer)
    earlier = get(app, before).text
    assert "Earlier." in earlier
    assert "1 of 2" in earlier
    assert f'{location}/again"' not in earlier, "only the one that counts is tried again"
    (after,) = re.findall(r'id="version-after" href="([^"]+)"', earlier)
    assert "Newer." in get(app, after).text


def test_a_question_asked_on_an_earlier_version_goes_on_from_there(app, upstream):
    texts = ("Earlier.", "Newer.", "Then.")
    upstream.script(*map(answer, texts), about=["From where?", "And then?"])
    location = ask_by_form(app, "From where?")
    eventually(lambda: "Earlier." in get(app, location).text)
    post(app, f"{location}/again", data={})
    eventually(lambda: "Newer." in get(app, location).text)
    earlier = get(app, location, params={"version": "1"}).text
    (version,) = re.findall(r'name="version" value="([^"]+)"', earlier)
    name = location.removeprefix("/c/")
    ask_by_form(app, "And then?", conversation=name, version=version)
    eventually(lambda: asked(upstream, "And then?"))
    (request,) = asked(upstream, "And then?")
    assert "Earlier." in str(request.body)
    assert "Newer." not in str(request.body)
    newer = get(app, location, params={"turn": "1", "version": "2"}).text
    assert "Newer." in newer
    assert get(app, location, params={"version": "3"}).status_code == 404


def test_hostile_text_is_escaped_everywhere(app, upstream):
    attack = '<script>alert(1)</script>"><img src=x onerror=alert(1)> [x](javascript:alert(1))'
    upstream.script(answer(attack))
    location = ask_by_form(app, attack)
    for page in (get(app, location).text, get(app, f"{location}/edit").text):
        assert "<script" not in page
        assert "<img" not in page
        assert 'href="javascript' not in page


def test_a_question_from_a_browser_without_utf_8_is_understood(app, upstream):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    body = b"message=O\xf9+est+l%92\xe9t\xe9%0D%0A1+%2B+1%3F&conversation="
    assert post(app, "/ask", data=body, headers=headers).status_code == 303
    question = "Où est l’été\n1 + 1?"
    eventually(lambda: asked(upstream, question))


def test_the_longest_question_fits_in_every_script(app):
    answered = post(app, "/ask", data={"message": "字🙂" * 4000})
    assert answered.status_code == 303


def test_wrong_input_on_a_page_loses_nothing(app):
    response = post(app, "/ask", data={"message": "x" * 8001, "conversation": ""})
    assert response.status_code == 400
    assert "x" * 8001 in response.text
    assert "8,000" in response.text
    response = post(app, "/ask", data={"message": "Dear question", "conversation": "none"})
    assert response.status_code == 404
    assert "Dear question" in response.text
    assert post(app, "/ask", data={"message": "x" * 140_000}).status_code == 413
    assert get(app, "/c/none").status_code == 404


@cases(
    ("path", "form", "title", "kept"),
    [
        ("/ask", None, None, ""),
        ("/ask?message=Why%3F", None, None, "Why?"),
        ("/ask", {"message": "  "}, "Please write a question first.", ""),
        ("/c/none", None, "This conversation is no longer here.", ""),
        ("/ask", {"message": "Why?", "conversation": "none"}, "This conversation is", "Why?"),
        ("/ask", {"message": "x" * 8001}, "Questions can be up to 8,000", "x" * 8001),
    ],
)
def test_where_a_question_can_be_asked_there_is_a_box(app, path, form, title, kept):
    page = (post(app, path, data=form) if form else get(app, path)).text
    assert page.count('id="message"') == 1
    if title:
        assert re.search(rf"<title>{title}.*</title>", page)
        assert re.search(rf'<h1 id="notice">{title}', page)
    assert f"{kept}</textarea>" in page


def test_what_is_refused_for_a_while_is_tried_again_by_its_first_button(start_app):
    app = start_app(KINDLECHAT_RATE_LIMIT="1/minute")
    location = ask_by_form(app, "The only one?")
    reply = re.search(r'name="reply" value="([^"]+)"', get(app, location).text)[1]
    again = post(app, f"{location}/again", data={"reply": reply}).text
    first = re.search(r'<form method="post" action="([^"]+)".*?<button[^>]*>([^<]+)<', again)
    assert first.groups() == (f"{location}/again", "Try again")
    assert f'name="reply" value="{reply}"' in again
    asked = post(app, "/ask", data={"message": "One more?"}).text
    assert "One more?</textarea>" in asked
    assert re.search(r"<button[^>]*>([^<]+)<", asked)[1] == "Try again"


def test_the_first_page_lists_the_readers_last_conversations(app):
    browser = requests.Session()
    browser.post(f"{app.url}/ask", data={"message": "Is <this> kept?"}, timeout=TIMEOUT_S)
    home = browser.get(f"{app.url}/", timeout=TIMEOUT_S).text
    (address,) = re.findall(r'<li><a href="(/c/[^"]+)">Is &lt;this&gt; kept\?</a>', home)
    assert "Is &lt;this&gt; kept?" in browser.get(app.url + address, timeout=TIMEOUT_S).text
    browser.cookies.set("reading", Reading(order=Order.LAST).code)
    for path in ("/", "/conversations"):
        listed = browser.get(app.url + path, timeout=TIMEOUT_S).text
        leads = re.search(r'<a href="/c/([^"]+)">Is &lt;this&gt; kept', listed)
        assert leads[1].endswith("#newest"), "it opens at its newest turn"
    assert 'id="recent"' in browser.get(f"{app.url}/ru/", timeout=TIMEOUT_S).text
    assert 'id="recent"' not in browser.get(f"{app.url}/help/", timeout=TIMEOUT_S).text
    assert 'id="recent"' not in get(app, "/").text


def test_missing_pages_are_readable(app):
    response = get(app, "/none")
    assert response.status_code == 404
    assert response.headers["Content-Type"].startswith("text/html")
    assert 'href="/"' in response.text


# Guards


@cases("path", ["/", "/c/none", "/none", "/api/none", ASSETS["reader.js"].address])
def test_every_answer_is_guarded(app, path):
    headers = get(app, path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"


@cases(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"Origin": "{url}"}, True),
        ({"Referer": "{url}/stream/"}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Origin": "http://elsewhere.example"}, False),
        ({"Origin": "null"}, False),
        ({"Referer": "http://elsewhere.example/{url}"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "{url}"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
    ],
)
def test_cross_site_posts_are_refused(app, upstream, headers, allowed):
    headers = {name: value.format(url=app.url) for name, value in headers.items()}
    response = post(app, "/ask", data={"message": "x"}, headers=headers)
    assert response.status_code == (303 if allowed else 403)
    response = post(app, "/api/replies", {"message": "x"}, headers=headers)
    assert response.status_code == (201 if allowed else 403)


def test_odd_input_is_refused_and_not_an_error(app):
    lone = post(app, "/api/replies", {"message": "Why?", "conversation": "\ud800"})
    assert lone.status_code == 404
    odd = post(app, "/ask", data={"message": "Why?"}, headers={"Origin": "http://[x"})
    assert odd.status_code == 403
    for page in ("/", "/help/", "/settings"):
        told = get(app, page, headers={"Cookie": b"lang=\xff; reading=\xed\xa0"})
        assert told.status_code == 200, page


def test_an_edited_question_ends_the_answer_it_replaces(app, upstream):
    upstream.script(up.FAULTS["stall"], answer("Edited."), about=["Edit me?", "Edited now?"])
    reply = create(app, "Edit me?")
    post(app, reply["poll"] + "/again", {"message": "Edited now?"})
    assert poll_to_end(app, reply)["state"] == "stopped"


def test_what_is_refused_on_a_conversations_page_leads_back_to_it(start_app):
    app = start_app(KINDLECHAT_RATE_LIMIT="1/minute")
    location = ask_by_form(app, "The only one?")
    get(app, location)
    edited = post(app, f"{location}/edit", data={"message": "Typed <anew>?", "reply": "a" * 22})
    assert edited.status_code == 409
    reply = re.search(r'name="reply" value="([^"]+)"', get(app, f"{location}/edit").text)[1]
    edited = post(app, f"{location}/edit", data={"message": "Typed <anew>?", "reply": reply})
    assert edited.status_code == 429
    assert f'action="{location}/edit"' in edited.text
    assert f'name="reply" value="{reply}"' in edited.text
    assert "Typed &lt;anew&gt;?" in edited.text
    assert 'id="notice"' in edited.text
    again = post(app, f"{location}/again", data={"reply": reply})
    assert again.status_code == 429
    assert f'id="back" href="{location}"' in again.text


def test_a_page_that_is_turned_to_or_written_on_does_not_wait_for_the_answer(app, upstream):
    upstream.script(up.FAULTS["stall"], about=["Turned?"])
    reply = create(app, "Turned?")
    until_text(app, reply, "Half an ans")
    for asked_for in ({"ask": "1"}, {"r": Reading(view=View.PAGES).code, "screen": "1"}):
        response = get(app, reply["page"], params=asked_for)
        assert response.ok
        assert response.elapsed.total_seconds() < Timings().page_wait_s - 1
    post(app, reply["poll"] + "/stop")


def test_a_bug_keeps_what_was_typed(site):
    app = Flask("broken")
    app.add_url_rule("/ask", view_func=lambda: 1 / 0, methods=["POST"])
    ErrorPages(Templates.load(ROOT / "site", demo=False), ROOT / "public").register(app)
    answered = app.test_client().post("/ask", data={"message": "Typed <here>?"})
    assert answered.status_code == 500
    assert "Typed &lt;here&gt;?" in answered.text


def test_healthz(app):
    response = get(app, "/healthz")
    assert (response.status_code, response.text) == (200, "ok")


@cases(
    ("wait_s", "told"),
    [
        (20, "in 20 seconds."),
        (119, "in 119 seconds."),
        (120, "in 2 minutes."),
        (3590, "in 60 minutes."),
        (7200, "in 2 hours."),
        (86000, "in 24 hours."),
    ],
)
def test_a_long_wait_is_told_in_minutes_or_hours(wait_s, told):
    refusal = rate_limited(wait_s)
    english = Templates.load(ROOT / "site", demo=False).localized()
    sentence = english.sentence(refusal.sentence_key, **refusal.values)
    assert sentence == f"Too many questions from your address. Please try again {told}"
    assert refusal.headers["Retry-After"] == str(wait_s)


def test_questions_are_limited_by_address(start_app):
    app = start_app(KINDLECHAT_RATE_LIMIT="2/minute;100/day")
    create(app)
    ask_by_form(app)
    response = post(app, "/api/replies", {"message": "x"})
    error_of(response, 429, "rate_limited")
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    page = post(app, "/ask", data={"message": "My question"})
    assert page.status_code == 429
    assert int(page.headers["Retry-After"]) >= 1
    assert "My question" in page.text


def test_replies_at_once_are_limited(start_app, upstream):
    app = start_app(KINDLECHAT_REPLIES_AT_ONCE="1")
    upstream.script(up.FAULTS["stall"])
    reply = create(app)
    response = post(app, "/api/replies", {"message": "x"})
    error_of(response, 429, "too_many_replies")
    assert "Retry-After" in response.headers
    post(app, reply["poll"] + "/stop")
    poll_to_end(app, reply)
    create(app)


def test_nothing_that_costs_works_without_the_passcode(start_app, upstream):
    app = start_app(KINDLECHAT_PASSCODE="open-sesame")
    error_of(post(app, "/api/chat", {"message": "x"}), 401, "passcode_wanted")
    error_of(post(app, "/api/replies", {"message": "x"}), 401, "passcode_wanted")
    wrong = {"Authorization": "Bearer wrong"}
    error_of(post(app, "/api/replies", {"message": "x"}, headers=wrong), 401, "passcode_wrong")
    page = post(app, "/ask", data={"message": "My question"})
    assert page.status_code == 401
    assert 'name="passcode"' in page.text
    assert "My question" in page.text
    page = post(app, "/passcode", data={"passcode": "wrong", "message": "My question"})
    assert page.status_code == 401
    assert "My question" in page.text
    assert asked(upstream, "My question") == []

    right = {"Authorization": "Bearer open-sesame"}
    assert post(app, "/api/replies", {"message": "x"}, headers=right).status_code == 201
    passed = post(app, "/passcode", data={"passcode": "open-sesame", "message": "My question"})
    assert passed.status_code == 303
    assert passed.headers["Location"].startswith("/c/")
    cookie = passed.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "open-sesame" not in cookie
    jar = {"kindlechat_pass": passed.cookies["kindlechat_pass"]}
    assert post(app, "/ask", data={"message": "Next"}, cookies=jar).status_code == 303
    jar["kindlechat_pass"] = "forged" + jar["kindlechat_pass"]
    assert post(app, "/ask", data={"message": "Next"}, cookies=jar).status_code == 401
    location = passed.headers["Location"]
    for button in ("continue", "again", "edit"):
        assert post(app, f"{location}/{button}", data={"message": "x"}).status_code == 401


def test_guesses_are_limited(start_app):
    app = start_app(KINDLECHAT_PASSCODE="open-sesame")
    statuses = [post(app, "/passcode", data={"passcode": str(n)}).status_code for n in range(11)]
    assert statuses == [401] * 10 + [429]
    assert post(app, "/passcode", data={"passcode": "open-sesame"}).status_code == 429
    bearer = {"Authorization": "Bearer open-sesame"}
    assert post(app, "/api/replies", {"message": "Why?"}, headers=bearer).status_code == 429


def test_with_no_key_the_demonstration_answers_and_says_so(start_app):
    app = start_app(GEMINI_BASE_URL="", GEMINI_API_KEY="")
    text = ""
    with post(app, "/api/chat", {"message": "Hello?"}, stream=True) as response:
        for part in response.iter_content(None, decode_unicode=True):
            text += part
            if "GEMINI_API_KEY" in text:  # the rest of it takes its time
                break
    assert "GEMINI_API_KEY" in text
    for path in ("/", "/help/", "/ru/help/", "/c/none", "/none", "/settings"):
        assert get(app, path).text.count('id="demo"') == 1, path


def test_with_a_model_no_page_says_that_it_is_a_demonstration(app):
    """The same built site serves both."""
    for path in ("/", "/help/", "/c/none", "/none", "/settings"):
        assert 'id="demo"' not in get(app, path).text, path


# HTML while the answer grows, and reading settings


def html_updates(app, reply, **params):
    """What a page that polls is told, up to the end."""
    told, cursor = [], None
    while not told or told[-1]["next_ms"]:
        query = {"format": "html", **({"after": cursor} if cursor else {}), **params}
        body = get(app, reply["poll"], params=query).json()
        told.append(body)
        cursor = body["cursor"]
        gevent.sleep(0.05)
    return told


def test_a_poll_for_html_tells_what_to_append(app, upstream):
    upstream.script(
        answer("", pieces=["One *two* ", "three.\n\n", "- four\n", "- five"], delay_s=0.1)
    )
    told = html_updates(app, create(app))
    assert "".join(html for body in told for *_, html in body["html"]).count("three.") == 1
    assert told[-1]["state"] == "done"
    assert 'action="/c/' in told[-1]["actions"]
    assert all("actions" not in body for body in told[:-1])
    whole = get(app, create(app)["poll"], params={"format": "html"}).json()
    assert whole["reason"] is None  # as the docs say, also where there is none
    assert whole["cursor"] != "0" or whole["html"] == []


@pytest.mark.parametrize("fault", ["length", "cut", "bad_key", "gzip"])
def test_a_page_that_follows_is_told_the_same_status_line_as_one_that_is_loaded(
    app, upstream, fault
):
    upstream.script(up.FAULTS[fault])
    reply = create(app)
    told = html_updates(app, reply)[-1]["status"]
    shown = re.search(r'<p id="status">(.*?)</p>', get(app, reply["page"]).text)[1]
    assert told == html.unescape(shown)


RUSSIAN = (
    "Небо синее, потому что воздух рассеивает **короткие** волны сильнее длинных. " * 5 + "\n\n"
)


@pytest.mark.parametrize(
    "text", [(Path(__file__).parent / "fixtures/answer.md").read_text() * 4, RUSSIAN * 12]
)
def test_what_polls_bring_is_little_more_than_the_answer(app, upstream, text):
    """Bodies and all, at the pace of a fast model, looked at every half second."""
    pieces = [text[at : at + 160] for at in range(0, len(text), 160)]
    upstream.script(answer("", pieces=pieces, delay_s=0.05))
    reply, cursor, received = create(app), "0", 0
    next_ms = 1
    while next_ms:
        gevent.sleep(0.15)
        response = get(app, reply["poll"], params={"format": "html", "after": cursor})
        body = response.json()
        received += len(response.content) - len(json.dumps(body.get("actions", "")))
        cursor, next_ms = body["cursor"], body["next_ms"]
    whole = get(app, reply["poll"], params={"format": "html"}).json()["html"]
    final = sum(len(html.encode()) for *_, html in whole)
    assert received <= 1.5 * final


def test_a_stream_of_html_ends_as_the_page_does(app, upstream):
    go = [gevent.event.Event() for _ in range(2)]

    def behave(connection):
        connection.head()
        for event, each in zip(go, ("One *two* ", "three."), strict=True):
            event.wait(TIMEOUT_S)
            connection.send(list(map(up.encode_event, up.events([each])))[1])
        up.send_and_end(up.STOP)(connection)

    upstream.script(behave)
    reply, told = create(app), []
    response = get(app, reply["stream"], params={"format": "html"}, stream=True)
    assert response.headers["Content-Type"].startswith("application/x-ndjson")
    for line in filter(None, response.iter_lines(None)):
        told.append(json.loads(line))
        go[bool(told[-1]["html"])].set()  # the next words, once these are there
    assert [told[0]["state"], told[-1]["state"]] == ["waiting", "done"]
    assert "".join(html for body in told for *_, html in body["html"]).startswith("<p>One <em>")
    cursor = told[-2]["cursor"]
    rest = get(app, reply["stream"], params={"format": "html", "after": cursor}).text
    assert "One" not in rest


def test_every_mode_ends_with_the_same_html(app, upstream):
    upstream.script(answer((Path(__file__).parent / "fixtures/answer.md").read_text()))
    reply = create(app)
    live = get(app, reply["page"] + "/live").text
    page = get(app, reply["page"]).text
    polled = get(app, reply["poll"], params={"format": "html"}).json()["html"]
    (answered,) = [re.search(r"<!--answer-->(.*)<!--/answer-->", page, re.DOTALL)[1]]
    assert [[0, 0, answered]] == polled
    grown = live.partition("<!--answer-->")[2].partition("<!--/answer-->")[0]
    padding_and_heartbeats = f"<!-- *-->|{LIVE_HEARTBEAT.decode()}"
    assert unmarked(re.sub(padding_and_heartbeats, "", grown)) == unmarked(answered)


def unmarked(html):
    """The HTML with plain code: a page that only grows cannot mark what it shows before the block ends."""
    return re.sub(
        r"<pre>.*?</pre>",
        lambda block: re.sub(r"</?(?:strong|em|u)>", "", block[0]),
        html,
        flags=re.DOTALL,
    )


def test_a_page_of_an_answer_under_way_shows_half_a_word_too(app, upstream):
    upstream.script(up.FAULTS["stall"])
    reply = create(app)
    until_text(app, reply, "Half an ans")
    assert "Half an ans" in get(app, reply["page"]).text
    # After a while a poll is told, too, what it would wait for the end of.
    eventually(
        lambda: "ans" in str(get(app, reply["poll"], params={"format": "html"}).json()["html"])
    )
    post(app, reply["poll"] + "/stop")


def until_text(app, reply, text):
    while get(app, reply["poll"]).json()["text"] != text:
        gevent.sleep(0.02)


def settings_saved(app, **fields):
    response = post(app, "/settings", data=fields)
    assert response.status_code == 303
    return response


def test_settings_are_kept_by_a_cookie(app):
    saved = settings_saved(app, size="5", dark="True", back="/how/")
    assert saved.headers["Location"].startswith("/how/?r=")
    cookies = {"reading": saved.cookies["reading"]}
    for path in ("/", "/how/", "/settings"):
        html = get(app, path, cookies=cookies).text
        assert '<html class="size5 dark"' in html
        assert "r=" + cookies["reading"] not in html
    assert 'value="5" checked' in get(app, "/settings", cookies=cookies).text
    assert 'class="size5' not in get(app, "/").text


def test_an_old_bookmarks_settings_do_not_take_the_place_of_a_newer_choice(app):
    old = settings_saved(app, size="1").headers["Location"]
    newer = {"reading": settings_saved(app, size="5").cookies["reading"]}
    assert '<html class="size1"' in get(app, old).text
    assert '<html class="size5"' in get(app, old, cookies=newer).text
    reset = get(app, old, cookies={"reading": ""}).text
    assert '<html lang="en"' in reset, "and neither do they undo that all was reset"


def test_settings_begin_with_what_most_readers_look_for(app):
    page = get(app, "/settings").text
    first, _, more = page.partition("<details")
    assert re.findall(r'<fieldset id="(\w+)"', first) == ["size", "view", "dark"]
    assert 'id="sample"' in first
    assert 'id="save"' in first
    assert '<fieldset id="thorough"' in more
    chosen = {"reading": settings_saved(app, face="sans").cookies["reading"]}
    assert "<details open>" in get(app, "/settings", cookies=chosen).text


def test_quick_or_thorough_is_chosen_in_the_settings_and_beside_ask(app, upstream):
    def levels(*questions):
        configs = [each.body["generationConfig"] for each in asked(upstream, *questions)]
        return [config["thinkingConfig"]["thinkingLevel"] for config in configs]

    box = 'name="thorough" value="True"'
    assert f"{box}>" in get(app, "/").text
    both = {"thorough": ["False", "True"]}
    response = post(app, "/ask", data={"message": "In depth?", **both})
    cookies = {"reading": response.cookies["reading"]}
    page = get(app, response.headers["Location"], cookies=cookies).text
    assert f"{box} checked>" in page
    assert f"{box} checked>" in get(app, "/", cookies=cookies).text
    post(app, "/ask", data={"message": "By settings?"}, cookies=cookies)
    post(app, "/ask", data={"message": "At once?", "thorough": "False"}, cookies=cookies)
    create(app, "By script?", depth="thorough")
    eventually(lambda: asked(upstream, "By script?"))
    assert levels("In depth?", "By settings?", "By script?") == ["HIGH"] * 3
    assert levels("At once?") == ["LOW"]
    refused = post(app, "/api/replies", {"message": "Why?", "depth": "deep"})
    error_of(refused, 400, "bad_depth")


def test_settings_are_kept_by_addresses_where_cookies_do_not_last(app, upstream):
    address = settings_saved(app, size="4").headers["Location"]
    home = get(app, address).text
    assert '<html class="size4"' in home
    (action,) = re.findall(r'action="(/ask[^"#]*)', home)
    asked = post(app, action, data={"message": "Why?"})
    assert asked.headers["Location"].endswith(address.partition("?")[2])
    page = get(app, asked.headers["Location"]).text
    assert '<html class="size4"' in page
    for link in re.findall(r'(?:href|action)="(/[^"]*)"', page):
        assert "?r=" in link or link.startswith("/assets/"), link


def test_settings_can_be_taken_back_and_lead_nowhere_else(app):
    saved = settings_saved(app, reset="1", size="5", back="//evil.example/")
    assert saved.headers["Location"] == "/"
    assert not saved.cookies.get("reading")


def test_static_pages_are_asked_for_again_since_settings_may_change_them(app):
    assert get(app, "/").headers["Cache-Control"] == "no-cache"
    assert "max-age" in get(app, ASSETS["style.css"].address).headers["Cache-Control"]


def test_page_view_leads_through_an_answer_by_links(app, upstream):
    sentences = " ".join(f"Sentence number {n} of this answer." for n in range(100))
    upstream.script(answer(sentences))
    address = settings_saved(app, view="pages").headers["Location"]
    asked = post(app, "/ask?" + address.partition("?")[2], data={"message": "Why?"})
    page = get(app, asked.headers["Location"]).text
    pages = [page]
    assert "Page 1 of " in page
    while 'id="next"' in page:
        link = re.search(r'id="next" href="([^"]+)"', page)[1].replace("&amp;", "&")
        page = get(app, link).text
        pages.append(page)
    screens = len(pages)
    assert f"Page {screens} of {screens} · 100%" in page
    assert screens > 4
    text = " ".join(re.search('id="answer"[^>]*>(.*?)</div>', page, re.DOTALL)[1] for page in pages)
    text = " ".join(re.sub("<[^>]*>", " ", text).split())
    for n in range(100):
        assert text.count(f"number {n} of") == 1
    assert "/again" in page
    assert get(app, link.replace(f"screen={screens}", "screen=999")).text == page, "cut for another"
    assert get(app, link.replace(f"screen={screens}", "screen=0")).status_code == 404
    box = html.unescape(re.search(r'href="([^"]+)" id="ask"', page)[1])
    assert 'id="message"' in get(app, box).text
    more = get(app, html.unescape(re.search(r'id="more" href="([^"]+)"', page)[1])).text
    for each in ("back", "again", "edit", "manage", "follow-up", "new", "library", "save"):
        assert f'id="{each}"' in more


def test_an_answer_may_appear_when_it_is_complete(app, upstream):
    upstream.script(answer("", pieces=["One ", "two ", "three."], delay_s=0.2))
    reply = create(app)
    code = settings_saved(app, pace_ms="0").headers["Location"].partition("r=")[2]
    told = html_updates(app, reply, r=code)
    assert [bool(body["html"]) for body in told] == [False] * (len(told) - 1) + [True]


def test_the_newest_question_may_come_last(app, upstream):
    upstream.script(answer("First."), answer("Second."), about=["One?"])
    location = ask_by_form(app, "One?")
    eventually(lambda: "First." in get(app, location).text)
    ask_by_form(app, "Two?", conversation=location.removeprefix("/c/"))
    eventually(lambda: "Second." in get(app, location).text)
    code = settings_saved(app, order="last").headers["Location"].partition("r=")[2]
    page = get(app, location, params={"r": code}).text
    assert page.index("First.") < page.index("Second.")
    page = get(app, location).text
    assert page.index("Second.") < page.index("First.")


def test_everything_but_the_text_can_be_hidden_and_the_box_be_had_back(app, upstream):
    location = ask_by_form(app, "Bare?")
    code = settings_saved(app, bare="True").headers["Location"].partition("r=")[2]
    page = get(app, location, params={"r": code}).text
    assert '<html class="bare"' in page
    assert '<body class="turns">' in page
    back = re.search(r'href="([^"]+ask=1)">Ask a follow-up</a> · ', page)[1].replace("&amp;", "&")
    assert '<body class="turns">' not in get(app, back).text
    assert '<body class="turns">' not in get(app, "/", params={"r": code}).text


def test_a_link_of_an_answer_leads_through_a_page_that_names_its_host(app, upstream):
    upstream.script(answer("See [here](https://A.example/x?y=1&z=2) or https://b.example/."))
    reply = create(app)
    page = get(app, reply["page"]).text
    polled = str(get(app, reply["poll"], params={"format": "html"}).json()["html"])
    screens = get(app, reply["page"], params={"r": Reading(view=View.PAGES).code}).text
    grown = get(app, reply["page"] + "/live").text
    for shown in (page, polled, screens, grown):
        assert 'href="http' not in shown
    out = html.unescape(re.search(r'href="(/out\?[^"]*)"', page)[1])
    between = get(app, out)
    assert 'id="host">a.example<' in between.text
    assert re.search(r'id="out" href="https://[aA].example/x\?y=1&amp;z=2"', between.text)
    assert between.headers["Referrer-Policy"] == "same-origin"
    assert reply["conversation"] not in out + between.text
    russian = get(app, "/ru" + reply["page"]).text
    assert 'href="/ru/out?' in russian
    for bad in (out.replace("a.example", "b.example").replace("A.example", "b.example"), "/out"):
        assert get(app, bad).status_code == 400
