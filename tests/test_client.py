"""The client against an upstream that can do every fault, over real sockets."""

import logging
from contextlib import closing

import gevent
import pytest
from gevent.server import StreamServer

from harness import behaviours as up
from harness.behaviours import answer, http_error, some_text_then
from harness.connection import Connection
from harness.upstream import Upstream, read_request
from kindlechat.errors import Reason, UpstreamError
from kindlechat.reply import Message
from kindlechat.timings import Timings
from kindlechat.upstream.client import Retrying, Text, UpstreamClient
from kindlechat.upstream.gemini import Gemini, Generation
from kindlechat.upstream.tally import Tally
from kindlechat.upstream.wire import Finished
from tests.cases import cases

KEY = "AQ.a-secret-key"
ASK = [Message("user", "Why is the sky blue?")]
WITHIN_S = 20
"""More than a busy machine takes, and less than the client's own patience where a test leaves it that."""


@pytest.fixture
def upstream():
    with Upstream() as upstream:
        yield upstream


@pytest.fixture
def pauses():
    return []


@pytest.fixture
def client(upstream, pauses):
    """A client whose pauses are counted and not waited for."""
    return make_client(upstream.base_url, sleep=pauses.append)


def make_client(base_url, **options):
    options = {"jitter": lambda: 0.5, "timings": Timings(read_interval_s=0.01), **options}
    return UpstreamClient(Gemini(base_url, "a-model", KEY, Generation()), **options)


def read(client):
    """The items of one answer, and the error that ended it, if one did."""
    items = []
    try:
        for item in client.stream(ASK):
            items.append(item)
    except UpstreamError as error:
        return items, error
    return items, None


def text_of(items):
    return "".join(item.text for item in items if isinstance(item, Text))


# The request


def test_the_key_is_in_the_header_only(client, upstream):
    upstream.script(answer())
    read(client)
    (request,) = upstream.requests
    assert request.path == "/v1beta/models/a-model:streamGenerateContent?alt=sse"
    assert request.headers["x-goog-api-key"] == KEY
    assert request.headers["accept-encoding"] == "identity"
    assert KEY not in str(request.body)
    assert request.question == "Why is the sky blue?"


def test_no_proxy_login_or_cookie_is_sent_along(client, upstream):
    upstream.script(answer())
    read(client)
    assert {"authorization", "cookie", "referer"} & upstream.requests[0].headers.keys() == set()


# Whole answers


@cases(
    "options",
    [
        {},
        {"unchunked": True},
        {"compressed": True},
        {"byte_by_byte": True},
        {"unchunked": True, "byte_by_byte": True},
        {"delay_s": 0.002},
    ],
    ids=str,
)
def test_the_text_is_whole_however_it_comes(client, upstream, options):
    upstream.script(answer(**options))
    items, error = read(client)
    assert error is None
    assert text_of(items) == up.ANSWER
    assert items[-1] == Finished(cut=False)


@pytest.mark.parametrize("unchunked", [False, True])
def test_text_is_handed_on_as_it_comes(upstream, unchunked):
    """The first word must not wait for the rest, which never comes here."""

    def one_word(connection):
        connection.head(chunked=not unchunked)
        connection.send(up.encode_event(next(iter(list(up.events(["One "]))[1:2]))))
        up.stall(connection)

    upstream.script(one_word)
    stream = make_client(upstream.base_url).stream(ASK)
    with gevent.Timeout(WITHIN_S):
        assert next(stream) == Text("One ")
    stream.close()


def test_the_length_limit_is_a_cut(client, upstream):
    upstream.script(up.FAULTS["length"])
    assert read(client)[0][-1] == Finished(cut=True)


def test_an_array_instead_of_events_is_read(client, upstream):
    upstream.script(up.FAULTS["array"])
    items, error = read(client)
    assert (text_of(items), error) == ("A whole answer.", None)


def test_a_malformed_event_is_left_out_and_logged_without_its_text(client, upstream, caplog):
    bad = up.send_and_end(b'data: {"candidates": [{"secret words\r\n\r\n', up.STOP)
    upstream.script(some_text_then(bad))
    items, error = read(client)
    assert (text_of(items), error) == ("Half an ans", None)
    assert "an event of" in caplog.text
    assert "secret" not in caplog.text


