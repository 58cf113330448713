"""The SQLite store: the contract, and what is a file's own matter."""

import os
import sqlite3
from contextlib import closing
from dataclasses import astuple
from pathlib import Path
from tempfile import TemporaryDirectory

import gevent
import pytest

from harness.conversations import read_all
from harness.quick_start import begin_store
from harness.servers import AppServer, eventually
from kindlechat.conversation import Owned, Rights
from kindlechat.errors import Reason, StoreUnavailable, TooManyReplies
from kindlechat.reply import Message, Reply, State
from kindlechat.stores.contract import OFFER_S, UNDO_S, Fingerprint, Quota, Write
from kindlechat.stores.matching import folded
from kindlechat.stores.sqlite import SqliteStore, library, texts
from kindlechat.stores.sqlite.database import FILE_NAME
from kindlechat.stores.sqlite.schema import INDEX_REPLIES, LIBRARY_SHIFT, MIGRATIONS, migrate
from kindlechat.timings import Timings
from tests.cases import cases
from tests.stores.contract import StoreContract
from tests.stores.values import Clock, new_reply, text_of

NOBODY = 65534


@pytest.fixture
def clock():
    return Clock()


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


class TestSqlite(StoreContract):
    @pytest.fixture
    def keep_offers(self, clock):
        """Keeps offers all at once: one by one they would take long."""

        def keep(store, offers):
            rows = (
                (*astuple(each)[:5], None, "", "", clock.now, clock.now + OFFER_S)
                for each in offers
            )

            def keep_rows():
                with store._transaction():
                    marks = ", ".join("?" * 10)
                    store._db.executemany(f"INSERT INTO pairs VALUES ({marks})", rows)

            store.in_thread(keep_rows)

        return keep


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


def test_a_read_only_disk_is_told_with_what_to_do():
    user = os.geteuid()
    with TemporaryDirectory() as name:  # pytest's own are closed to others
        folder = Path(name)
        SqliteStore(folder).close()
        for path in (folder / "kindlechat.sqlite3", folder):
            path.chmod(0o555)
        try:
            if user == 0:
                os.seteuid(NOBODY)  # nothing is read-only for root
            with pytest.raises(StoreUnavailable, match="make its folder writable"):
                SqliteStore(folder)
        finally:
            os.seteuid(user)
            folder.chmod(0o700)  # or it could not be removed


@pytest.mark.parametrize("is_new", [True, False])
def test_a_file_that_another_process_begins_is_waited_for(tmp_path, is_new):
    """SQLite refuses the log to one of two processes that begin a file together, and waits for nothing. To
    bring a large file forward takes longer than any other write."""
    if not is_new:
        SqliteStore(tmp_path).close()
    path, impatient = tmp_path / FILE_NAME, Timings(sqlite_begin_timeout_s=0.05)
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="locked"):
            SqliteStore(tmp_path, timings=impatient)
        opening = gevent.spawn(SqliteStore, tmp_path, timings=Timings(sqlite_busy_timeout_s=0.05))
        gevent.sleep(0.3)
        other.execute("COMMIT")
        opening.get(timeout=20).close()


def test_an_older_file_is_brought_forward_and_keeps_its_data(open_store):
    new = new_reply()
    older = open_store()
    older.create_reply(new)
    older.write([text_of(new, "kept")])
    script = "ALTER TABLE replies ADD COLUMN mood TEXT NOT NULL DEFAULT 'fine'"
    migrations = (*MIGRATIONS, script)
    newer = open_store(migrations=migrations)
    assert newer.reply(new.id).text == "kept"
    (mood,) = newer.in_thread(lambda: newer._db.execute("SELECT mood FROM replies").fetchone())
    assert mood == "fine"
    assert (
        open_store(migrations=migrations).reply(new.id).text == "kept"
    )  # and not brought forward twice


