"""Facts from the file."""

from kindlechat.reply import Numbers
from kindlechat.stores.contract import Fact, Facts
from kindlechat.stores.sqlite.database import off_hub
from kindlechat.stores.sqlite.replies import SqliteReplies


class SqliteFacts(SqliteReplies, Facts):
    """The contract's facts."""

    @off_hub
    def facts_since(self, since: float) -> list[Fact]:
        rows = self._db.execute(
            "SELECT created, chars, whole_s IS NOT NULL, tokens_read, tokens_written, tries,"
            " first_word_s, whole_s, state, reason, heartbeat, renewed FROM replies"
            " WHERE created >= ? AND client_hash <> ''",
            (since,),
        ).fetchall()
        return [
            Fact(created, *self._state(*row[-4:]), chars, Numbers(*row[:-4]) if known else None)
            for created, chars, known, *row in rows
        ]

    @off_hub
    def size_bytes(self) -> int:
        beside = (self.path.with_name(self.path.name + end) for end in ("", "-wal", "-shm"))
        return sum(path.stat().st_size for path in beside if path.exists())

    def remarks(self) -> list[tuple[str, str]]:
        """None: the file sets itself up."""
        return []
