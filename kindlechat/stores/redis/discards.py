"""What readers discarded, in Redis: it has another name, and expires by itself."""

from collections.abc import Mapping
from typing import Any

from kindlechat.conversation import Owned, Rights
from kindlechat.stores.contract import UNDO_S, Discards
from kindlechat.stores.redis.calls import Call, command, lua
from kindlechat.stores.redis.deleting import RedisDeleting
from kindlechat.stores.redis.library import RedisLibrary
from kindlechat.stores.redis.lists import (
    enter_bin,
    enter_lists,
    leave_bin,
    leave_lists,
    link_key,
    list_key,
    scores_of,
    standing_of,
)
from kindlechat.stores.redis.replies import rights_of


class RedisDiscards(RedisDeleting, RedisLibrary, Discards):
    """The contract's discards."""

    def discard(self, conversation_id: str) -> None:
        before, discarding, after = _discarding(self._look(conversation_id))
        # A full memory refuses to discard anything, but would take it out of its lists.
        self._run_between(before, discarding)
        self._send(after)

    def discard_owned(self, owner_hash: str) -> int:
        discarded, owned = 0, list_key("owned", owner_hash)
        while ids := self._first_of(owned):
            parts = [_discarding(found) for found in self._look_at_those_of(owner_hash, ids)]
            self._send([call for before, discarding, _ in parts for call in (*before, discarding)])
            after = [call for *_, leaving in parts for call in leaving]
            self._send([*after, command("ZREM", owned, *ids)])
            discarded += len(parts)
        return discarded

    def list_discarded(self, owner_hash: str, limit: int) -> list[Owned]:
        owned: list[Owned] = []
        name, offset = list_key("bin", owner_hash), 0
        while len(owned) < limit:
            part = command("ZREVRANGE", name, offset, offset + limit - 1, "WITHSCORES")
            places = scores_of(self._send([part])[0])
            owned += self._entries(owner_hash, places, undo_s=UNDO_S)
            offset += limit
            if len(places) < limit:
                break
        return owned[:limit]

    def discarded_rights(self, conversation_id: str) -> Rights:
        return rights_of(self._run("discarded_rights", id=conversation_id, undo_s=UNDO_S))

    def restore(self, conversation_id: str) -> None:
        standing = standing_of(self._look(conversation_id, UNDO_S))
        lists = enter_lists(standing, self._keep_s)
        restoring = lua("restore", id=conversation_id, undo_s=UNDO_S)
        # A full memory takes no entries, but would restore. And whoever looks at the list between two calls
        # takes out of it what is not there.
        self._send(lists)
        self._run_between(lists, restoring, leave_bin(standing))

    def delete_owned(self, owner_hash: str) -> None:
        for kind in ("owned", "bin"):
            name = list_key(kind, owner_hash)
            while ids := self._first_of(name):
                self._delete(ids, owner_hash=owner_hash)
                self._send([command("ZREM", name, *ids)])
        self._send([command("UNLINK", list_key("shared", owner_hash))])


def _discarding(found: Mapping[str, Any]) -> tuple[list[Call], Call, list[Call]]:
    """What discards a conversation that a look found so, with what goes before and after it."""
    standing = standing_of(found)
    after = leave_lists(standing)
    if standing.share:
        after.append(command("EXPIRE", link_key(standing.share), UNDO_S))
    discarding = lua(
        "discard",
        id=standing.id,
        owner_hash=standing.owner_hash,
        at=standing.at,
        undo_s=UNDO_S,
    )
    return enter_bin(standing, found["now"], UNDO_S), discarding, after
