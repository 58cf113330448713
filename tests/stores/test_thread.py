"""The thread of the SQLite store: calls that wait together share a transaction, and fail each for itself."""

import os
import sqlite3
from contextlib import closing, contextmanager

import gevent
import pytest
from gevent.monkey import get_original

from harness.quick_start import begin_store
from kindlechat.errors import RateLimited, StoreUnavailable
from kindlechat.stores.contract import Fingerprint, Quota
from kindlechat.stores.sqlite import SqliteStore
from kindlechat.stores.sqlite.thread import MOST_TOGETHER
from kindlechat.timings import Timings
from tests.cases import cases
from tests.stores.values import new_reply

QUOTA = Quota("key", 2, 60)


@pytest.fixture
def store(tmp_path):
    begin_store(tmp_path)
    store = SqliteStore(tmp_path)
    yield store
    store.close()


@pytest.fixture
def statements(store):
    """All that is said to the database."""
    said = []
    store.in_thread(store._db.set_trace_callback, said.append)
    return said


@contextmanager
def held_up(store):
    """Hold the thread up meanwhile, so that what is asked of it waits."""
    lock = get_original("_thread", "allocate_lock")()
    lock.acquire()
    holding = gevent.spawn(store.in_thread, lock.acquire)
    gevent.sleep(0)
    yield
    gevent.sleep(0)  # what was spawned has asked
    lock.release()
    holding.get()


def create_together(store, news, quotas=()):
    """Create replies that wait together; returns the greenlets, which have ended."""
    with held_up(store):
        creating = [gevent.spawn(store.create_reply, new, quotas=quotas) for new in news]
    gevent.joinall(creating)
    return creating


def test_questions_that_wait_together_share_a_transaction(store, statements):
    news = [new_reply() for _ in range(MOST_TOGETHER + 2)]
    created = create_together(store, news)
    assert [each.value for each in created] == [new.id for new in news]
    assert [store.conversation_of(new.id) for new in news] == [new.conversation for new in news]
    assert statements.count("BEGIN IMMEDIATE") == statements.count("COMMIT") == 2


def test_one_that_is_refused_leaves_nothing_and_the_others_stay(store):
    news = [new_reply() for _ in range(4)]
    created = create_together(store, news, quotas=[QUOTA])
    assert [type(each.exception) for each in created] == [type(None)] * 2 + [RateLimited] * 2
    assert [store.conversation_of(new.id) for new in news] == [
        *(new.conversation for new in news[:2]),
        *(None, None),
    ]
    assert [store.outline(new.conversation) is None for new in news] == [False] * 2 + [True] * 2


def test_trouble_of_one_is_not_that_of_the_others(store):
    """SQLite's own error may end a transaction: each is done by itself then."""
    news = [new_reply() for _ in range(3)]
    news[1] = new_reply(id=news[0].id)  # there can be only one
    created = create_together(store, news)
    assert [type(each.exception) for each in created] == [type(None), StoreUnavailable, type(None)]
    assert isinstance(created[1].exception.__cause__, sqlite3.IntegrityError)
    assert store.conversation_of(news[2].id) == news[2].conversation
    assert store.outline(news[1].conversation) is None


def test_who_leaves_while_waiting_holds_nobody_up(store):
    news = [new_reply() for _ in range(3)]
    with held_up(store):
        creating = [gevent.spawn(store.create_reply, new) for new in news]
        gevent.sleep(0)
        creating[1].kill(block=False)
    gevent.joinall(creating)
    assert [each.value for each in creating if each is not creating[1]] == [news[0].id, news[2].id]


def test_other_calls_keep_their_turn(store, statements):
    """What is asked between two questions is done between them."""
    first, last = new_reply(), new_reply()
    with held_up(store):
        creating = gevent.spawn(store.create_reply, first)
        looking = [gevent.spawn(store.conversation_of, each.id) for each in (first, last)]
        creating_last = gevent.spawn(store.create_reply, last)
    gevent.joinall([creating, *looking, creating_last])
    assert [each.value for each in looking] == [first.conversation, None]
    assert statements.count("COMMIT") == 2


def test_a_lock_that_is_held_is_waited_for_once_by_those_who_wait_together(tmp_path):
    begin_store(tmp_path)
    with closing(SqliteStore(tmp_path, timings=Timings(sqlite_busy_timeout_s=0.1))) as store:
        said = []
        store.in_thread(store._db.set_trace_callback, said.append)
        with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            created = create_together(store, [new_reply() for _ in range(3)])
        assert [type(each.exception) for each in created] == [StoreUnavailable] * 3
        assert said.count("BEGIN IMMEDIATE") == 1
        store.create_reply(new_reply())


class ShortOfMemory:
    """A connection that has no memory for one statement."""

    def __init__(self, db, statement):
        self._db, self._statement = db, statement

    def __getattr__(self, name):
        return getattr(self._db, name)

    def execute(self, statement, *values):
        if statement == self._statement:
            self._statement = ""
            raise MemoryError
        return self._db.execute(statement, *values)


@cases("statement", ["COMMIT", "SAVEPOINT part"])
def test_want_of_memory_for_one_is_not_the_end_of_the_thread(store, statement):
    store._db = ShortOfMemory(store._db, statement)
    news = [new_reply() for _ in range(3)]
    with gevent.Timeout(5):
        created = create_together(store, news)
    assert [each.value for each in created] == [new.id for new in news]
    assert [store.conversation_of(new.id) for new in news] == [new.conversation for new in news]


class FullDisk:
    """A connection whose disk is full when an orphan is to be marked: that ends the transaction."""

    def __init__(self, db):
        self._db = db

    def __getattr__(self, name):
        return getattr(self._db, name)

    def execute(self, statement, *values):
        if statement.startswith("UPDATE replies SET state = 'interrupted'"):
            self._db.execute("ROLLBACK")
            raise sqlite3.OperationalError("database or disk is full")
        return self._db.execute(statement, *values)


def test_a_question_in_whose_middle_the_disk_is_full_leaves_nothing(tmp_path):
    now = [1000.0]
    begin_store(tmp_path)
    with closing(SqliteStore(tmp_path, lambda: now[0])) as store:
        press = Fingerprint("press", window_s=60)
        store.create_reply(new_reply(fingerprint=press))
        now[0] += 100  # it is an orphan
        store._db = FullDisk(store._db)
        news = [new_reply(), new_reply(fingerprint=press), new_reply()]
        created = create_together(store, news)
        assert [type(each.exception) for each in created] == [
            type(None),
            StoreUnavailable,
            type(None),
        ]
        kept = [store.conversation_of(new.id) is not None for new in news]
        assert kept == [True, False, True]


def test_a_process_that_was_forked_has_a_thread_and_a_connection_of_its_own(store):
    """As a worker of `gunicorn --preload`, which makes the application before it forks."""
    earlier, later = new_reply(), new_reply()
    store.create_reply(earlier)
    pid = os.fork()
    if not pid:
        with gevent.Timeout(5, False):
            store.create_reply(later)
            kept = store._inherited  # for as long as the process lives
            if store.conversation_of(earlier.id) and not {*kept} & {store._db, store._checkpoints}:
                os._exit(0)
        os._exit(1)
    assert os.waitpid(pid, 0)[1] == 0
    assert store.conversation_of(later.id) == later.conversation
