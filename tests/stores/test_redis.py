"""The Redis store: the contract on a real server, and what is Redis's own matter."""

import json
import os
import socket
import subprocess
import time
from dataclasses import astuple, replace
from functools import cached_property

import gevent
import pytest
import redis

from harness.conversations import read_all
from harness.forwarder import Forwarder
from harness.servers import RedisServer, free_port
from harness.waiting import eventually
from kindlechat.conversation import Owned, Rights
from kindlechat.errors import Reason, StoreUnavailable, TooManyReplies
from kindlechat.rate_limit import parse_rate_limits
from kindlechat.relay import new_id
from kindlechat.reply import Message, Progress, Reply, State
from kindlechat.stores.contract import (
    OFFER_S,
    UNDO_S,
    Fingerprint,
    KeyKind,
    Quota,
    ReaderKey,
    Write,
    Written,
    quotas_for,
)
from kindlechat.stores.redis import RedisStore, search
from kindlechat.stores.redis.connection import MAX_CONNECTIONS
from kindlechat.stores.redis.keys import PREFIX, key_of
from kindlechat.timings import Timings
from tests.cases import cases
from tests.stores.contract import StoreContract
from tests.stores.values import A, B, Clock, new_reply, text_of

SHORT_TIMEOUT_S = 0.5
TIMINGS = Timings()
TOO_LONG_S = 20
"""Whoever waits for so long has no time-out. A busy machine takes many times what an idle one does."""

short_timeout = pytest.mark.parametrize(
    "timings", [Timings(redis_timeout_s=SHORT_TIMEOUT_S)], ids=["short time-out"]
)

LONG_WAIT_S = 40

long_waits = pytest.mark.parametrize(
    "timings", [Timings(redis_timeout_s=60, redis_max_block_s=LONG_WAIT_S)], ids=["long waits"]
)
"""Waits for news last so long that only news can have ended one."""


@pytest.fixture
def own_server(tmp_path):
    """Start servers that the test may harm."""
    servers = []

    def start(*options, **more):
        servers.append(RedisServer(tmp_path, *options, **more))
        return servers[-1]

    yield start
    for each in servers:
        each.kill()


@pytest.fixture(scope="module")
def client(server):
    with redis.Redis(port=server.port, decode_responses=True) as client:
        yield client


@pytest.fixture
def raw(client):
    """A plain client of the shared server, which is empty at first."""
    client.flushall()
    return client


class LivedThrough(Clock):
    """A clock whose time passes while some process uses the store; `now` can still jump."""

    def __init__(self, url):
        super().__init__()
        self._url = url

    @cached_property
    def _store(self):
        return RedisStore(self._url, 30 * 86400, self)

    def close(self):
        if "_store" in vars(self):
            self._store.close()

    def forward(self, seconds):
        for _ in range(6):
            step = min(seconds, TIMINGS.store_check_interval_s)
            self._store.meet("clock")
            super().forward(step)
            seconds -= step
        self._store.meet("clock")
        super().forward(seconds)


@pytest.fixture
def clock(server, raw):
    clock = LivedThrough(server.url)
    yield clock
    clock.close()


@pytest.fixture
def timings():
    return TIMINGS


@pytest.fixture
def opened(timings):
    """Open stores that are closed after the test."""
    stores = []

    def open_one(url, keep_s=30 * 86400, clock=None, **options):
        stores.append(RedisStore(url, keep_s, clock, timings=timings, **options))
        return stores[-1]

    yield open_one
    for store in stores:
        store.close()


@pytest.fixture
def open_store(server, raw, clock, opened):
    return lambda **options: opened(server.url, clock=clock, **options)


@pytest.fixture
def store(open_store):
    return open_store()


@pytest.fixture
def new(store):
    new = new_reply()
    store.create_reply(new)
    return new


class LossyLine(Forwarder):
    """Each answer is `delay_s` late, and one can be lost."""

    def __init__(self, port, delay_s=0.0):
        super().__init__(port)
        self._delay_s = delay_s
        self._losing = False
        self.lost = 0

    @property
    def url(self):
        return f"redis://127.0.0.1:{self._server.server_port}/0"

    def lose_next_answer(self):
        """Have the next answer break its connection instead of arriving."""
        self._losing = True

    def _answer_of(self, server):
        for data in super()._answer_of(server):
            gevent.sleep(self._delay_s)
            if self._losing:
                self._losing = False
                self.lost += 1
                return
            yield data


KEEP_OFFERS = f"""
for _, offer in ipairs(cjson.decode(ARGV[1])) do
  local owner_hash, salt, reader_hash, code_hash, secret_hash = unpack(offer)
  redis.call('HSET', '{PREFIX}pair:' .. owner_hash, 'salt', salt, 'conversation', '', 'reply', '',
    'reader_hash', reader_hash, 'code_hash', code_hash, 'secret_hash', secret_hash,
    'since', ARGV[2], 'expires', ARGV[2] + {OFFER_S})
  redis.call('SET', '{PREFIX}side:' .. reader_hash, owner_hash, 'EX', {OFFER_S})
  redis.call('SET', '{PREFIX}offered:' .. code_hash, owner_hash, 'EX', {OFFER_S})
  redis.call('SET', '{PREFIX}offered:' .. secret_hash, owner_hash, 'EX', {OFFER_S})
end
"""


