"""The contract's leases: writing, heartbeats, stopping, going on."""

import gevent
import pytest

from kindlechat.errors import (
    NotContinuable,
    Reason,
    TooManyReplies,
    UnknownReply,
)
from kindlechat.relay import new_id
from kindlechat.reply import State
from kindlechat.stores.contract import LeaseStatus, NewReply, Store, Write, Written
from kindlechat.timings import Timings
from tests.stores.values import A, Clock, OpenStore, existing, new_reply, text_of

TIMINGS = Timings()


class LeasesContract:
    def test_text_is_appended_and_seen_by_another_opening(
        self, store: Store, new: NewReply, open_store: OpenStore
    ) -> None:
        store.write([text_of(new, "Жили-")])
        store.write([text_of(new, "были 𝄞", start=5)])
        reply = existing(open_store().reply(new.id))
        assert (reply.text, reply.state) == ("Жили-были 𝄞", State.STREAMING)

    def test_text_that_overlaps_is_taken_once(self, store: Store, new: NewReply) -> None:
        store.write([text_of(new, "abc")])
        store.write([text_of(new, "abcdef")])
        store.write([text_of(new, "cdefgh", start=2)])
        assert existing(store.reply(new.id)).text == "abcdefgh"

    def test_a_write_can_hold_many_replies(self, store: Store) -> None:
        replies = [new_reply() for _ in range(5)]
        for each in replies:
            store.create_reply(each)
        store.write([text_of(each, f"text {n}") for n, each in enumerate(replies)])
        assert [existing(store.reply(each.id)).text for each in replies] == [
            f"text {n}" for n in range(5)
        ]

    def test_a_write_can_hold_one_reply_several_times(self, store: Store, new: NewReply) -> None:
        store.write([text_of(new, "One", 0), text_of(new, ", two", 3)])
        assert existing(store.reply(new.id)).text == "One, two"
        ended = State.DONE
        store.write([text_of(new, ", three", 8), text_of(new, ".", 15, ended)])
        reply = existing(store.reply(new.id))
        assert (reply.text, reply.state) == ("One, two, three.", ended)
        assert store.read_after({new.id: 15}, 0)[new.id].text == "."

    def test_only_the_holder_of_the_lease_writes(self, store: Store, new: NewReply) -> None:
        other = Write(new.id, "somebody else", 0, "forged", State.STREAMING, None)
        assert store.write([other, text_of(new, "real")]).lost == {new.id}
        assert existing(store.reply(new.id)).text == "real"

    def test_an_unknown_reply_is_gone_and_not_anothers(self, store: Store) -> None:
        written = store.write([Write("none", "lease", 0, "x", State.STREAMING, None)])
        assert written == Written(gone=frozenset({"none"}))
        assert store.heartbeat({"none": "lease"}, renew=True) == LeaseStatus()
        assert store.reply("none") is None

    def test_a_holder_learns_how_far_the_store_is_and_writes_from_there(
        self, store: Store, new: NewReply
    ) -> None:
        store.write([text_of(new, "Жил")])
        assert store.write([text_of(new, "были", start=5)]) == Written(behind={new.id: 3})
        assert existing(store.reply(new.id)).text == "Жил"
        assert store.write([text_of(new, "и-были", start=3)]) == Written()
        assert existing(store.reply(new.id)).text == "Жили-были"

    def test_an_ended_reply_has_no_lease(self, store: Store, new: NewReply) -> None:
        store.write([text_of(new, "end", state=State.DONE)])
        assert store.write([text_of(new, " more", start=3)]).lost == {new.id}
        assert existing(store.reply(new.id)).text == "end"

    def test_a_holder_that_sends_no_heartbeat_leaves_an_orphan(
        self, store: Store, new: NewReply, clock: Clock, open_store: OpenStore
    ) -> None:
        store.write([text_of(new, "so far")])
        clock.forward(TIMINGS.orphan_after_s - 1)
        assert existing(store.reply(new.id)).state is State.STREAMING
        clock.forward(2)
        reply = existing(open_store().reply(new.id))
        assert (reply.text, reply.state, reply.reason) == (
            "so far",
            State.INTERRUPTED,
            Reason.ORPHAN,
        )

    def test_a_holder_that_comes_back_goes_on(
        self, store: Store, new: NewReply, clock: Clock
    ) -> None:
        store.write([text_of(new, "so far")])
        clock.forward(TIMINGS.orphan_after_s + 1)
        assert existing(store.reply(new.id)).state is State.INTERRUPTED
        assert store.heartbeat({new.id: new.lease}, renew=True).lost == frozenset()
        assert store.write([text_of(new, ", so good", start=6)]) == Written()
        reply = existing(store.reply(new.id))
        assert (reply.text, reply.state) == ("so far, so good", State.STREAMING)

    def test_a_holder_that_comes_back_too_late_is_refused(
        self, store: Store, new: NewReply, clock: Clock
    ) -> None:
        clock.forward(TIMINGS.orphan_after_s + 1)
        store.resume(new.id, "next lease", A)
        assert store.write([text_of(new, "late")]).lost == {new.id}
        assert existing(store.reply(new.id)).text == ""

    def test_heartbeats_keep_a_reply_from_being_an_orphan(
        self, store: Store, new: NewReply, clock: Clock
    ) -> None:
        for _ in range(3):
            clock.forward(TIMINGS.orphan_after_s - 1)
            store.heartbeat({new.id: new.lease}, renew=True)
        assert existing(store.reply(new.id)).state is State.WAITING

    def test_looking_for_requests_is_no_heartbeat(
        self, store: Store, new: NewReply, clock: Clock
    ) -> None:
        clock.forward(TIMINGS.orphan_after_s - 1)
        store.heartbeat({new.id: new.lease}, renew=False)
        clock.forward(2)
        assert existing(store.reply(new.id)).state is State.INTERRUPTED

    def test_a_request_to_stop_reaches_the_holder(
        self, store: Store, new: NewReply, open_store: OpenStore
    ) -> None:
        leases = {new.id: new.lease}
        assert store.heartbeat(leases, renew=True).stop == frozenset()
        open_store().request_stop(new.id)
        assert store.heartbeat(leases, renew=False).stop == {new.id}
        store.request_stop("none")

    def test_a_holder_learns_what_it_lost(self, store: Store, new: NewReply, clock: Clock) -> None:
        clock.forward(TIMINGS.orphan_after_s + 1)
        store.resume(new.id, "next lease", A)
        assert store.heartbeat({new.id: new.lease}, renew=True).lost == {new.id}

    def test_an_interrupted_reply_goes_on_with_its_text(self, store: Store, new: NewReply) -> None:
        store.write([text_of(new, "Half a", state=State.INTERRUPTED)])
        assert store.resume(new.id, "next lease", A).text == "Half a"
        assert existing(store.reply(new.id)).state is State.WAITING
        store.write([Write(new.id, "next lease", 6, " word.", State.DONE, None)])
        assert existing(store.reply(new.id)).text == "Half a word."

    def test_an_old_request_to_stop_does_not_stop_what_goes_on(
        self, store: Store, new: NewReply
    ) -> None:
        store.request_stop(new.id)
        store.write([text_of(new, "x", state=State.STOPPED)])
        store.resume(new.id, "next lease", A)
        assert store.heartbeat({new.id: "next lease"}, renew=True).stop == frozenset()

    @pytest.mark.parametrize("state", [State.WAITING, State.STREAMING, State.DONE, State.FAILED])
    def test_no_other_state_goes_on(self, store: Store, new: NewReply, state: State) -> None:
        store.write([text_of(new, "x", state=state)])
        with pytest.raises(NotContinuable):
            store.resume(new.id, "next lease", A)

    @pytest.mark.parametrize(
        ("state", "reason"),
        [(State.CUT, Reason.TOO_LONG_TEXT), (State.INTERRUPTED, Reason.SAFETY)],
    )
    def test_a_text_of_full_length_or_that_the_model_ended_does_not_go_on(
        self, store: Store, new: NewReply, state: State, reason: Reason
    ) -> None:
        store.write([text_of(new, "x", state=state, reason=reason)])
        with pytest.raises(NotContinuable):
            store.resume(new.id, "next lease", A)

    def test_an_unknown_reply_does_not_go_on(self, store: Store) -> None:
        with pytest.raises(UnknownReply):
            store.resume("none", "lease", A)

    def test_going_on_counts_as_a_reply_under_way(self, store: Store, new: NewReply) -> None:
        store.write([text_of(new, "x", state=State.CUT)])
        store.create_reply(new_reply())
        with pytest.raises(TooManyReplies):
            store.resume(new.id, "next lease", A, concurrency_limit=1)
        assert existing(store.reply(new.id)).state is State.CUT

    def test_of_two_that_go_on_at_once_one_does(
        self, new: NewReply, store: Store, open_store: OpenStore
    ) -> None:
        store.write([text_of(new, "x", state=State.CUT)])
        stores = [open_store() for _ in range(4)]
        jobs = [gevent.spawn(each.resume, new.id, new_id(), A) for each in stores]
        gevent.joinall(jobs, timeout=10)
        assert sorted(isinstance(job.exception, NotContinuable) for job in jobs) == [
            *(False, True, True, True)
        ]
