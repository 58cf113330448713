"""Rights in the file, and copies of conversations."""

from kindlechat.conversation import Rights
from kindlechat.errors import UnknownConversation
from kindlechat.stores.contract import ConversationRights
from kindlechat.stores.ids import new_reply_id
from kindlechat.stores.sqlite.database import off_hub
from kindlechat.stores.sqlite.pictures import copy_pictures
from kindlechat.stores.sqlite.texts import SqliteTexts

HANDED_BATCH = 50
"""So many conversations change their owner in one transaction, for which others wait."""


class SqliteRights(SqliteTexts, ConversationRights):
    """The contract's rights of conversations."""

    @off_hub
    def rights(self, conversation_id: str) -> Rights:
        return self._rights(conversation_id)

    def _rights(self, conversation_id: str) -> Rights:
        row = self._db.execute(
            "SELECT owner_hash, key_hash FROM conversations WHERE id = ? AND discarded IS NULL",
            (conversation_id,),
        ).fetchone()
        if row is None:
            raise UnknownConversation
        return Rights(*row)

    @off_hub
    def claim(self, conversation_id: str, rights: Rights) -> Rights:
        with self._transaction():
            claimed = self._db.execute(
                "UPDATE conversations SET owner_hash = ?, key_hash = ?"
                " WHERE id = ? AND owner_hash IS NULL AND key_hash IS NULL",
                (rights.owner_hash, rights.key_hash, conversation_id),
            ).rowcount
            if claimed:
                self._index_all(conversation_id)
            return self._rights(conversation_id)

    def hand_over(self, owner_hash: str, to: str) -> int:
        handed = 0
        while part := self._hand_over_some(owner_hash, to) if to != owner_hash else 0:
            handed += part
        self._index_later()
        return handed

    @off_hub
    def _hand_over_some(self, owner_hash: str, to: str) -> int:
        with self._transaction():
            found = self._db.execute(
                "SELECT id FROM conversations WHERE owner_hash = ? AND discarded IS NULL"
                " ORDER BY written LIMIT ?",
                (owner_hash, HANDED_BATCH),
            ).fetchall()
            for (conversation_id,) in found:
                self._db.execute(
                    "UPDATE conversations SET owner_hash = ? WHERE id = ?", (to, conversation_id)
                )
                self._db.execute("DELETE FROM places WHERE conversation = ?", (conversation_id,))
                self._place_all(conversation_id)
                self._index_title(conversation_id)
            return len(found)

    @off_hub
    def copy_conversation(
        self, conversation_id: str, new_id: str, rights: Rights, *, turns: int | None = None
    ) -> None:
        with self._transaction():
            self._rights(conversation_id)  # raises UnknownConversation
            copied = self._db.execute(
                """
                INSERT OR IGNORE INTO conversations (id, created, written, seed, owner_hash, key_hash)
                SELECT :new, :now, :now, seed, :owner, :key FROM conversations WHERE id = :id
                """,
                {
                    "new": new_id,
                    "now": self._clock(),
                    "owner": rights.owner_hash,
                    "key": rights.key_hash,
                    "id": conversation_id,
                },
            ).rowcount
            if copied:
                for (reply_id,) in self._ids(conversation_id)[:turns]:
                    self._copy_reply(reply_id, new_id)
                copy_pictures(self._db, conversation_id, new_id)
                self._index_all(new_id)

    def _ids(self, conversation_id: str) -> list[tuple[str]]:
        """The replies that count, those of the first turn first."""
        return self._db.execute(
            "SELECT id FROM replies WHERE conversation = ? AND NOT replaced ORDER BY turn",
            (conversation_id,),
        ).fetchall()

    def _copy_reply(self, reply_id: str, conversation_id: str) -> None:
        copy_id = new_reply_id(conversation_id)
        self._db.execute(
            """
            INSERT INTO replies (id, conversation, position, turn, question, prompt, picture, follow_ups,
                chars, state, reason, heartbeat, created, client_hash)
            SELECT :copy, :conversation, position, turn, question, prompt, picture, follow_ups, chars,
                CASE WHEN state IN ('waiting', 'streaming') THEN 'interrupted' ELSE state END,
                CASE WHEN state IN ('waiting', 'streaming') THEN 'orphan' ELSE reason END,
                :now, :now, ''
            FROM replies WHERE id = :original
            """,
            {
                "copy": copy_id,
                "conversation": conversation_id,
                "now": self._clock(),
                "original": reply_id,
            },
        )
        self._db.execute(
            "INSERT INTO pieces SELECT ?, start, text FROM pieces WHERE reply = ?",
            (copy_id, reply_id),
        )
