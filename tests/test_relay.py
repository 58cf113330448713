"""The relay: a reply is the server's job, and every follower sees exactly the same text."""

import time
from copy import copy
from dataclasses import replace

import gevent
import pytest

from harness import behaviours as up
from harness.behaviours import Gate, answer, counting
from harness.haste import hastened
from harness.upstream import Upstream
from kindlechat.errors import NotContinuable, Reason, ShuttingDown, StoreUnavailable, UnknownReply
from kindlechat.relay import Relay, new_id
from kindlechat.reply import Message, State
from kindlechat.stores.contract import NewReply, Quota
from kindlechat.stores.sqlite import SqliteStore
from kindlechat.timings import Timings
from kindlechat.upstream.client import UpstreamClient
from kindlechat.upstream.gemini import Gemini, Generation
from kindlechat.upstream.prompts import CONTINUE_INSTRUCTION, CONTINUED_CHARS, LEFT_OUT
from tests.stores.values import Clock

TIMINGS = hastened(Timings(), haste=4)
ASK = [Message("user", "Why?")]
WITHIN_S = 20

CLOSED_WITHIN_S = 10
"""More than a busy machine takes, and less than the client's patience with a silent upstream."""


def client_of(upstream, wire=Gemini, timings=TIMINGS):
    return UpstreamClient(wire(upstream.base_url, "m", "k", Generation()), timings=timings)


@pytest.fixture
def upstream():
    with Upstream() as upstream:
        upstream.script(answer())
        yield upstream


@pytest.fixture
def store(tmp_path):
    store = SqliteStore(tmp_path)
    yield store
    store.close()


@pytest.fixture
def make_relay(upstream, tmp_path):
    """Relays as separate processes would have them: each with a store of its own on the same file."""
    stores = []

    def make(**options):
        stores.append(SqliteStore(tmp_path))
        client = client_of(upstream, timings=options.get("timings", TIMINGS))
        return Relay(stores[-1], client, **{"timings": TIMINGS, **options})

    yield make
    for store in stores:
        store.close()


@pytest.fixture
def relay(make_relay):
    return make_relay()


def start(relay, messages=ASK):
    new = NewReply(
        id=new_id(),
        conversation=new_id(),
        question="Why?",
        lease=new_id(),
        client_hash="a",
        seed=(),
    )
    relay.start(new, messages)
    return new.id


def read(relay, reply_id, cursor=0, rest_s=0):
    """The text up to the end, and the last progress."""
    text = ""
    with gevent.Timeout(WITHIN_S):
        for progress in relay.follow(reply_id, cursor, rest_s):
            text += progress.text
    return text, progress


def until(condition):
    with gevent.Timeout(WITHIN_S):
        while not condition():
            gevent.sleep(0.01)


def held_upstream(upstream):
    """Script an answer whose second half waits for the returned event."""
    go = gevent.event.Event()

    def behave(connection):
        connection.head()
        responses = list(up.events(["one ", "two ", "three ", "four"]))
        for number, response in enumerate(responses):
            if number == 3:  # a thought and two words have gone out
                go.wait()
            connection.send(up.encode_event(response))
        connection.end()

    upstream.script(behave)
    return go


def test_a_follower_reads_the_whole_answer(relay):
    text, last = read(relay, start(relay))
    assert text == up.ANSWER
    assert (last.state, last.reason) == (State.DONE, None)


def test_followers_that_come_late_leave_and_return_see_the_same(relay, upstream):
    go = held_upstream(upstream)
    reply_id = start(relay)
    early = gevent.spawn(read, relay, reply_id)
    leaver = relay.follow(reply_id)
    until(lambda: relay.progress(reply_id)[0].text == "one two ")
    seen, cursor = "", 0
    for progress in leaver:
        seen, cursor = seen + progress.text, progress.cursor
        if progress.text:
            break
    leaver.close()
    go.set()
    assert early.get(timeout=WITHIN_S)[0] == "one two three four"
    assert seen + read(relay, reply_id, cursor)[0] == "one two three four"
    assert read(relay, reply_id)[0] == "one two three four"
    assert len(upstream.requests) == 1


