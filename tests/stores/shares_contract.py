"""The contract's shares: links that only let read, until they are withdrawn."""

import gevent
import pytest

from kindlechat.errors import UnknownConversation
from kindlechat.stores.contract import NewReply, Store
from tests.stores.values import ME, Clock, OpenStore, asked, existing


class SharesContract:
    def test_a_share_leads_to_its_conversation_until_it_is_withdrawn(self, store: Store) -> None:
        new = asked(store, "Why?")
        assert store.shared_as("link") is None
        assert store.share(new.conversation, "link") == "link"
        assert store.shared_as("link") == new.conversation
        assert existing(store.outline(new.conversation)).share == "link"
        store.withdraw(new.conversation)
        store.withdraw(new.conversation)
        assert store.shared_as("link") is None
        assert existing(store.outline(new.conversation)).share is None
        assert store.share(new.conversation, "other") == "other"
        assert (store.shared_as("link"), store.shared_as("other")) == (None, new.conversation)

    def test_of_many_shares_at_once_there_is_one(
        self, store: Store, new: NewReply, open_store: OpenStore
    ) -> None:
        jobs = [
            gevent.spawn(open_store().share, new.conversation, f"link {number}")
            for number in range(5)
        ]
        gevent.joinall(jobs, raise_error=True, timeout=10)
        (link,) = {existing(job.value) for job in jobs}
        assert [number for number in range(5) if store.shared_as(f"link {number}")] == [
            int(link[-1])
        ]

    def test_what_is_not_there_is_not_shared(self, store: Store) -> None:
        with pytest.raises(UnknownConversation):
            store.share("none", "link")
        with pytest.raises(UnknownConversation):
            store.withdraw("none")
        assert store.shared_as("link") is None

    def test_a_reader_s_shares_are_listed(self, store: Store, new: NewReply, clock: Clock) -> None:
        news = []
        for number in range(3):
            news.append(asked(store, f"{number}"))
            clock.forward(1)
        for number in (2, 0):
            store.share(news[number].conversation, f"link {number}")
        store.share(new.conversation, "nobody's")
        assert [each.share for each in store.list_shared("me", 9)] == ["link 2", "link 0"]
        assert [each.share for each in store.list_shared("me", 1)] == ["link 2"]
        assert [each.share for each in store.list_owned("me", 9)] == ["link 2", None, "link 0"]
        store.claim(new.conversation, ME)
        assert "nobody's" in [each.share for each in store.list_shared("me", 9)]
        store.withdraw(news[2].conversation)
        assert "link 2" not in [each.share for each in store.list_shared("me", 9)]

    def test_a_copy_is_not_shared(self, store: Store) -> None:
        new = asked(store, "Why?")
        store.share(new.conversation, "link")
        store.copy_conversation(new.conversation, "copy", ME)
        assert existing(store.outline("copy")).share is None
        assert store.shared_as("link") == new.conversation
