"""Progress as bytes: the text is intact, every silence has a heartbeat, and every end is told."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindlechat.errors import Reason
from kindlechat.rendering.device.reading import CHOICES
from kindlechat.reply import Progress, State
from kindlechat.timings import Timings
from kindlechat.upstream.sse import Decoder
from kindlechat.web.conversation.streams import (
    HEARTBEAT_EVERY,
    HELD_CHARS,
    LIVE_HEAD_BYTES,
    LIVE_HEARTBEAT,
    LOAD_AGAIN,
    BrokenOff,
    EventId,
    growing_html,
    html_updates,
    plain_text,
    server_sent_events,
)
from tests.cases import cases

SILENCE = ""


def progresses(*texts, end=State.DONE, reason=None):
    """Texts as they come (SILENCE for a while with nothing), then the end."""
    cursor = 0
    for text in texts:
        cursor += len(text)
        state = State.STREAMING if cursor else State.WAITING
        yield Progress(text, cursor, state, None)
    yield Progress("", cursor, end, reason)


def text_stream(followed):
    """The plain text of a reply, from its first progress on."""
    followed = iter(followed)
    return plain_text(next(followed), followed)


def describe(progress):
    return {"state": progress.state, "reason": progress.reason}


TEXTS = st.lists(st.text(alphabet="ab\n <&ж𝄞", max_size=5), max_size=8)


@given(TEXTS)
def test_plain_text_is_the_text_but_for_leading_spaces(texts):
    whole = "".join(texts)
    sent = b"".join(text_stream(progresses(*texts))).decode()
    assert sent.endswith(whole)
    assert sent[: len(sent) - len(whole)].strip(" ") == ""


@given(TEXTS)
def test_no_part_is_empty_for_that_would_end_chunked_coding(texts):
    assert all(text_stream(progresses(*texts)))
    assert all(server_sent_events(progresses(*texts), describe))


def test_every_silence_of_a_stream_has_its_byte():
    words = "Words" + "-" * (HELD_CHARS - 1)
    parts = list(text_stream(progresses(SILENCE, SILENCE, words, *[SILENCE] * HELD_CHARS)))
    assert parts == [b" ", b" ", b"Word", b"s", *[b"-"] * (HELD_CHARS - 1)]


def test_a_trickle_of_characters_is_no_silence():
    parts = list(text_stream(progresses("-" * (HELD_CHARS + 3), "a", "b", SILENCE, "c")))
    assert [len(part) for part in parts] == [3, 1, 1, 1, 1, HELD_CHARS - 1]
    assert b"".join(parts).decode() == "-" * (HELD_CHARS + 3) + "abc"


def test_a_short_beginning_waits_for_more_so_that_something_is_left_for_a_silence():
    short = "x" * HELD_CHARS
    parts = list(text_stream(progresses("x", SILENCE, short[1:], SILENCE, "yz", SILENCE)))
    assert parts == [b" ", b" ", b"xx", b"x", b"x" * (HELD_CHARS - 3) + b"yz"]
    assert list(text_stream(progresses("x"))) == [b"x"]


def test_what_is_held_lasts_for_the_longest_pause_of_a_model():
    """The contract: a byte at least every 15 s."""
    timings = Timings()
    assert HELD_CHARS * timings.keep_alive_interval_s + 15 >= timings.pause_timeout_s


def test_a_reply_counts_as_followed_between_the_polls_of_the_slowest_page():
    slowest_s = max(CHOICES["pace_ms"]) / 1000
    assert Timings().poll_lapse_s >= 2 * slowest_s


@cases("state", list(State))
def test_only_a_broken_end_breaks_the_response(state):
    stream = text_stream(progresses("text", end=state))
    if state in (State.INTERRUPTED, State.FAILED):
        parts = []
        with pytest.raises(BrokenOff):
            parts.extend(stream)
    elif state.ended:
        assert b"".join(stream) == b"text"


def events_of(parts):
    decoder = Decoder()
    return [event for part in parts for event in decoder.feed(part)]


@given(TEXTS)
def test_events_carry_the_text_and_a_cursor_to_resume_from(texts):
    events = events_of(server_sent_events(progresses(*texts), describe))
    messages = [event for event in events if event.event == "message"]
    assert "".join(event.data for event in messages) == "".join(texts)
    read = 0
    for event in messages:
        read += len(event.data)
        assert event.id == str(read)
    assert [event.event for event in events if event.event != "message"][-1] == "end"


def rest_after(last, told):
    """The events of a client that comes back with the id of an event."""
    event_id = EventId.parse(last)
    rest = [replace(each, text=each.text[max(0, event_id.cursor - start(each)) :]) for each in told]
    return events_of(server_sent_events(rest, describe, event_id))


def start(progress):
    return progress.cursor - len(progress.text)


@cases("end", [{}, {"end": State.INTERRUPTED, "reason": Reason.BUSY}])
def test_each_event_has_an_id_of_its_own_from_which_exactly_the_rest_follows(end):
    """Of a client that comes back when the answer has ended: it learns the rest, and how it ended."""
    told = [Progress("", 0, State.WAITING, None), Progress("", 0, State.WAITING, Reason.RETRYING)]
    told += progresses("one ", "two ", "three", **end)
    events = events_of(server_sent_events(iter(told), describe))
    assert [event.event for event in events] == ["state"] * 3 + ["message"] * 3 + ["end"]
    assert len({event.id for event in events}) == len(events)
    for number, event in enumerate(events[2:-1], 3):
        assert rest_after(event.id, told[2:]) == events[number:]
    assert EventId.parse(events[-1].id).tells(replace(told[-1], text=""))
    assert not EventId.parse(events[-2].id).tells(replace(told[-1], text=""))


def test_events_tell_the_state_and_why():
    parts = server_sent_events(progresses(end=State.FAILED, reason=Reason.BUSY), describe)
    assert json.loads(events_of(parts)[-1].data) == {"state": "failed", "reason": "busy"}


def test_silence_in_events_is_a_comment():
    parts = list(server_sent_events(progresses("a", SILENCE, SILENCE), describe))
    assert [part for part in parts if part.startswith(b":")] == [b": still here\n\n"] * 2


def show(text, progress):
    """A page's HTML, with a paragraph that stays open while the text grows."""
    return f"<p>{text}" + ("</p>" if progress.state.ended else "")


