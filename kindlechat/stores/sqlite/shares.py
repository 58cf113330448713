"""Shares in the file."""

from kindlechat.conversation import Owned
from kindlechat.stores.contract import Shares
from kindlechat.stores.sqlite.database import off_hub
from kindlechat.stores.sqlite.library import SqliteLibrary


class SqliteShares(SqliteLibrary, Shares):
    """The contract's shares."""

    @off_hub
    def share(self, conversation_id: str, share_id: str) -> str:
        with self._transaction():
            self._change(conversation_id, "share = COALESCE(share, ?)", share_id)
            (shared,) = self._db.execute(
                "SELECT share FROM conversations WHERE id = ?", (conversation_id,)
            ).fetchone()
        return str(shared)

    @off_hub
    def withdraw(self, conversation_id: str) -> None:
        with self._transaction():
            self._change(conversation_id, "share = ?", None)

    @off_hub
    def shared_as(self, share_id: str) -> str | None:
        row = self._db.execute(
            "SELECT id FROM conversations WHERE share = ? AND discarded IS NULL", (share_id,)
        ).fetchone()
        return str(row[0]) if row else None

    @off_hub
    def list_shared(self, owner_hash: str, limit: int) -> list[Owned]:
        return self._owned(
            "owner_hash = ? AND discarded IS NULL AND share IS NOT NULL",
            "written DESC",
            (owner_hash, limit, 0),
        )