def test_a_reply_that_only_pages_follow_is_read_and_stored_less_often(
    make_relay, upstream, monkeypatch
):
    """One reader of a stream of text is enough for it to be read as often as ever."""
    relay = make_relay(timings=replace(TIMINGS, page_read_interval_s=0.5))
    write, stored = SqliteStore.write, []
    monkeypatch.setattr(
        SqliteStore, "write", lambda store, writes: stored.append(1) or write(store, writes)
    )

    def count_stored(*rests_s):
        stored.clear()
        upstream.script(counting(60, 0.02))
        reply_id = start(relay)
        followers = [gevent.spawn(read, relay, reply_id, rest_s=rest_s) for rest_s in rests_s]
        (text,) = {follower.get(timeout=WITHIN_S)[0] for follower in followers}
        assert text == "".join(f"word{number} " for number in range(1, 61))
        return len(stored)

    assert count_stored(0.5, 0) > 2 * count_stored(0.5)


def test_nobody_has_to_follow(relay, store, upstream):
    reply_id = start(relay)
    until(lambda: store.reply(reply_id).state is State.DONE)
    assert store.reply(reply_id).text == up.ANSWER


def test_a_reply_of_another_process_is_followed_and_polled(make_relay, upstream):
    here, there = make_relay(), make_relay()
    go = held_upstream(upstream)
    reply_id = start(here)
    follower = gevent.spawn(read, there, reply_id)
    until(lambda: there.progress(reply_id)[0].text == "one two ")
    go.set()
    text, last = follower.get(timeout=WITHIN_S)
    assert (text, last.state) == ("one two three four", State.DONE)
    assert len(upstream.requests) == 1


def test_words_are_stored_before_they_are_seen(relay, store, upstream):
    """What a follower has seen, a crash cannot take back."""
    upstream.script(counting(30, 0.01))
    reply_id = start(relay)
    seen = ""
    for progress in relay.follow(reply_id):
        seen += progress.text
        assert store.reply(reply_id).text.startswith(seen)


def test_a_poll_at_another_process_learns_of_words_and_of_silence(make_relay, upstream):
    upstream.script(up.FAULTS["stall"])
    reply_id, there = start(make_relay()), make_relay()
    until(lambda: there.progress(reply_id)[0].text == "Half an ans")
    before = there.progress(reply_id)[1]
    gevent.sleep(0.2)
    assert there.progress(reply_id)[1] >= before + 0.2


def test_an_unknown_reply_is_told_at_once(relay):
    with pytest.raises(UnknownReply):
        relay.follow("none")
    with pytest.raises(UnknownReply):
        relay.progress("none")
    with pytest.raises(UnknownReply):
        relay.stop("none")


def test_followers_hear_that_it_is_tried_again(relay, upstream):
    upstream.script(up.FAULTS["busy"], answer("Now."))
    reasons = [progress.reason for progress in relay.follow(start(relay))]
    assert Reason.RETRYING in reasons
    assert reasons[-1] is None


def test_a_request_that_is_sent_again_counts(make_relay, store, upstream):
    quotas = (Quota("daily", 2, 86400),)
    upstream.script(up.FAULTS["busy"])
    relay = make_relay(daily_limit=2, timings=replace(TIMINGS, retry_backoff_s=(0, 0)))
    assert read(relay, start(relay))[1].reason is Reason.BUSY
    assert len(upstream.requests) == 2
    assert store.count(quotas) is not None


