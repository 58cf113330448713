"""A reader's conversations in Redis: lists, titles, search."""

from operator import itemgetter

from kindlechat.conversation import Owned
from kindlechat.stores.contract import Findings, Libraries
from kindlechat.stores.matching import folded, has_all, words_of
from kindlechat.stores.redis.connection import RedisConnection
from kindlechat.stores.redis.replies import owned_of

SCANNED = 800
"""A search reads at most so many of a reader's conversations: the starred ones, then the newest."""

SEARCH_BATCH = 200
"""So many of them in one call: Redis does nothing else meanwhile."""

QUESTION_ROOM = 500_000
ANSWER_ROOM = 100_000
"""A search reads so many bytes of questions and so many characters of answers: the whole text of some
conversations, and the questions of all others."""


class RedisLibrary(RedisConnection, Libraries):
    """The contract's library."""

    def list_owned(
        self, owner_hash: str, limit: int, offset: int = 0, *, starred_first: bool = False
    ) -> list[Owned]:
        return owned_of(
            self._run(
                "list_owned",
                owner_hash=owner_hash,
                limit=limit,
                offset=offset,
                starred_first=starred_first,
            )
        )

    def count_owned(self, owner_hash: str) -> int:
        """How many there are; what has expired counts until it would be listed."""
        return int(self._run("count_owned", owner_hash=owner_hash)["count"])

    def search_owned(self, owner_hash: str, query: str, limit: int, offset: int = 0) -> Findings:
        """Search by reading; see the contract. There is no index: what was written is there at once."""
        words = words_of(query)
        if not words:
            return Findings([], whole=True)
        found: list[tuple[float, str]] = []
        looked, room, answer_room, whole, more = 0, QUESTION_ROOM, ANSWER_ROOM, True, True
        while more and room > 0 and looked < SCANNED:
            part = self._run(
                "search_owned",
                owner_hash=owner_hash,
                offset=looked,
                batch=min(SEARCH_BATCH, SCANNED - looked),
                room=room,
                answer_room=answer_room,
            )
            found += [
                (each["written"], each["id"])
                for each in part["found"]
                if any(has_all(folded(text), words) for text in (each["title"], *each["texts"]))
            ]
            looked, room = looked + part["looked"], part["room"]
            answer_room, more = part["answer_room"], part["more"]
            whole = whole and part["whole"]
        found.sort(key=itemgetter(0), reverse=True)
        ids = [id_ for _, id_ in found[offset : offset + limit]]
        owned = owned_of(self._run("entries", owner_hash=owner_hash, ids=ids))
        return Findings(owned, whole=whole and not more)

    def retitle(self, conversation_id: str, title: str) -> None:
        self._run("describe", id=conversation_id, title=title)

    def star(self, conversation_id: str, *, starred: bool) -> None:
        self._run("describe", id=conversation_id, starred=str(int(starred)))
