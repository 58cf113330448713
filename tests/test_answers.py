"""LiveAnswers as pages show them while they grow."""

import gc
import tracemalloc
from functools import partial

import gevent
import pytest

from kindlechat.rendering.answer.growing import Growing
from kindlechat.rendering.device.devices import SCREENS
from kindlechat.rendering.device.reading import (
    MARGINS,
    TABLE_COLUMNS,
    TYPE_SCALES,
    WHEN_COMPLETE,
    Reading,
)
from kindlechat.web.conversation import live_answer
from kindlechat.web.conversation.byte_cache import ByteCache
from kindlechat.web.conversation.live_answers import LiveAnswers
from tests.cases import cases

DEFAULT = Reading()
BOUND_BYTES = 20_000


def test_half_a_word_that_a_silence_brought_out_is_not_taken_back():
    """A page that grows would show it twice, since it can only append."""
    show = partial(LiveAnswers().open_html, "r", reading=Reading(), ended=False)
    html, cursor = show("Half an ans", cursor=0, still=False)
    assert (html, cursor) == ("<p>Half an", len("Half an "))
    html, cursor = show("Half an ans", cursor=cursor, still=True)
    assert (html, cursor) == ("<p>Half an ans", len("Half an ans"))
    html, cursor = show("Half an answ", cursor=cursor, still=False)
    assert (html, cursor) == ("<p>Half an ans", len("Half an ans"))
    html, _ = show("Half an answer of two", cursor=cursor, still=False)
    assert html == "<p>Half an answer of"


def test_an_answer_that_is_wanted_whole_is_shown_at_its_end():
    show = partial(LiveAnswers().open_html, "r", "One two.", 0, Reading(pace_ms=WHEN_COMPLETE))
    assert show(ended=False, still=True) == ("", 0)
    assert show(ended=True, still=False) == ("<p>One two.</p>", 8)


# What is kept


class Clock:
    """A clock that the test sets."""

    def __init__(self):
        self.time_s = 0.0

    def __call__(self):
        return self.time_s


@pytest.fixture
def rendered(monkeypatch):
    """The texts that were rendered, in order."""
    texts = []

    class Counting(Growing):
        def nodes(self, text, *, ended):
            texts.append(text)
            return super().nodes(text, ended=ended)

    monkeypatch.setattr(live_answer, "Growing", Counting)
    return texts


def look(answers, reply_id, text, cursor=0, reading=DEFAULT, *, ended=False):
    return answers.update(reply_id, text, cursor, reading, ended=ended, still=False)


def test_any_number_of_live_answers_is_rendered_only_where_it_grew(rendered):
    answers = LiveAnswers()
    for reply_id in range(100):
        look(answers, f"r{reply_id}", "One two ")
    assert len(rendered) == 2 * 100  # before, which was nothing, and now
    rendered.clear()
    for reply_id in range(100):
        look(answers, f"r{reply_id}", "One two three ", len("One two "))
    assert rendered == ["One two three "] * 100


def test_answers_that_ended_push_no_live_one_aside(rendered):
    answers = LiveAnswers(cache_mib=0.1)
    look(answers, "live", "One two ")
    for number in range(100):
        answers.html(f"r{number}", "Ended. " * 100, DEFAULT, ended=True)
    rendered.clear()
    look(answers, "live", "One two ")
    assert rendered == []


def test_many_followers_of_an_answer_cost_one_rendering(rendered):
    answers = LiveAnswers()
    text = ""
    for word in ("One ", "two ", "three ", "four "):
        before, text = text, text + word
        told = {str(look(answers, "r", text, len(before))) for _ in range(20)}
        assert len(told) == 1
    for _ in range(20):
        look(answers, "r", text, len(text), ended=True)
    assert rendered == ["", "One ", "One two ", "One two three ", text, text]


def test_an_ended_answer_is_rendered_once_for_all_pages(rendered):
    answers = LiveAnswers()
    pages = {answers.html("r", "Ended.", DEFAULT, ended=True) for _ in range(20)}
    assert pages == {"<p>Ended.</p>"}
    assert rendered == ["Ended."]


def test_a_live_answer_that_nobody_follows_is_dropped_and_rendered_anew_when_it_is_wanted(rendered):
    clock = Clock()
    answers = LiveAnswers(lapse_s=5, now=clock)
    look(answers, "left", "One two ")
    clock.time_s = 4
    look(answers, "followed", "One two ")
    clock.time_s = 6
    look(answers, "new", "One two ")
    rendered.clear()
    look(answers, "followed", "One two ")
    assert rendered == []
    assert look(answers, "left", "One two ") == ([(0, 0, "<p>One two</p>")], 8)
    assert rendered == ["", "One two "]


