"""The contract's vocabulary: words that were looked up, for as long as their conversation lives."""

import pytest

from kindlechat.errors import UnknownConversation
from kindlechat.stores.contract import LookedUp, Store
from tests.stores.values import ME, Clock, asked, existing

OWNER = existing(ME.owner_hash)


def word(conversation: str, key: str, name: str = "небо") -> LookedUp:
    return LookedUp(conversation, key, name, f"Почему {name}?", "the sky", "ru")


class VocabularyContract:
    def test_words_are_kept_the_last_one_first(self, store: Store, clock: Clock) -> None:
        one, two = asked(store, "Why?").conversation, asked(store, "How?").conversation
        for conversation, key, name in ((one, "a", "sky"), (two, "b", "sea"), (one, "c", "air")):
            store.keep_word(word(conversation, key, name))
            clock.forward(1)
        found = store.vocabulary(OWNER, 2)
        assert [(each.word, each.conversation) for each in found] == [("air", one), ("sea", two)]
        assert found[0].at > found[1].at
        sky = existing(store.word(one, "a"))
        assert (sky.sentence, sky.meaning, sky.language) == ("Почему sky?", "the sky", "ru")
        assert store.word(two, "a") is None
        assert store.vocabulary("somebody else", 9) == []
        assert [each.word for each in store.words_of(one)] == ["air", "sky"]
        assert store.words_of("none") == []

    def test_a_word_is_there_once_and_can_be_forgotten(self, store: Store) -> None:
        conversation = asked(store, "Why?").conversation
        store.keep_word(word(conversation, "a"))
        store.keep_word(word(conversation, "a", "sea"))
        assert [each.word for each in store.vocabulary(OWNER, 9)] == ["sea"]
        for _ in range(2):
            store.forget_word(conversation, "a")
        assert store.vocabulary(OWNER, 9) == []

    def test_an_unknown_conversation_has_no_words(self, store: Store) -> None:
        with pytest.raises(UnknownConversation):
            store.keep_word(word("none", "a"))
        assert store.word("none", "a") is None

    def test_words_go_and_come_back_with_their_conversation(
        self, store: Store, clock: Clock
    ) -> None:
        conversation = asked(store, "Why?").conversation
        store.keep_word(word(conversation, "a"))
        store.discard(conversation)
        assert store.word(conversation, "a") is None
        assert store.vocabulary(OWNER, 9) == store.words_of(conversation) == []
        with pytest.raises(UnknownConversation):
            store.keep_word(word(conversation, "b"))
        store.restore(conversation)
        assert len(store.vocabulary(OWNER, 9)) == 1
        clock.forward(10**6)
        store.delete_older_than(age_s=50)
        assert store.word(conversation, "a") is None