def test_a_file_of_version_1_loses_nothing(open_store, tmp_path, clock):
    rows = f"""
        INSERT INTO conversations (id, created, seed)
            VALUES ('talk', {clock.now}, '[["user", "Before?"], ["model", "Yes."]]');
        INSERT INTO replies (id, conversation, position, replaced, question, chars, state, reason,
            owner, heartbeat, created, address, fingerprint) VALUES
            ('old', 'talk', 1, 1, 'Why?', 4, 'done', NULL, NULL, 0, 0, 'asker', NULL),
            ('first', 'talk', 2, 0, 'Why?', 6, 'cut', 'safety', NULL, 0, 0, 'asker', NULL),
            ('last', 'talk', 3, 0, 'And?', 2, 'streaming', NULL, 'producer', {clock.now},
                {clock.now}, 'asker', 'press');
        INSERT INTO pieces VALUES ('old', 0, 'Old.'), ('first', 0, 'Beca'), ('first', 4, 'use'),
            ('last', 0, 'So');
        INSERT INTO counters VALUES ('asker', 1, {clock.now + 60});
        PRAGMA user_version = 1;
    """
    with sqlite3.connect(tmp_path / "kindlechat.sqlite3") as db:
        db.executescript(MIGRATIONS[0] + rows)
    db.close()
    store = open_store()
    assert store.seed("talk") == (Message("user", "Before?"), Message("model", "Yes."))
    assert read_all(store, "talk") == [
        Reply("first", "talk", "Why?", "Because", State.CUT, Reason.SAFETY),
        Reply("last", "talk", "And?", "So", State.STREAMING, None),
    ]
    assert [turn.versions for turn in store.outline("talk").replies] == [("old", "first"), ()]
    store.choose("old")
    assert [turn.id for turn in store.outline("talk").replies] == ["old", "last"]
    assert not store.rights("talk").claimed
    assert store.find_repeat(Fingerprint("press")) == "last"
    assert store.count((Quota("asker", 1, 60),)) == 60
    with pytest.raises(TooManyReplies):
        store.create_reply(new_reply(client_hash="asker"), concurrency_limit=1)
    store.write([Write("last", "producer", 2, ".", State.DONE, None)])
    assert store.reply("last").text == "So."
    me = Rights(owner_hash="me")
    assert store.claim("talk", me) == open_store().rights("talk") == me


def test_a_file_of_version_5_is_listed_and_searched(open_store, tmp_path, clock):
    """That version knew whose a conversation is, and had no index."""
    rows = f"""
        INSERT INTO conversations (id, created, seed, owner_hash, key_hash) VALUES
            ('talk', 5, '[]', 'me', 'key'), ('old', 1, '[]', 'me', NULL), ('free', 7, '[]', NULL, NULL),
            ('your', 9, '[]', 'you', 'key');
        INSERT INTO replies (id, conversation, position, turn, replaced, question, chars, state,
            heartbeat, created, client_hash) VALUES
            ('a', 'talk', 1, 1, 1, 'Why?', 4, 'done', {clock.now - 9}, 5, 'asker'),
            ('b', 'talk', 2, 1, 0, 'Why, «Ёлка»?', 7, 'done', {clock.now - 8}, 6, 'asker'),
            ('c', 'old', 1, 1, 0, '天空', 0, 'failed', {clock.now - 20}, 1, 'asker'),
            ('d', 'free', 1, 1, 0, 'Whose is the ёлка?', 0, 'failed', {clock.now - 3}, 7, 'asker'),
            ('e', 'your', 1, 1, 0, 'Yours, ёлка?', 0, 'failed', {clock.now - 1}, 9, 'asker');
        INSERT INTO pieces VALUES ('a', 0, 'Old.'), ('b', 0, 'Beca'), ('b', 4, 'use');
        PRAGMA user_version = 5;
    """
    with sqlite3.connect(tmp_path / "kindlechat.sqlite3") as db:
        db.executescript("".join(MIGRATIONS[:5]) + rows)
    db.close()
    store = open_store()
    talk = Owned("talk", "Why, «Ёлка»?", 1, clock.now - 8)
    assert store.list_owned("me", 9) == [talk, Owned("old", "天空", 1, clock.now - 20)]
    for query in ("елка", "because", "old."):
        assert store.search_owned("me", query, 9).owned == [talk]
    assert [each.id for each in store.search_owned("me", "天空", 9).owned] == ["old"]
    assert [each.id for each in store.search_owned("you", "елка", 9).owned] == ["your"]
    store.claim("free", Rights(owner_hash="me"))
    assert len(store.search_owned("me", "елка", 9).owned) == 2
    new = new_reply(conversation="old", seed=None, question="A new ёлка?")
    store.create_reply(new)
    assert len(store.search_owned("me", "елка", 9).owned) == 3
    assert [turn.versions for turn in store.outline("talk").replies] == [("a", "b")]
    store.delete_owned("me")
    assert [each.id for each in open_store().list_owned("you", 9)] == ["your"]


