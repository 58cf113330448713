"""The keep-alive: who waits for news is woken by them, or when the wait has been long."""

import time

import gevent
import pytest
from gevent.event import Event

from kindlechat.errors import Reason
from kindlechat.relay.keep_alive import KeepAlive
from kindlechat.relay.log import Log
from kindlechat.reply import State

INTERVAL_S = 0.2
WITHIN_S = 20


@pytest.fixture
def keep_alive():
    return KeepAlive(INTERVAL_S)


def test_news_end_a_wait_at_once(keep_alive):
    news = Event()
    waiting = gevent.spawn(keep_alive.wait, news, time.monotonic() + 1000)
    gevent.sleep(0)
    news.set()
    waiting.get(timeout=WITHIN_S)


def test_a_wait_ends_soon_after_it_is_due_and_not_before(keep_alive):
    due = time.monotonic() + INTERVAL_S
    with gevent.Timeout(WITHIN_S):
        keep_alive.wait(Event(), due)
    assert time.monotonic() >= due


def test_each_follower_of_a_reply_hears_after_its_own_interval(keep_alive):
    """Whoever came first is woken first, and the others with it: those have nothing to say yet."""
    log, heard = Log("c"), []

    def follow(name):
        began = time.monotonic()
        for _ in log.follow(0, keep_alive):
            heard.append((name, time.monotonic() - began))

    followers = [
        gevent.spawn(follow, "first"),
        gevent.spawn_later(INTERVAL_S / 2, follow, "second"),
    ]
    with gevent.Timeout(WITHIN_S):
        while len(heard) < 4:
            gevent.sleep(INTERVAL_S / 10)
    log.publish("", State.FAILED, Reason.BROKEN)
    gevent.joinall(followers, timeout=WITHIN_S)
    silent_s = [after_s for _, after_s in heard[2:4]]
    assert min(silent_s) >= INTERVAL_S


def test_nobody_is_looked_after_where_nobody_waits(keep_alive):
    with gevent.Timeout(WITHIN_S):
        keep_alive.wait(Event(), time.monotonic())
        while keep_alive._timer.active:
            gevent.sleep(INTERVAL_S)


def test_a_follower_that_is_killed_is_forgotten(keep_alive):
    waiting = gevent.spawn(keep_alive.wait, Event(), time.monotonic() + 1000)
    gevent.sleep(0)
    waiting.kill()
    assert keep_alive._waiting == {}
