"""Words that were looked up, in the file."""

from kindlechat.errors import UnknownConversation
from kindlechat.stores.contract import LookedUp, Vocabulary
from kindlechat.stores.sqlite.database import SqliteDatabase, off_hub

COLUMNS = "words.conversation, key, word, sentence, meaning, language, at"


class SqliteVocabulary(SqliteDatabase, Vocabulary):
    """The contract's vocabulary."""

    @off_hub
    def keep_word(self, word: LookedUp) -> None:
        with self._transaction():
            if not self._db.execute(
                "SELECT 1 FROM conversations WHERE id = ? AND discarded IS NULL",
                (word.conversation,),
            ).fetchone():
                raise UnknownConversation
            self._db.execute(
                "INSERT OR REPLACE INTO words VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    word.conversation,
                    word.key,
                    word.word,
                    word.sentence,
                    word.meaning,
                    word.language,
                    self._clock(),
                ),
            )

    @off_hub
    def word(self, conversation_id: str, key: str) -> LookedUp | None:
        row = self._db.execute(
            f"SELECT {COLUMNS} FROM words JOIN conversations ON id = conversation"  # noqa: S608
            " WHERE conversation = ? AND key = ? AND discarded IS NULL",
            (conversation_id, key),
        ).fetchone()
        return LookedUp(*row) if row else None

    @off_hub
    def words_of(self, conversation_id: str) -> list[LookedUp]:
        return self._words("conversation = ?", conversation_id, limit=-1)

    @off_hub
    def forget_word(self, conversation_id: str, key: str) -> None:
        self._db.execute(
            "DELETE FROM words WHERE conversation = ? AND key = ?", (conversation_id, key)
        )

    @off_hub
    def vocabulary(self, owner_hash: str, limit: int) -> list[LookedUp]:
        return self._words("owner_hash = ?", owner_hash, limit)

    def _words(self, condition: str, value: str, limit: int) -> list[LookedUp]:
        """Words under a fixed condition (never made of input), the last one first; -1 is no limit."""
        rows = self._db.execute(
            f"SELECT {COLUMNS} FROM words JOIN conversations ON id = conversation"  # noqa: S608
            f" WHERE {condition} AND discarded IS NULL ORDER BY at DESC, words.rowid DESC LIMIT ?",
            (value, limit),
        ).fetchall()
        return [LookedUp(*row) for row in rows]