def make_file(folder, version, at):
    """A file of that schema version with a conversation of one answer, as the program of then left it."""
    folder.mkdir()
    with closing(sqlite3.connect(folder / FILE_NAME)) as db, db:
        db.create_function("folded", 1, folded)
        migrate(db, MIGRATIONS[:version])
        rows = {
            "conversations": {"id": "talk", "created": at, "seed": "[]", "owner_hash": "me"}
            | {"key_hash": "key", "written": at},
            "replies": {
                "id": "first",
                "conversation": "talk",
                "position": 1,
                "question": "Why, ёлка?",
            }
            | {"chars": 8, "state": "done", "heartbeat": at, "created": at, "turn": 1}
            | {"address": "asker", "client_hash": "asker"},
            "pieces": {"reply": "first", "start": 0, "text": "Because."},
            "libraries": {"owner_hash": "me", "places": 1},
            "places": {"place": (1 << LIBRARY_SHIFT) + 1, "conversation": "talk", "reply": "first"},
        }
        for table, row in rows.items():
            known = {name for _, name, *_ in db.execute(f"PRAGMA table_info({table})")}
            kept = {name: value for name, value in row.items() if name in known}
            names, values = ", ".join(kept), ", ".join(f":{name}" for name in kept)
            if kept:
                db.execute(f"INSERT INTO {table} ({names}) VALUES ({values})", kept)
            if table == "places" and kept:
                db.execute(INDEX_REPLIES)


@cases("version", range(1, len(MIGRATIONS) + 1))
def test_a_file_of_any_version_is_read_listed_searched_and_written(version, tmp_path, clock):
    make_file(folder := tmp_path / str(version), version, clock.now)
    with closing(SqliteStore(folder, clock)) as store:
        (reply,) = read_all(store, "talk")
        assert (reply.question, reply.text, reply.state) == ("Why, ёлка?", "Because.", State.DONE)
        assert store.rights("talk").claimed == (version > 1)
        store.claim("talk", Rights("me", "key"))
        talk = Owned("talk", "Why, ёлка?", 1, clock.now)
        assert store.list_owned("me", 9) == [talk]
        for query in ("елка", "because"):
            assert store.search_owned("me", query, 9).owned == [talk]
        store.create_reply(new := new_reply(conversation="talk", seed=None, question="And?"))
        store.write([text_of(new, "So.", state=State.DONE)])
        store.discard("talk")
        store.restore("talk")
        assert [each.text for each in read_all(store, "talk")] == ["Because.", "So."]
        assert store.hand_over("me", "you") == 1
        assert len(store.search_owned("you", "because", 9).owned) == 1


def test_texts_that_are_written_together_lie_side_by_side(open_store, tmp_path):
    """Each page that is changed goes to the log: 40 texts fill 7, and their replies and places 20."""
    store = open_store(timings=Timings(checkpoint_interval_s=3600))
    log = tmp_path / f"{FILE_NAME}-wal"
    news = [new_reply() for _ in range(40)]
    for new in news:
        store.create_reply(new)
    for start in range(0, 6000, 600):
        before = log.stat().st_size
        store.write([text_of(new, "x" * 600, start) for new in news])
    assert log.stat().st_size - before < 40 * 4096
    assert store.reply(news[0].id).text == "x" * 6000