class TestRedis(StoreContract):
    @pytest.fixture
    def keep_offers(self, raw, clock):
        """Keeps offers in few calls: one by one they would take long."""

        def keep(store, offers):
            for start in range(0, len(offers), 2_000):
                part = [astuple(each)[:5] for each in offers[start : start + 2_000]]
                raw.eval(KEEP_OFFERS, 0, json.dumps(part), clock.now)

        return keep


# Text


def test_overlap_is_counted_in_characters(store, new):
    store.write([text_of(new, "Жил𝄞 é")])
    store.write([text_of(new, "л𝄞 é-были", start=2)])
    assert store.reply(new.id).text == "Жил𝄞 é-были"
    assert store.read_after({new.id: 4}, 0)[new.id].text == " é-были"


def test_any_character_survives(store, new):
    text = "\0\t\n\"\\/\x7f\x85\u2028\ufeff{}[]<&>'%s\U0010ffff"
    store.write([text_of(new, text)])
    assert store.reply(new.id).text == text
    assert store.read_after({new.id: 1}, 0)[new.id].text == text[1:]


def test_an_outline_carries_no_text(store, new, raw):
    store.write([text_of(new, "x" * 200_000)])

    def sent():
        return raw.info("stats")["total_net_output_bytes"]

    before = sent()
    assert store.outline(new.conversation).replies[0].chars == 200_000
    assert sent() - before < 20_000


# What is sent twice because its answer was lost


def test_a_question_sent_twice_is_one(store, new):
    assert store.create_reply(new) == new.id
    assert len(store.outline(new.conversation).replies) == 1


def test_an_end_written_twice_is_taken(store, new):
    end = text_of(new, "the end", state=State.DONE)
    assert store.write([end]) == Written()
    assert store.write([end]) == Written()
    assert store.reply(new.id).text == "the end"


def test_an_end_is_not_taken_from_another_nor_with_more_text(store, new):
    store.write([text_of(new, "end", state=State.DONE)])
    assert store.write([Write(new.id, "other", 0, "end", State.DONE, None)]).lost == {new.id}
    assert store.write([text_of(new, "end.", state=State.DONE)]).lost == {new.id}
    assert store.write([text_of(new, "end", state=State.CUT)]).lost == {new.id}


def test_going_on_asked_twice_is_once(store, new):
    store.write([text_of(new, "x", state=State.CUT)])
    store.resume(new.id, "next lease", A)
    assert store.resume(new.id, "next lease", A).text == "x"


# Round trips


@pytest.fixture
def round_trips(store, monkeypatch):
    """How many round trips something takes."""
    done = []
    exchange = store._exchange_words
    monkeypatch.setattr(store, "_exchange_words", lambda *given: done.append(1) or exchange(*given))

    def count(act):
        act()  # Redis knows all scripts now
        before = len(done)
        act()
        return len(done) - before

    return count


def test_a_question_takes_three_round_trips_and_a_text_one(store, round_trips):
    quotas = quotas_for(parse_rate_limits("5/minute;9/day"), A)
    me = Rights(owner_hash="me")

    def ask():
        new = new_reply(rights=me, fingerprint=Fingerprint(new_id()))
        asked.append(new)
        store.create_reply(new, concurrency_limit=9, quotas=quotas)

    def ask_more():
        more = new_reply(conversation=asked[0].conversation, seed=None, client_hash=B)
        store.create_reply(more, concurrency_limit=9)

    asked = []
    assert round_trips(ask) == round_trips(ask_more) == 3
    many = [*asked, *(new_reply() for _ in range(30))]
    for each in many[2:]:
        store.create_reply(each)
    assert round_trips(lambda: store.write([text_of(each, "So") for each in many])) == 1
    assert round_trips(lambda: store.heartbeat({each.id: each.lease for each in many})) == 1
    assert round_trips(lambda: store.read_after({each.id: 0 for each in many}, 0)) == 1
    ends = [text_of(each, "So.", state=State.DONE) for each in many]
    assert round_trips(lambda: store.write(ends)) == 2
    assert round_trips(lambda: store.list_owned("me", 9)) == 2


# Following


def blocked(raw):
    return any(client["cmd"] == "xread" for client in raw.client_list())


@long_waits
@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (("word", State.STREAMING, None), Progress("word", 4, State.STREAMING, None)),
        (("", State.DONE, None), Progress("", 0, State.DONE, None)),
        (("", State.WAITING, Reason.RETRYING), Progress("", 0, State.WAITING, Reason.RETRYING)),
    ],
    ids=["text", "end", "state"],
)
def test_news_of_any_kind_wakes_who_waits(store, new, open_store, raw, write, expected):
    other = new_reply()
    store.create_reply(other)
    waiting = gevent.spawn(store.read_after, {other.id: 0, new.id: 0}, 60)
    eventually(lambda: blocked(raw))
    text, state, reason = write
    open_store().write([text_of(new, text, state=state, reason=reason)])
    assert waiting.get(timeout=10)[new.id] == expected


@long_waits
def test_waiting_for_nothing_ends_in_time(store, new):
    started = time.monotonic()
    assert store.read_after({new.id: 0}, 0.05)[new.id].state is State.WAITING
    assert 0.05 <= time.monotonic() - started < LONG_WAIT_S
    assert store.read_after({}, 60) == {}