MALFORMED = b'data: {"candidates": [\r\n\r\n'


def test_a_malformed_event_in_the_middle_is_a_gap(client, upstream):
    upstream.script(up.FAULTS["malformed"])
    assert read(client)[0][-1] == Finished(cut=False, has_gap=True)


@pytest.mark.parametrize(
    "after", [b"data: [DONE]\r\n\r\n", MALFORMED, MALFORMED + up.USAGE, b"[DONE]"]
)
def test_what_cannot_be_read_after_the_finish_is_no_gap(client, upstream, after):
    upstream.script(some_text_then(up.send_and_end(up.STOP, after)))
    items, error = read(client)
    assert (items[-1], error) == (Finished(cut=False), None)


def test_an_event_that_says_there_is_no_error_is_read(client, upstream):
    upstream.script(up.FAULTS["error_null"])
    items, error = read(client)
    assert (text_of(items), error) == ("A whole answer.", None)


def test_halves_of_a_character_in_two_events_join(client, upstream):
    upstream.script(up.body_of(*up.encode_halves("A whole \U0001f642 answer."), up.STOP))
    assert text_of(read(client)[0]) == "A whole \U0001f642 answer."


def test_half_a_character_at_the_end_is_told(client, upstream):
    upstream.script(up.body_of(*list(up.encode_halves("Smile \U0001f642"))[:-1], up.STOP))
    assert text_of(read(client)[0]) == "Smile \ufffd"


def test_blanks_before_the_first_word_are_kept(client, upstream):
    upstream.script(answer(pieces=["\n", "  ", "- one"]))
    assert text_of(read(client)[0]) == "\n  - one"


def test_stop_on_every_event_does_not_end_the_reading(client, upstream):
    events = [{**event, "candidates": [{**event["candidates"][0], "finishReason": "STOP"}]}
              for event in up.events(["One ", "two ", "three."])]  # fmt: skip
    upstream.script(up.body_of(*map(up.encode_event, events)))
    assert text_of(read(client)[0]) == "One two three."


# Trouble before the first word


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("bad_key", Reason.BAD_KEY),
        ("unauthenticated", Reason.BAD_KEY),
        ("bad_request", Reason.BAD_REQUEST),
        ("country", Reason.COUNTRY),
        ("permission", Reason.PERMISSION),
        ("model_gone", Reason.MODEL_GONE),
        ("not_found", Reason.NOT_FOUND),
        ("quota_day", Reason.QUOTA_DAY),
        ("quota_wait", Reason.QUOTA_MINUTE),
        ("cancelled", Reason.UPSTREAM_ERROR),
        ("blocked", Reason.BLOCKED_PROHIBITED),
        ("thought_out", Reason.THOUGHT_OUT),
        ("leaked_key", Reason.BAD_KEY),
        ("blocked_key", Reason.BAD_KEY),
        ("credits", Reason.BILLING),
        ("billing", Reason.BILLING),
    ],
)
def test_what_cannot_succeed_is_tried_once(client, upstream, pauses, fault, reason):
    upstream.script(up.FAULTS[fault])
    items, error = read(client)
    assert (items, error.reason) == ([], reason)
    assert len(upstream.requests) == 1
    assert pauses == []


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("quota_minute", Reason.QUOTA_MINUTE),
        ("internal", Reason.UPSTREAM_ERROR),
        ("bad_gateway", Reason.UPSTREAM_ERROR),
        ("busy", Reason.BUSY),
        ("busy_array", Reason.BUSY),
        ("deadline", Reason.UPSTREAM_ERROR),
        ("reset_early", Reason.UNREACHABLE),
        ("error_event", Reason.BUSY),
        ("bare_json", Reason.BUSY),
    ],
)
def test_what_may_succeed_is_tried_three_times(client, upstream, pauses, fault, reason):
    upstream.script(up.FAULTS[fault])
    items, error = read(client)
    assert items == [Retrying(reason, 0.5), Retrying(reason, 1.5)]
    assert error.reason is reason
    assert len(upstream.requests) == 3
    assert pauses == [0.5, 1.5]


