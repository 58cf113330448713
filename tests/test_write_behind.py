"""The write-behind: text is stored, then published, whatever happens to one reply among many."""

import gevent
import pytest

from harness.waiting import eventually
from kindlechat.errors import StoreUnavailable
from kindlechat.relay import new_id
from kindlechat.relay.production import Production
from kindlechat.relay.write_behind import WriteBehind
from kindlechat.reply import Signal, State
from kindlechat.stores.sqlite import SqliteStore
from kindlechat.timings import Timings
from tests.stores.values import new_reply

PART = SqliteStore.written_together


@pytest.fixture
def store(tmp_path):
    store = SqliteStore(tmp_path)
    yield store
    store.close()


def production_of(new):
    return Production(new.id, new.conversation, new.lease, [], "English")


def finished(production, text):
    production.append(text)
    production.signal(Signal.FINISH)
    return production


def drain(write_behind):
    with gevent.Timeout(20):
        write_behind.drain(timeout_s=20)


def ignore(production):
    pass


@pytest.mark.parametrize("callback", ["on_ended", "on_lost"])
def test_an_error_in_a_callback_stops_no_other_reply(store, callback):
    def fail(production):
        raise RuntimeError("a bug")

    write_behind = WriteBehind(
        store, Timings(), **{"on_ended": ignore, "on_lost": ignore, callback: fail}
    )
    one, two, three = new_reply(), new_reply(), new_reply()
    for new in (one, two, three):
        store.create_reply(new)
    first, beside, later = map(production_of, (one, two, three))
    if callback == "on_lost":
        first.lease = new_id()
    write_behind.put(finished(first, "One."), urgent=True)
    write_behind.put(finished(beside, "Two."), urgent=True)
    drain(write_behind)
    write_behind.put(finished(later, "Three."), urgent=True)
    drain(write_behind)
    assert [store.reply(new.id).text for new in (two, three)] == ["Two.", "Three."]
    assert (beside.log.state, later.log.text) == (State.DONE, "Three.")


def test_what_is_lost_is_not_written_even_if_it_was_put_before(store):
    """An orphan that was resumed here has two productions for a moment."""
    lost = []
    write_behind = WriteBehind(store, Timings(), on_ended=ignore, on_lost=lost.append)
    new = new_reply()
    store.create_reply(new)
    earlier, later = production_of(new), production_of(new)
    earlier.lease = new_id()
    write_behind.put(finished(later, "New."), urgent=True)
    write_behind.put(finished(earlier, "Old."), urgent=True)
    earlier.lost = True
    drain(write_behind)
    reply = store.reply(new.id)
    assert (reply.text, reply.state) == ("New.", State.DONE)
    assert (later.log.text, lost) == ("New.", [])


def test_a_first_word_waits_for_a_part_of_the_texts_at_most(store, monkeypatch):
    told = []
    writes = store.write

    def write(batch):
        told.append([each.id for each in batch])
        if len(told) == 1:  # it comes while the first part is written
            write_behind.put(first, urgent=True)
        return writes(batch)

    monkeypatch.setattr(store, "write", write)
    write_behind = WriteBehind(store, Timings(), on_ended=ignore, on_lost=ignore)
    news = [new_reply() for _ in range(2 * PART + 1)]
    for new in news:
        store.create_reply(new)
    *others, first = map(production_of, news)
    for production in (*others, first):
        production.append("word")
    for production in others:
        write_behind.put(production, urgent=False)
    drain(write_behind)
    assert [len(each) for each in told] == [PART, PART + 1]
    assert told[1][0] == first.id, "it is told before the rest"
    assert all(production.log.text == "word" for production in (*others, first))


def test_nobody_waits_for_a_turn_at_a_store_that_is_out_of_reach(store, monkeypatch):
    def fail(batch):
        raise StoreUnavailable("full")

    monkeypatch.setattr(store, "write", fail)
    timings = Timings(store_retry_s=1000)
    write_behind = WriteBehind(store, timings, on_ended=ignore, on_lost=ignore)
    productions = [production_of(new_reply()) for _ in range(2 * PART)]
    for production in productions:
        production.append("word")
        write_behind.put(production, urgent=False)
    eventually(lambda: all(production.log.text == "word" for production in productions))
    write_behind._greenlet.kill()
