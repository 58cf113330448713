"""The index of texts that readers search: what of their conversations has a place in it, and where.

Each text has a place, a number that begins with its reader's: so the texts of one reader lie side by side,
and a search costs what that reader has, whatever others have. What nobody owns has no place.
"""

from kindlechat.stores.sqlite.replies import SqliteReplies
from kindlechat.stores.sqlite.schema import INDEX_REPLIES, LIBRARY_SHIFT


class SqliteTexts(SqliteReplies):
    """What asking, writing and owning share. Every method runs in a transaction of the database's thread."""

    def _give_place(self, conversation_id: str, reply_id: str | None) -> int | None:
        """Give a reply, or without one the conversation's title, a place; None where nobody owns it."""
        owner = self._db.execute(
            "SELECT owner_hash FROM conversations WHERE id = ? AND owner_hash IS NOT NULL",
            (conversation_id,),
        ).fetchone()
        if owner is None:
            return None
        self._db.execute("INSERT OR IGNORE INTO libraries (owner_hash) VALUES (?)", owner)
        (place,) = self._db.execute(
            "UPDATE libraries SET places = places + 1 WHERE owner_hash = ?"
            " RETURNING number << ? | places",
            (*owner, LIBRARY_SHIFT),
        ).fetchone()
        self._db.execute("INSERT INTO places VALUES (?, ?, ?)", (place, conversation_id, reply_id))
        return int(place)

    def _index(self, reply_id: str) -> None:
        """Let a reply be found by its text as it is now, if it has a place."""
        self._db.execute(f"{INDEX_REPLIES} WHERE replies.id = ?", (reply_id,))

    def _index_all(self, conversation_id: str) -> None:
        """Give all that a conversation has a place, and let it be found."""
        replies = self._db.execute(
            "SELECT id FROM replies WHERE conversation = ? ORDER BY position", (conversation_id,)
        ).fetchall()
        for (reply_id,) in replies:
            self._give_place(conversation_id, reply_id)
            self._index(reply_id)
        self._index_title(conversation_id)

    def _index_title(self, conversation_id: str) -> None:
        """Let a conversation be found by the title that its owner gave it, and by no earlier one."""
        self._db.execute(
            "DELETE FROM places WHERE conversation = ? AND reply IS NULL", (conversation_id,)
        )
        (title,) = self._db.execute(
            "SELECT title FROM conversations WHERE id = ?", (conversation_id,)
        ).fetchone()
        place = self._give_place(conversation_id, None) if title else None
        if place is not None:
            self._db.execute(
                "INSERT INTO texts (rowid, text) VALUES (?, folded(?))", (place, title)
            )
