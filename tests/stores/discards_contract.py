"""The contract's discards: what readers delete, and how they undo it."""

from collections.abc import Callable

import pytest

from kindlechat.errors import Reason, UnknownConversation, UnknownReply
from kindlechat.relay import new_id
from kindlechat.reply import State
from kindlechat.stores.contract import UNDO_S, Fingerprint, NewReply, Store
from tests.stores.library_contract import titles
from tests.stores.values import ME, YOU, A, Clock, asked, existing, new_reply, text_of


def traces(store: Store, new: NewReply) -> dict[str, object]:
    """All that names lead to of a conversation that is shared as "link"."""
    progress = store.read_after({new.id: 0}, 0)[new.id]
    return {
        "outline": store.outline(new.conversation),
        "reply": store.reply(new.id),
        "replies": store.replies([new.id]),
        "progress": (progress.text, progress.state, progress.reason),
        "conversation": store.conversation_of(new.id),
        "repeat": store.find_repeat(Fingerprint("press", window_s=10**6)),
        "share": store.shared_as("link"),
        "list": store.list_owned("me", 9),
        "starred": store.list_owned("me", 9, starred_first=True),
        "count": store.count_owned("me"),
        "shares": store.list_shared("me", 9),
        "answers": store.newest_answers("me", 9),
        "found": [store.search_owned("me", query, 9).owned for query in ("sky", "of", "mine")],
    }


NOTHING: dict[str, object] = {
    "outline": None,
    "reply": None,
    "replies": {},
    "progress": ("", State.INTERRUPTED, Reason.ORPHAN),
    "conversation": None,
    "repeat": None,
    "share": None,
    "list": [],
    "starred": [],
    "count": 0,
    "shares": [],
    "answers": [],
    "found": [[], [], []],
}


def delete_all(store: Store, new: NewReply) -> None:
    store.delete_owned("me")


def discard_all(store: Store, new: NewReply) -> None:
    assert store.discard_owned("me") == 1


def discard_one(store: Store, new: NewReply) -> None:
    store.discard(new.conversation)


