"""Conversations that are older than the operator wants are deleted by themselves."""

import gevent
import pytest

from harness.quick_start import begin_store
from harness.waiting import eventually
from kindlechat.errors import StoreUnavailable
from kindlechat.reply import State
from kindlechat.stores.contract import ReaderRecord
from kindlechat.stores.retention import start_retention
from kindlechat.stores.sqlite import SqliteStore
from kindlechat.timings import Timings
from tests.stores.values import new_reply, text_of

HOUR_S = 3600


@pytest.fixture
def open_store(tmp_path, clock):
    stores = []

    def open_one(**options):
        begin_store(tmp_path)
        stores.append(SqliteStore(tmp_path, clock, **options))
        return stores[-1]

    yield open_one
    for store in stores:
        store.close()


@pytest.fixture
def store(open_store):
    return open_store()


@pytest.fixture
def retain():
    """Start retention that comes round every hundredth of a second."""
    jobs = []

    def start(store, keep_s):
        jobs.append(start_retention(store, keep_s, Timings(retention_interval_s=0.01)))

    yield start
    gevent.killall(jobs)


def test_an_old_conversation_goes_and_a_newer_one_stays(store, clock, retain):
    old, newer = new_reply(), new_reply()
    store.create_reply(old)
    store.write([text_of(old, "Old.", state=State.DONE)])
    clock.forward(HOUR_S / 2)
    store.create_reply(newer)
    store.write([text_of(newer, "Newer.", state=State.DONE)])
    clock.forward(HOUR_S / 2)
    retain(store, HOUR_S)
    eventually(lambda: store.reply(old.id) is None)
    assert store.reply(newer.id).text == "Newer."


def test_a_reader_who_was_not_here_for_so_long_is_forgotten(store, clock, retain):
    for name in ("old", "newer"):
        store.set_mailbox(name, "me@mail.example")
        clock.forward(HOUR_S / 2)
    retain(store, HOUR_S)
    eventually(lambda: store.reader_record("old") == ReaderRecord())
    assert store.reader_record("newer").mailbox


def test_all_that_is_old_goes_at_one_look_a_few_at_a_time(open_store, clock, monkeypatch):
    store = open_store(delete_batch=2)
    shares = iter([0, 1])  # of the pause: one look at once, the next one after the test
    monkeypatch.setattr("kindlechat.stores.retention.random.uniform", lambda *_: next(shares))
    replies = [new_reply() for _ in range(5)]
    for old in replies:
        store.create_reply(old)
        store.write([text_of(old, "Old.", state=State.DONE)])
    clock.forward(HOUR_S)
    job = start_retention(store, HOUR_S, Timings(retention_pause_s=0.001))
    eventually(lambda: not any(store.reply(old.id) for old in replies))
    job.kill()


@pytest.mark.parametrize("error", [StoreUnavailable("away"), RuntimeError("a bug")], ids=str)
def test_after_an_error_it_is_tried_again(store, clock, retain, monkeypatch, error):
    delete, calls = store.delete_older_than, []

    def fail_at_first(age_s):
        calls.append(age_s)
        if len(calls) == 1:
            raise error
        return delete(age_s)

    monkeypatch.setattr(store, "delete_older_than", fail_at_first)
    old = new_reply()
    store.create_reply(old)
    store.write([text_of(old, "Old.", state=State.DONE)])
    clock.forward(HOUR_S)
    retain(store, HOUR_S)
    eventually(lambda: store.reply(old.id) is None)
