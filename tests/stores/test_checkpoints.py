"""SQLite's checkpoints are made beside the transactions, and not within them."""

import sqlite3
from contextlib import closing

import pytest

from harness.servers import eventually
from kindlechat.stores.sqlite import SqliteStore
from kindlechat.stores.sqlite.checkpoints import CHANGES
from kindlechat.timings import Timings
from tests.stores.values import new_reply, text_of

MANY_CHARS = 8_000_000
"""More than SQLite itself would leave in the log: 4 MB."""


@pytest.fixture
def open_store(tmp_path):
    stores = []

    def open_one(interval_s):
        stores.append(SqliteStore(tmp_path, timings=Timings(checkpoint_interval_s=interval_s)))
        return stores[-1]

    yield open_one
    for store in stores:
        store.close()


def kept_text(store):
    """What the file alone has of all texts, without the log beside it."""
    # An immutable file has no log.
    with closing(sqlite3.connect(f"file:{store.path}?immutable=1", uri=True)) as file:
        try:
            return "".join(text for (text,) in file.execute("SELECT text FROM pieces"))
        except sqlite3.DatabaseError:  # a checkpoint is under way
            return ""


def begin(store):
    new = new_reply()
    store.create_reply(new)
    return new


def write_much(store, letter):
    """Write so much that there is a checkpoint."""
    new = begin(store)
    store.write([text_of(new, letter, start=number) for number in range(CHANGES)])


def test_what_is_written_is_in_the_file_itself_once_it_is_much(open_store):
    store = open_store(interval_s=0)
    write_much(store, "a")
    eventually(lambda: kept_text(store) == CHANGES * "a")
    write_much(store, "b")
    eventually(lambda: sorted(kept_text(store)) == [*CHANGES * "a", *CHANGES * "b"])


def test_little_is_left_in_the_log(open_store):
    store = open_store(interval_s=0)
    store.write([text_of(begin(store), "One.")])
    for _ in range(50):
        store.check()
    assert kept_text(store) == ""


def test_no_transaction_waits_for_a_checkpoint(open_store):
    store = open_store(interval_s=1000)
    new = begin(store)
    store.write([text_of(new, "x" * MANY_CHARS)])
    store.write([text_of(new, "y", start=MANY_CHARS)])
    assert kept_text(store) == ""


def test_a_closed_store_leaves_all_in_the_file(open_store):
    store = open_store(interval_s=1000)
    store.write([text_of(begin(store), "One.")])
    store.close()
    assert kept_text(store) == "One."


def test_two_processes_make_checkpoints_of_one_file(open_store):
    one, other = open_store(interval_s=0), open_store(interval_s=0)
    write_much(one, "a")
    write_much(other, "a")
    eventually(lambda: kept_text(one) == 2 * CHANGES * "a")


def test_what_a_reader_held_up_follows_when_it_has_read(open_store):
    store = open_store(interval_s=0)
    write_much(store, "a")
    with closing(sqlite3.connect(store.path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM pieces").fetchone()
        write_much(store, "b")
        store.check()
        assert "b" not in kept_text(store)
    eventually(lambda: kept_text(store).count("b") == CHANGES)
