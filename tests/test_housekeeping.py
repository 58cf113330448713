"""What is older than wanted is forgotten without anybody asking."""

import gevent
import pytest

from harness.servers import eventually
from kindlechat.errors import StoreUnavailable
from kindlechat.reply import State
from kindlechat.stores import retention as housekeeping
from kindlechat.stores.sqlite import SqliteStore
from kindlechat.timings import Timings
from tests.store_contract import Clock, new_reply, text_of

HOUR_S = 3600


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(tmp_path, clock):
    store = SqliteStore(tmp_path, clock)
    yield store
    store.close()


@pytest.fixture
def keep_house():
    """Start housekeeping that comes round every hundredth of a second."""
    jobs = []

    def start(store, keep_s):
        jobs.append(
            housekeeping.start_housekeeping(store, keep_s, Timings(retention_interval_s=0.01))
        )

    yield start
    gevent.killall(jobs)


def test_an_old_conversation_goes_and_a_newer_one_stays(store, clock, keep_house):
    old, newer = new_reply(), new_reply()
    store.create_reply(old)
    store.write([text_of(old, "Old.", state=State.DONE)])
    clock.forward(HOUR_S / 2)
    store.create_reply(newer)
    store.write([text_of(newer, "Newer.", state=State.DONE)])
    clock.forward(HOUR_S / 2)
    keep_house(store, HOUR_S)
    eventually(lambda: store.reply(old.id) is None)
    assert store.reply(newer.id).text == "Newer."


def test_all_that_is_old_goes_at_one_look_a_few_at_a_time(store, clock, monkeypatch):
    monkeypatch.setattr("kindlechat.stores.sqlite.FORGET_AT_ONCE", 2)
    shares = iter([0, 1])  # of the pause: one look at once, the next one after the test
    monkeypatch.setattr(housekeeping.random, "uniform", lambda *_: next(shares))
    replies = [new_reply() for _ in range(5)]
    for old in replies:
        store.create_reply(old)
        store.write([text_of(old, "Old.", state=State.DONE)])
    clock.forward(HOUR_S)
    job = housekeeping.start_housekeeping(store, HOUR_S, Timings(retention_pause_s=0.001))
    eventually(lambda: not any(store.reply(old.id) for old in replies))
    job.kill()


def test_a_store_that_is_away_is_tried_again(store, clock, keep_house, monkeypatch):
    forget, calls = store.forget, []

    def away_at_first(older_than_s):
        calls.append(older_than_s)
        if len(calls) == 1:
            raise StoreUnavailable("away")
        return forget(older_than_s)

    monkeypatch.setattr(store, "forget", away_at_first)
    old = new_reply()
    store.create_reply(old)
    store.write([text_of(old, "Old.", state=State.DONE)])
    clock.forward(HOUR_S)
    keep_house(store, HOUR_S)
    eventually(lambda: store.reply(old.id) is None)
