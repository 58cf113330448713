"""What readers discarded, in the file: it stays where it is, and nobody sees it."""

from kindlechat.conversation import Owned, Rights
from kindlechat.errors import UnknownConversation
from kindlechat.stores.contract import UNDO_S, Discards
from kindlechat.stores.sqlite.conversations import SqliteConversations
from kindlechat.stores.sqlite.database import off_hub
from kindlechat.stores.sqlite.library import SqliteLibrary

LONG_AGO = 0
"""When something was discarded that nobody may restore."""


class SqliteDiscards(SqliteConversations, SqliteLibrary, Discards):
    """The contract's discards."""

    @off_hub
    def discard(self, conversation_id: str) -> None:
        with self._transaction():
            self._change(conversation_id, "discarded = ?", self._clock())

    @off_hub
    def discard_owned(self, owner_hash: str) -> int:
        with self._transaction():
            return self._db.execute(
                "UPDATE conversations SET discarded = ? WHERE owner_hash = ? AND discarded IS NULL",
                (self._clock(), owner_hash),
            ).rowcount

    @off_hub
    def list_discarded(self, owner_hash: str, limit: int) -> list[Owned]:
        return self._owned(
            "owner_hash = ? AND discarded > ?",
            "discarded DESC, written DESC",
            (owner_hash, self._clock() - UNDO_S, limit, 0),
        )

    @off_hub
    def discarded_rights(self, conversation_id: str) -> Rights:
        row = self._db.execute(
            "SELECT owner_hash, key_hash FROM conversations WHERE id = ? AND discarded > ?",
            (conversation_id, self._clock() - UNDO_S),
        ).fetchone()
        if row is None:
            raise UnknownConversation
        return Rights(*row)

    @off_hub
    def restore(self, conversation_id: str) -> None:
        with self._transaction():
            if not self._db.execute(
                "UPDATE conversations SET discarded = NULL WHERE id = ? AND discarded > ?",
                (conversation_id, self._clock() - UNDO_S),
            ).rowcount:
                raise UnknownConversation

    def delete_owned(self, owner_hash: str) -> None:
        """Delete all; see the contract. What is not deleted when this process ends, retention deletes."""
        self._hide_for_good(owner_hash)
        while self._delete_hidden():
            pass

    @off_hub
    def _hide_for_good(self, owner_hash: str) -> None:
        with self._transaction():
            self._db.execute(
                "UPDATE conversations SET discarded = ? WHERE owner_hash = ?",
                (LONG_AGO, owner_hash),
            )
            self._db.execute("DELETE FROM libraries WHERE owner_hash = ?", (owner_hash,))

    @off_hub
    def _delete_hidden(self) -> int:
        with self._transaction():
            deleted = self._delete_discarded()
        self._clean_wal(deleted)
        return deleted
