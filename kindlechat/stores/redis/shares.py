"""Shares in Redis."""

from kindlechat.conversation import Owned
from kindlechat.stores.contract import Shares
from kindlechat.stores.redis.connection import RedisConnection
from kindlechat.stores.redis.replies import owned_of


class RedisShares(RedisConnection, Shares):
    """The contract's shares."""

    def share(self, conversation_id: str, share_id: str) -> str:
        return str(self._run("share", id=conversation_id, share_id=share_id)["share"])

    def withdraw(self, conversation_id: str) -> None:
        self._run("withdraw", id=conversation_id)

    def shared_as(self, share_id: str) -> str | None:
        found = self._run("shared_as", share_id=share_id)
        return str(found["id"]) if found else None

    def list_shared(self, owner_hash: str, limit: int) -> list[Owned]:
        return owned_of(self._run("list_shared", owner_hash=owner_hash, limit=limit))
