"""The contract's conversations: asking, reading, following, deleting."""

import dataclasses

import gevent
import pytest

from kindlechat.conversation import ReplyOutline, Rights
from kindlechat.errors import (
    Reason,
    ReplacedMeanwhile,
    TooManyReplies,
    UnknownConversation,
    UnknownReply,
)
from kindlechat.reply import Message, Progress, State
from kindlechat.stores.contract import Fingerprint, NewReply, Quota, Store
from kindlechat.timings import Timings
from tests.stores.values import Clock, OpenStore, existing, new_reply, text_of

TIMINGS = Timings()


class ConversationsContract:
    def test_missing_things_are_none(self, store: Store) -> None:
        assert store.reply("none") is None
        assert store.outline("none") is None
        assert store.conversation_of("none") is None

    def test_a_new_reply_waits(self, store: Store, new: NewReply) -> None:
        reply = existing(store.reply(new.id))
        assert (reply.conversation, reply.question, reply.text) == (
            new.conversation,
            new.question,
            "",
        )
        assert (reply.state, reply.reason) == (State.WAITING, None)

    def test_a_prompt_is_kept_with_its_question(self, store: Store) -> None:
        new = new_reply(question="Shorter", prompt="Say it again, shorter. Ещё раз")
        store.create_reply(new)
        (turn,) = existing(store.outline(new.conversation)).replies
        reply = existing(store.reply(new.id))
        assert (turn.question, turn.prompt) == (reply.question, reply.prompt)
        assert (reply.question, reply.prompt) == (new.question, new.prompt)

    def test_a_copy_has_prompts_and_follow_ups(self, store: Store) -> None:
        new = new_reply(question="Shorter", prompt="Say it again, shorter.")
        store.create_reply(new)
        store.write([text_of(new, "x", state=State.DONE, follow_ups=("Why?", "И как?"))])
        store.copy_conversation(new.conversation, "the copy", Rights("somebody"))
        (turn,) = existing(store.outline("the copy")).replies
        copy = existing(store.reply(turn.id))
        assert (copy.prompt, copy.follow_ups) == (new.prompt, ("Why?", "И как?"))

    def test_follow_ups_come_with_the_end(self, store: Store, new: NewReply) -> None:
        store.write([text_of(new, "Because.")])
        assert store.read_after({new.id: 0}, 0)[new.id].follow_ups == ()
        store.write([text_of(new, "", start=8, state=State.DONE, follow_ups=("Why?", "И как?"))])
        assert store.read_after({new.id: 8}, 0)[new.id].follow_ups == ("Why?", "И как?")
        assert existing(store.reply(new.id)).follow_ups == ("Why?", "И как?")

    def test_reason_is_kept(self, store: Store, new: NewReply) -> None:
        store.write([text_of(new, "", state=State.FAILED, reason=Reason.QUOTA_DAY)])
        assert existing(store.reply(new.id)).reason is Reason.QUOTA_DAY

    def test_a_conversation_holds_seed_and_replies_in_order(self, store: Store) -> None:
        seed = (Message("user", "первый"), Message("model", "да"))
        first = new_reply(seed=seed)
        second = new_reply(conversation=first.conversation, seed=None, question="And?")
        store.create_reply(first)
        store.create_reply(second)
        assert store.seed(first.conversation) == seed
        outline = existing(store.outline(first.conversation))
        assert [reply.id for reply in outline.replies] == [first.id, second.id]
        assert store.conversation_of(second.id) == first.conversation

    def test_an_unknown_conversation_takes_no_question(self, store: Store) -> None:
        new = new_reply(seed=None)
        with pytest.raises(UnknownConversation):
            store.create_reply(new)
        assert store.reply(new.id) is None

    def test_a_replaced_reply_leaves_the_conversation(self, store: Store, new: NewReply) -> None:
        again = new_reply(conversation=new.conversation, seed=None, replaces=new.id)
        store.create_reply(again)
        assert [reply.id for reply in existing(store.outline(new.conversation)).replies] == [
            again.id
        ]

    def test_a_reply_is_replaced_once(self, store: Store, new: NewReply) -> None:
        first, late = (
            new_reply(conversation=new.conversation, seed=None, replaces=new.id) for _ in range(2)
        )
        store.create_reply(first)
        with pytest.raises(ReplacedMeanwhile):
            store.create_reply(late)
        assert store.reply(late.id) is None
        assert [reply.id for reply in existing(store.outline(new.conversation)).replies] == [
            first.id
        ]

    def test_what_is_replaced_makes_room(self, store: Store, new: NewReply) -> None:
        again = new_reply(conversation=new.conversation, seed=None, replaces=new.id)
        store.create_reply(again, concurrency_limit=1)
        with pytest.raises(TooManyReplies):
            store.create_reply(new_reply(), concurrency_limit=1)

    def test_the_same_press_needs_no_room(self, store: Store) -> None:
        first, second = (new_reply(fingerprint=Fingerprint("same")) for _ in range(2))
        store.create_reply(first)
        assert store.create_reply(second, concurrency_limit=0) == first.id

    def test_the_same_press_of_a_button_starts_nothing(self, store: Store) -> None:
        first, second, third = (new_reply(fingerprint=Fingerprint("same")) for _ in range(3))
        assert store.create_reply(first) == first.id
        assert store.create_reply(second) == first.id
        assert store.reply(second.id) is None
        store.write([text_of(first, "x", state=State.DONE)])
        assert store.create_reply(third) == third.id

    def test_a_press_may_count_as_the_same_for_a_while_after_the_end(
        self, store: Store, clock: Clock
    ) -> None:
        first, second, third = (
            new_reply(fingerprint=Fingerprint("same", window_s=9)) for _ in range(3)
        )
        store.create_reply(first)
        store.write([text_of(first, "x", state=State.DONE)])
        clock.forward(8)
        assert store.create_reply(second) == first.id
        clock.forward(2)
        assert store.create_reply(third) == third.id

    def test_of_many_presses_at_once_one_counts(self, open_store: OpenStore) -> None:
        stores = [open_store() for _ in range(3)]
        jobs = [
            gevent.spawn(store.create_reply, new_reply(fingerprint=Fingerprint("race")))
            for store in stores
            for _ in range(4)
        ]
        gevent.joinall(jobs, raise_error=True, timeout=10)
        assert len({job.value for job in jobs}) == 1

    def test_a_repeat_is_found_before_it_is_sent(self, store: Store, clock: Clock) -> None:
        first = new_reply(fingerprint=Fingerprint("same"))
        assert store.find_repeat(Fingerprint("same")) is None
        store.create_reply(first)
        assert store.find_repeat(Fingerprint("same")) == first.id
        assert store.find_repeat(Fingerprint("another")) is None
        clock.forward(5)
        assert store.find_repeat(Fingerprint("same", window_s=4, while_under_way=False)) is None
        again = Fingerprint("same", window_s=6, while_under_way=False)
        assert store.find_repeat(again) == first.id

    def test_a_repeat_counts_against_nothing(self, store: Store) -> None:
        quotas, same = (Quota("a", 1, 60),), Fingerprint("same")
        first = new_reply(fingerprint=same)
        for each in (first, new_reply(fingerprint=same), new_reply(fingerprint=same)):
            assert store.create_reply(each, concurrency_limit=1, quotas=quotas) == first.id

    def test_of_many_presses_at_once_one_is_counted(self, open_store: OpenStore) -> None:
        stores, quotas = [open_store() for _ in range(3)], (Quota("a", 2, 60),)
        jobs = [
            gevent.spawn(
                store.create_reply, new_reply(fingerprint=Fingerprint("race")), quotas=quotas
            )
            for store in stores
            for _ in range(4)
        ]
        gevent.joinall(jobs, raise_error=True, timeout=10)
        assert stores[0].count(quotas) is None

    def test_an_outline_has_no_texts_but_their_lengths(self, store: Store, new: NewReply) -> None:
        store.write([text_of(new, "Жили-были", state=State.CUT, reason=Reason.SAFETY)])
        later = new_reply(conversation=new.conversation, seed=None, question="And?")
        store.create_reply(later)
        outline = existing(store.outline(new.conversation))
        assert outline.id == new.conversation
        assert outline.replies == (
            ReplyOutline(new.id, new.question, 9, State.CUT, Reason.SAFETY),
            ReplyOutline(later.id, "And?", 0, State.WAITING, None),
        )
        assert store.outline("none") is None

    def test_an_outline_leaves_out_what_was_replaced(self, store: Store, new: NewReply) -> None:
        again = new_reply(conversation=new.conversation, seed=None, replaces=new.id)
        store.create_reply(again)
        assert [reply.id for reply in existing(store.outline(new.conversation)).replies] == [
            again.id
        ]

    def test_a_turn_keeps_its_versions_and_the_newest_counts(
        self, store: Store, new: NewReply
    ) -> None:
        again, later = (new_reply(conversation=new.conversation, seed=None) for _ in range(2))
        store.create_reply(dataclasses.replace(again, replaces=new.id))
        store.create_reply(later)
        first, second = existing(store.outline(new.conversation)).replies
        assert (first.id, first.versions, first.version) == (again.id, (new.id, again.id), 2)
        assert (second.id, second.versions, second.version) == (later.id, (), 1)

    def test_the_version_that_is_chosen_counts(self, store: Store, new: NewReply) -> None:
        again, later, third = (
            new_reply(conversation=new.conversation, seed=None, question=f"{n}?") for n in range(3)
        )
        store.create_reply(dataclasses.replace(again, replaces=new.id))
        store.create_reply(later)
        store.choose(new.id)
        found = existing(store.outline(new.conversation)).replies
        assert [reply.id for reply in found] == [new.id, later.id]
        assert (found[0].question, found[0].version) == (new.question, 1)
        store.create_reply(third)
        store.choose(again.id)
        found = existing(store.outline(new.conversation)).replies
        assert [reply.id for reply in found] == [again.id, later.id, third.id]

    def test_a_chosen_version_can_be_replaced_too(self, store: Store, new: NewReply) -> None:
        again, third = (new_reply(conversation=new.conversation, seed=None) for _ in range(2))
        store.create_reply(dataclasses.replace(again, replaces=new.id))
        store.choose(new.id)
        store.create_reply(dataclasses.replace(third, replaces=new.id))
        (turn,) = existing(store.outline(new.conversation)).replies
        assert (turn.id, turn.versions) == (third.id, (new.id, again.id, third.id))

    def test_a_version_that_is_not_there_cannot_be_chosen(self, store: Store) -> None:
        with pytest.raises(UnknownReply):
            store.choose("none")

    def test_a_reader_s_conversations_are_listed_the_last_written_first(
        self, store: Store, clock: Clock
    ) -> None:
        mine, other = Rights(owner_hash="me", key_hash="key"), Rights(owner_hash="you")
        one, two, third = (new_reply(rights=mine, question=f"{n}?") for n in range(3))
        for new in (one, two, third, new_reply(rights=other), new_reply()):
            store.create_reply(new)
            clock.forward(1)
        store.create_reply(new_reply(conversation=one.conversation, seed=None, question="More?"))
        again = new_reply(conversation=third.conversation, seed=None, question="Edited?")
        store.create_reply(dataclasses.replace(again, replaces=third.id))
        clock.forward(1)
        store.write([text_of(one, "x")])
        store.create_reply(new_reply(conversation=one.conversation, seed=None))
        found = store.list_owned("me", 2)
        assert [(each.id, each.question, each.turns) for each in found] == [
            (one.conversation, "0?", 3),
            (third.conversation, "Edited?", 1),
        ]
        assert found[0].written == clock.now
        assert len(store.list_owned("me", 9)) == 3
        assert store.list_owned("nobody", 9) == []

    def test_what_is_claimed_or_copied_is_listed_and_what_is_deleted_is_not(
        self, store: Store, new: NewReply, clock: Clock
    ) -> None:
        store.claim(new.conversation, Rights(owner_hash="me"))
        store.copy_conversation(new.conversation, "copy", Rights(owner_hash="me"))
        assert {each.id for each in store.list_owned("me", 9)} == {new.conversation, "copy"}
        store.write([text_of(new, "x", state=State.DONE)])
        clock.forward(100)
        store.delete_older_than(age_s=50)
        assert store.list_owned("me", 9) == []

    def test_an_orphan_reads_so_in_an_outline_too(
        self, store: Store, new: NewReply, clock: Clock
    ) -> None:
        clock.forward(TIMINGS.orphan_after_s + 1)
        (reply,) = existing(store.outline(new.conversation)).replies
        assert (reply.state, reply.reason) == (State.INTERRUPTED, Reason.ORPHAN)

    def test_the_replies_that_are_asked_for_are_read(self, store: Store, new: NewReply) -> None:
        store.write([text_of(new, "text")])
        other = new_reply()
        store.create_reply(other)
        store.create_reply(new_reply())
        found = store.replies([other.id, "none", new.id])
        assert found == {each.id: store.reply(each.id) for each in (new, other)}
        assert store.replies([]) == {}

    def test_the_seed_can_be_read_alone(self, store: Store) -> None:
        seed = (Message("user", "первый"), Message("model", "да"))
        new = new_reply(seed=seed)
        store.create_reply(new)
        assert store.seed(new.conversation) == seed
        assert store.seed("none") == ()

    def test_progress_after_a_cursor(self, store: Store, new: NewReply) -> None:
        store.write([text_of(new, "Жили")])
        store.write([text_of(new, "-были", start=4)])
        progress = store.read_after({new.id: 2}, 0)[new.id]
        assert progress == Progress("ли-были", 9, State.STREAMING, None)

    def test_the_end_is_news(self, store: Store, new: NewReply) -> None:
        store.write([text_of(new, "all", state=State.CUT)])
        assert store.read_after({new.id: 3}, 0)[new.id] == Progress("", 3, State.CUT, None)

    def test_a_reply_that_is_gone_reads_as_an_orphan(self, store: Store) -> None:
        progress = store.read_after({"none": 5}, 0)["none"]
        assert (progress.state, progress.reason) == (State.INTERRUPTED, Reason.ORPHAN)

    def test_every_position_can_be_followed_from(self, store: Store, new: NewReply) -> None:
        text = ""
        for piece in ("a", "бв", "где", "𝄞жзи"):
            store.write([text_of(new, piece, start=len(text))])
            text += piece
        for cursor in range(len(text)):
            assert store.read_after({new.id: cursor}, 0)[new.id].text == text[cursor:]

    def test_old_conversations_are_deleted_with_their_replies(
        self, store: Store, new: NewReply, clock: Clock
    ) -> None:
        store.write([text_of(new, "old", state=State.DONE)])
        clock.forward(100)
        young = new_reply()
        store.create_reply(young)
        store.write([text_of(young, "young")])
        store.delete_older_than(age_s=50)
        assert store.outline(new.conversation) is None
        assert store.reply(new.id) is None
        assert existing(store.reply(young.id)).text == "young"