def test_stop_closes_the_upstream_and_keeps_what_came(relay, store, upstream):
    upstream.script(up.FAULTS["stall"])
    reply_id = start(relay)
    until(lambda: relay.progress(reply_id)[0].text == "Half an ans")
    relay.stop(reply_id)
    assert upstream.requests[0].closed.wait(CLOSED_WITHIN_S)
    text, last = read(relay, reply_id)
    assert (text, last.state) == ("Half an ans", State.STOPPED)
    assert store.reply(reply_id).state is State.STOPPED


def test_stop_reaches_the_process_that_writes(make_relay, upstream):
    here, there = make_relay(), make_relay()
    upstream.script(up.FAULTS["stall"])
    reply_id = start(here)
    until(lambda: there.progress(reply_id)[0].text == "Half an ans")
    there.stop(reply_id)
    assert upstream.requests[0].closed.wait(CLOSED_WITHIN_S)
    assert read(there, reply_id)[1].state is State.STOPPED


def test_stop_before_the_first_word(relay, upstream):
    upstream.script(up.FAULTS["stall_early"])
    reply_id = start(relay)
    relay.stop(reply_id)
    assert read(relay, reply_id) == ("", relay.progress(reply_id)[0])
    assert relay.progress(reply_id)[0].state is State.STOPPED


def test_a_stop_after_the_end_changes_nothing(relay):
    reply_id = start(relay)
    read(relay, reply_id)
    relay.stop(reply_id)
    gevent.sleep(0.05)
    assert relay.progress(reply_id)[0].state is State.DONE


@pytest.mark.parametrize(
    ("fault", "state", "reason", "text"),
    [
        ("cut", State.INTERRUPTED, Reason.BROKEN, "Half an ans"),
        ("length", State.CUT, None, "Half an ans"),
        ("malformed", State.DONE, Reason.HAS_GAP, "Half an ans"),
        ("stall_after_stop", State.DONE, None, "Half an ans"),
        ("bad_key", State.FAILED, Reason.BAD_KEY, ""),
        ("safety", State.INTERRUPTED, Reason.SAFETY, "Half an ans"),
    ],
)
def test_every_kind_of_end(store, upstream, fault, state, reason, text):
    timings = replace(TIMINGS, after_finish_timeout_s=0.3)
    relay = Relay(store, client_of(upstream, timings=timings), timings=timings)
    upstream.script(up.FAULTS[fault])
    reply_id = start(relay)
    seen, last = read(relay, reply_id)
    assert (seen, last.state, last.reason) == (text, state, reason)
    reply = store.reply(reply_id)
    assert (reply.text, reply.state, reply.reason) == (text, state, reason)


def test_a_reply_is_bounded_in_time(make_relay, upstream):
    upstream.script(up.FAULTS["stall"])
    text, last = read(relay := make_relay(timings=replace(TIMINGS, max_reply_s=2)), start(relay))
    assert (text, last.state) == ("Half an ans", State.INTERRUPTED)
    assert last.reason is Reason.TOO_LONG_TIME


def test_a_reply_is_bounded_in_characters(make_relay, upstream):
    upstream.script(counting(50, 0))
    text, last = read(relay := make_relay(max_reply_chars=20), start(relay))
    assert text == "word1 word2 word3 wo"
    assert (last.state, last.reason) == (State.CUT, Reason.TOO_LONG_TEXT)


class BrokenFormat(Gemini):
    def parse_event(self, data):
        raise RuntimeError("a bug")


def test_a_bug_in_the_client_does_not_hang_the_reply(store, upstream):
    relay = Relay(store, client_of(upstream, BrokenFormat))
    assert read(relay, start(relay))[1].state is State.FAILED


# Going on


