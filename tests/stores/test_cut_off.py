"""A process that is killed anywhere between two calls to Redis leaves nothing lost and nobody blocked."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any

import gevent
import pytest
import redis

from harness.forwarder import Forwarder
from harness.servers import RedisServer
from kindlechat.conversation import Rights
from kindlechat.errors import RateLimited, TooManyReplies, UnknownConversation
from kindlechat.relay import new_id
from kindlechat.reply import State
from kindlechat.stores.contract import Fingerprint, LookedUp, Quota, Write, Written
from kindlechat.stores.redis import RedisStore
from kindlechat.stores.redis.calls import Call
from kindlechat.stores.redis.presses import PENDING_S
from tests.stores.values import (
    ME,
    A,
    Clock,
    asked,
    existing,
    in_bin,
    listed,
    new_reply,
    text_of,
)


class Killed(BaseException):
    """What ends a process in the middle of its work."""


class Mortal(RedisStore):
    """A store whose process is killed after so many calls, also of those that were sent together."""

    left = 0

    def _exchange_with(self, calls: Sequence[Call], always: Any) -> list[Any]:
        cut, self.left = calls[: self.left], self.left - len(calls)
        if self.left >= 0:
            return super()._exchange_with(calls, always)
        if cut:
            super()._exchange_with(cut, always)
        raise Killed


@pytest.fixture
def store(server: RedisServer, raw: redis.Redis, clock: Clock) -> Iterator[RedisStore]:
    with closing(RedisStore(server.url, 1000, clock)) as store:
        store.seed("none")  # sees that there is nothing of an older version
        yield store


Act = Callable[[RedisStore], object]


@pytest.fixture
def cut_off(server: RedisServer, store: RedisStore, clock: Clock) -> Callable[[Act, int], bool]:
    """Do something in a process that is killed after so many calls; returns whether it was."""

    def do(act: Act, calls: int) -> bool:
        with closing(Mortal(server.url, 1000, clock)) as mortal:
            mortal.left = 10**6
            mortal.seed("none")
            mortal.left = calls
            try:
                act(mortal)
            except Killed:
                return True
            return False

    return do


def forget_pending_press(raw: redis.Redis) -> None:
    """As it is some seconds later."""
    for key in raw.keys("kindlechat:pressed:*"):
        if str(raw.get(key)).startswith("?"):
            assert 0 < raw.ttl(key) <= PENDING_S
            raw.delete(key)


def test_a_question_is_whole_or_not_there_and_the_next_one_is_taken(
    raw: redis.Redis, store: RedisStore, clock: Clock, cut_off: Callable[[Act, int], bool]
) -> None:
    def ask(mortal: RedisStore) -> None:
        mortal.create_reply(new, concurrency_limit=1, quotas=(Quota(f"q{calls}", 1, 60),))

    calls, is_cut = 0, True
    while is_cut:
        new = new_reply(rights=ME, client_hash=new_id(), fingerprint=Fingerprint(new_id(), 60))
        is_cut = cut_off(ask, calls)
        is_stored = store.reply(new.id) is not None
        assert (new.conversation in listed(store)) == is_stored
        assert is_stored or is_cut
        forget_pending_press(raw)
        clock.forward(PENDING_S + 1)
        again = new_reply(client_hash=new.client_hash, fingerprint=new.fingerprint, rights=ME)
        if is_stored:
            store.write([text_of(new, "So.", state=State.DONE)])
        store.create_reply(again, concurrency_limit=1, quotas=(Quota(f"q{calls}", 1, 60),))
        calls += 1
    assert calls > 10


def test_a_repeat_counts_nothing_wherever_it_is_cut_off(
    raw: redis.Redis, store: RedisStore, cut_off: Callable[[Act, int], bool]
) -> None:
    press, quotas = Fingerprint("press", 60), (Quota("q", 9, 60),)
    first = new_reply(fingerprint=press)
    store.create_reply(first, quotas=quotas)
    calls = 0
    while cut_off(
        lambda each: each.create_reply(new_reply(fingerprint=press), quotas=quotas), calls
    ):
        assert raw.hget("kindlechat:quota:q", "count") == "1"
        calls += 1
    assert calls > 2
    assert raw.hget("kindlechat:quota:q", "count") == "1"


def test_the_next_press_of_a_form_counts_again(raw: redis.Redis, store: RedisStore) -> None:
    press, quotas = Fingerprint("press", while_under_way=False), (Quota("q", 9, 60),)
    for count in (1, 2):
        store.create_reply(new_reply(fingerprint=press), quotas=quotas)
        assert raw.hget("kindlechat:quota:q", "count") == str(count)


def test_going_on_is_whole_or_not_begun(
    store: RedisStore, clock: Clock, cut_off: Callable[[Act, int], bool]
) -> None:
    def go_on(mortal: RedisStore) -> None:
        mortal.resume(new.id, "next", client, concurrency_limit=1)

    calls, is_cut = 0, True
    while is_cut:
        new, client = new_reply(rights=ME), new_id()
        store.create_reply(new)
        store.write([text_of(new, "So", state=State.CUT)])
        is_cut = cut_off(go_on, calls)
        state = existing(store.reply(new.id)).state
        assert state in (State.CUT, State.WAITING)
        clock.forward(PENDING_S + 1)
        if state is State.CUT:
            store.resume(new.id, "next", client, concurrency_limit=1)
        store.write([Write(new.id, "next", 2, ".", State.DONE, None)])
        assert existing(store.reply(new.id)).text == "So."
        store.create_reply(new_reply(client_hash=client), concurrency_limit=1)
        calls += 1
    assert calls > 5


@pytest.mark.parametrize("is_repeated", [False, True])
def test_an_end_that_was_stored_stays_and_blocks_nobody(
    raw: redis.Redis, store: RedisStore, cut_off: Callable[[Act, int], bool], is_repeated: bool
) -> None:
    calls, is_cut = 0, True
    while is_cut:
        new = new_reply(rights=ME, client_hash=new_id())
        store.create_reply(new)
        end = text_of(new, "So.", state=State.DONE)
        is_cut = cut_off(lambda mortal, end=end: mortal.write([end]), calls)
        assert (existing(store.reply(new.id)).text == "So.") == (calls > 0)
        assert new.conversation in listed(store)
        if is_repeated:  # by who got no answer
            assert store.write([end]) == Written()
            assert not raw.exists(f"kindlechat:asking:{new.client_hash}")
        elif calls:
            store.create_reply(new_reply(client_hash=new.client_hash), concurrency_limit=1)
        calls += 1
    assert calls > 3


@pytest.mark.parametrize("back", [False, True])
def test_what_is_discarded_or_restored_is_in_one_list(
    store: RedisStore, cut_off: Callable[[Act, int], bool], back: bool
) -> None:
    calls, is_cut = 0, True
    while is_cut:
        new = asked(store, answer="So.")
        store.share(new.conversation, f"link {calls}")
        if back:
            store.discard(new.conversation)
        task = RedisStore.restore if back else RedisStore.discard
        is_cut = cut_off(lambda mortal, new=new, task=task: task(mortal, new.conversation), calls)
        is_there = store.outline(new.conversation) is not None
        assert (new.conversation in listed(store)) == is_there
        assert (new.conversation in in_bin(store)) != is_there
        assert store.shared_as(f"link {calls}") == (new.conversation if is_there else None)
        calls += 1
    assert calls > 5


def test_a_link_leads_where_its_conversation_says(
    store: RedisStore, cut_off: Callable[[Act, int], bool]
) -> None:
    for task, most in ((RedisStore.share, 6), (RedisStore.withdraw, 2)):
        for calls in range(most):
            new, link = asked(store, answer="So."), new_id()
            given = (link,) if task is RedisStore.share else ()
            if not given:
                store.share(new.conversation, link)
            cut_off(lambda mortal, a=(new.conversation, *given), t=task: t(mortal, *a), calls)
            shared = existing(store.outline(new.conversation)).share
            assert store.shared_as(link) == (new.conversation if shared else None)
            assert (new.conversation in {each.id for each in store.list_shared("me", 999)}) == bool(
                shared
            )
            assert store.share(new.conversation, link) == link
            assert store.shared_as(link) == new.conversation


def test_what_is_handed_over_is_one_readers_and_the_rest_follows(
    store: RedisStore, cut_off: Callable[[Act, int], bool]
) -> None:
    calls, is_cut = 0, True
    while is_cut:
        old, to = new_id(), new_id()
        ids = {
            asked(store, answer="So.", rights=Rights(owner_hash=old)).conversation for _ in range(2)
        }
        is_cut = cut_off(lambda mortal, old=old, to=to: mortal.hand_over(old, to), calls)
        assert listed(store, old) | listed(store, to) == ids
        assert not listed(store, old) & listed(store, to)
        store.hand_over(old, to)
        assert (listed(store, old), listed(store, to)) == (set(), ids)
        calls += 1
    assert calls > 5


def test_what_is_claimed_or_copied_is_listed(
    store: RedisStore, cut_off: Callable[[Act, int], bool]
) -> None:
    calls, is_cut = 0, True
    while is_cut:
        new, copy = asked(store, answer="So.", rights=Rights()), new_id()
        claimed = cut_off(lambda mortal, new=new: mortal.claim(new.conversation, ME), calls)
        is_mine = store.rights(new.conversation) == ME
        assert (new.conversation in listed(store)) == is_mine
        copied = cut_off(
            lambda mortal, new=new, copy=copy: mortal.copy_conversation(new.conversation, copy, ME),
            calls,
        )
        assert (copy in listed(store)) == (store.outline(copy) is not None)
        is_cut = claimed or copied
        calls += 1
    assert calls > 4


def test_deleting_goes_on_where_it_was_cut_off(
    raw: redis.Redis, store: RedisStore, clock: Clock, cut_off: Callable[[Act, int], bool]
) -> None:
    acts: list[Act] = [
        lambda each: each.delete_owned("me"),
        lambda each: [each.delete_older_than(50), each.delete_older_than(50)],
    ]
    for act in acts:
        calls, is_cut = 0, True
        while is_cut:
            new, binned = asked(store, answer="So."), asked(store, answer="So.")
            store.share(new.conversation, "link")
            store.discard(binned.conversation)
            clock.forward(100)
            is_cut = cut_off(act, calls)
            assert (new.conversation in listed(store)) == (store.reply(new.id) is not None)
            act(store)
            assert store.reply(new.id) is None
            assert (listed(store), store.list_shared("me", 9), store.shared_as("link")) == (
                set(),
                [],
                None,
            )
            raw.flushdb()
            store.seed("none")
            calls += 1
        assert calls > 5


def test_lists_give_nobody_what_is_anothers(raw: redis.Redis, store: RedisStore) -> None:
    """An entry may be older than what became of its conversation."""
    mine, gone = asked(store, answer="So."), asked(store, answer="So.")
    store.share(mine.conversation, "link")
    store.keep_word(LookedUp(mine.conversation, "so", "so", "So.", "thus", "en"))
    store.discard(gone.conversation)
    for new in (mine, gone):
        raw.zadd("kindlechat:owned:you", {new.conversation: 1})
        raw.zadd("kindlechat:bin:you", {new.conversation: 1})
        raw.sadd("kindlechat:shared:you", new.conversation)
    assert store.vocabulary("you", 9) == []
    assert store.newest_answers("you", 9) == []
    assert store.search_owned("you", "why", 9).owned == []
    assert store.list_shared("you", 9) == store.list_discarded("you", 9) == []
    assert store.list_owned("you", 9) == []
    assert store.count_owned("you") == 0  # they left the list
    for change in (store.hand_over, lambda owner, _: store.discard_owned(owner)):
        raw.zadd("kindlechat:owned:you", {mine.conversation: 1, gone.conversation: 1})
        assert change("you", "heir") == 0
    raw.zadd("kindlechat:owned:you", {mine.conversation: 1, gone.conversation: 1})
    store.delete_owned("you")
    assert listed(store) == {mine.conversation}
    assert in_bin(store) == {gone.conversation}
    raw.set("kindlechat:share:other", mine.conversation)
    assert store.shared_as("other") is None


def test_a_list_that_lacks_a_conversation_gets_it_with_the_next_write(
    raw: redis.Redis, store: RedisStore, clock: Clock
) -> None:
    new = new_reply(rights=ME)
    store.create_reply(new)
    store.share(new.conversation, "link")
    for write in (
        lambda: store.write([text_of(new, "So.", state=State.CUT)]),
        lambda: store.resume(new.id, "next", A),
        lambda: store.create_reply(new_reply(conversation=new.conversation, seed=None)),
        lambda: store.star(new.conversation, starred=True),
    ):
        raw.delete("kindlechat:active", "kindlechat:owned:me", "kindlechat:shared:me")
        raw.delete("kindlechat:share:link")
        write()
        assert listed(store) == {new.conversation}
        assert [each.id for each in store.list_shared("me", 9)] == [new.conversation]
        assert store.shared_as("link") == new.conversation
        assert raw.zscore("kindlechat:active", new.conversation) == clock.now


def test_what_was_written_since_its_list_says_so_is_not_deleted(
    raw: redis.Redis, store: RedisStore, clock: Clock
) -> None:
    new = new_reply(rights=ME)
    store.create_reply(new)
    clock.forward(10)
    store.heartbeat({new.id: new.lease})
    clock.forward(90)
    store.write([text_of(new, "So.", state=State.DONE)])
    raw.zadd("kindlechat:active", {new.conversation: 1})
    assert store.delete_older_than(50) == 0
    assert raw.zscore("kindlechat:active", new.conversation) == clock.now
    assert existing(store.reply(new.id)).text == "So."


def test_what_was_held_for_a_question_that_is_refused_is_given_back(
    raw: redis.Redis, store: RedisStore
) -> None:
    minute, day = Quota("minute", 1, 60), Quota("day", 9, 86_400)
    store.create_reply(new_reply(), quotas=(minute, day))
    refused = new_reply(client_hash="b", fingerprint=Fingerprint("press"))
    with pytest.raises(RateLimited):
        store.create_reply(refused, concurrency_limit=1, quotas=(minute, day))
    assert raw.hget("kindlechat:quota:day", "count") == "1"
    assert not raw.exists("kindlechat:asking:b")
    assert not raw.exists("kindlechat:pressed:press")
    with pytest.raises(TooManyReplies):
        store.create_reply(new_reply(), concurrency_limit=1, quotas=(day,))
    assert raw.hget("kindlechat:quota:day", "count") == "1"


def test_a_question_that_is_discarded_meanwhile_gives_all_back(
    raw: redis.Redis, store: RedisStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = asked(store, answer="So.")
    store_it = store._store

    def discard_first(*given: Any) -> None:
        store.discard(new.conversation)
        store_it(*given)

    monkeypatch.setattr(store, "_store", discard_first)
    late = new_reply(
        conversation=new.conversation, seed=None, client_hash="b", fingerprint=Fingerprint("press")
    )
    with pytest.raises(UnknownConversation):
        store.create_reply(late, concurrency_limit=1, quotas=(Quota("day", 9, 86_400),))
    assert raw.hget("kindlechat:quota:day", "count") == "0"
    assert not raw.exists("kindlechat:asking:b")
    assert not raw.exists("kindlechat:pressed:press")
    assert listed(store) == set()


def test_who_is_killed_while_answers_come_leaves_them_to_nobody(
    server: RedisServer, store: RedisStore, clock: Clock
) -> None:
    """Answers of calls that went together are read one after the other."""
    new = asked(store, answer="So.")

    class Slow(Forwarder):
        def _answer_of(self, server: Any) -> Iterator[bytes]:
            for data in super()._answer_of(server):
                for at in range(0, len(data), 16):
                    gevent.sleep(0.01)
                    yield data[at : at + 16]

    with Slow(server.port) as line:
        url = f"redis://127.0.0.1:{line._server.server_port}/0"
        with closing(RedisStore(url, 1000, clock, max_connections=2)) as slow:
            slow.seed("none")
            for after_s in (0.005, 0.015, 0.025, 0.045, 0.1):
                asking = gevent.spawn(slow.create_reply, new_reply())
                gevent.sleep(after_s)
                asking.kill()
                assert existing(slow.reply(new.id)).text == "So."