@pytest.mark.parametrize("timings", [Timings(redis_max_block_s=0.1)], ids=["short waits"])
def test_a_long_wait_is_cut_short_of_the_timeout(store, new):
    assert TIMINGS.redis_max_block_s < TIMINGS.redis_timeout_s / 1.5
    started = time.monotonic()
    assert store.read_after({new.id: 0}, 60)[new.id].state is State.WAITING
    assert 0.1 <= time.monotonic() - started < 60 / 2


@long_waits
def test_news_from_before_waiting_is_not_missed(store, new):
    """Positions come from one look at all replies; what comes between it and the wait is news."""
    found = store._run("progress", cursors={new.id: 0})
    store.write([text_of(new, "", state=State.WAITING, reason=Reason.RETRYING)])
    with gevent.Timeout(10):
        assert store._wait_for_news(found, 60)


@long_waits
def test_an_orphan_wakes_who_waits(store, new, open_store, raw, clock):
    waiting = gevent.spawn(store.read_after, {new.id: 0}, 60)
    eventually(lambda: blocked(raw))
    clock.forward(TIMINGS.orphan_after_s + 1)
    open_store().reply(new.id)
    assert waiting.get(timeout=10)[new.id].reason is Reason.ORPHAN


def test_an_orphan_is_marked_once(store, new, raw, clock):
    clock.forward(TIMINGS.orphan_after_s + 1)
    for _ in range(3):
        assert store.reply(new.id).reason is Reason.ORPHAN
    assert raw.xlen(key_of("text", new.id)) == 1


def test_many_followed_replies_take_few_connections(store, raw):
    before = raw.info("clients")["connected_clients"]
    replies = [new_reply(client_hash=new_id()) for _ in range(200)]
    jobs = [gevent.spawn(store.create_reply, each) for each in replies]
    gevent.joinall(jobs, raise_error=True, timeout=20)
    cursors = {each.id: 0 for each in replies}
    waiting = gevent.spawn(store.read_after, cursors, 60)
    eventually(lambda: blocked(raw))
    reads = [gevent.spawn(store.reply, each.id) for each in replies]
    gevent.joinall(reads, raise_error=True, timeout=20)
    assert raw.info("clients")["connected_clients"] - before <= MAX_CONNECTIONS
    store.write([text_of(each, "news") for each in replies])
    assert {each.text for each in waiting.get(timeout=20).values()} <= {"news", ""}
    assert {each.text for each in store.read_after(cursors, 0).values()} == {"news"}


@short_timeout
def test_waiting_for_a_free_connection_is_not_waiting_for_redis(server, raw, opened):
    """Each answer comes in time, but the last question waits longer than that for its turn."""
    delay_s = SHORT_TIMEOUT_S / 5
    with LossyLine(server.port, delay_s) as line:
        store = opened(line.url, max_connections=2)
        store.check()
        jobs = [gevent.spawn(store.reply, "none") for _ in range(16)]
        gevent.joinall(jobs, raise_error=True, timeout=20)


def test_a_connection_that_never_gets_free_is_told_with_the_remedy(opened, server, timings):
    store = RedisStore(server.url, 60, timings=Timings(redis_turn_s=0.05), max_connections=2)
    waiting = [gevent.spawn(store.read_after, {"none": 0}, 1) for _ in range(2)]
    store._turns.acquire()
    store._turns.acquire()
    with pytest.raises(StoreUnavailable, match=r"all 2 connections .*KINDLECHAT_REDIS_CONNECTIONS"):
        store.check()
    gevent.killall(waiting)
    store.close()


# Bounds


def test_questions_at_once_are_counted_exactly(open_store):
    stores = [open_store() for _ in range(3)]
    quotas = quotas_for(parse_rate_limits("5/minute;100/day"), A)
    jobs = [gevent.spawn(each.count, quotas) for each in stores for _ in range(6)]
    gevent.joinall(jobs, raise_error=True, timeout=10)
    assert [job.value for job in jobs].count(None) == 5


def test_replies_at_once_have_no_more_room_than_there_is(open_store):
    """Places are held before questions are stored, and nobody takes a held one for one that is free."""
    stores = [open_store() for _ in range(3)]
    for _ in range(5):
        client = new_id()
        news = [new_reply(client_hash=client) for _ in range(12)]
        jobs = [
            gevent.spawn(stores[n % 3].create_reply, new, concurrency_limit=4)
            for n, new in enumerate(news)
        ]
        gevent.joinall(jobs, timeout=10)
        assert sum(job.exception is None for job in jobs) == 4


def test_of_many_presses_at_once_one_is_counted_however_little_room_there_is(open_store, raw):
    stores = [open_store() for _ in range(3)]
    for number in range(5):
        press, client, quota = Fingerprint(new_id()), new_id(), Quota(f"q{number}", 1, 60)
        jobs = [
            gevent.spawn(
                each.create_reply,
                new_reply(client_hash=client, fingerprint=press),
                concurrency_limit=1,
                quotas=(quota,),
            )
            for each in stores
            for _ in range(5)
        ]
        gevent.joinall(jobs, raise_error=True, timeout=10)
        assert len({job.value for job in jobs}) == 1
        assert raw.hget(f"kindlechat:quota:q{number}", "count") == "1"
        assert raw.scard(f"kindlechat:asking:{client}") == 1


