"""A reader's conversations in Redis: lists, titles, stars."""

from collections.abc import Sequence
from dataclasses import replace

from kindlechat.conversation import Owned
from kindlechat.stores.contract import Libraries
from kindlechat.stores.redis.calls import command, lua
from kindlechat.stores.redis.lists import (
    STAR,
    enter_lists,
    list_key,
    scores_of,
    standing_of,
    written,
)
from kindlechat.stores.redis.looks import RedisLooks

Scored = tuple[str, float]
"""The id of a conversation, and its score in a list."""


class RedisLibrary(RedisLooks, Libraries):
    """The contract's library, but for searches."""

    def list_owned(
        self, owner_hash: str, limit: int, offset: int = 0, *, starred_first: bool = False
    ) -> list[Owned]:
        """A page of the list; see the contract. What has expired leaves the list when it would be shown."""
        in_order = self._starred_first if starred_first else self._last_written
        while True:
            places = in_order(owner_hash, offset, limit)
            owned = self._entries(owner_hash, places)
            listed = {each.id for each in owned}
            gone = [id_ for id_, _ in places if id_ not in listed]
            if not gone:
                return owned
            self._send([command("ZREM", list_key("owned", owner_hash), *gone)])

    def _starred_first(self, owner_hash: str, offset: int, count: int) -> list[Scored]:
        """So many of a reader's conversations, the starred ones first, without so many before them."""
        owned, last = list_key("owned", owner_hash), offset + count - 1
        return scores_of(self._send([command("ZREVRANGE", owned, offset, last, "WITHSCORES")])[0])

    def _last_written(self, owner_hash: str, offset: int, count: int) -> list[Scored]:
        """The same, the last written ones first."""
        owned, last = list_key("owned", owner_hash), offset + count
        ranges: list[tuple[str | float, str | float]] = [("+inf", STAR), (f"({STAR}", "-inf")]
        found = self._send(
            [
                command("ZREVRANGEBYSCORE", owned, *each, "WITHSCORES", "LIMIT", 0, last)
                for each in ranges
            ]
        )
        places = [place for each in found for place in scores_of(each)]
        places.sort(key=lambda place: written(place[1]), reverse=True)
        return places[offset:last]

    def _entries(
        self, owner_hash: str, places: Sequence[Scored], *, undo_s: int | None = None
    ) -> list[Owned]:
        """What a list shows of these conversations: of those that are this reader's, and there or, with
        `undo_s`, can be restored."""
        found = self._send(
            [lua("entry", id=id_, owner_hash=owner_hash, undo_s=undo_s) for id_, _ in places]
        )
        owned = []
        for (_, score), each in zip(places, found, strict=True):
            if each:
                at = written(score) if undo_s is None else each["written"]
                owned.append(Owned(**{**each, "written": at}))
        return owned

    def count_owned(self, owner_hash: str) -> int:
        """How many there are; what has expired counts until it would be listed."""
        return int(self._send([command("ZCARD", list_key("owned", owner_hash))])[0])

    def retitle(self, conversation_id: str, title: str) -> None:
        self._describe(conversation_id, title=title)

    def star(self, conversation_id: str, *, starred: bool) -> None:
        self._describe(conversation_id, starred=str(int(starred)))

    def _describe(self, conversation_id: str, **changes: str) -> None:
        standing = standing_of(self._look(conversation_id))
        if "starred" in changes:
            standing = replace(standing, starred=changes["starred"] == "1")
        lists = enter_lists(standing, self._keep_s)
        self._run_between(lists, lua("describe", id=conversation_id, **changes))