class DiscardsContract:
    @pytest.fixture
    def kept(self, store: Store, clock: Clock) -> NewReply:
        """A conversation with everything that one can have."""
        new = new_reply(question="The sky", rights=ME, fingerprint=Fingerprint("press", 10**6))
        store.create_reply(new)
        store.write([text_of(new, "Because of", state=State.CUT)])
        store.retitle(new.conversation, "Mine")
        store.star(new.conversation, starred=True)
        store.share(new.conversation, "link")
        clock.forward(100)
        return new

    @pytest.mark.parametrize("delete", [discard_one, discard_all, delete_all])
    def test_nothing_leads_to_what_was_discarded(
        self, store: Store, kept: NewReply, delete: Callable[[Store, NewReply], None]
    ) -> None:
        delete(store, kept)
        assert traces(store, kept) == NOTHING
        assert store.seed(kept.conversation) == ()
        with pytest.raises(UnknownConversation):
            store.rights(kept.conversation)
        with pytest.raises(UnknownConversation):
            store.claim(kept.conversation, YOU)
        with pytest.raises(UnknownConversation):
            store.copy_conversation(kept.conversation, new_id(), YOU)
        with pytest.raises(UnknownConversation):
            store.create_reply(new_reply(conversation=kept.conversation, seed=None))
        with pytest.raises(UnknownReply):
            store.resume(kept.id, "lease", A)
        for change in (store.withdraw, store.discard):
            with pytest.raises(UnknownConversation):
                change(kept.conversation)
        with pytest.raises(UnknownConversation):
            store.star(kept.conversation, starred=False)
        with pytest.raises(UnknownConversation):
            store.share(kept.conversation, "another")

    @pytest.mark.parametrize("delete", [discard_one, discard_all])
    def test_what_is_restored_is_as_it_was(
        self,
        store: Store,
        kept: NewReply,
        clock: Clock,
        delete: Callable[[Store, NewReply], None],
    ) -> None:
        before = traces(store, kept)
        delete(store, kept)
        clock.forward(UNDO_S - 1)
        assert store.discarded_rights(kept.conversation) == ME
        store.restore(kept.conversation)
        assert traces(store, kept) == before
        assert store.list_discarded("me", 9) == []
        store.resume(kept.id, "lease", A)
        with pytest.raises(UnknownConversation):
            store.restore(kept.conversation)

    def test_what_can_be_restored_is_listed_for_its_owner(
        self, store: Store, kept: NewReply, clock: Clock
    ) -> None:
        other = asked(store, "Another")
        store.discard(kept.conversation)
        clock.forward(1)
        store.discard(other.conversation)
        (newest, _) = found = store.list_discarded("me", 9)
        assert titles(found) == ["Another", "Mine"]
        assert (newest.id, newest.turns) == (other.conversation, 1)
        assert titles(store.list_discarded("me", 1)) == ["Another"]
        assert store.list_discarded("you", 9) == []

    def test_after_an_hour_there_is_no_way_back(
        self, store: Store, kept: NewReply, clock: Clock
    ) -> None:
        store.discard(kept.conversation)
        clock.forward(UNDO_S + 1)
        assert store.list_discarded("me", 9) == []
        with pytest.raises(UnknownConversation):
            store.discarded_rights(kept.conversation)
        with pytest.raises(UnknownConversation):
            store.restore(kept.conversation)
        store.delete_older_than(10**9)
        assert traces(store, kept) == NOTHING

    def test_what_was_deleted_for_good_cannot_be_restored(
        self, store: Store, kept: NewReply
    ) -> None:
        store.discard(kept.conversation)
        others = asked(store, "Mine, too", "yes"), asked(store, "Yours", "no", YOU)
        store.delete_owned("me")
        store.delete_owned("me")
        assert store.list_discarded("me", 9) == []
        with pytest.raises(UnknownConversation):
            store.restore(kept.conversation)
        assert store.outline(others[0].conversation) is None
        assert existing(store.reply(others[1].id)).text == "no"
        assert titles(store.search_owned("you", "yours", 9).owned) == ["Yours"]

    def test_versions_are_deleted_with_their_turn(
        self, store: Store, kept: NewReply, clock: Clock
    ) -> None:
        again = new_reply(conversation=kept.conversation, seed=None, replaces=kept.id)
        store.create_reply(again)
        store.write([text_of(again, "Once more", state=State.DONE)])
        store.discard(kept.conversation)
        assert store.replies([kept.id, again.id]) == {}
        store.restore(kept.conversation)
        assert set(store.replies([kept.id, again.id])) == {kept.id, again.id}
        store.discard(kept.conversation)
        store.delete_owned("me")
        clock.forward(UNDO_S + 1)
        store.delete_older_than(10**9)
        assert store.replies([kept.id, again.id]) == {}

    def test_what_is_still_written_does_not_bring_it_back(self, store: Store, clock: Clock) -> None:
        new = new_reply(rights=ME)
        store.create_reply(new)
        store.discard(new.conversation)
        store.write([text_of(new, "late", state=State.DONE)])
        assert store.list_owned("me", 9) == []
        assert store.reply(new.id) is None
        store.restore(new.conversation)
        assert existing(store.reply(new.id)).text == "late"
        assert len(store.list_owned("me", 9)) == 1

    def test_all_is_discarded_however_much_it_is(self, store: Store, clock: Clock) -> None:
        for number in range(250):
            store.create_reply(new_reply(question=f"{number}", rights=ME))
        assert store.discard_owned("me") == 250
        assert store.count_owned("me") == 0
        assert len(store.list_discarded("me", 300)) == 250
        asked(store, "One more")
        store.delete_owned("me")
        assert (store.list_discarded("me", 9), store.count_owned("me")) == ([], 0)