@pytest.mark.parametrize("fault", ["empty", "blank"])
def test_an_empty_answer_is_tried_twice(client, upstream, pauses, fault):
    upstream.script(up.FAULTS[fault])
    items, error = read(client)
    assert items == [Retrying(Reason.EMPTY, 0.5)]
    assert error.reason is Reason.EMPTY
    assert len(upstream.requests) == 2


def test_a_second_try_that_succeeds_gives_the_answer(client, upstream):
    upstream.script(up.FAULTS["busy"], answer())
    items, error = read(client)
    assert items[0] == Retrying(Reason.BUSY, 0.5)
    assert (text_of(items), error) == (up.ANSWER, None)


def test_the_upstreams_delay_is_honoured(client, upstream, pauses):
    upstream.script(
        http_error(429, "RESOURCE_EXHAUSTED", up.PER_MINUTE, up.retry_info("12s")), answer()
    )
    read(client)
    assert pauses[0] == 12


def test_a_refused_connection_is_told(pauses):
    items, error = read(make_client(up.refused_url(), sleep=pauses.append))
    assert (len(items), error.reason) == (2, Reason.UNREACHABLE)


def test_an_address_that_does_not_answer_is_told():
    # A full backlog of a listening socket: the connection is never made.
    with gevent.socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        port = server.getsockname()[1]
        fillers = []
        for _ in range(4):
            filler = gevent.socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
            fillers.append(filler)
        client = make_client(
            f"http://127.0.0.1:{port}",
            sleep=lambda _: None,
            timings=Timings(connect_timeout_s=0.05),
        )
        assert read(client)[1].reason is Reason.TIMEOUT_CONNECT
        for filler in fillers:
            filler.close()


# Trouble after the first word


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("cut", Reason.BROKEN),
        ("reset", Reason.BROKEN),
        ("no_finish", Reason.NO_FINISH),
        ("error_after_stop", Reason.BUSY),
        ("bare_error_after_stop", Reason.BUSY),
        ("huge", Reason.HUGE_EVENT),
        ("safety", Reason.SAFETY),
        ("recitation", Reason.RECITATION),
        ("prohibited", Reason.PROHIBITED),
        ("unknown_end", Reason.OTHER_END),
    ],
)
def test_after_the_first_word_nothing_is_tried_again(client, upstream, fault, reason):
    upstream.script(up.FAULTS[fault])
    items, error = read(client)
    assert text_of(items) == "Half an ans"
    assert error.reason is reason
    assert len(upstream.requests) == 1


def test_an_unchunked_body_that_is_cut_is_told(client, upstream):
    upstream.script(answer("Half an ans", finish=None, unchunked=True))
    assert read(client)[1].reason is Reason.NO_FINISH


# The watchdog


def impatient(upstream):
    return make_client(
        upstream.base_url,
        timings=Timings(first_word_timeout_s=1.0, idle_timeout_s=0.5, pause_timeout_s=1.5),
        sleep=lambda _: None,
    )


@pytest.mark.parametrize("fault", ["stall_early", "drip_early"])
def test_no_first_word_in_time_ends_the_attempt(upstream, fault):
    upstream.script(up.FAULTS[fault])
    with gevent.Timeout(WITHIN_S):
        items, error = read(impatient(upstream))
    assert (items, error.reason) == ([], Reason.SILENT)


@pytest.mark.parametrize("fault", ["stall", "drip"])
def test_a_silence_after_words_ends_the_attempt(upstream, fault):
    upstream.script(up.FAULTS[fault])
    with gevent.Timeout(WITHIN_S):
        items, error = read(impatient(upstream))
    assert (text_of(items), error.reason) == ("Half an ans", Reason.STALLED)


def thinking(times):
    """Send a growing token count so many times, 0.1 s apart, then a word and the end."""

    def think(connection):
        for tokens in range(times):
            connection.send(up.encode_event({"usageMetadata": {"totalTokenCount": tokens + 1000}}))
            gevent.sleep(0.1)
        up.send_and_end(*map(up.encode_event, up.events(["Done."])))(connection)

    return think


def test_before_the_first_word_a_growing_token_count_is_progress(upstream):
    def behave(connection):
        connection.head()
        thinking(15)(connection)  # for longer than it waits for a first word

    upstream.script(behave)
    with gevent.Timeout(WITHIN_S):
        items, error = read(impatient(upstream))
    assert (text_of(items), error) == ("Done.", None)