def test_an_answer_that_goes_on_from_a_shorter_text_shows_no_old_words():
    """A store that lost its last writes knows less of a reply, which goes on from there."""
    answers = LiveAnswers()
    lost = "A paragraph.\n\nOld words.\n\nMore old words.\n\nThe last"
    look(answers, "r", lost)
    resumed = "A paragraph.\n\nOther words than before, and as many as were lost. "
    assert len(resumed) > len(lost)
    html = answers.html("r", resumed, DEFAULT, ended=False)
    assert html == LiveAnswers().html("r", resumed, DEFAULT, ended=False)
    assert "Other words" in html
    changes, cursor = look(answers, "r", resumed + "More ", len(resumed))
    assert (changes, cursor) == ([(1, 1, " More")], len(resumed) + len("More "))


def test_an_ended_answer_that_went_on_is_shown_with_what_came():
    answers = LiveAnswers()
    for text in ("Half", "Half and half", "Half"):
        assert answers.html("r", text, DEFAULT, ended=True) == f"<p>{text}</p>"


@cases("text", ["word " * 400, "- a\n" * 200, "`a` " * 300], quick_stride=3)
def test_memory_is_bounded_however_many_answers_are_viewed_in_whatever_settings(text):
    cache = ByteCache(BOUND_BYTES)
    answers = LiveAnswers()
    answers._ended = cache
    for number in range(6):
        for size in (1, 3, 5):
            answers.html(f"r{number}", text, Reading(size=size), ended=True)
            assert cache.size_bytes <= BOUND_BYTES
    assert cache.size_bytes > BOUND_BYTES / 2


def test_live_answers_share_so_many_bytes_too():
    """However long they are, and in however many settings: what is dropped is rendered anew."""
    answers = LiveAnswers(cache_mib=0.25)
    text = "- a\n" * 125
    sizes = []
    for number in range(16):
        look(answers, f"r{number}", text)
        look(answers, f"r{number}", text + "- b\n- c\n", len(text))
        sizes.append(answers.live_bytes)
    assert sizes[0] > 2 * 256 * 1024 / 16
    assert max(sizes) <= 2 * 256 * 1024
    assert "<li>b</li>" in answers.html("r0", text + "- b\n- c\n", DEFAULT, ended=False)


@cases(
    "piece",
    [
        "Words and **strong** words of a paragraph.\n\n",
        "Слово и дело. ",
        "- a\n",
        "> a **b**\n>\n> - c\n\n",
        "a line\n",
        "| a | b |\n|---|---|\n| c | d |\n\n",
    ],
)
def test_live_answers_know_about_how_much_memory_they_take(piece):
    text = piece * (4_000 // len(piece))

    def follow(answers):
        cursor = 0
        for end in range(0, len(text), 200):
            _, cursor = look(answers, "r", text[:end], cursor)
        answers.html("r", text, DEFAULT, ended=False)  # it is counted at the look after
        return answers

    follow(LiveAnswers())  # what is made once is there afterwards
    gc.collect()
    tracemalloc.start()
    answers = follow(LiveAnswers())
    taken_bytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken_bytes / 2 < answers.live_bytes < taken_bytes * 3


def test_a_few_widths_serve_all_settings():
    readings = [
        Reading(size=size, margins=margins, screen=screen)
        for size in TYPE_SCALES
        for margins in MARGINS
        for screen in SCREENS
    ]
    assert len({reading.columns for reading in readings}) > 30
    assert len({reading.table_columns for reading in readings}) <= 8
    for reading in readings:
        assert reading.table_columns <= max(reading.columns, min(TABLE_COLUMNS))


def test_who_asks_while_an_answer_is_being_rendered_gets_the_same_rendering(monkeypatch):
    """Long renderings let other greenlets go first."""
    rendered = []

    class Slow(Growing):
        def nodes(self, text, *, ended):
            rendered.append(text)
            gevent.sleep(0)
            return super().nodes(text, ended=ended)

    monkeypatch.setattr(live_answer, "Growing", Slow)
    answers = LiveAnswers()
    looks = [gevent.spawn(look, answers, "r", "One two ") for _ in range(20)]
    pages = [gevent.spawn(answers.html, "e", "Ended.", DEFAULT, ended=True) for _ in range(20)]
    gevent.joinall(looks + pages, raise_error=True)
    assert sorted(rendered) == ["", "Ended.", "One two "]
