"""Words that were looked up, in Redis."""

import heapq
import json
from dataclasses import asdict

from kindlechat.stores.contract import LookedUp, Vocabulary
from kindlechat.stores.redis.calls import lua
from kindlechat.stores.redis.library import RedisLibrary

MOST_CONVERSATIONS = 1000

WORDS_BATCH = 100
"""The words of so many conversations in one round trip: those of a thousand held others up and took 50 MB."""


class RedisVocabulary(RedisLibrary, Vocabulary):
    """The contract's vocabulary."""

    def keep_word(self, word: LookedUp) -> None:
        self._run("keep_word", id=word.conversation, key=word.key, word=asdict(word))

    def word(self, conversation_id: str, key: str) -> LookedUp | None:
        found = self._run("word", id=conversation_id, key=key)
        return _looked_up(found["word"]) if found else None

    def words_of(self, conversation_id: str) -> list[LookedUp]:
        return _newest_first(self._run("words_of", id=conversation_id)["words"])

    def forget_word(self, conversation_id: str, key: str) -> None:
        self._run("forget_word", id=conversation_id, key=key)

    def vocabulary(self, owner_hash: str, limit: int) -> list[LookedUp]:
        """The words of a reader; see the contract. Those of the 1,000 conversations that were written last
        are looked at."""
        places = self._last_written(owner_hash, 0, MOST_CONVERSATIONS)
        newest: list[LookedUp] = []
        for start in range(0, len(places), WORDS_BATCH):
            part = places[start : start + WORDS_BATCH]
            found = self._send([lua("words_of", id=id_, owner_hash=owner_hash) for id_, _ in part])
            read = [_looked_up(word) for each in found for word in each["words"]]
            newest = heapq.nlargest(limit, [*newest, *read], key=lambda word: word.at)
        return newest


def _newest_first(stored: list[str]) -> list[LookedUp]:
    return sorted(map(_looked_up, stored), key=lambda word: word.at, reverse=True)


def _looked_up(stored: str) -> LookedUp:
    return LookedUp(**json.loads(stored))