def test_after_words_a_growing_token_count_is_progress_for_a_while(upstream):
    def make(pause_timeout_s):
        timings = Timings(idle_timeout_s=1, pause_timeout_s=pause_timeout_s)
        return make_client(upstream.base_url, timings=timings)

    upstream.script(some_text_then(thinking(12)), some_text_then(thinking(12)))
    with gevent.Timeout(WITHIN_S):
        items, error = read(make(pause_timeout_s=60))
        assert (text_of(items), error) == ("Half an ansDone.", None)
        items, error = read(make(pause_timeout_s=0.6))
    assert (text_of(items), error.reason) == ("Half an ans", Reason.STALLED)


def ending(upstream, *, after_finish_timeout_s=0.3, idle_timeout_s=60.0):
    timings = Timings(after_finish_timeout_s=after_finish_timeout_s, idle_timeout_s=idle_timeout_s)
    return make_client(upstream.base_url, timings=timings, sleep=lambda _: None)


@pytest.mark.parametrize(
    "fault", ["stall_after_stop", "drip_after_stop", "reset_after_stop", "cut_after_stop"]
)
def test_after_a_finish_neither_silence_nor_a_broken_connection_interrupts(upstream, fault):
    upstream.script(up.FAULTS[fault])
    with gevent.Timeout(WITHIN_S):
        items, error = read(ending(upstream))
    assert (text_of(items), error) == ("Half an ans", None)
    assert items[-1] == Finished(cut=False)


def test_words_after_a_finish_are_waited_for(upstream):
    upstream.script(some_text_then(up.stop_then(thinking(3))))
    with gevent.Timeout(WITHIN_S):
        items, error = read(ending(upstream, after_finish_timeout_s=2))
    assert (text_of(items), error) == ("Half an ansDone.", None)


def finished_events(*pieces):
    """Some models put the finish reason on every event."""
    return [
        up.encode_event(
            {"candidates": [{"content": {"parts": [{"text": piece}]}, "finishReason": "STOP"}]}
        )
        for piece in pieces
    ]


def pausing(pause_s, *parts):
    def behave(connection):
        connection.head()
        for part in parts:
            connection.send(part)
            if part is parts[1]:
                gevent.sleep(pause_s)
        connection.end()

    return behave


def test_where_words_followed_a_finish_silence_is_waited_out(upstream):
    upstream.script(pausing(0.8, *finished_events("One ", "two ", "three.")))
    with gevent.Timeout(WITHIN_S):
        items, error = read(ending(upstream))
    assert (text_of(items), error) == ("One two three.", None)


@pytest.mark.parametrize(
    ("do", "reason"),
    [(up.stall, Reason.STALLED), (up.reset, Reason.BROKEN)],
    ids=["silence", "reset"],
)
def test_where_words_followed_a_finish_an_end_without_one_interrupts(upstream, do, reason):
    def behave(connection):
        connection.head()
        for part in finished_events("One ", "two "):
            connection.send(part)
            gevent.sleep(0.05)
        do(connection)

    upstream.script(behave)
    with gevent.Timeout(WITHIN_S):
        items, error = read(ending(upstream, after_finish_timeout_s=10, idle_timeout_s=1))
    assert (text_of(items), error.reason) == ("One two ", reason)


def test_an_empty_answer_that_does_not_end_is_empty(upstream):
    upstream.script(some_text_then(up.stop_then(up.stall), text="  \n "))
    with gevent.Timeout(WITHIN_S):
        items, error = read(ending(upstream))
    assert (text_of(items), error.reason) == ("", Reason.EMPTY)


# What comes together


def test_words_that_come_together_are_handed_on_together(client, upstream):
    words = b"".join(up.text_event(f"word{n} ") for n in range(20))
    upstream.script(some_text_then(up.send_and_end(words + up.STOP), text="First. "))
    items, error = read(client)
    assert error is None
    assert "".join(f"word{n} " for n in range(20)) in items[-2].text


