"""The log of a store: outages are told once, with their cause and their end, though nobody asks."""

import logging

import gevent
import pytest

from harness.servers import RedisServer, free_port
from harness.waiting import eventually
from kindlechat.errors import StoreUnavailable
from kindlechat.stores.outage import CHECK, Outage
from kindlechat.stores.redis import RedisStore
from kindlechat.stores.sqlite import SqliteStore
from kindlechat.stores.watch import start_watch
from kindlechat.timings import Timings

QUICK = Timings(store_check_interval_s=0.02)


@pytest.fixture(autouse=True)
def info(caplog):
    caplog.set_level(logging.INFO, "kindlechat")


def lines(caplog, level):
    return [record.getMessage() for record in caplog.records if record.levelname == level]


def leave():
    raise gevent.GreenletExit


@pytest.fixture
def watched():
    """Watch stores until the test ends."""
    running = []

    def watch(store, mark="mark"):
        running.append((start_watch(store, mark, QUICK), store))
        return store

    yield watch
    for _, store in running:
        store.check = leave  # who is killed while it connects leaves its socket behind
    gevent.joinall([greenlet for greenlet, _ in running], raise_error=True)
    for _, store in running:
        store.close()


class TestOutage:
    def test_it_is_told_once_with_its_cause_and_its_end(self, caplog):
        times = iter([10, 45])
        outage = Outage(lambda: next(times))
        outage.worked("write")
        for task in ("write", "reply", "write"):
            outage.failed(task, "Redis: refused")
        assert lines(caplog, "WARNING") == ["the store is out of reach: Redis: refused"]
        outage.worked("write")
        assert lines(caplog, "INFO") == []
        outage.worked("reply")
        assert lines(caplog, "INFO") == ["the store is back after 35 s"]

    def test_what_still_works_on_a_full_disk_does_not_end_it(self, caplog):
        outage = Outage()
        outage.failed("write", "full")
        outage.worked("reply")
        outage.failed("write", "full")
        outage.worked(CHECK)
        assert len(lines(caplog, "WARNING")) == len(lines(caplog, "INFO")) == 1


def test_a_redis_that_is_not_there_at_the_start_is_told_and_tried_again(watched, caplog, tmp_path):
    port = free_port()
    watched(RedisStore(f"redis://:hush@127.0.0.1:{port}/0", 60))
    eventually(lambda: lines(caplog, "WARNING"))
    gevent.sleep(QUICK.store_check_interval_s * 3)
    (line,) = lines(caplog, "WARNING")
    assert "out of reach: Redis: " in line
    assert "refused" in line
    assert "hush" not in caplog.text
    with RedisServer(tmp_path, "--requirepass", "hush", port=port):
        eventually(lambda: "the store is back" in caplog.text)


@pytest.mark.parametrize("harm", ["deleted", "replaced"])
def test_a_file_that_was_deleted_or_replaced_is_noticed(watched, tmp_path, caplog, harm):
    store = watched(SqliteStore(tmp_path))
    store.check()
    store.path.unlink()
    if harm == "replaced":
        SqliteStore(tmp_path).close()
    with pytest.raises(StoreUnavailable, match=r"deleted or replaced .* start the server anew"):
        store.check()
    eventually(lambda: lines(caplog, "WARNING"))


class TestMarks:
    @pytest.fixture(params=["sqlite", "redis"])
    def open_store(self, request, tmp_path):
        if request.param == "sqlite":
            yield lambda: SqliteStore(tmp_path)
        else:
            with RedisServer(tmp_path) as server:
                yield lambda: RedisStore(server.url, 60)

    def test_another_secret_on_the_same_store_is_told_once(self, watched, open_store, caplog):
        watched(open_store(), "one")
        other = open_store()
        eventually(lambda: not other.meet("other"))
        eventually(lambda: lines(caplog, "WARNING"))
        gevent.sleep(QUICK.store_check_interval_s * 3)
        (line,) = lines(caplog, "WARNING")
        assert "another SECRET_KEY" in line
        other.close()

    def test_the_same_secret_is_no_matter(self, open_store):
        one, other = open_store(), open_store()
        assert all(store.meet("same") for store in (one, other, one))
        one.close()
        other.close()

    def test_one_that_has_left_is_no_matter_to_who_comes_with_a_new_secret(self, open_store):
        before, after = open_store(), open_store()
        before.meet("old")
        before.leave("old")
        assert after.meet("new")
        before.close()
        after.close()
