"""Rests: a page is repainted once at most in each stretch of the clock, and no word is lost."""

import time

import gevent
import pytest

from kindlechat.relay.keep_alive import KeepAlive
from kindlechat.relay.log import Log
from kindlechat.reply import State

REST_S = 0.2
LONG_S = 1000.0
WITHIN_S = 20


@pytest.fixture
def log():
    return Log("c")


def publish(log, *texts):
    for text in texts:
        log.publish(text, State.STREAMING, None)


def end(log):
    log.publish("", State.DONE, None)


def following(log, rest_s):
    """A list that grows: the texts that a follower gets, each with its time. It has begun to wait."""
    got = []

    def follow():
        for progress in log.follow(0, KeepAlive(LONG_S), rest_s):
            got.append((progress.text, time.monotonic()))

    gevent.spawn(follow)
    gevent.sleep(0)
    return got


def texts_of(got):
    return [text for text, _ in got if text]


def until(condition):
    with gevent.Timeout(WITHIN_S):
        while not condition():
            gevent.sleep(0.01)


def test_text_comes_once_at_most_in_a_stretch_of_the_clock_and_none_is_lost(log):
    got = following(log, REST_S)
    words = [f"{number} " for number in range(50)]
    for word in words:
        publish(log, word)
        gevent.sleep(REST_S / 10)
    end(log)
    until(lambda: "".join(texts_of(got)) == "".join(words))
    stretches = [at // REST_S for text, at in got if text]
    assert len(stretches) == len(set(stretches)) > 2


def test_the_first_words_come_at_once_and_the_next_after_a_rest(log):
    got = following(log, LONG_S)
    publish(log, "first ")
    until(lambda: texts_of(got) == ["first "])
    publish(log, "second ")
    gevent.sleep(0.1)
    assert texts_of(got) == ["first "]


def test_what_came_while_it_rested_is_shown_soon_after_where_no_more_comes(log):
    got = following(log, REST_S)
    publish(log, "first ")
    gevent.sleep(0)
    publish(log, "second ")
    until(lambda: "".join(texts_of(got)) == "first second ")


def test_a_reply_is_urgent_while_somebody_takes_words_as_they_come(log):
    assert log.is_urgent(), "who follows it at another process is not known here"
    log.poll(0)
    assert not log.is_urgent()
    page = log.follow(0, KeepAlive(LONG_S), REST_S)
    next(page)
    assert not log.is_urgent()
    streams = [log.follow(0, KeepAlive(LONG_S)) for _ in range(2)]
    for stream in streams:
        next(stream)
        assert log.is_urgent()
    page.close()
    streams[0].close()
    assert log.is_urgent()
    streams[1].close()
    assert not log.is_urgent()


def test_a_page_alone_makes_no_reply_urgent(log):
    next(log.follow(0, KeepAlive(LONG_S), REST_S))
    assert not log.is_urgent()


def test_one_who_waits_for_the_end_makes_no_reply_urgent(log):
    log.wait_for_end(0)
    assert not log.is_urgent()