def test_a_question_counted_twice_as_its_answer_was_lost_counts_once(server, raw, opened):
    """The connection breaks between Redis's doing and its answer: the script is sent once more."""
    with LossyLine(server.port) as line:
        store, quotas = opened(line.url), (Quota("a", 2, 60),)
        store.count(quotas, cost=0)  # loads the script
        line.lose_next_answer()
        assert store.count(quotas) is None
        assert line.lost == 1
        assert store.count(quotas) is None
        assert store.count(quotas) is not None


def test_a_counter_expires_with_its_window(store, raw):
    store.count(quotas_for(parse_rate_limits("5/minute"), A))
    (counter,) = raw.keys("kindlechat:quota:*")
    assert 0 < raw.ttl(counter) <= 60


def test_an_orphan_that_goes_on_counts_for_who_resumed_it(store, new, clock):
    clock.forward(TIMINGS.orphan_after_s + 1)
    store.resume(new.id, "next lease", B)
    store.create_reply(new_reply(client_hash=A), concurrency_limit=1)
    with pytest.raises(TooManyReplies):
        store.create_reply(new_reply(client_hash=B), concurrency_limit=1)


def test_a_deleted_orphan_is_no_longer_its_askers(store, new, raw, clock):
    clock.forward(100)
    assert store.delete_older_than(50) == 1
    young = new_reply()
    store.create_reply(young, concurrency_limit=1)
    assert raw.smembers(f"kindlechat:asking:{A}") == {young.id}


def test_an_owner_that_comes_back_counts_again(store, new, clock):
    clock.forward(TIMINGS.orphan_after_s + 1)
    store.create_reply(new_reply(), concurrency_limit=1)
    store.write([text_of(new, "back")])
    with pytest.raises(TooManyReplies):
        store.create_reply(new_reply(), concurrency_limit=2)


# Keeping


def ttls(raw):
    keys = list(raw.scan_iter("*"))
    assert keys
    assert all(key.startswith("kindlechat:") for key in keys)
    return {key: raw.ttl(key) for key in keys}


def test_everything_expires_at_every_moment_of_a_reply(store, raw, clock):
    new = new_reply(fingerprint=Fingerprint("press"))
    again = new_reply(conversation=new.conversation, seed=None, replaces=new.id)

    def stages():
        yield store.check()
        yield store.count(quotas_for(parse_rate_limits("5/minute;9/day"), A))
        yield store.create_reply(new, concurrency_limit=4)
        yield store.read_after({new.id: 0}, 0)
        yield store.write([text_of(new, "a")])
        yield store.heartbeat({new.id: new.lease}, renew=True)
        yield store.request_stop(new.id)
        yield store.request_stop("none")
        yield store.write([text_of(new, "b", start=1, state=State.CUT)])
        yield store.resume(new.id, "next", A, concurrency_limit=4)
        yield clock.forward(TIMINGS.orphan_after_s + 1)
        yield store.reply(new.id)
        yield store.claim(new.conversation, Rights(owner_hash="me"))
        yield store.copy_conversation(new.conversation, new_id(), Rights(key_hash="key"))
        yield store.retitle(new.conversation, "A title")
        yield store.share(new.conversation, "link")
        yield store.list_owned("me", 9)
        yield store.discard(new.conversation)
        yield store.write([Write(new.id, "next", 2, "c", State.STREAMING, None)])
        yield store.restore(new.conversation)
        yield store.star(new.conversation, starred=True)
        yield store.create_reply(again)
        yield store.create_reply(new_reply(replaces="none"))
        yield store.write([text_of(again, "c", state=State.DONE)])
        yield store.write([Write("none", "lease", 0, "x", State.DONE, None)])
        yield store.heartbeat({"none": "lease"}, renew=True)
        yield store.keep_key("me", KeyKind.LINK, ReaderKey("hash", "salt"))
        yield store.set_mailbox("me", "me@mail.example")
        yield store.see_reader("me")
        yield store.see_reader("nobody")
        yield store.delete_older_than(3600)
        yield store.delete_readers_unseen_for(3600)

    for _ in stages():
        assert min(ttls(raw).values()) > 0


def test_data_of_the_version_before_loses_nothing(store, raw, clock):
    def put(kind, name, **fields):
        raw.hset(f"kindlechat:{kind}:{name}", mapping=fields)

    under_way = {"conversation": "talk", "address": "asker", "created": clock.now, "seq": 1}
    raw.set("kindlechat:conversation:talk", '[["user", "Before?"], ["model", "Yes."]]', ex=1000)
    raw.rpush("kindlechat:turns:talk", "first", "last")
    put("reply", "first", question="Why?", state="cut", reason="safety", chars=7, **under_way)
    put("reply", "last", question="And?", state="streaming", reason="", chars=2, **under_way)
    put("reply", "last", owner="producer", heartbeat=clock.now)
    raw.xadd("kindlechat:text:first", {"text": "Because"}, id="7-1")
    raw.xadd("kindlechat:text:last", {"text": "So"}, id="2-1")
    raw.sadd("kindlechat:asking:asker", "last")
    raw.set("kindlechat:pressed:press", "last")
    assert store.seed("talk") == (Message("user", "Before?"), Message("model", "Yes."))
    assert read_all(store, "talk") == [
        Reply("first", "talk", "Why?", "Because", State.CUT, Reason.SAFETY),
        Reply("last", "talk", "And?", "So", State.STREAMING, None),
    ]
    assert not store.rights("talk").claimed
    assert store.find_repeat(Fingerprint("press")) == "last"
    with pytest.raises(TooManyReplies):
        store.create_reply(new_reply(client_hash="asker"), concurrency_limit=1)
    me = Rights(owner_hash="me")
    assert store.claim("talk", me) == store.rights("talk") == me
    assert 900 < raw.ttl(key_of("rights", "talk")) <= 1000
    store.write([Write("last", "producer", 2, ".", State.DONE, None)])
    assert store.reply("last").text == "So."
    assert raw.smembers("kindlechat:asking:asker") == set()