def test_an_interrupted_reply_goes_on_without_a_seam(relay, store, upstream):
    upstream.script(up.FAULTS["cut"], answer("", pieces=["Half an", " answer is", " better."]))
    reply_id = start(relay)
    read(relay, reply_id)
    relay.resume(reply_id, new_id(), "a", [])
    text, last = read(relay, reply_id)
    assert (text, last.state) == ("Half an answer is better.", State.DONE)
    contents = upstream.requests[1].body["contents"]
    assert [content["role"] for content in contents] == ["user", "model", "user"]
    assert contents[1]["parts"][0]["text"] == "Half an ans"
    assert contents[2]["parts"][0]["text"] == CONTINUE_INSTRUCTION
    assert store.reply(reply_id).text == "Half an answer is better."


def test_a_continuation_that_breaks_while_it_repeats_adds_nothing(relay, upstream):
    upstream.script(
        up.some_text_then(up.cut_mid_event, text="One two three."),
        up.some_text_then(up.cut_mid_event, text="One two"),
        answer("One two three. Four."),
    )
    reply_id = start(relay)
    for _ in range(2):
        assert read(relay, reply_id)[0] == "One two three."
        relay.resume(reply_id, new_id(), "a", [])
    assert read(relay, reply_id)[0] == "One two three. Four."


def test_a_continuation_is_asked_for_with_the_end_of_a_long_text(relay, upstream):
    long = "".join(f"word{n} " for n in range(4000))
    upstream.script(answer(pieces=[long], finish="MAX_TOKENS"), answer("The end."))
    reply_id = start(relay)
    read(relay, reply_id)
    relay.resume(reply_id, new_id(), "a", [])
    assert read(relay, reply_id)[0] == long + "The end."
    shown = upstream.requests[1].body["contents"][1]["parts"][0]["text"]
    assert len(shown) == CONTINUED_CHARS + len(LEFT_OUT)
    assert shown.endswith(long[-CONTINUED_CHARS:])


def test_a_text_of_full_length_is_not_sent_to_be_continued(make_relay, upstream):
    relay = make_relay(max_reply_chars=20)
    upstream.script(counting(50, 0))
    reply_id = start(relay)
    assert read(relay, reply_id)[1].reason is Reason.TOO_LONG_TEXT
    with pytest.raises(NotContinuable):
        relay.resume(reply_id, new_id(), "a", [])
    assert len(upstream.requests) == 1


def test_a_follower_goes_on_from_its_cursor(relay, upstream):
    upstream.script(up.FAULTS["length"], answer("wer."))
    reply_id = start(relay)
    cursor = read(relay, reply_id)[1].cursor
    relay.resume(reply_id, new_id(), "a", [])
    assert read(relay, reply_id, cursor)[0] == "wer."


def test_an_orphan_that_is_resumed_here_has_one_producer(tmp_path, upstream):
    """A machine that slept may find its own reply orphaned, its producer still at work."""
    clock = Clock()
    store = SqliteStore(tmp_path, clock)
    relay = Relay(store, client_of(upstream), timings=TIMINGS)
    upstream.script(up.FAULTS["stall"], answer("wer."))
    reply_id = start(relay)
    until(lambda: relay.progress(reply_id)[0].text == "Half an ans")
    clock.forward(Timings().orphan_after_s + 1)
    relay.resume(reply_id, new_id(), "a", [])
    assert upstream.requests[0].closed.wait(CLOSED_WITHIN_S)
    assert read(relay, reply_id)[0] == "Half an answer."
    assert store.reply(reply_id).state is State.DONE
    store.close()


# Trouble of ours


def lose(store, reply_id):
    """Take a reply out of the store, as a volume that is restored from a backup does."""
    sql = "DELETE FROM replies WHERE id = ?"
    store.in_thread(lambda: store._db.execute(sql, (reply_id,)))


def test_a_reply_that_only_memory_has_is_kept_for_the_last_poll(make_relay, upstream):
    relay = make_relay(timings=replace(TIMINGS, poll_lapse_s=1))
    gate = Gate(2)
    upstream.script(gate)
    reply_id = start(relay)
    gate.give(1)
    until(lambda: relay.progress(reply_id)[0].text == "word1 ")
    lose(relay._store, reply_id)
    gate.give(2)
    read(relay, reply_id)
    last = relay.progress(reply_id)[0]
    assert (last.text, last.state) == ("word1 word2 ", State.DONE)
    with gevent.Timeout(WITHIN_S), pytest.raises(UnknownReply):
        while True:
            relay.progress(reply_id)
            gevent.sleep(0.05)


