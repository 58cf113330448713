"""Looks at conversations before something is done to them that lists are to know of."""

from collections.abc import Sequence
from typing import Any

from kindlechat.stores.redis.calls import accepted, command
from kindlechat.stores.redis.connection import RedisConnection
from kindlechat.stores.redis.lists import looked, looks


class RedisLooks(RedisConnection):
    """Tells how conversations stand."""

    def _look(self, conversation_id: str, undo_s: int | None = None) -> dict[str, Any]:
        """How a conversation stands that exists or, with `undo_s`, that can be restored. Raises
        UnknownConversation."""
        return accepted(looked(self._send(looks([conversation_id], undo_s)))[0])

    def _look_at_those_of(self, owner_hash: str, ids: Sequence[str]) -> list[dict[str, Any]]:
        """How these conversations stand, of which some may be gone or another reader's: they are left out."""
        found = looked(self._send(looks(ids)))
        return [each for each in found if each.get("owner_hash") == owner_hash]

    def _first_of(self, name: str) -> list[str]:
        """The conversations that come first in the list of this name, as many as one call looks at."""
        return list(self._send([command("ZRANGE", name, 0, self._delete_batch - 1)])[0])