def test_words_are_read_less_often_where_nobody_is_in_a_hurry(upstream):
    client = make_client(
        upstream.base_url, timings=Timings(read_interval_s=0.01, page_read_interval_s=0.5)
    )
    pieces = {}
    for is_urgent in (True, False):
        upstream.script(up.counting(50, 0.02))
        items = client.stream(ASK, is_urgent=lambda: is_urgent)  # noqa: B023 (asked within the loop)
        pieces[is_urgent] = [item.text for item in items if isinstance(item, Text)]
    assert "".join(pieces[True]) == "".join(pieces[False])
    assert len(pieces[True]) > 2 * len(pieces[False])


def test_words_that_come_together_with_an_error_are_kept(client, upstream):
    trouble = up.encode_event(up.error_object(503, "UNAVAILABLE", "Overloaded."))
    upstream.script(some_text_then(up.send_and_end(up.text_event("wer.") + trouble)))
    items, error = read(client)
    assert text_of(items) == "Half an answer."
    assert error.reason is Reason.BUSY


def test_a_connection_serves_one_request_after_another():
    connections = []

    def serve(sock, address):
        connections.append(address)
        for _ in range(3):
            assert read_request(sock)
            connection = Connection(sock)
            connection.head(headers={"Connection": "keep-alive"})
            connection.send(up.text_event("Yes."))
            connection.send(up.STOP)
            connection.end()

    with closing(StreamServer(("127.0.0.1", 0), serve)) as server:
        server.start()
        client = make_client(f"http://127.0.0.1:{server.server_port}")
        assert [text_of(read(client)[0]) for _ in range(3)] == ["Yes."] * 3
    assert len(connections) == 1


# Leaving


@pytest.mark.parametrize("fault", ["stall", "drip"])
def test_closing_the_stream_closes_the_upstream(client, upstream, fault):
    upstream.script(up.FAULTS[fault])
    stream = client.stream(ASK)
    next(stream)
    stream.close()
    assert upstream.requests[0].closed.wait(WITHIN_S)


def test_killing_the_reader_closes_the_upstream(client, upstream):
    upstream.script(up.FAULTS["stall"])
    reader = gevent.spawn(read, client)
    while not upstream.requests:
        gevent.sleep(0.01)
    gevent.sleep(0.2)
    reader.kill()
    assert upstream.requests[0].closed.wait(WITHIN_S)


def test_no_log_line_holds_key_or_text(client, upstream, caplog):
    caplog.set_level(logging.DEBUG, "kindlechat")
    for fault in ("bad_key", "busy", "cut", "safety", "blocked", "malformed"):
        upstream.script(up.FAULTS[fault])
        read(client)
    assert caplog.records
    for secret in (KEY, "sky", "Half"):
        assert secret not in caplog.text


def test_each_try_that_failed_is_a_line_with_what_the_upstream_said(client, upstream, caplog):
    message = f"The model is overloaded; x-goog-api-key: {KEY}; you said: {ASK[0].text}"
    upstream.script(http_error(503, "UNAVAILABLE", message=message), answer("Yes."))
    tally = Tally("reply abc…")
    list(client.stream(ASK, tally=tally))
    (record,) = caplog.records
    url = f"{upstream.base_url}/v1beta/models/a-model:streamGenerateContent?alt=sse"
    assert record.getMessage() == (
        f"reply abc…, try 1: {url}: busy: HTTP 503 UNAVAILABLE; it says: The model is overloaded;"
        " x-goog-api-key: […]; you said: […]"
    )
    assert tally.tries == 2


def test_the_tokens_of_all_tries_are_counted(client, upstream):
    upstream.script(some_text_then(up.send_and_end(up.USAGE), ""), answer("Yes."))
    tally = Tally()
    list(client.stream(ASK, tally=tally))
    assert tally.tries == 2
    assert tally.tokens.total == 40 + 42
    assert tally.tokens.read == 30


@pytest.mark.parametrize("header", ["7", "Wed, 21 Oct 2099 07:28:00 GMT", "soon"])
def test_the_wait_that_a_header_asks_for_is_honoured(client, upstream, pauses, header):
    upstream.script(http_error(503, "UNAVAILABLE", headers={"Retry-After": header}), answer("Yes."))
    _, error = read(client)
    assert pauses == {"7": [7.0], "soon": [0.5]}.get(header, [])
    assert (error is None) == bool(pauses)
