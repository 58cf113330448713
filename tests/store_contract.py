"""The store's contract as one test class; each engine's test module runs it on a real engine.

Import it as a module attribute of a subclass that gives the fixtures `open_store` (a function that
opens one more store on the same data) and `clock` (an adjustable clock, in seconds).
"""

import dataclasses

import gevent
import pytest
from limits import parse_many

from harness.conversations import read_all
from kindlechat.conversation import ReplyOutline, Rights
from kindlechat.errors import (
    NotContinuable,
    RateLimited,
    Reason,
    ReplacedMeanwhile,
    TooManyReplies,
    UnknownConversation,
    UnknownReply,
)
from kindlechat.relay import new_id
from kindlechat.reply import Message, Progress, State
from kindlechat.stores.contract import (
    Fingerprint,
    LeaseStatus,
    NewReply,
    Quota,
    Write,
    Written,
    quotas_for,
)
from kindlechat.timings import Timings

TIMINGS = Timings()
A, B = "address-a", "address-b"


def new_reply(**changes):
    values = {
        "id": new_id(),
        "conversation": new_id(),
        "question": "Why? Почему?",
        "lease": new_id(),
        "client_hash": A,
        "seed": (),
    }
    return NewReply(**{**values, **changes})


def text_of(new, text, start=0, state=State.STREAMING, reason=None):
    return Write(new.id, new.lease, start, text, state, reason)


class Clock:
    """A clock that the test puts forward; it stands still otherwise."""

    def __init__(self):
        self.now = 1_800_000_000.25

    def __call__(self):
        return self.now

    def forward(self, seconds):
        self.now += seconds