def test_a_search_says_when_it_did_not_look_at_everything(open_store, monkeypatch):
    store, me = open_store(), Rights(owner_hash="me")
    for number in range(6):
        store.create_reply(new_reply(question=f"The sky {number}", rights=me))
    for query in ("sky", "e"):
        monkeypatch.setattr(library, "SCANNED", 7)
        assert store.search_owned("me", query, 9).whole
        monkeypatch.setattr(library, "SCANNED", 3)
        found = store.search_owned("me", query, 9)
        assert (len(found.owned), found.whole) == (3, False)


def test_a_step_forward_that_fails_changes_nothing(open_store):
    new = new_reply()
    open_store().create_reply(new)
    script = "ALTER TABLE replies ADD COLUMN mood TEXT; CREATE TABLE replies (id TEXT)"
    with pytest.raises(StoreUnavailable, match="already exists"):
        open_store(migrations=(*MIGRATIONS, script))
    store = open_store()
    columns = store.in_thread(
        lambda: store._db.execute("SELECT name FROM pragma_table_info('replies')").fetchall()
    )
    assert ("mood",) not in columns
    assert store.reply(new.id) is not None


@pytest.mark.survival
def test_a_server_with_a_damaged_file_says_so_once_and_ends(tmp_path, site):
    data = tmp_path / "data"
    data.mkdir()
    (data / "kindlechat.sqlite3").write_bytes(b"not a database, surely" * 100)
    with pytest.raises(RuntimeError, match="move a damaged file away") as raised:
        AppServer(tmp_path)
    log = str(raised.value)
    assert log.count("not a database") == 1
    assert "Traceback" not in log


def test_a_full_disk_is_told_and_nothing_is_half_written(open_store, tmp_path):
    store = open_store()
    new = new_reply()
    store.create_reply(new)
    store.write([text_of(new, "before")])
    pages = store.in_thread(lambda: store._db.execute("PRAGMA page_count").fetchone()[0])
    store.in_thread(lambda: store._db.execute(f"PRAGMA max_page_count = {pages}").fetchone())
    with pytest.raises(StoreUnavailable, match="full"):
        store.write([text_of(new, "x" * 100_000, start=6)])
    assert store.reply(new.id).text == "before"
    store.in_thread(lambda: store._db.execute("PRAGMA max_page_count = 100000").fetchone())
    store.write([text_of(new, "x" * 100_000, start=6)])
    assert len(store.reply(new.id).text) == 100_006


def test_the_file_is_its_owners_alone(open_store, tmp_path):
    open_store()
    files = list(tmp_path.iterdir())
    assert len(files) == 3  # with the log and its index
    assert not any(path.stat().st_mode & 0o077 for path in files)


class TestTheDataFolder:
    def test_it_is_made_closed_to_others(self, tmp_path):
        SqliteStore(tmp_path / "new/data").close()
        assert (tmp_path / "new/data").stat().st_mode & 0o777 == 0o700

    def test_one_of_before_is_closed_to_others(self, tmp_path):
        folder = tmp_path / "data"
        SqliteStore(folder).close()
        folder.chmod(0o755)
        SqliteStore(folder).close()
        assert folder.stat().st_mode & 0o777 == 0o700

    def test_one_that_holds_other_things_is_left_as_it_is(self, tmp_path):
        folder = tmp_path / "home"
        folder.mkdir(mode=0o755)
        (folder / "letter.txt").write_text("Dear all")
        SqliteStore(folder).close()
        assert folder.stat().st_mode & 0o777 == 0o755
        assert (folder / "kindlechat.sqlite3").stat().st_mode & 0o077 == 0


