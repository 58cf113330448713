"""The SSE decoder: every fixture gives the same events, however the stream is split."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindlechat.upstream.sse import Decoder, Event, EventTooLarge
from tests.cases import cases

FIXTURES = sorted(Path(__file__).with_name("fixtures").glob("*.sse"))


def decode(*chunks):
    decoder = Decoder()
    events = [event for chunk in chunks for event in decoder.feed(chunk)]
    decoder.close()
    return events


def expected(fixture):
    return [Event(**event) for event in json.loads(fixture.with_suffix(".json").read_text())]


def in_bytes(data):
    return [data[i : i + 1] for i in range(len(data))]


def test_there_are_fixtures():
    assert len(FIXTURES) > 15


each_fixture = cases("fixture", FIXTURES, ids=lambda path: path.stem)


@each_fixture
def test_whole(fixture):
    assert decode(fixture.read_bytes()) == expected(fixture)


@each_fixture
def test_byte_by_byte(fixture):
    assert decode(*in_bytes(fixture.read_bytes())) == expected(fixture)


@each_fixture
def test_every_two_way_split(fixture):
    data, events = fixture.read_bytes(), expected(fixture)
    for cut in range(len(data) + 1):
        assert decode(data[:cut], data[cut:]) == events, f"split at byte {cut}"


@given(st.data())
def test_random_splits(data):
    whole = data.draw(st.sampled_from(FIXTURES)).read_bytes()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=12)))
    chunks = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert decode(*chunks) == decode(whole)


@given(st.lists(st.sampled_from([b"data", b":", b" ", b"\r", b"\n", b"x", b"id", b"\xef\xbb\xbf"])))
def test_no_split_of_any_bytes_matters(pieces):
    whole = b"".join(pieces)
    assert decode(*in_bytes(whole)) == decode(whole)


def test_stray_lines_are_kept_the_last_one_too():
    decoder = Decoder()
    decoder.feed(b'data: {}\r\n\r\n{\r\n  "error": {}\r\n}')
    decoder.close()
    assert json.loads(b"\n".join(decoder.stray)) == {"error": {}}


def test_an_event_over_the_bound_is_a_clear_error():
    decoder = Decoder(max_event_bytes=100)
    assert decoder.feed(b"data: " + b"x" * 90 + b"\n\n")
    with pytest.raises(EventTooLarge, match="at most 100 bytes"):
        decoder.feed(b"data: " + b"x" * 101)


def test_events_that_came_with_one_over_the_bound_are_told():
    decoder = Decoder(max_event_bytes=100)
    with pytest.raises(EventTooLarge) as raised:
        decoder.feed(b"data: whole\n\ndata: " + b"x" * 101)
    assert [event.data for event in raised.value.before] == ["whole"]


def test_many_data_lines_count_together():
    decoder = Decoder(max_event_bytes=100)
    with pytest.raises(EventTooLarge):
        for _ in range(20):
            decoder.feed(b"data: 1234\n")


def test_stray_lines_are_bounded_and_do_not_count_against_events():
    decoder = Decoder(max_event_bytes=100)
    for _ in range(50):
        decoder.feed(b"s\ndata: " + b"x" * 60 + b"\n\n")
    with pytest.raises(EventTooLarge):
        decoder.feed(b"stray\n" * 20)


def test_comments_may_go_on_for_ever():
    decoder = Decoder(max_event_bytes=100)
    for _ in range(100):
        decoder.feed(b": keep-alive\n")
    assert decoder.feed(b"data: x\n\n") == [Event("message", "x", "")]


def test_work_grows_with_the_bytes_and_not_with_their_square():
    """Counts the bytes that splitlines hands on: a rescanning decoder would meet far more."""
    seen = 0

    class Counting(bytes):
        def splitlines(self, keepends=False):
            nonlocal seen
            seen += len(self)
            return super().splitlines(keepends)

    decoder = Decoder()
    for _ in range(20_000):
        decoder.feed(Counting(b"x"))
    assert seen == 20_000
    decoder.close()