def test_data_of_before_there_were_versions_and_lists_gets_them(store, raw, clock):
    """Each replaced reply is followed by the one that took its place."""
    raw.set("kindlechat:conversation:talk", "[]", ex=1000)
    raw.hset("kindlechat:rights:talk", "owner_hash", "me")
    raw.zadd("kindlechat:active", {"talk": clock.now})
    for name, replaced in [("a", 1), ("b", 1), ("c", 0), ("d", 0), ("e", 1), ("f", 0)]:
        fields = {"conversation": "talk", "address": "", "created": 0, "seq": 1, "chars": 0}
        fields |= {"question": f"{name}?", "state": "done", "reason": ""}
        raw.hset(f"kindlechat:reply:{name}", mapping=fields | ({"replaced": 1} if replaced else {}))
        raw.rpush("kindlechat:turns:talk", name)
    turns = [("c", ("a", "b", "c")), ("d", ()), ("f", ("e", "f"))]
    assert [(turn.id, turn.versions) for turn in store.outline("talk").replies] == turns
    owned = Owned("talk", "c?", 3, clock.now)
    assert store.list_owned("me", 9) == [owned]
    assert store.search_owned("me", "d?", 9).owned == [owned]
    store.discard("talk")
    assert store.list_discarded("me", 9) == [owned]
    store.restore("talk")
    store.share("talk", "link")
    store.retitle("talk", "A title")
    assert store.list_shared("me", 9) == [replace(owned, title="A title", share="link")]
    new = new_reply(conversation="talk", seed=None, replaces="f")
    store.create_reply(new)
    store.choose("a")
    turns = [("a", ("a", "b", "c")), ("d", ()), (new.id, ("e", "f", new.id))]
    assert [(turn.id, turn.versions) for turn in store.outline("talk").replies] == turns


@pytest.mark.parametrize("ttl_s", [3600, 2 * 86400])
def test_data_is_kept_as_long_as_asked(server, raw, opened, ttl_s):
    store = opened(server.url, ttl_s)
    new = new_reply()
    store.create_reply(new)
    store.write([text_of(new, "x", state=State.DONE)])
    assert ttl_s - 60 < max(ttls(raw).values()) <= ttl_s


@pytest.mark.parametrize("event", ["a new question", "an end"])
def test_a_conversation_lives_and_expires_as_a_whole(store, new, raw, event):
    store.claim(new.conversation, Rights(owner_hash="me"))
    store.retitle(new.conversation, "A title")
    store.share(new.conversation, "link")
    store.write([text_of(new, "x", state=State.DONE)])
    later = new_reply(conversation=new.conversation, seed=None)
    if event == "an end":
        store.create_reply(later)
        store.write([text_of(later, "y")])
    for key in raw.keys("*"):
        raw.expire(key, 100)
    if event == "an end":
        store.write([text_of(later, "z", start=1, state=State.DONE)])
    else:
        store.create_reply(later)
    others = ("asking", "clock", "listed", "named")
    kept = {key: ttl for key, ttl in ttls(raw).items() if key.split(":")[1] not in others}
    assert len(kept) >= 10
    assert min(kept.values()) > 100


@pytest.mark.parametrize("discarded", [False, True])
@pytest.mark.parametrize("for_good", [False, True])
def test_deleting_leaves_nothing(store, new, raw, clock, discarded, for_good):
    store.claim(new.conversation, Rights(owner_hash="me"))
    store.write([text_of(new, "x")])
    store.write([text_of(new, "y", start=1, state=State.DONE)])
    store.retitle(new.conversation, "A title")
    store.share(new.conversation, "link")
    store.list_owned("me", 9)
    clock.forward(100)
    if discarded:
        store.discard(new.conversation)
        assert all(0 < raw.ttl(key) <= UNDO_S for key in raw.keys(key_of("*", new.id)))
    if for_good:
        store.delete_owned("me")
    elif discarded:
        return  # it expires by itself
    else:
        assert store.delete_older_than(50) == 1
    assert store.delete_older_than(50) == 0
    left = {"clock", "marks", "listed", "named"}
    assert set(raw.keys("*")) - {f"kindlechat:asking:{A}"} == {f"kindlechat:{key}" for key in left}


def ends_of(new, raw):
    """In how many seconds each key of a conversation of one reply expires."""
    names = (key_of("*", new.id), key_of("*", new.conversation))
    return [raw.ttl(key) for name in names for key in raw.keys(name)]


