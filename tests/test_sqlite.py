"""The SQLite store: the contract, and what is a file's own matter."""

import sqlite3

import pytest

from kindlechat.errors import StoreUnavailable
from kindlechat.stores.sqlite import MIGRATIONS, SqliteStore
from tests.store_contract import Clock, StoreContract, new_reply, text_of


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def open_store(tmp_path, clock):
    stores = []

    def open_one():
        stores.append(SqliteStore(tmp_path, clock))
        return stores[-1]

    yield open_one
    for store in stores:
        store.close()


class TestSqlite(StoreContract):
    pass


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="KINDLECHAT_DATA: expected a folder"):
        SqliteStore(tmp_path / "file" / "data")


def test_a_corrupt_file_is_told_and_left_alone(tmp_path):
    file = tmp_path / "kindlechat.sqlite3"
    file.write_bytes(b"not a database, surely" * 100)
    with pytest.raises(StoreUnavailable, match="not a database"):
        SqliteStore(tmp_path)
    assert file.read_bytes().startswith(b"not a database")


def test_a_file_of_a_newer_version_is_told(tmp_path):
    SqliteStore(tmp_path).close()
    with sqlite3.connect(tmp_path / "kindlechat.sqlite3") as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    db.close()
    with pytest.raises(StoreUnavailable, match="newer Kindlechat"):
        SqliteStore(tmp_path)


def test_a_full_disk_is_told_and_nothing_is_half_written(open_store, tmp_path):
    store = open_store()
    new = new_reply()
    store.create_reply(new)
    store.write([text_of(new, "before")])
    pages = store.thread.apply(lambda: store._db.execute("PRAGMA page_count").fetchone()[0])
    store.thread.apply(lambda: store._db.execute(f"PRAGMA max_page_count = {pages}").fetchone())
    with pytest.raises(StoreUnavailable, match="full"):
        store.write([text_of(new, "x" * 100_000, start=6)])
    assert store.reply(new.id).text == "before"
    store.thread.apply(lambda: store._db.execute("PRAGMA max_page_count = 100000").fetchone())
    store.write([text_of(new, "x" * 100_000, start=6)])
    assert len(store.reply(new.id).text) == 100_006


def test_the_file_is_its_owners_alone(open_store, tmp_path):
    open_store()
    assert (tmp_path / "kindlechat.sqlite3").stat().st_mode & 0o077 == 0
