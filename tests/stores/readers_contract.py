"""The contract's readers: keys, mailboxes, newest answers."""

from typing import Any

import pytest

from kindlechat.conversation import Rights
from kindlechat.reply import State
from kindlechat.stores.contract import (
    Answered,
    KeyKind,
    KeyOwner,
    ReaderKey,
    ReaderRecord,
    Store,
)
from tests.stores.values import Clock, OpenStore, new_reply, text_of

ME, YOU = Rights(owner_hash="me"), Rights(owner_hash="you")
KEY, OTHER = ReaderKey("hash", "salt", "sealed"), ReaderKey("other hash", "other salt")
LINK, PHRASE, SHELF = KeyKind


def answer(store: Store, text: str = "So.", state: State = State.DONE, **about: Any) -> str:
    """The id of a reply to a question of mine, unless `about` says otherwise."""
    new = new_reply(**{"rights": ME, **about})
    store.create_reply(new)
    store.write([text_of(new, text, state=state)])
    return new.id


def shelf(store: Store, limit: int = 9, offset: int = 0) -> list[str]:
    return [each.id for each in store.newest_answers("me", limit, offset)]


class ReadersContract:
    def test_of_most_readers_nothing_is_kept(self, store: Store) -> None:
        store.see_reader("me")
        assert store.reader_record("me") == ReaderRecord()
        assert store.owner_of_key(LINK, "hash") is None
        assert store.delete_readers_unseen_for(-1) == 0

    def test_a_reader_is_found_by_a_key_everywhere(
        self, store: Store, open_store: OpenStore
    ) -> None:
        store.keep_key("me", LINK, KEY)
        assert open_store().owner_of_key(LINK, "hash") == KeyOwner("me", KEY)
        assert open_store().reader_record("me") == ReaderRecord({LINK: KEY})
        assert store.owner_of_key(PHRASE, "hash") is None, "a key is of one kind"
        assert store.owner_of_key(LINK, "other hash") is None
        assert store.reader_record("you") == ReaderRecord()

    def test_a_new_key_takes_the_place_of_its_kind_alone(self, store: Store) -> None:
        store.keep_key("me", LINK, KEY)
        store.keep_key("me", SHELF, KEY)
        store.keep_key("me", LINK, OTHER)
        assert store.owner_of_key(LINK, "hash") is None
        assert store.owner_of_key(LINK, "other hash") == KeyOwner("me", OTHER)
        assert store.owner_of_key(SHELF, "hash") == KeyOwner("me", KEY)
        assert store.reader_record("me").keys == {LINK: OTHER, SHELF: KEY}

    def test_to_keep_the_same_key_again_changes_nothing(self, store: Store) -> None:
        for _ in range(2):
            store.keep_key("me", LINK, KEY)
        assert store.owner_of_key(LINK, "hash") == KeyOwner("me", KEY)

    def test_a_withdrawn_key_finds_nobody(self, store: Store) -> None:
        store.keep_key("me", LINK, KEY)
        store.keep_key("me", PHRASE, OTHER)
        for _ in range(2):
            store.withdraw_key("me", LINK)
        assert store.owner_of_key(LINK, "hash") is None
        assert store.owner_of_key(PHRASE, "other hash") == KeyOwner("me", OTHER)

    def test_a_reader_has_one_mailbox(self, store: Store) -> None:
        store.keep_key("me", LINK, KEY)
        for mailbox in ("me@mail.example", "ich@mail.example", ""):
            store.set_mailbox("me", mailbox)
            assert store.reader_record("me") == ReaderRecord({LINK: KEY}, mailbox)
        store.set_mailbox("you", "you@mail.example")
        assert store.reader_record("you").mailbox == "you@mail.example"

    def test_who_is_forgotten_leaves_nothing(self, store: Store) -> None:
        for owner_hash, key in (("me", KEY), ("you", OTHER)):
            store.keep_key(owner_hash, LINK, key)
            store.set_mailbox(owner_hash, "a@mail.example")
        for _ in range(2):
            store.forget_reader("me")
        assert store.reader_record("me") == ReaderRecord()
        assert store.owner_of_key(LINK, "hash") is None
        assert store.owner_of_key(LINK, "other hash") == KeyOwner("you", OTHER)
        store.keep_key("me", LINK, KEY)
        assert store.reader_record("me") == ReaderRecord({LINK: KEY}), "no mailbox of before"

    def test_who_is_not_seen_for_long_is_forgotten(self, store: Store, clock: Clock) -> None:
        store.keep_key("me", LINK, KEY)
        store.keep_key("you", LINK, OTHER)
        clock.forward(60)
        store.see_reader("you")
        clock.forward(50)
        assert store.delete_readers_unseen_for(111) == 0
        assert store.delete_readers_unseen_for(100) == 1
        assert store.owner_of_key(LINK, "hash") is None
        assert store.owner_of_key(LINK, "other hash") == KeyOwner("you", OTHER)
        clock.forward(100)
        assert store.delete_readers_unseen_for(100) == 1
        assert store.reader_record("you") == ReaderRecord()

    # The newest answers

    def test_the_newest_answers_come_first(self, store: Store, clock: Clock) -> None:
        first = new_reply(rights=ME)
        store.create_reply(first)
        store.write([text_of(first, "One.", state=State.DONE)])
        ids, times = [first.id], [clock()]
        for conversation in (None, first.conversation, None):
            clock.forward(10)
            about: dict[str, Any] = (
                {"conversation": conversation, "seed": None} if conversation else {}
            )
            ids.append(answer(store, **about))
            times.append(clock())
        assert store.newest_answers("me", 9) == [
            Answered(id_, written) for id_, written in zip(ids[::-1], times[::-1], strict=True)
        ]
        assert shelf(store, 2, 1) == ids[::-1][1:3]
        assert shelf(store, 9, 4) == []

    def test_it_is_the_readers_own_answers_that_have_ended(
        self, store: Store, clock: Clock
    ) -> None:
        cut = answer(store, state=State.CUT)
        others: list[dict[str, Any]] = [{"rights": YOU}, {"text": ""}, {"state": State.STREAMING}]
        for about in others:
            answer(store, **about)
        clock.forward(1)
        again = answer(store, conversation=self.conversation(store, cut), seed=None, replaces=cut)
        assert shelf(store) == [again]

    def test_what_is_discarded_is_not_on_the_shelf(self, store: Store, clock: Clock) -> None:
        first = answer(store)
        clock.forward(1)
        second = answer(store)
        conversation = self.conversation(store, second)
        store.discard(conversation)
        assert shelf(store) == [first]
        store.restore(conversation)
        assert shelf(store) == [second, first]

    @staticmethod
    def conversation(store: Store, reply_id: str) -> str:
        found = store.conversation_of(reply_id)
        assert found
        return found

    @pytest.mark.parametrize("limit", [0, 1])
    def test_a_reader_with_nothing_has_an_empty_shelf(self, store: Store, limit: int) -> None:
        assert shelf(store, limit) == []