class StoreContract:
    @pytest.fixture
    def store(self, open_store):
        return open_store()

    @pytest.fixture
    def new(self, store):
        new = new_reply()
        store.create_reply(new)
        return new

    def test_missing_things_are_none(self, store):
        assert store.reply("none") is None
        assert store.outline("none") is None
        assert store.conversation_of("none") is None

    def test_a_new_reply_waits(self, store, new):
        reply = store.reply(new.id)
        assert (reply.conversation, reply.question, reply.text) == (
            new.conversation,
            new.question,
            "",
        )
        assert (reply.state, reply.reason) == (State.WAITING, None)

    def test_text_is_appended_and_seen_by_another_opening(self, store, new, open_store):
        store.write([text_of(new, "Жили-")])
        store.write([text_of(new, "были 𝄞", start=5)])
        reply = open_store().reply(new.id)
        assert (reply.text, reply.state) == ("Жили-были 𝄞", State.STREAMING)

    def test_text_that_overlaps_is_taken_once(self, store, new):
        store.write([text_of(new, "abc")])
        store.write([text_of(new, "abcdef")])
        store.write([text_of(new, "cdefgh", start=2)])
        assert store.reply(new.id).text == "abcdefgh"

    def test_a_write_can_hold_many_replies(self, store):
        replies = [new_reply() for _ in range(5)]
        for each in replies:
            store.create_reply(each)
        store.write([text_of(each, f"text {n}") for n, each in enumerate(replies)])
        assert [store.reply(each.id).text for each in replies] == [f"text {n}" for n in range(5)]

    def test_only_the_owner_writes(self, store, new):
        other = Write(new.id, "somebody else", 0, "forged", State.STREAMING, None)
        assert store.write([other, text_of(new, "real")]).lost == {new.id}
        assert store.reply(new.id).text == "real"

    def test_an_unknown_reply_is_gone_and_not_anothers(self, store):
        written = store.write([Write("none", "lease", 0, "x", State.STREAMING, None)])
        assert written == Written(gone=frozenset({"none"}))
        assert store.heartbeat({"none": "lease"}, renew=True) == LeaseStatus()
        assert store.reply("none") is None

    def test_an_owner_learns_how_far_the_store_is_and_writes_from_there(self, store, new):
        store.write([text_of(new, "Жил")])
        assert store.write([text_of(new, "были", start=5)]) == Written(behind={new.id: 3})
        assert store.reply(new.id).text == "Жил"
        assert store.write([text_of(new, "и-были", start=3)]) == Written()
        assert store.reply(new.id).text == "Жили-были"

    def test_an_ended_reply_has_no_owner(self, store, new):
        store.write([text_of(new, "end", state=State.DONE)])
        assert store.write([text_of(new, " more", start=3)]).lost == {new.id}
        assert store.reply(new.id).text == "end"

    def test_reason_is_kept(self, store, new):
        store.write([text_of(new, "", state=State.FAILED, reason=Reason.QUOTA_DAY)])
        assert store.reply(new.id).reason is Reason.QUOTA_DAY

    # Conversations

    def test_a_conversation_holds_seed_and_replies_in_order(self, store):
        seed = (Message("user", "первый"), Message("model", "да"))
        first = new_reply(seed=seed)
        second = new_reply(conversation=first.conversation, seed=None, question="And?")
        store.create_reply(first)
        store.create_reply(second)
        assert store.seed(first.conversation) == seed
        found = store.outline(first.conversation)
        assert [reply.id for reply in found.replies] == [first.id, second.id]
        assert store.conversation_of(second.id) == first.conversation

    def test_an_unknown_conversation_takes_no_question(self, store):
        new = new_reply(seed=None)
        with pytest.raises(UnknownConversation):
            store.create_reply(new)
        assert store.reply(new.id) is None

    def test_a_replaced_reply_leaves_the_conversation(self, store, new):
        again = new_reply(conversation=new.conversation, seed=None, replaces=new.id)
        store.create_reply(again)
        assert [reply.id for reply in store.outline(new.conversation).replies] == [again.id]

    def test_a_reply_is_replaced_once(self, store, new):
        first, late = (
            new_reply(conversation=new.conversation, seed=None, replaces=new.id) for _ in range(2)
        )
        store.create_reply(first)
        with pytest.raises(ReplacedMeanwhile):
            store.create_reply(late)
        assert store.reply(late.id) is None
        assert [reply.id for reply in store.outline(new.conversation).replies] == [first.id]

    def test_what_is_replaced_makes_room(self, store, new):
        again = new_reply(conversation=new.conversation, seed=None, replaces=new.id)
        store.create_reply(again, concurrency_limit=1)
        with pytest.raises(TooManyReplies):
            store.create_reply(new_reply(), concurrency_limit=1)

    def test_the_same_press_needs_no_room(self, store):
        first, second = (new_reply(fingerprint=Fingerprint("same")) for _ in range(2))
        store.create_reply(first)
        assert store.create_reply(second, concurrency_limit=0) == first.id

    def test_the_same_press_of_a_button_starts_nothing(self, store):
        first, second, third = (new_reply(fingerprint=Fingerprint("same")) for _ in range(3))
        assert store.create_reply(first) == first.id
        assert store.create_reply(second) == first.id
        assert store.reply(second.id) is None
        store.write([text_of(first, "x", state=State.DONE)])
        assert store.create_reply(third) == third.id

    def test_a_press_may_count_as_the_same_for_a_while_after_the_end(self, store, clock):
        first, second, third = (
            new_reply(fingerprint=Fingerprint("same", window_s=9)) for _ in range(3)
        )
        store.create_reply(first)
        store.write([text_of(first, "x", state=State.DONE)])
        clock.forward(8)
        assert store.create_reply(second) == first.id
        clock.forward(2)
        assert store.create_reply(third) == third.id

    def test_of_many_presses_at_once_one_counts(self, open_store):
        stores = [open_store() for _ in range(3)]
        jobs = [
            gevent.spawn(store.create_reply, new_reply(fingerprint=Fingerprint("race")))
            for store in stores
            for _ in range(4)
        ]
        gevent.joinall(jobs, raise_error=True, timeout=10)
        assert len({job.value for job in jobs}) == 1

    def test_a_repeat_is_found_before_it_is_sent(self, store, clock):
        first = new_reply(fingerprint=Fingerprint("same"))
        assert store.find_repeat(first.fingerprint) is None
        store.create_reply(first)
        assert store.find_repeat(first.fingerprint) == first.id
        assert store.find_repeat(Fingerprint("another")) is None
        clock.forward(5)
        assert store.find_repeat(Fingerprint("same", window_s=4, while_under_way=False)) is None
        again = Fingerprint("same", window_s=6, while_under_way=False)
        assert store.find_repeat(again) == first.id

    def test_a_repeat_counts_against_nothing(self, store):
        quotas, same = (Quota("a", 1, 60),), Fingerprint("same")
        first = new_reply(fingerprint=same)
        for each in (first, new_reply(fingerprint=same), new_reply(fingerprint=same)):
            assert store.create_reply(each, concurrency_limit=1, quotas=quotas) == first.id

    def test_of_many_presses_at_once_one_is_counted(self, open_store):
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

    # Outlines

    def test_an_outline_has_no_texts_but_their_lengths(self, store, new):
        store.write([text_of(new, "Жили-были", state=State.CUT, reason=Reason.SAFETY)])
        later = new_reply(conversation=new.conversation, seed=None, question="And?")
        store.create_reply(later)
        outline = store.outline(new.conversation)
        assert outline.id == new.conversation
        assert outline.replies == (
            ReplyOutline(new.id, new.question, 9, State.CUT, Reason.SAFETY),
            ReplyOutline(later.id, "And?", 0, State.WAITING, None),
        )
        assert store.outline("none") is None

    def test_an_outline_leaves_out_what_was_replaced(self, store, new):
        again = new_reply(conversation=new.conversation, seed=None, replaces=new.id)
        store.create_reply(again)
        assert [reply.id for reply in store.outline(new.conversation).replies] == [again.id]

    def test_an_orphan_reads_so_in_an_outline_too(self, store, new, clock):
        clock.forward(TIMINGS.orphan_after_s + 1)
        (reply,) = store.outline(new.conversation).replies
        assert (reply.state, reply.reason) == (State.INTERRUPTED, Reason.ORPHAN)

    def test_the_replies_that_are_asked_for_are_read(self, store, new):
        store.write([text_of(new, "text")])
        other = new_reply()
        store.create_reply(other)
        store.create_reply(new_reply())
        found = store.replies([other.id, "none", new.id])
        assert found == {each.id: store.reply(each.id) for each in (new, other)}
        assert store.replies([]) == {}

    def test_the_seed_can_be_read_alone(self, store):
        seed = (Message("user", "первый"), Message("model", "да"))
        new = new_reply(seed=seed)
        store.create_reply(new)
        assert store.seed(new.conversation) == seed
        assert store.seed("none") == ()

    # Rights

    def test_a_conversation_has_the_rights_it_was_made_with(self, store):
        rights = Rights(owner_hash="me", key_hash="key")
        new = new_reply(rights=rights)
        store.create_reply(new)
        assert store.rights(new.conversation) == rights
        assert store.outline(new.conversation).rights == rights

    @pytest.mark.parametrize("rights", [Rights(owner_hash="me"), Rights(key_hash="key"), Rights()])
    def test_either_right_may_be_missing(self, store, rights):
        new = new_reply(rights=rights)
        store.create_reply(new)
        assert store.rights(new.conversation) == rights

    def test_an_unknown_conversation_has_no_rights(self, store):
        with pytest.raises(UnknownConversation):
            store.rights("none")
        with pytest.raises(UnknownConversation):
            store.claim("none", Rights(owner_hash="me"))

    @pytest.mark.parametrize("rights", [Rights(owner_hash="me"), Rights(key_hash="key")])
    def test_an_unclaimed_conversation_is_whoevers_claims_it_first(self, store, new, rights):
        assert not store.rights(new.conversation).claimed
        assert store.claim(new.conversation, rights) == rights
        assert store.claim(new.conversation, Rights("other", "other")) == rights
        assert store.outline(new.conversation).rights == rights

    def test_of_many_that_claim_at_once_one_does(self, new, store, open_store):
        claims = [Rights(owner_hash=f"reader {n}") for n in range(6)]
        jobs = [gevent.spawn(open_store().claim, new.conversation, each) for each in claims]
        gevent.joinall(jobs, raise_error=True, timeout=10)
        assert {job.value for job in jobs} == {store.rights(new.conversation)}

    # Copies

    def test_a_copy_is_a_conversation_of_its_own(self, store):
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
        assert store.reply(copied.id).text == "Жили-были!"
        assert store.reply(new.id).text == "Жили-были"

    def test_a_copy_goes_on_by_itself(self, store, new):
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

        def questions(conversation):
            return [reply.question for reply in store.outline(conversation).replies]

        assert questions(copy) == [new.question, "New?", "Mine?"]
        assert questions(new.conversation) == [new.question, "New?"]

    def test_what_is_under_way_is_copied_as_interrupted(self, store, new):
        store.write([text_of(new, "Half a")])
        copy = new_id()
        store.copy_conversation(new.conversation, copy, Rights(owner_hash="you"))
        (copied,) = read_all(store, copy)
        assert (copied.text, copied.state) == ("Half a", State.INTERRUPTED)
        store.write([text_of(new, " word", start=6, state=State.DONE)])
        assert store.reply(copied.id).text == "Half a"
        assert store.resume(copied.id, "next lease", B).text == "Half a"

    def test_a_copy_asked_for_twice_is_one(self, store, new):
        copy = new_id()
        for owner in ("you", "you again"):
            store.copy_conversation(new.conversation, copy, Rights(owner_hash=owner))
        assert len(store.outline(copy).replies) == 1
        assert store.rights(copy) == Rights(owner_hash="you")

    def test_an_unknown_conversation_is_not_copied(self, store):
        copy = new_id()
        with pytest.raises(UnknownConversation):
            store.copy_conversation("none", copy, Rights())
        assert store.outline(copy) is None

    def test_a_copy_is_kept_as_if_it_were_new(self, store, new, clock):
        store.write([text_of(new, "old", state=State.DONE)])
        clock.forward(100)
        copy = new_id()
        store.copy_conversation(new.conversation, copy, Rights(owner_hash="you"))
        assert store.delete_older_than(50) == 1
        assert [reply.text for reply in read_all(store, copy)] == ["old"]
        clock.forward(100)
        assert store.delete_older_than(50) == 1
        assert store.outline(copy) is None

    # Bounds

    def test_an_address_has_so_many_replies_under_way(self, store):
        replies = [new_reply() for _ in range(3)]
        store.create_reply(replies[0], concurrency_limit=2)
        store.create_reply(replies[1], concurrency_limit=2)
        with pytest.raises(TooManyReplies):
            store.create_reply(replies[2], concurrency_limit=2)
        store.create_reply(new_reply(client_hash=B), concurrency_limit=2)
        store.write([text_of(replies[0], "", state=State.STOPPED)])
        store.create_reply(replies[2], concurrency_limit=2)

    def test_a_refused_reply_leaves_no_trace(self, store):
        store.create_reply(new_reply(), concurrency_limit=1)
        refused = new_reply()
        with pytest.raises(TooManyReplies):
            store.create_reply(refused, concurrency_limit=1)
        assert store.outline(refused.conversation) is None

    def test_orphans_do_not_count_as_under_way(self, store, new, clock):
        clock.forward(TIMINGS.orphan_after_s + 1)
        store.create_reply(new_reply(), concurrency_limit=1)

    def test_questions_are_counted_and_then_refused(self, store, open_store):
        limits = parse_many("2/minute;100/day")
        assert store.count(quotas_for(limits, A)) is None
        assert open_store().count(quotas_for(limits, A)) is None
        assert 1 <= store.count(quotas_for(limits, A)) <= 60
        assert store.count(quotas_for(limits, B)) is None

    def test_a_refused_question_counts_against_nothing(self, store):
        minute, both = parse_many("1/minute"), parse_many("1/minute;3/day")
        assert store.count(quotas_for(both, A)) is None
        for _ in range(5):
            assert store.count(quotas_for(both, A)) is not None
        assert store.count(quotas_for(parse_many("3/day"), A)) is None
        assert store.count(quotas_for(minute, B)) is None

    def test_looking_counts_nothing(self, store):
        limits = parse_many("1/minute")
        for _ in range(3):
            assert store.count(quotas_for(limits, A), cost=0) is None
        assert store.count(quotas_for(limits, A)) is None
        assert store.count(quotas_for(limits, A), cost=0) is not None

    def test_a_window_begins_with_its_first_event(self, store, clock):
        quotas = (Quota("a", 2, 60),)
        assert store.count(quotas) is None
        clock.forward(50)
        assert store.count(quotas) is None
        assert store.count(quotas) == 10
        clock.forward(10)
        assert store.count(quotas) is None

    def test_whoever_is_refused_waits_for_the_longest_quota(self, store, clock):
        short, long = Quota("short", 1, 60), Quota("long", 1, 3600)
        assert store.count((short, long)) is None
        assert store.count((short, long)) == 3600
        clock.forward(61)
        assert store.count((short, long)) == 3539

    def test_a_question_counts_when_it_is_stored(self, store):
        quotas = (Quota("a", 1, 60), Quota("b", 2, 3600))
        store.create_reply(new_reply(), quotas=quotas)
        with pytest.raises(RateLimited) as refused:
            store.create_reply(new_reply(), quotas=quotas)
        assert (refused.value.quota, refused.value.wait_s) == ("a", 60)
        assert store.count(quotas[1:]) is None

    @pytest.mark.parametrize("cause", ["conversation", "replaced", "concurrency"])
    def test_a_question_that_is_refused_counts_against_nothing(self, store, new, cause):
        store.write([text_of(new, "x", state=State.DONE)])
        again = {"conversation": new.conversation, "seed": None, "replaces": new.id}
        store.create_reply(new_reply(**again))
        changes = {"conversation": {"seed": None}, "replaced": again, "concurrency": {}}[cause]
        quotas, limit = (Quota("a", 1, 60),), 1 if cause == "concurrency" else None
        with pytest.raises((UnknownConversation, ReplacedMeanwhile, TooManyReplies)):
            store.create_reply(new_reply(**changes), concurrency_limit=limit, quotas=quotas)
        assert store.count(quotas) is None

    def test_going_on_counts_unless_it_is_refused(self, store, new):
        quotas = (Quota("a", 1, 60),)
        with pytest.raises(NotContinuable):
            store.resume(new.id, "next lease", A, quotas=quotas)
        store.write([text_of(new, "x", state=State.CUT)])
        store.create_reply(new_reply())
        with pytest.raises(TooManyReplies):
            store.resume(new.id, "next lease", A, concurrency_limit=1, quotas=quotas)
        store.resume(new.id, "next lease", A, quotas=quotas)
        store.write([Write(new.id, "next lease", 1, "y", State.CUT, None)])
        with pytest.raises(RateLimited):
            store.resume(new.id, "third lease", A, quotas=quotas)
        assert store.reply(new.id).state is State.CUT

    # Following

    def test_progress_after_a_cursor(self, store, new):
        store.write([text_of(new, "Жили")])
        store.write([text_of(new, "-были", start=4)])
        progress = store.read_after({new.id: 2}, 0)[new.id]
        assert progress == Progress("ли-были", 9, State.STREAMING, None)

    def test_the_end_is_news(self, store, new):
        store.write([text_of(new, "all", state=State.CUT)])
        assert store.read_after({new.id: 3}, 0)[new.id] == Progress("", 3, State.CUT, None)

    def test_a_reply_that_is_gone_reads_as_an_orphan(self, store):
        progress = store.read_after({"none": 5}, 0)["none"]
        assert (progress.state, progress.reason) == (State.INTERRUPTED, Reason.ORPHAN)

    def test_every_position_can_be_followed_from(self, store, new):
        text = ""
        for piece in ("a", "бв", "где", "𝄞жзи"):
            store.write([text_of(new, piece, start=len(text))])
            text += piece
        for cursor in range(len(text)):
            assert store.read_after({new.id: cursor}, 0)[new.id].text == text[cursor:]

    # Leases

    def test_an_owner_that_gives_no_sign_leaves_an_orphan(self, store, new, clock, open_store):
        store.write([text_of(new, "so far")])
        clock.forward(TIMINGS.orphan_after_s - 1)
        assert store.reply(new.id).state is State.STREAMING
        clock.forward(2)
        reply = open_store().reply(new.id)
        assert (reply.text, reply.state, reply.reason) == (
            "so far",
            State.INTERRUPTED,
            Reason.ORPHAN,
        )

    def test_an_owner_that_comes_back_goes_on(self, store, new, clock):
        store.write([text_of(new, "so far")])
        clock.forward(TIMINGS.orphan_after_s + 1)
        assert store.reply(new.id).state is State.INTERRUPTED
        assert store.heartbeat({new.id: new.lease}, renew=True).lost == frozenset()
        assert store.write([text_of(new, ", so good", start=6)]) == Written()
        reply = store.reply(new.id)
        assert (reply.text, reply.state) == ("so far, so good", State.STREAMING)

    def test_an_owner_that_comes_back_too_late_is_refused(self, store, new, clock):
        clock.forward(TIMINGS.orphan_after_s + 1)
        store.resume(new.id, "next lease", A)
        assert store.write([text_of(new, "late")]).lost == {new.id}
        assert store.reply(new.id).text == ""

    def test_signs_of_life_keep_a_reply_from_being_an_orphan(self, store, new, clock):
        for _ in range(3):
            clock.forward(TIMINGS.orphan_after_s - 1)
            store.heartbeat({new.id: new.lease}, renew=True)
        assert store.reply(new.id).state is State.WAITING

    def test_looking_for_wishes_is_no_sign_of_life(self, store, new, clock):
        clock.forward(TIMINGS.orphan_after_s - 1)
        store.heartbeat({new.id: new.lease}, renew=False)
        clock.forward(2)
        assert store.reply(new.id).state is State.INTERRUPTED

    def test_a_wish_to_stop_reaches_the_owner(self, store, new, open_store):
        leases = {new.id: new.lease}
        assert store.heartbeat(leases, renew=True).stop == frozenset()
        open_store().request_stop(new.id)
        assert store.heartbeat(leases, renew=False).stop == {new.id}
        store.request_stop("none")

    def test_an_owner_learns_what_it_lost(self, store, new, clock):
        clock.forward(TIMINGS.orphan_after_s + 1)
        store.resume(new.id, "next lease", A)
        assert store.heartbeat({new.id: new.lease}, renew=True).lost == {new.id}

    # Going on

    def test_an_interrupted_reply_goes_on_with_its_text(self, store, new):
        store.write([text_of(new, "Half a", state=State.INTERRUPTED)])
        assert store.resume(new.id, "next lease", A).text == "Half a"
        assert store.reply(new.id).state is State.WAITING
        store.write([Write(new.id, "next lease", 6, " word.", State.DONE, None)])
        assert store.reply(new.id).text == "Half a word."

    def test_an_old_wish_to_stop_does_not_stop_what_goes_on(self, store, new):
        store.request_stop(new.id)
        store.write([text_of(new, "x", state=State.STOPPED)])
        store.resume(new.id, "next lease", A)
        assert store.heartbeat({new.id: "next lease"}, renew=True).stop == frozenset()

    @pytest.mark.parametrize("state", [State.WAITING, State.STREAMING, State.DONE, State.FAILED])
    def test_no_other_state_goes_on(self, store, new, state):
        store.write([text_of(new, "x", state=state)])
        with pytest.raises(NotContinuable):
            store.resume(new.id, "next lease", A)

    def test_a_text_of_full_length_does_not_go_on(self, store, new):
        full = text_of(new, "x", state=State.CUT, reason=Reason.TOO_LONG_TEXT)
        store.write([full])
        with pytest.raises(NotContinuable):
            store.resume(new.id, "next lease", A)

    def test_an_unknown_reply_does_not_go_on(self, store):
        with pytest.raises(UnknownReply):
            store.resume("none", "lease", A)

    def test_going_on_counts_as_a_reply_under_way(self, store, new):
        store.write([text_of(new, "x", state=State.CUT)])
        store.create_reply(new_reply())
        with pytest.raises(TooManyReplies):
            store.resume(new.id, "next lease", A, concurrency_limit=1)
        assert store.reply(new.id).state is State.CUT

    def test_of_two_that_go_on_at_once_one_does(self, new, store, open_store):
        store.write([text_of(new, "x", state=State.CUT)])
        stores = [open_store() for _ in range(4)]
        jobs = [gevent.spawn(each.resume, new.id, new_id(), A) for each in stores]
        gevent.joinall(jobs, timeout=10)
        assert sorted(isinstance(job.exception, NotContinuable) for job in jobs) == [
            *(False, True, True, True)
        ]

    # Keeping

    def test_old_conversations_are_forgotten_with_their_replies(self, store, new, clock):
        store.write([text_of(new, "old", state=State.DONE)])
        clock.forward(100)
        young = new_reply()
        store.create_reply(young)
        store.write([text_of(young, "young")])
        store.delete_older_than(age_s=50)
        assert store.outline(new.conversation) is None
        assert store.reply(new.id) is None
        assert store.reply(young.id).text == "young"

    def test_the_secret_is_made_once(self, store, open_store):
        assert store.secret() == open_store().secret()

    def test_a_store_that_works_passes_the_check(self, store):
        store.check()
