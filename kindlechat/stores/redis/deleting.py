"""Deletes conversations in Redis: first each of them, in its own slot, then their entries in lists."""

from collections.abc import Sequence

from kindlechat.stores.redis.calls import Call, command, lua
from kindlechat.stores.redis.connection import RedisConnection
from kindlechat.stores.redis.lists import (
    ACTIVE,
    leave_bin,
    leave_lists,
    link_key,
    standing_of,
)


class RedisDeleting(RedisConnection):
    """What retention and readers delete by."""

    def _delete(
        self,
        ids: Sequence[str],
        *,
        before: float | None = None,
        owner_hash: str | None = None,
    ) -> int:
        """Delete these conversations that were not written since `before`, or are this reader's; returns how
        many. Who is killed before the lists are done leaves entries that lead to nothing."""
        found = self._send(
            [lua("delete", id=each, before=before, owner_hash=owner_hash) for each in ids]
        )
        lists: list[Call] = []
        deleted = 0
        for each in found:
            standing = standing_of(each)
            if not each.get("stays"):
                deleted += 1
                lists += [*leave_lists(standing), *leave_bin(standing)]
                if standing.share:
                    lists.append(command("UNLINK", link_key(standing.share)))
            elif before is not None:
                lists.append(command("ZADD", ACTIVE, "GT", standing.at, standing.id))
        self._send(lists)
        return deleted
