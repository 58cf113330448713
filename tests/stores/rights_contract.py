"""The contract's rights of conversations, and copies of them."""

import dataclasses

import gevent
import pytest

from harness.conversations import read_all
from kindlechat.conversation import Rights
from kindlechat.errors import (
    UnknownConversation,
)
from kindlechat.relay import new_id
from kindlechat.reply import Message, State
from kindlechat.stores.contract import NewReply, Store, Write
from kindlechat.timings import Timings
from tests.stores.values import B, Clock, OpenStore, existing, new_reply, text_of

TIMINGS = Timings()


class RightsContract:
    def test_a_conversation_has_the_rights_it_was_made_with(self, store: Store) -> None:
        rights = Rights(owner_hash="me", key_hash="key")
        new = new_reply(rights=rights)
        store.create_reply(new)
        assert store.rights(new.conversation) == rights
        assert existing(store.outline(new.conversation)).rights == rights

    @pytest.mark.parametrize("rights", [Rights(owner_hash="me"), Rights(key_hash="key"), Rights()])
    def test_either_right_may_be_missing(self, store: Store, rights: Rights) -> None:
        new = new_reply(rights=rights)
        store.create_reply(new)
        assert store.rights(new.conversation) == rights

    def test_an_unknown_conversation_has_no_rights(self, store: Store) -> None:
        with pytest.raises(UnknownConversation):
            store.rights("none")
        with pytest.raises(UnknownConversation):
            store.claim("none", Rights(owner_hash="me"))

    @pytest.mark.parametrize("rights", [Rights(owner_hash="me"), Rights(key_hash="key")])
    def test_an_unclaimed_conversation_is_whoevers_claims_it_first(
        self, store: Store, new: NewReply, rights: Rights
    ) -> None:
        assert not store.rights(new.conversation).claimed
        assert store.claim(new.conversation, rights) == rights
        assert store.claim(new.conversation, Rights("other", "other")) == rights
        assert existing(store.outline(new.conversation)).rights == rights

    def test_of_many_that_claim_at_once_one_does(
        self, new: NewReply, store: Store, open_store: OpenStore
    ) -> None:
        claims = [Rights(owner_hash=f"reader {n}") for n in range(6)]
        jobs = [gevent.spawn(open_store().claim, new.conversation, each) for each in claims]
        gevent.joinall(jobs, raise_error=True, timeout=10)
        assert {job.value for job in jobs} == {store.rights(new.conversation)}

    def test_a_copy_is_a_conversation_of_its_own(self, store: Store) -> None:
        seed = (Message("user", "первый"), Message("model", "да"))
        new = new_reply(seed=seed, rights=Rights(owner_hash="me"))
        store.create_reply(new)
        store.write([text_of(new, "Жили-"), text_of(new, "были", start=5, state=State.CUT)])
        copy, rights = new_id(), Rights(owner_hash="you", key_hash="key")
        store.copy_conversation(new.conversation, copy, rights)
        (copied,) = read_all(store, copy)
        assert store.seed(copy) == seed
        assert (copied.question, copied.text, copied.state) == (
            *(new.question, "Жили-были", State.CUT),
        )
        assert copied.id != new.id
        assert store.rights(copy) == rights
        assert store.rights(new.conversation) == new.rights
        store.resume(copied.id, "next lease", B)
        store.write([Write(copied.id, "next lease", 9, "!", State.DONE, None)])
        assert existing(store.reply(copied.id)).text == "Жили-были!"
        assert existing(store.reply(new.id)).text == "Жили-были"

    def test_a_copy_goes_on_by_itself(self, store: Store, new: NewReply) -> None:
        """Its turns keep their order, and what is added to one is not in the other."""
        store.write([text_of(new, "x", state=State.DONE)])
        replaced, again = (
            new_reply(conversation=new.conversation, seed=None, question=question)
            for question in ("Old?", "New?")
        )
        store.create_reply(replaced)
        store.create_reply(dataclasses.replace(again, replaces=replaced.id))
        copy = new_id()
        store.copy_conversation(new.conversation, copy, Rights(owner_hash="you"))
        store.create_reply(new_reply(conversation=copy, seed=None, question="Mine?"))

        def questions(conversation: str) -> list[str]:
            return [reply.question for reply in existing(store.outline(conversation)).replies]

        assert questions(copy) == [new.question, "New?", "Mine?"]
        assert questions(new.conversation) == [new.question, "New?"]

    def test_what_is_under_way_is_copied_as_interrupted(self, store: Store, new: NewReply) -> None:
        store.write([text_of(new, "Half a")])
        copy = new_id()
        store.copy_conversation(new.conversation, copy, Rights(owner_hash="you"))
        (copied,) = read_all(store, copy)
        assert (copied.text, copied.state) == ("Half a", State.INTERRUPTED)
        store.write([text_of(new, " word", start=6, state=State.DONE)])
        assert existing(store.reply(copied.id)).text == "Half a"
        assert store.resume(copied.id, "next lease", B).text == "Half a"

    def test_a_copy_asked_for_twice_is_one(self, store: Store, new: NewReply) -> None:
        copy = new_id()
        for owner in ("you", "you again"):
            store.copy_conversation(new.conversation, copy, Rights(owner_hash=owner))
        assert len(existing(store.outline(copy)).replies) == 1
        assert store.rights(copy) == Rights(owner_hash="you")

    def test_an_unknown_conversation_is_not_copied(self, store: Store) -> None:
        copy = new_id()
        with pytest.raises(UnknownConversation):
            store.copy_conversation("none", copy, Rights())
        assert store.outline(copy) is None

    def test_a_copy_is_kept_as_if_it_were_new(
        self, store: Store, new: NewReply, clock: Clock
    ) -> None:
        store.write([text_of(new, "old", state=State.DONE)])
        clock.forward(100)
        copy = new_id()
        store.copy_conversation(new.conversation, copy, Rights(owner_hash="you"))
        assert store.delete_older_than(50) == 1
        assert [reply.text for reply in read_all(store, copy)] == ["old"]
        clock.forward(100)
        assert store.delete_older_than(50) == 1
        assert store.outline(copy) is None