def test_forgetting_an_ended_reply_leaves_its_successor_alone(make_relay, upstream):
    """The store may get a reply back, and its reader may continue it, before it is forgotten here."""
    relay = make_relay(timings=replace(TIMINGS, poll_lapse_s=0))
    store = relay._store
    go = held_upstream(upstream)
    reply_id = start(relay)
    until(lambda: relay.progress(reply_id)[0].text == "one two ")
    ended, forget = relay._productions[reply_id], relay._forget
    forgotten = []
    relay._forget = lambda production: (forget(production), forgotten.append(production))
    lose(store, reply_id)
    relay._productions[reply_id] = successor = copy(ended)
    go.set()
    until(lambda: forgotten == [ended])
    assert relay._productions[reply_id] is successor
    relay._productions.clear()  # or it would send heartbeats on


class Faulty:
    """A store whose writes fail while `down` is set, after `hangs_s` seconds."""

    def __init__(self, store):
        self._store = store
        self.down = False
        self.hangs_s = 0

    def __getattr__(self, name):
        return getattr(self._store, name)

    def write(self, writes):
        if self.down:
            gevent.sleep(self.hangs_s)
            raise StoreUnavailable("gone")
        return self._store.write(writes)


def test_a_store_that_is_gone_for_a_while_loses_nothing(upstream, store):
    faulty = Faulty(store)
    relay = Relay(faulty, client_of(upstream), timings=TIMINGS)
    go = held_upstream(upstream)
    reply_id = start(relay)
    until(lambda: relay.progress(reply_id)[0].text == "one two ")
    faulty.down = True
    go.set()
    assert read(relay, reply_id)[0] == "one two three four"
    assert store.reply(reply_id).text == "one two "
    faulty.down = False
    until(lambda: store.reply(reply_id).state is State.DONE)
    assert store.reply(reply_id).text == "one two three four"


def test_readers_do_not_wait_for_a_store_that_hangs(upstream, store):
    faulty = Faulty(store)
    relay = Relay(faulty, client_of(upstream), timings=TIMINGS)
    gate = Gate(3)
    upstream.script(gate)
    faulty.down = True
    reply_id = start(relay)
    gate.give(1)
    until(lambda: relay.progress(reply_id)[0].text == "word1 ")
    faulty.hangs_s = 3600
    gate.give(2)
    until(lambda: relay.progress(reply_id)[0].text == "word1 word2 ")
    gate.give(3)
    assert read(relay, reply_id)[0] == "word1 word2 word3 "
    assert relay.progress(reply_id)[0].state is State.DONE


def test_draining_lets_replies_end(relay, store, upstream):
    gate = Gate(2)
    upstream.script(gate)
    reply_id = start(relay)
    gate.give(1)
    until(lambda: relay.progress(reply_id)[0].text == "word1 ")
    draining = gevent.spawn(relay.drain, 60)
    until(lambda: relay.draining)
    with pytest.raises(ShuttingDown):
        start(relay)
    gate.give(2)
    draining.get(timeout=WITHIN_S)
    reply = store.reply(reply_id)
    assert (reply.text, reply.state) == ("word1 word2 ", State.DONE)


def test_draining_interrupts_what_does_not_end_within_the_grace(relay, store, upstream):
    upstream.script(up.FAULTS["stall"])
    reply_id = start(relay)
    until(lambda: relay.progress(reply_id)[0].text == "Half an ans")
    relay.drain(grace_s=0.05)
    reply = store.reply(reply_id)
    assert (reply.text, reply.state) == ("Half an ans", State.INTERRUPTED)
    assert reply.reason is Reason.SHUTDOWN