def test_an_orphan_on_a_full_disk_can_be_read(open_store, clock):
    store, new = open_store(), new_reply()
    store.create_reply(new)
    store.write([text_of(new, "so far")])
    clock.forward(Timings().orphan_after_s + 1)
    store.in_thread(store._db.execute, "PRAGMA query_only = ON")  # no write succeeds
    reply, progress = store.reply(new.id), store.read_after({new.id: 0}, 0)[new.id]
    (outline,) = store.outline(new.conversation).replies
    assert (outline.state, outline.reason) == (State.INTERRUPTED, Reason.ORPHAN)
    for found in (reply, progress):
        assert (found.text, found.state, found.reason) == (
            *("so far", State.INTERRUPTED, Reason.ORPHAN),
        )


@pytest.mark.parametrize("delete", ["old", "discarded", "owned"])
def test_what_is_deleted_is_in_no_file(open_store, tmp_path, clock, delete):
    store, new = open_store(), new_reply(question="the secret", rights=Rights(owner_hash="me"))
    store.create_reply(new)
    store.write([text_of(new, "of the sea", state=State.DONE)])
    store.retitle(new.conversation, "the secret sea")
    files = list(tmp_path.iterdir())
    assert any(b"of the sea" in file.read_bytes() for file in files)
    if delete == "discarded":
        store.discard(new.conversation)
    clock.forward(UNDO_S + 100)
    if delete == "owned":
        store.delete_owned("me")
    else:
        assert store.delete_older_than(50 if delete == "old" else 10**9) == 1
    for file in files:
        assert b"of the sea" not in file.read_bytes()
        assert b"the secret" not in file.read_bytes()


def test_deleting_is_bounded_and_gets_to_everything(open_store, clock):
    store = open_store(delete_batch=2)
    for _ in range(5):
        new = new_reply()
        store.create_reply(new)
        store.write([text_of(new, "x", state=State.DONE)])
    clock.forward(100)
    assert [store.delete_older_than(50) for _ in range(4)] == [2, 2, 1, 0]


def test_an_end_waits_for_the_disk_and_text_does_not(open_store):
    """In write-ahead mode only FULL flushes at a commit, with all that was written before."""
    store, new = open_store(), new_reply()

    def level():
        return store.in_thread(lambda: store._db.execute("PRAGMA synchronous").fetchone()[0])

    store.create_reply(new)
    store.write([text_of(new, "so far")])
    assert level() == 1
    store.write([text_of(new, "the end", state=State.DONE)])
    assert level() == 2
    store.check()
    assert level() == 1


def test_an_outline_reads_no_text(open_store):
    store, new, statements = open_store(), new_reply(), []
    store.create_reply(new)
    store.write([text_of(new, "x" * 200_000)])
    store.in_thread(store._db.set_trace_callback, statements.append)
    assert store.outline(new.conversation).replies[0].chars == 200_000
    assert statements
    assert not any("pieces" in statement for statement in statements)


def test_a_file_of_another_user_that_can_be_written_will_do():
    user = os.geteuid()
    with TemporaryDirectory() as name:  # pytest's own are closed to others
        folder = Path(name)
        SqliteStore(folder).close()
        folder.chmod(0o777)
        (folder / "kindlechat.sqlite3").chmod(0o666)
        try:
            if user == 0:
                os.seteuid(NOBODY)
            SqliteStore(folder).close()
        finally:
            os.seteuid(user)


def test_a_clock_that_jumps_makes_no_orphan(open_store, clock):
    steady = Clock()
    store, new = open_store(steady=steady), new_reply()
    store.create_reply(new)
    for jump in (3600, -7200):
        clock.forward(jump)
        assert store.reply(new.id).state is State.WAITING
    steady.forward(Timings().orphan_after_s + 1)
    assert store.reply(new.id).state is State.INTERRUPTED


def test_a_reply_from_before_the_machine_started_is_an_orphan(open_store, clock):
    """The steady clock begins anew with the machine."""
    steady = Clock()
    store, new = open_store(steady=steady), new_reply()
    store.create_reply(new)
    steady.now = 7
    assert store.reply(new.id).state is State.INTERRUPTED


