"""The contract's facts: what is known of replies without their words."""

from dataclasses import replace

from kindlechat.conversation import Rights
from kindlechat.errors import Reason
from kindlechat.relay import new_id
from kindlechat.reply import Numbers, State
from kindlechat.stores.contract import Fact, NewReply, Store
from tests.stores.values import A, Clock, new_reply, text_of

NUMBERS = Numbers(30, 70, 2, 0.81, 12.5)


class FactsContract:
    def test_a_reply_under_way_has_no_numbers(
        self, store: Store, new: NewReply, clock: Clock
    ) -> None:
        assert store.facts_since(clock.now - 1) == [Fact(clock.now, State.WAITING, None, 0, None)]

    def test_an_end_brings_its_numbers(self, store: Store, new: NewReply, clock: Clock) -> None:
        end = text_of(new, "Yes.", state=State.CUT, reason=Reason.TOO_LONG_TEXT)
        store.write([replace(end, numbers=NUMBERS)])
        assert store.facts_since(clock.now - 1) == [
            Fact(clock.now, State.CUT, Reason.TOO_LONG_TEXT, 4, NUMBERS)
        ]

    def test_the_numbers_of_a_reply_that_goes_on_add_up(
        self, store: Store, new: NewReply, clock: Clock
    ) -> None:
        failed = text_of(new, "", state=State.INTERRUPTED, reason=Reason.SILENT)
        store.write([replace(failed, numbers=Numbers(1, 0, 3, None, 1.25))])
        store.resume(new.id, "next", A)
        again = replace(text_of(new, "Yes.", state=State.DONE), lease="next", numbers=NUMBERS)
        store.write([again])
        (fact,) = store.facts_since(clock.now - 1)
        assert fact.numbers == Numbers(31, 70, 5, 0.81, 13.75)

    def test_older_ones_and_copies_are_left_out(
        self, store: Store, new: NewReply, clock: Clock
    ) -> None:
        store.write([replace(text_of(new, "Yes.", state=State.DONE), numbers=NUMBERS)])
        store.copy_conversation(new.conversation, new_id(), Rights())
        assert len(store.facts_since(clock.now - 1)) == 1
        clock.forward(60)
        assert store.facts_since(clock.now - 1) == []
        store.create_reply(new_reply(conversation=new.conversation, seed=None))
        assert [fact.state for fact in store.facts_since(clock.now - 1)] == [State.WAITING]

    def test_the_size_is_known(self, store: Store, new: NewReply) -> None:
        assert store.size_bytes() > 1000
