"""What readers discarded, in Redis: it has another name, and expires by itself."""

from kindlechat.conversation import Owned, Rights
from kindlechat.stores.contract import UNDO_S, Discards
from kindlechat.stores.redis.connection import RedisConnection
from kindlechat.stores.redis.replies import owned_of, rights_of


class RedisDiscards(RedisConnection, Discards):
    """The contract's discards."""

    def discard(self, conversation_id: str) -> None:
        self._run("discard", id=conversation_id, undo_s=UNDO_S)

    def discard_owned(self, owner_hash: str) -> int:
        discarded = 0
        while True:
            part = self._run(
                "discard", owner_hash=owner_hash, undo_s=UNDO_S, batch=self._delete_batch
            )
            discarded += int(part["discarded"])
            if not part["looked"]:
                return discarded

    def list_discarded(self, owner_hash: str, limit: int) -> list[Owned]:
        return owned_of(
            self._run("list_discarded", owner_hash=owner_hash, limit=limit, undo_s=UNDO_S)
        )

    def discarded_rights(self, conversation_id: str) -> Rights:
        return rights_of(self._run("discarded_rights", id=conversation_id, undo_s=UNDO_S))

    def restore(self, conversation_id: str) -> None:
        self._run("restore", id=conversation_id, undo_s=UNDO_S)

    def delete_owned(self, owner_hash: str) -> None:
        while self._run("delete_owned", owner_hash=owner_hash, batch=self._delete_batch)["deleted"]:
            pass