def test_draining_lets_followers_of_other_processes_replies_read_to_the_end(make_relay, upstream):
    here, there = make_relay(), make_relay()
    gate = Gate(3)
    upstream.script(gate)
    reply_id = start(here)
    follower = gevent.spawn(read, there, reply_id)
    gate.give(1)
    until(lambda: there._mirror.has_followers)
    until(lambda: there.progress(reply_id)[0].text == "word1 ")
    draining = gevent.spawn(there.drain, 60)
    gate.give(2)
    until(lambda: there.progress(reply_id)[0].text == "word1 word2 ")
    assert not draining.ready()
    gate.give(3)
    assert follower.get(timeout=WITHIN_S)[0] == "word1 word2 word3 "
    draining.get(timeout=WITHIN_S)


def test_draining_waits_for_other_processes_within_the_grace_only(make_relay, upstream):
    here, there = make_relay(), make_relay()
    upstream.script(up.FAULTS["stall"])
    reply_id = start(here)
    follower = gevent.spawn(read, there, reply_id)
    until(lambda: there.progress(reply_id)[0].text == "Half an ans")
    gevent.spawn(there.drain, 0.3).get(timeout=WITHIN_S)
    follower.kill()


def test_a_reply_that_was_being_created_when_draining_began_is_interrupted(
    relay, store, upstream, monkeypatch
):
    upstream.script(up.FAULTS["stall"])
    create = relay._store.create_reply

    def drain_meanwhile(*args, **options):
        relay.drain(grace_s=0)
        return create(*args, **options)

    monkeypatch.setattr(relay._store, "create_reply", drain_meanwhile)
    reply_id = start(relay)
    until(lambda: store.reply(reply_id).state.ended)
    assert store.reply(reply_id).reason is Reason.SHUTDOWN


def test_a_reply_taken_over_is_left_alone(relay, store, upstream):
    upstream.script(up.FAULTS["stall"])
    reply_id = start(relay)
    until(lambda: relay.progress(reply_id)[0].text == "Half an ans")
    store.in_thread(lambda: store._db.execute("UPDATE replies SET lease = 'another'"))
    assert upstream.requests[0].closed.wait(CLOSED_WITHIN_S)
    assert store.reply(reply_id).text == "Half an ans"
    assert store.reply(reply_id).state is State.STREAMING


def test_a_silent_reply_is_heard_of(make_relay, upstream):
    relay = make_relay(timings=replace(TIMINGS, keep_alive_interval_s=0.05))
    upstream.script(up.FAULTS["stall"])
    reply_id = start(relay)
    heard = []
    with gevent.Timeout(WITHIN_S):
        for progress in relay.follow(reply_id):
            heard.append(progress.text)
            if heard[-3:] == ["", "", ""] and "".join(heard) == "Half an ans":
                break
    relay.stop(reply_id)
    read(relay, reply_id)


def test_a_follower_that_knows_more_than_this_process_reads_nothing_twice(make_relay, upstream):
    """What another process stored is read here a moment later; a reader may come in that moment."""
    here, there = make_relay(), make_relay()
    go = held_upstream(upstream)
    reply_id = start(here)
    until(lambda: there.progress(reply_id)[0].text == "one two ")
    follower = gevent.spawn(read, there, reply_id, len("one two three "))
    gevent.sleep(0.3)
    assert there.progress(reply_id, len("one two three "))[0].cursor == len("one two three ")
    go.set()
    assert follower.get(timeout=WITHIN_S)[0] == "four"


def test_a_follower_may_be_slow_to_begin(make_relay, upstream):
    """Between being let in and reading its first word a slow device takes its time."""
    here, there = make_relay(), make_relay(timings=replace(TIMINGS, poll_lapse_s=0))
    gate = Gate(2)
    upstream.script(gate)
    reply_id = start(here)
    follower = there.follow(reply_id)
    gevent.sleep(3 * TIMINGS.mirror_interval_s)  # nobody follows meanwhile
    gate.give(2)
    with gevent.Timeout(WITHIN_S):
        assert "".join(progress.text for progress in follower) == "word1 word2 "