def test_what_is_discarded_expires_as_a_whole(store, new, raw):
    store.claim(new.conversation, Rights(owner_hash="me"))
    store.share(new.conversation, "link")
    store.write([text_of(new, "x", state=State.DONE)])
    store.discard(new.conversation)
    ends = ends_of(new, raw)
    assert len(ends) == 6
    assert max(ends) <= UNDO_S
    assert raw.ttl("kindlechat:share:link") <= UNDO_S
    store.restore(new.conversation)
    ends = ends_of(new, raw)
    assert min(ends) > UNDO_S


@pytest.mark.parametrize("begun", [False, True])
def test_what_is_written_late_into_what_was_discarded_does_not_keep_it(store, new, raw, begun):
    store.claim(new.conversation, Rights(owner_hash="me"))
    if begun:
        store.write([text_of(new, "x")])
    store.discard(new.conversation)
    store.write([text_of(new, "x")])
    store.write([text_of(new, "xy", state=State.STOPPED)])
    for key, ttl in ttls(raw).items():
        assert ttl <= UNDO_S or key.split(":")[1] in (
            "asking",
            "clock",
            "marks",
            "listed",
            "named",
        ), key
    assert raw.zcard("kindlechat:active") == raw.zcard("kindlechat:owned:me") == 0


def test_a_search_says_when_it_did_not_look_at_everything(store, clock, monkeypatch):
    me = Rights(owner_hash="me")
    for number in range(6):
        new = new_reply(question=f"The sky {number}", rights=me)
        store.create_reply(new)
        store.write([text_of(new, f"answer {number}", state=State.DONE)])
        clock.forward(1)
    monkeypatch.setattr(search, "SEARCH_BATCH", 2)
    found = store.search_owned("me", "sky", 9)
    assert (len(found.owned), found.whole) == (6, True)
    monkeypatch.setattr(search, "ANSWER_ROOM", 17)  # of two answers
    found = store.search_owned("me", "answer", 9)
    assert ([each.question[-1] for each in found.owned], found.whole) == (["5", "4"], False)
    monkeypatch.setattr(search, "SCANNED", 3)
    found = store.search_owned("me", "sky", 9)
    assert ([each.question[-1] for each in found.owned], found.whole) == (["5", "4", "3"], False)
    monkeypatch.setattr(search, "QUESTION_ROOM", 1)
    assert len(store.search_owned("me", "sky", 9).owned) == 1


def test_what_has_expired_is_in_no_list(store, raw, clock):
    me = Rights(owner_hash="me")
    news = [new_reply(question=f"{number}", rights=me) for number in range(4)]
    for new in news:
        store.create_reply(new)
        clock.forward(1)
    for new in news[1:3]:
        raw.delete(key_of("conversation", new.conversation))
    for starred_first in (False, True):
        found = store.list_owned("me", 2, starred_first=starred_first)
        assert [each.question for each in found] == ["3", "0"]
    assert store.count_owned("me") == 2


def test_what_is_under_way_is_not_deleted(store, new, clock):
    clock.forward(TIMINGS.orphan_after_s - 1)
    store.heartbeat({new.id: new.lease}, renew=True)
    clock.forward(TIMINGS.orphan_after_s - 1)
    assert store.delete_older_than(TIMINGS.orphan_after_s) == 0
    assert store.reply(new.id).state is State.WAITING


def test_deleting_is_bounded_and_gets_to_everything(open_store, clock):
    store = open_store(delete_batch=2)
    for _ in range(5):
        new = new_reply()
        store.create_reply(new)
        store.write([text_of(new, "x", state=State.DONE)])
    clock.forward(100)
    assert [store.delete_older_than(50) for _ in range(4)] == [2, 2, 1, 0]


def test_no_secret_is_kept(store):
    assert store.secret() is None


def test_redis_clock_is_everybodys(server, raw, opened):
    new = new_reply()
    store = opened(server.url)
    store.create_reply(new)
    seconds, micros = raw.time()
    assert seconds + micros / 1e6 - float(raw.hget(key_of("reply", new.id), "heartbeat")) < 5
    raw.hdel(key_of("reply", new.id), "renewed")  # as an older version writes it
    raw.hset(key_of("reply", new.id), "heartbeat", seconds - TIMINGS.orphan_after_s - 1)
    assert store.reply(new.id).reason is Reason.ORPHAN


# Faults


def test_a_server_that_is_killed_and_comes_back_empty(own_server, opened):
    server = own_server()
    store = opened(server.url)
    lost, fresh = new_reply(), new_reply()
    store.create_reply(lost)
    jobs = [gevent.spawn(store.reply, lost.id) for _ in range(8)]  # fills the pool
    gevent.joinall(jobs, raise_error=True, timeout=10)
    waiting = gevent.spawn(store.read_after, {lost.id: 0}, 60)
    with redis.Redis(port=server.port) as client:
        eventually(lambda: any(each["cmd"] == "xread" for each in client.client_list()))
    server.kill()
    with pytest.raises(StoreUnavailable, match=r"^Redis: "):
        waiting.get(timeout=20)
    started = time.monotonic()
    for _ in range(8):
        with pytest.raises(StoreUnavailable, match=r"^Redis: "):
            store.check()
    assert time.monotonic() - started < 8 * TIMINGS.redis_timeout_s / 2
    server.start()
    jobs = [gevent.spawn(store.check) for _ in range(8)]
    gevent.joinall(jobs, raise_error=True, timeout=10)
    assert store.write([text_of(lost, "x")]).gone == {lost.id}
    store.create_reply(fresh)
    assert store.reply(fresh.id).state is State.WAITING