def test_a_lease_of_an_older_version_is_judged_by_its_heartbeat(open_store, clock):
    store, new = open_store(steady=Clock()), new_reply()
    store.create_reply(new)
    store.in_thread(lambda: store._db.execute("UPDATE replies SET renewed = NULL"))
    assert store.reply(new.id).state is State.WAITING
    with pytest.raises(TooManyReplies):
        store.create_reply(new_reply(), concurrency_limit=1)
    clock.forward(Timings().orphan_after_s + 1)
    assert store.reply(new.id).state is State.INTERRUPTED


# The index


def ended_reply(store, text, rights=None):
    new = new_reply(rights=rights or Rights("me", "key"))
    store.create_reply(new)
    store.write([text_of(new, text, state=State.DONE)])
    return new


def indexed(store, table="texts"):
    """How many texts are indexed; or are to be, in `unindexed`."""
    query = f"SELECT COUNT(*) FROM {table}"
    return store.in_thread(lambda: store._db.execute(query).fetchone())[0]


def test_what_has_ended_is_indexed_in_the_end_though_nobody_searches(open_store):
    store = open_store(timings=Timings(index_delay_s=0))
    for number in range(texts.INDEX_BATCH + 1):
        ended_reply(store, f"word{number}")
    under_way = new_reply(rights=Rights("me", "key"))
    store.create_reply(under_way)
    ended_reply(store, "nobody's", Rights())
    eventually(lambda: indexed(store) == texts.INDEX_BATCH + 1)
    assert indexed(store, "unindexed") == 1, "the one that is still written"


def test_what_an_earlier_process_left_is_indexed_after_the_next_end(open_store):
    earlier = open_store()
    ended_reply(earlier, "earlier")
    earlier.close()
    store = open_store(timings=Timings(index_delay_s=0))
    ended_reply(store, "later")
    eventually(lambda: indexed(store) == 2)


def test_a_search_finds_what_is_still_written_and_later_the_rest_of_it(open_store):
    store = open_store()
    new = new_reply(question="Why?", rights=Rights("me", "key"))
    store.create_reply(new)

    def finds(word):
        return [each.id for each in store.search_owned("me", word, 9).owned]

    assert finds("why") == [new.conversation]
    store.write([text_of(new, "Because ")])
    assert finds("because") == [new.conversation]
    store.write([text_of(new, "of rain.", start=8, state=State.DONE)])
    assert finds("rain") == [new.conversation]
    assert indexed(store, "unindexed") == 0
    assert finds("because why") == [new.conversation]


def test_a_search_that_cannot_index_all_says_so(open_store, monkeypatch):
    monkeypatch.setattr(texts, "INDEXED_BY_SEARCH", 2)
    store = open_store()
    for number in range(3):
        ended_reply(store, f"word{number}")
    assert not store.search_owned("me", "word", 9).whole
    found = store.search_owned("me", "word", 9)
    assert (len(found.owned), found.whole) == (3, True)


def test_what_is_written_to_an_orphan_that_was_indexed_is_found(open_store, clock):
    store = open_store()
    new = new_reply(rights=Rights("me", "key"))
    store.create_reply(new)
    clock.forward(60)
    assert store.reply(new.id).state is State.INTERRUPTED
    assert store.search_owned("me", "why", 9).owned
    store.write([text_of(new, "Thunder.", state=State.DONE)])
    assert store.search_owned("me", "thunder", 9).owned


def test_to_find_what_is_to_be_indexed_reads_no_more_than_that(open_store):
    store = open_store()
    plan = store.in_thread(
        lambda: store._db.execute(
            f"EXPLAIN QUERY PLAN SELECT place FROM unindexed WHERE {texts.ENDED}"
        ).fetchall()
    )
    assert [step for *_, step in plan if step.startswith("SCAN")] == ["SCAN unindexed"]
