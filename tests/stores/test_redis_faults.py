"""Redis gets full, falls back or is replaced in the middle of what a store does in several calls."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import redis

from harness.servers import RedisServer
from kindlechat.errors import StoreUnavailable
from kindlechat.reply import State
from kindlechat.stores.contract import UNDO_S, Fingerprint, LookedUp, Quota, Write, Written
from kindlechat.stores.redis import RedisStore
from kindlechat.stores.redis.calls import Call
from tests.stores.values import ME, A, Clock, asked, existing, in_bin, listed, new_reply, text_of


@pytest.fixture
def store(server: RedisServer, raw: redis.Redis, clock: Clock) -> Iterator[RedisStore]:
    with closing(RedisStore(server.url, 10**6, clock)) as store:
        store.seed("none")  # sees that there is nothing of an older version
        yield store


@pytest.mark.parametrize(
    "act",
    [
        lambda store, id_: store.discard(id_),
        lambda store, _: store.discard_owned("me"),
        lambda store, id_: store.share(id_, "link"),
        lambda store, id_: store.star(id_, starred=True),
        lambda store, _: store.hand_over("me", "you"),
        lambda store, id_: store.copy_conversation(id_, "copycopycopy", ME),
    ],
    ids=["discard", "discard all", "share", "star", "hand over", "copy"],
)
def test_a_full_redis_takes_nothing_out_of_a_list(
    store: RedisStore, raw: redis.Redis, act: Callable[[RedisStore, str], object]
) -> None:
    new = asked(store, answer="So.")
    raw.config_set("maxmemory", 1)
    with pytest.raises(StoreUnavailable):
        act(store, new.conversation)
    raw.config_set("maxmemory", 0)
    assert store.outline(new.conversation) is not None
    assert listed(store) == {new.conversation}
    assert in_bin(store) == set()
    assert raw.zscore("kindlechat:active", new.conversation)


def test_what_a_full_redis_does_not_restore_stays_in_the_bin(
    store: RedisStore, raw: redis.Redis
) -> None:
    new = asked(store, answer="So.")
    store.discard(new.conversation)
    raw.config_set("maxmemory", 1)
    with pytest.raises(StoreUnavailable):
        store.restore(new.conversation)
    raw.config_set("maxmemory", 0)
    assert (listed(store), in_bin(store)) == (set(), {new.conversation})
    store.restore(new.conversation)
    assert (listed(store), in_bin(store)) == ({new.conversation}, set())


def test_a_link_that_is_withdrawn_while_it_is_shared_again_leads_nowhere(
    store: RedisStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = asked(store, answer="So.")
    store.share(new.conversation, "first")
    look = store._look

    def withdraw_after(*given: str) -> dict[str, object]:
        found = look(*given)
        store.withdraw(new.conversation)
        return found

    monkeypatch.setattr(store, "_look", withdraw_after)
    assert store.share(new.conversation, "second") == "second"
    assert store.shared_as("first") is None
    assert store.shared_as("second") == new.conversation
    assert [each.share for each in store.list_shared("me", 9)] == ["second"]


def test_who_writes_on_after_redis_fell_back_is_alive_at_once(
    tmp_path: Path,
) -> None:
    """What a process knows of the shared time is of the state that is gone."""
    clock = Clock()
    with RedisServer(tmp_path, "--dbfilename", "kept.rdb") as server:
        writer, reader = (RedisStore(server.url, 10**6, clock) for _ in range(2))
        with closing(writer), closing(reader):
            new = new_reply()
            writer.create_reply(new)
            with redis.Redis.from_url(server.url) as client:
                client.save()
            for _ in range(30):
                clock.forward(2)
                writer.heartbeat({new.id: new.lease})
                reader.check()
            server.kill()
            server.start()
            assert writer.write([text_of(new, "on")]).gone == set()
            assert existing(reader.reply(new.id)).state is State.STREAMING


@pytest.mark.parametrize(
    "look",
    [
        lambda reader: reader.meet("mark"),
        lambda reader: reader.seed("none"),
        lambda reader: (reader._pool.disconnect(), reader.check(), reader.seed("none")),
    ],
    ids=["by the way", "as it is time", "over a new connection"],
)
def test_who_writes_after_all_keys_were_deleted_is_alive(
    server: RedisServer, raw: redis.Redis, clock: Clock, look: Callable[[RedisStore], object]
) -> None:
    """The shared time goes on, whichever process looks at it first."""
    writer, reader = (RedisStore(server.url, 10**6, clock) for _ in range(2))
    with closing(writer), closing(reader):
        for _ in range(9):
            reader.meet("mark")
            clock.forward(10)
            writer.meet("mark")
        raw.flushall()
        clock.forward(5)
        look(reader)
        new = new_reply()
        writer.create_reply(new)
        assert existing(reader.reply(new.id)).state is State.WAITING


def test_what_can_no_longer_be_restored_leaves_the_bin(
    store: RedisStore, raw: redis.Redis, clock: Clock
) -> None:
    for _ in range(3):
        store.discard(asked(store, answer="So.").conversation)
        clock.forward(UNDO_S / 2)
    assert raw.zcard("kindlechat:bin:me") <= 2


def test_whether_anything_is_shared_is_told_by_a_few_entries(
    store: RedisStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(60):
        store.share(asked(store, answer="So.").conversation, f"link {number}")
    sent: list[int] = []
    send = store._send
    monkeypatch.setattr(store, "_send", lambda calls: sent.append(len(calls)) or send(calls))
    assert len(store.list_shared("me", 1)) == 1
    assert sum(sent) < 30
    assert len(store.list_shared("me", 50)) == 50
    assert len(store.list_shared("me", 99)) == 60


def test_words_are_read_a_part_after_the_other(
    store: RedisStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(250):
        new = asked(store)
        clock.forward(1)
        store.keep_word(LookedUp(new.conversation, "key", f"word {number}", "", "", "en"))
    sent: list[int] = []
    send = store._send
    monkeypatch.setattr(store, "_send", lambda calls: sent.append(len(calls)) or send(calls))
    found = store.vocabulary("me", 120)
    assert [each.word for each in found] == [f"word {n}" for n in range(249, 129, -1)]
    assert max(sent) <= 100


class Twice(RedisStore):
    """A store all of whose answers are lost at first: everything is sent once more."""

    def _exchange_with(self, calls: Sequence[Call], always: Mapping[str, float]) -> list[Any]:
        super()._exchange_with(calls, always)
        later = {name: at + 0.01 for name, at in always.items()}
        return super()._exchange_with(calls, later)


def test_everything_may_be_sent_twice(
    server: RedisServer, store: RedisStore, raw: redis.Redis, clock: Clock
) -> None:
    with closing(Twice(server.url, 10**6, clock)) as twice:
        new = new_reply(rights=ME, fingerprint=Fingerprint("press"))
        for replies in (1, 2):
            assert (
                twice.create_reply(new, concurrency_limit=2, quotas=(Quota("q", 9, 60),)) == new.id
            )
            assert raw.smembers("kindlechat:asking:address-a") == {new.id}
            assert raw.hget("kindlechat:quota:q", "count") == str(replies)
            clock.forward(1)
            assert twice.write([text_of(new, "So.", state=State.CUT)]) == Written()
            assert not raw.exists("kindlechat:asking:address-a")
            clock.forward(1)
            twice.resume(new.id, f"next {replies}", A, quotas=(Quota("r", 9, 60),))
            assert raw.smembers("kindlechat:asking:address-a") == {new.id}
            assert raw.hget("kindlechat:quota:r", "count") == str(replies)
            twice.write([Write(new.id, f"next {replies}", 3, "", State.DONE, None)])
            clock.forward(1)
            new = new_reply(conversation=new.conversation, seed=None)
        assert len(existing(store.outline(new.conversation)).replies) == 2
        assert twice.share(new.conversation, "link") == "link"
        twice.discard(new.conversation)
        assert (listed(store), in_bin(store)) == (set(), {new.conversation})
        twice.restore(new.conversation)
        assert (listed(store), in_bin(store)) == ({new.conversation}, set())
        assert store.shared_as("link") == new.conversation
        twice.hand_over("me", "you")
        assert (listed(store), listed(store, "you")) == (set(), {new.conversation})
        twice.withdraw(new.conversation)
        assert store.list_shared("you", 9) == []
        twice.delete_owned("you")
        assert store.outline(new.conversation) is None
        assert listed(store, "you") == set()
