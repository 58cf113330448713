"""The contract's bounds: replies under way, and quotas."""

from typing import Any

import pytest

from kindlechat.errors import (
    NotContinuable,
    RateLimited,
    ReplacedMeanwhile,
    TooManyReplies,
    UnknownConversation,
)
from kindlechat.rate_limit import parse_rate_limits
from kindlechat.reply import State
from kindlechat.stores.contract import NewReply, Quota, Store, Write, quotas_for
from kindlechat.timings import Timings
from tests.stores.values import A, B, Clock, OpenStore, existing, new_reply, text_of

TIMINGS = Timings()


class RateLimitsContract:
    def test_a_client_has_so_many_replies_under_way(self, store: Store) -> None:
        replies = [new_reply() for _ in range(3)]
        store.create_reply(replies[0], concurrency_limit=2)
        store.create_reply(replies[1], concurrency_limit=2)
        with pytest.raises(TooManyReplies):
            store.create_reply(replies[2], concurrency_limit=2)
        store.create_reply(new_reply(client_hash=B), concurrency_limit=2)
        store.write([text_of(replies[0], "", state=State.STOPPED)])
        store.create_reply(replies[2], concurrency_limit=2)

    def test_a_refused_reply_leaves_no_trace(self, store: Store) -> None:
        store.create_reply(new_reply(), concurrency_limit=1)
        refused = new_reply()
        with pytest.raises(TooManyReplies):
            store.create_reply(refused, concurrency_limit=1)
        assert store.outline(refused.conversation) is None

    def test_orphans_do_not_count_as_under_way(
        self, store: Store, new: NewReply, clock: Clock
    ) -> None:
        clock.forward(TIMINGS.orphan_after_s + 1)
        store.create_reply(new_reply(), concurrency_limit=1)

    def test_questions_are_counted_and_then_refused(
        self, store: Store, open_store: OpenStore
    ) -> None:
        limits = parse_rate_limits("2/minute;100/day")
        assert store.count(quotas_for(limits, A)) is None
        assert open_store().count(quotas_for(limits, A)) is None
        assert 1 <= existing(store.count(quotas_for(limits, A))) <= 60
        assert store.count(quotas_for(limits, B)) is None

    def test_a_refused_question_counts_against_nothing(self, store: Store) -> None:
        minute, both = parse_rate_limits("1/minute"), parse_rate_limits("1/minute;3/day")
        assert store.count(quotas_for(both, A)) is None
        for _ in range(5):
            assert store.count(quotas_for(both, A)) is not None
        assert store.count(quotas_for(parse_rate_limits("3/day"), A)) is None
        assert store.count(quotas_for(minute, B)) is None

    def test_looking_counts_nothing(self, store: Store) -> None:
        limits = parse_rate_limits("1/minute")
        for _ in range(3):
            assert store.count(quotas_for(limits, A), cost=0) is None
        assert store.count(quotas_for(limits, A)) is None
        assert store.count(quotas_for(limits, A), cost=0) is not None

    def test_a_window_begins_with_its_first_event(self, store: Store, clock: Clock) -> None:
        quotas = (Quota("a", 2, 60),)
        assert store.count(quotas) is None
        clock.forward(50)
        assert store.count(quotas) is None
        assert store.count(quotas) == 10
        clock.forward(10)
        assert store.count(quotas) is None

    def test_a_clock_that_is_set_back_holds_nobody_up(self, store: Store, clock: Clock) -> None:
        quotas = (Quota("a", 1, 60),)
        assert store.count(quotas) is None
        clock.forward(-3600)
        assert store.count(quotas, cost=0) is None
        assert store.count(quotas) is None
        assert store.count(quotas) == 60

    def test_whoever_is_refused_waits_for_the_longest_quota(
        self, store: Store, clock: Clock
    ) -> None:
        short, long = Quota("short", 1, 60), Quota("long", 1, 3600)
        assert store.count((short, long)) is None
        assert store.count((short, long)) == 3600
        clock.forward(61)
        assert store.count((short, long)) == 3539

    def test_a_question_counts_when_it_is_stored(self, store: Store) -> None:
        quotas = (Quota("a", 1, 60), Quota("b", 2, 3600))
        store.create_reply(new_reply(), quotas=quotas)
        with pytest.raises(RateLimited) as refused:
            store.create_reply(new_reply(), quotas=quotas)
        assert (refused.value.quota, refused.value.wait_s) == ("a", 60)
        assert store.count(quotas[1:]) is None

    @pytest.mark.parametrize("cause", ["conversation", "replaced", "concurrency"])
    def test_a_question_that_is_refused_counts_against_nothing(
        self, store: Store, new: NewReply, cause: str
    ) -> None:
        store.write([text_of(new, "x", state=State.DONE)])
        again = {"conversation": new.conversation, "seed": None, "replaces": new.id}
        store.create_reply(new_reply(**again))
        causes: dict[str, dict[str, Any]] = {
            "conversation": {"seed": None},
            "replaced": again,
            "concurrency": {},
        }
        quotas, limit = (Quota("a", 1, 60),), 1 if cause == "concurrency" else None
        with pytest.raises((UnknownConversation, ReplacedMeanwhile, TooManyReplies)):
            store.create_reply(new_reply(**causes[cause]), concurrency_limit=limit, quotas=quotas)
        assert store.count(quotas) is None

    def test_going_on_counts_unless_it_is_refused(self, store: Store, new: NewReply) -> None:
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
        assert existing(store.reply(new.id)).state is State.CUT
