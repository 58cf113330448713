"""Readers in the file."""

from kindlechat.stores.contract import Answered, KeyKind, KeyOwner, ReaderKey, ReaderRecord, Readers
from kindlechat.stores.sqlite.database import SqliteDatabase, off_hub


class SqliteReaders(SqliteDatabase, Readers):
    """The contract's readers."""

    @off_hub
    def reader_record(self, owner_hash: str) -> ReaderRecord:
        found = self._db.execute(
            "SELECT mailbox FROM reader_records WHERE owner_hash = ?", (owner_hash,)
        ).fetchone()
        keys = self._db.execute(
            "SELECT kind, hash, salt, sealed_id FROM reader_keys WHERE owner_hash = ?",
            (owner_hash,),
        )
        return ReaderRecord(
            {KeyKind(kind): ReaderKey(*about) for kind, *about in keys}, found[0] if found else ""
        )

    @off_hub
    def keep_key(self, owner_hash: str, kind: KeyKind, key: ReaderKey) -> None:
        with self._transaction(flushed=True):
            self._see(owner_hash)
            self._db.execute(
                "INSERT OR REPLACE INTO reader_keys VALUES (?, ?, ?, ?, ?)",
                (owner_hash, kind, key.hash, key.salt, key.sealed_id),
            )

    @off_hub
    def withdraw_key(self, owner_hash: str, kind: KeyKind) -> None:
        with self._transaction(flushed=True):
            self._db.execute(
                "DELETE FROM reader_keys WHERE owner_hash = ? AND kind = ?", (owner_hash, kind)
            )

    @off_hub
    def owner_of_key(self, kind: KeyKind, key_hash: str) -> KeyOwner | None:
        found = self._db.execute(
            "SELECT owner_hash, hash, salt, sealed_id FROM reader_keys WHERE kind = ? AND hash = ?",
            (kind, key_hash),
        ).fetchone()
        return KeyOwner(found[0], ReaderKey(*found[1:])) if found else None

    @off_hub
    def set_mailbox(self, owner_hash: str, mailbox: str) -> None:
        with self._transaction(flushed=True):
            self._see(owner_hash)
            self._db.execute(
                "UPDATE reader_records SET mailbox = ? WHERE owner_hash = ?", (mailbox, owner_hash)
            )

    @off_hub
    def see_reader(self, owner_hash: str) -> None:
        with self._transaction():
            self._db.execute(
                "UPDATE reader_records SET seen = ? WHERE owner_hash = ?",
                (self._clock(), owner_hash),
            )

    def _see(self, owner_hash: str) -> None:
        """The same, with a record for who has none."""
        self._db.execute(
            "INSERT INTO reader_records (owner_hash, seen) VALUES (?, ?)"
            " ON CONFLICT (owner_hash) DO UPDATE SET seen = excluded.seen",
            (owner_hash, self._clock()),
        )

    @off_hub
    def forget_reader(self, owner_hash: str) -> None:
        with self._transaction(flushed=True):
            self._db.execute("DELETE FROM reader_records WHERE owner_hash = ?", (owner_hash,))

    @off_hub
    def delete_readers_unseen_for(self, age_s: float) -> int:
        with self._transaction():
            return self._db.execute(
                "DELETE FROM reader_records WHERE owner_hash IN"
                " (SELECT owner_hash FROM reader_records WHERE seen < ? LIMIT ?)",
                (self._clock() - age_s, self._delete_batch),
            ).rowcount

    @off_hub
    def newest_answers(self, owner_hash: str, limit: int, offset: int = 0) -> list[Answered]:
        # So many answers are all in as many of the conversations that were written last.
        rows = self._db.execute(
            """
            SELECT id, heartbeat FROM replies WHERE conversation IN (
                SELECT id FROM conversations WHERE owner_hash = ? AND discarded IS NULL
                ORDER BY written DESC LIMIT ?)
            AND NOT replaced AND chars > 0 AND state NOT IN ('waiting', 'streaming')
            ORDER BY heartbeat DESC, position DESC LIMIT ? OFFSET ?
            """,
            (owner_hash, offset + limit, limit, offset),
        ).fetchall()
        return [Answered(*row) for row in rows]