def test_a_bug_in_the_store_loses_nothing_either(upstream, store, monkeypatch):
    relay = Relay(store, client_of(upstream), timings=TIMINGS)
    gate = Gate(2)
    upstream.script(gate)
    reply_id = start(relay)
    with monkeypatch.context() as patch:
        for method in ("write", "heartbeat"):
            patch.setattr(store, method, lambda *_, **__: {}["a bug"])
        gate.give(1)
        until(lambda: relay.progress(reply_id)[0].text == "word1 ")
        gevent.sleep(2 * TIMINGS.stop_check_interval_s)
    gate.give(2)
    assert read(relay, reply_id)[0] == "word1 word2 "
    until(lambda: store.reply(reply_id).state is State.DONE)
    assert store.reply(reply_id).text == "word1 word2 "


def test_a_heartbeat_that_failed_is_repeated_until_it_is_taken(make_relay, upstream, monkeypatch):
    upstream.script(up.FAULTS["stall"])
    timings = replace(TIMINGS, stop_check_interval_s=0.01, heartbeat_interval_s=0.05)
    relay, every = make_relay(timings=timings), timings.stop_checks_per_heartbeat
    heartbeat, told = relay._store.heartbeat, []

    def away_at_first(leases, *, renew):
        told.append(renew)
        if len(told) <= every + 2:
            raise StoreUnavailable("gone")
        return heartbeat(leases, renew=renew)

    monkeypatch.setattr(relay._store, "heartbeat", away_at_first)
    reply_id = start(relay)
    calls = 2 * every + 3
    until(lambda: len(told) >= calls)
    taken = [True, *[False] * (every - 1)]
    assert told[:calls] == [*[True] * (every + 2), *taken, True]
    relay.stop(reply_id)
    read(relay, reply_id)


def test_a_bug_in_following_other_processes_does_not_end_it(make_relay, upstream, monkeypatch):
    here, there = make_relay(), make_relay()
    gate = Gate(2)
    upstream.script(gate)
    reply_id = start(here)
    follower = gevent.spawn(read, there, reply_id)
    with monkeypatch.context() as patch:
        patch.setattr(there._store, "read_after", lambda *_: {}["a bug"])
        gevent.sleep(3 * TIMINGS.mirror_interval_s)
    gate.give(2)
    assert follower.get(timeout=WITHIN_S)[0] == "word1 word2 "


def test_who_waited_in_vain_for_news_of_others_looks_again_at_once(
    make_relay, upstream, monkeypatch
):
    """What came during a pause would be late by the rest of it."""
    timings = replace(TIMINGS, mirror_interval_s=0.3)
    here, there, looks = make_relay(), make_relay(timings=timings), []
    upstream.script(Gate(1))
    reply_id = start(here)

    def wait(cursors, wait_s):
        begun = time.monotonic()
        gevent.sleep(wait_s)
        looks.append((begun, time.monotonic()))
        return {}

    monkeypatch.setattr(there._store, "read_after", wait)
    there.progress(reply_id)
    until(lambda: len(looks) > 1)
    (_, end), (next_begun, _) = looks[:2]
    assert next_begun - end < timings.mirror_interval_s


def test_who_wrote_a_reply_follows_what_another_process_adds(make_relay, upstream):
    here, there = make_relay(), make_relay()
    upstream.script(up.FAULTS["cut"], answer("wer."))
    reply_id = start(here)
    read(here, reply_id)
    there.resume(reply_id, new_id(), "a", [])
    assert read(here, reply_id)[0] == "Half an answer."
    assert here.progress(reply_id)[0].state is State.DONE