def grown(*items, show=show):
    return list(growing_html("<p>head", progresses(*items), show, tail=lambda *_: "tail"))


def test_a_growing_page_has_a_first_kilobyte_grows_and_ends():
    parts = grown("one ", SILENCE, "two")
    assert len(parts[0]) >= LIVE_HEAD_BYTES
    assert parts[0].startswith(b"<p>head")
    assert parts[1:] == [b"<p>one ", LIVE_HEARTBEAT, b"two", b"</p>", b"tail"]


def test_a_page_that_cannot_end_as_it_began_is_loaded_again():
    """No words are appended that would stand out of order: loaded again, it is the finished page."""

    def changes_its_mind(text, progress):
        return show(text, progress) if text == "one " else f"<ul><li>{text}</li></ul>"

    parts = grown("one ", "two", show=changes_its_mind)
    assert b"".join(parts[1:]) == b"<p>one " + LIVE_HEARTBEAT + f"{LOAD_AGAIN}tail".encode()


def test_text_that_is_not_shown_yet_sends_a_heartbeat_too():
    parts = grown(*["one "] * HEARTBEAT_EVERY, "two ", show=lambda text, progress: "")
    assert parts[1:] == [LIVE_HEARTBEAT] * 2 + [b"tail"]
    parts = list(html_updates(progresses("one ", "two "), lambda *_: None))
    assert parts == [b"\n"] * 3


def test_updates_are_a_line_of_json_each_and_silence_an_empty_one():
    def update(text, progress, still):
        return None if progress.text == "b" else {"text": text, "still": still}

    parts = html_updates(progresses("a", "b", SILENCE, "c"), update)
    assert [line and json.loads(line) for line in b"".join(parts).decode().split("\n")][:-1] == [
        {"text": "a", "still": False},
        "",
        {"text": "ab", "still": True},
        {"text": "abc", "still": False},
        {"text": "abc", "still": True},
    ]
    silent = html_updates(progresses(SILENCE), lambda *_: None)
    assert next(silent) == b"\n"