@short_timeout
def test_a_server_that_hangs_is_given_up_in_time(own_server, opened):
    server = own_server()
    store = opened(server.url)
    new = new_reply()
    store.create_reply(new)
    calls = [
        *(store.check, lambda: store.write([text_of(new, "x")]), lambda: store.reply(new.id)),
        *(
            lambda: store.read_after({new.id: 0}, 60),
            lambda: store.count(quotas_for(parse_rate_limits("1/day"), A)),
        ),
    ]
    server.pause()
    try:
        jobs = [gevent.spawn(call) for call in calls * 6]
        gevent.joinall(jobs, timeout=TOO_LONG_S)  # else the kernel gives up, minutes later
        assert {type(job.exception) for job in jobs} == {StoreUnavailable}
    finally:
        server.go_on()
    assert store.reply(new.id).id == new.id


def test_a_reader_that_leaves_takes_its_answer_along(opened, server, new, raw):
    store = opened(server.url, max_connections=2)
    waiting = gevent.spawn(store.read_after, {new.id: 0}, 60)
    eventually(lambda: blocked(raw))
    waiting.kill()
    store.write([text_of(new, "late")])
    assert [store.reply(new.id).text for _ in range(3)] == ["late"] * 3


def test_a_full_server_is_told_and_nothing_is_half_written(own_server, opened):
    server = own_server()
    store = opened(server.url)
    new = new_reply()
    store.create_reply(new)
    store.write([text_of(new, "before")])
    with redis.Redis(port=server.port) as client:
        client.config_set("maxmemory", 1)
        with pytest.raises(StoreUnavailable, match=r"OOM|maxmemory"):
            store.write([text_of(new, " after", start=6)])
        with pytest.raises(StoreUnavailable):
            store.check()
        assert store.reply(new.id).text == "before"
        secret = new_reply(question="What nobody is to read")
        with pytest.raises(StoreUnavailable) as told:
            store.create_reply(secret)
        assert secret.question not in str(told.value)
        assert store.reply(secret.id) is None
        client.config_set("maxmemory", 0)
    assert store.write([text_of(new, " after", start=6)]) == Written()
    assert store.reply(new.id).text == "before after"


def test_a_server_that_takes_no_writes_is_told_and_connected_to_anew(own_server, opened):
    server = own_server()
    store = opened(server.url)
    store.check()
    with redis.Redis(port=server.port) as client:
        client.execute_command("REPLICAOF", "127.0.0.1", "1")
        before = client.info("stats")["total_connections_received"]
        with pytest.raises(StoreUnavailable, match="read only replica"):
            store.check()
        assert client.info("stats")["total_connections_received"] > before
        before = client.info("stats")["total_connections_received"]
        with pytest.raises(StoreUnavailable, match="read only replica"):
            store.create_reply(new_reply())
        assert client.info("stats")["total_connections_received"] > before
        client.execute_command("REPLICAOF", "NO", "ONE")
    store.check()


def test_scripts_are_loaded_again_where_the_server_has_lost_them(store, new, raw):
    raw.script_flush()
    assert store.reply(new.id).id == new.id


# Addresses


def test_a_wrong_password_is_told_without_it(own_server, opened):
    server = own_server("--requirepass", "open sesame")
    opened(server.url.replace("//", "//:open%20sesame@")).check()
    with pytest.raises(StoreUnavailable) as raised:
        opened(server.url.replace("//", "//:guess%20this@")).check()
    assert "guess" not in str(raised.value)


@cases(
    "url",
    [
        "redis://:pass#word@host:6379",
        "redis://:pass/word@host:6379",
        "redis://:password@host:6379/0?family=0",
        "redis://:password@host:many",
        "redis://:password@host:6379/0?socket_timeout=long",
        "redis://:password@[host:6379",
        "rediss://:password@host:6379?ssl_cert_reqs=maybe",
    ],
)
def test_an_address_that_makes_no_sense_is_told_without_its_password(url):
    with pytest.raises(StoreUnavailable, match="REDIS_URL: expected") as raised:
        RedisStore(url, 30)
    assert "pass" not in str(raised.value).replace("PASSWORD", "")
    assert raised.value.__suppress_context__
    assert raised.value.__cause__ is None


def test_nobody_at_the_address_is_told(opened):
    with pytest.raises(StoreUnavailable, match=r"^Redis: .*refused"):
        opened(f"redis://:password@127.0.0.1:{free_port()}").check()


@short_timeout
def test_an_address_that_drops_packets_is_given_up_in_time(opened):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        with socket.create_connection(listener.getsockname()):  # the queue is full now
            store = opened(f"redis://127.0.0.1:{listener.getsockname()[1]}")
            with (
                gevent.Timeout(TOO_LONG_S),
                pytest.raises(StoreUnavailable, match=r"^Redis: .*[Tt]ime"),
            ):
                store.check()


def test_a_unix_socket_will_do(own_server, opened, tmp_path):
    own_server("--unixsocket", str(tmp_path / "s"))
    with socket.socket(socket.AF_UNIX) as probe:  # Redis opens its port first
        eventually(lambda: probe.connect_ex(f"{tmp_path}/s") == 0)
    opened(f"unix://{tmp_path}/s").check()


@pytest.fixture
def tls_server(own_server, tmp_path):
    """A server with a certificate that no authority of the system has signed."""
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "1", "-subj", "/CN=redis.test", "-keyout", tmp_path / "key.pem"),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-out", tmp_path / "cert.pem"),
        ],
        check=True,
        capture_output=True,
    )
    options = [
        *("--tls-cert-file", str(tmp_path / "cert.pem")),
        *("--tls-key-file", str(tmp_path / "key.pem")),
        *("--tls-auth-clients", "no"),
    ]
    return own_server(*options, tls=True)


def test_tls_with_a_certificate_that_the_system_trusts(tls_server, opened, tmp_path, monkeypatch):
    monkeypatch.setitem(os.environ, "SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    store = opened(tls_server.url)
    new = new_reply()
    store.create_reply(new)
    store.write([text_of(new, "x" * 200_000)])
    assert len(store.reply(new.id).text) == 200_000


def test_tls_with_a_certificate_that_nobody_trusts_is_refused(tls_server, opened):
    with pytest.raises(StoreUnavailable, match=r"(?i)certificate.verify.failed"):
        opened(tls_server.url).check()


def test_tls_with_any_certificate_where_the_operator_asks_for_it(tls_server, opened):
    opened(tls_server.url + "?ssl_cert_reqs=none").check()


def test_an_orphan_in_a_full_redis_can_be_read(own_server):
    server = own_server("--maxmemory-policy", "noeviction")
    clock = LivedThrough(server.url)
    store, new = RedisStore(server.url, keep_s=60, clock=clock), new_reply()
    store.create_reply(new)
    store.write([text_of(new, "so far")])
    clock.forward(TIMINGS.orphan_after_s + 1)
    with redis.Redis(port=server.port) as raw:
        raw.config_set("maxmemory", 1)
    with pytest.raises(StoreUnavailable):
        store.check()
    reply, (outline,) = store.reply(new.id), store.outline(new.conversation).replies
    assert (reply.text, reply.state, reply.reason) == (
        *("so far", State.INTERRUPTED, Reason.ORPHAN),
    )
    assert (outline.state, outline.reason) == (State.INTERRUPTED, Reason.ORPHAN)
    store.close()
    clock.close()


def test_a_clock_that_jumps_makes_no_orphan(store, new, clock):
    for jump in (3600, -7200, 3600):
        clock.now += jump
        assert store.reply(new.id).state is State.WAITING
        store.heartbeat({new.id: new.lease})
    clock.forward(TIMINGS.orphan_after_s + 1)
    assert store.reply(new.id).state is State.INTERRUPTED


def test_a_redis_that_fell_back_makes_nobody_immortal(store, new, raw, clock):
    """A holder may have told a time that Redis has forgotten since."""
    raw.hincrbyfloat(key_of("reply", new.id), "renewed", 3600)
    assert store.reply(new.id).state is State.INTERRUPTED
    store.heartbeat({new.id: new.lease})
    store.write([text_of(new, "back")])
    assert store.reply(new.id).state is State.STREAMING
    clock.forward(TIMINGS.orphan_after_s + 1)
    assert store.reply(new.id).state is State.INTERRUPTED


def test_the_shared_clock_is_read_anew_from_a_redis_that_is_back(own_server, opened):
    server = own_server()
    store = opened(server.url)
    with redis.Redis(port=server.port) as client:
        client.hset("kindlechat:clock", mapping={"wall": client.time()[0], "steady": 5000})
    assert 5000 <= store._steady.now() < 5100
    server.kill()
    server.start()
    with redis.Redis(port=server.port) as client:
        client.hset("kindlechat:clock", mapping={"wall": client.time()[0], "steady": 7})
    store.check()
    assert store._steady.now() < 100


def test_a_process_asks_for_the_shared_time_now_and_then(store, new, clock, monkeypatch):
    asked = []
    ask = store._ask_steady
    monkeypatch.setattr(store._steady, "_ask", lambda: asked.append(1) or ask())
    store._steady.forget()
    for _ in range(5):
        clock.forward(TIMINGS.orphan_after_s / 10)
        store.heartbeat({new.id: new.lease})
    assert len(asked) == 1
    clock.forward(TIMINGS.orphan_after_s / 2)
    store.heartbeat({new.id: new.lease})
    assert len(asked) == 2
    clock.now -= 3600
    store.heartbeat({new.id: new.lease})
    assert len(asked) == 3
    assert store.reply(new.id).state is State.WAITING


def test_nobody_is_an_orphan_for_the_silence_of_all(store, new, clock):
    """Where Redis, or everything, stood still, a holder has time to come back; then it is judged again."""
    clock.now += 3600
    assert store.reply(new.id).state is State.WAITING
    clock.forward(TIMINGS.orphan_after_s)
    assert store.reply(new.id).state is State.INTERRUPTED
