"""Pairs in the file."""

from dataclasses import asdict

from kindlechat.stores.contract import OFFER_S, PAIR_S, Offer, Pair, Pairs
from kindlechat.stores.sqlite.database import SqliteDatabase, off_hub


class SqlitePairs(SqliteDatabase, Pairs):
    """The contract's pairs. What is too old counts as gone, and is deleted as others come."""

    @off_hub
    def offer(self, offer: Offer) -> bool:
        now = self._clock()
        with self._transaction():
            self._delete_lapsed(offer.code_hash, now)
            if self._db.execute(
                "SELECT 1 FROM pairs WHERE code_hash = ? AND owner_hash <> ?",
                (offer.code_hash, offer.owner_hash),
            ).fetchone():
                return False
            self._db.execute(
                """
                INSERT OR REPLACE INTO pairs VALUES (:owner_hash, :salt, :reader_hash, :code_hash,
                    :secret_hash, NULL, :conversation, '', :now, :now + :offer_s)
                """,
                {**asdict(offer), "now": now, "offer_s": OFFER_S},
            )
        return True

    def _delete_lapsed(self, code_hash: str, now: float) -> None:
        self._db.execute("DELETE FROM pairs WHERE code_hash = ? AND expires <= ?", (code_hash, now))
        self._db.execute(
            "DELETE FROM pairs WHERE owner_hash IN"
            " (SELECT owner_hash FROM pairs WHERE expires <= ? LIMIT ?)",
            (now, self._delete_batch),
        )

    @off_hub
    def join(self, offered_hash: str, phone_hash: str) -> Pair | None:
        now = self._clock()
        with self._transaction():
            joined = self._db.execute(
                """
                UPDATE pairs SET code_hash = NULL, secret_hash = NULL, phone_hash = :phone_hash,
                    since = :now, expires = :now + :pair_s
                WHERE (code_hash = :offered_hash OR secret_hash = :offered_hash) AND expires > :now
                """,
                {
                    "offered_hash": offered_hash,
                    "phone_hash": phone_hash,
                    "now": now,
                    "pair_s": PAIR_S,
                },
            ).rowcount
            return self._pair("phone_hash = ?", phone_hash) if joined else None

    @off_hub
    def pair_of(self, owner_hash: str) -> Pair | None:
        return self._pair("owner_hash = ?", owner_hash)

    @off_hub
    def pair_known_by(self, side_hash: str) -> Pair | None:
        return self._pair("reader_hash = ?", side_hash) or self._pair("phone_hash = ?", side_hash)

    @off_hub
    def note_asked(self, pair: Pair, conversation: str, reply: str) -> None:
        self._db.execute(
            "UPDATE pairs SET conversation = ?, reply = ? WHERE owner_hash = ? AND salt = ?",
            (conversation, reply, pair.owner_hash, pair.salt),
        )

    @off_hub
    def end_pair(self, pair: Pair) -> None:
        self._db.execute(
            "DELETE FROM pairs WHERE owner_hash = ? AND salt = ?", (pair.owner_hash, pair.salt)
        )

    def _pair(self, condition: str, value: str) -> Pair | None:
        """The live one under a fixed condition (never made of input)."""
        now = self._clock()
        found = self._db.execute(
            "SELECT owner_hash, salt, phone_hash IS NOT NULL, ? - since, conversation, reply FROM pairs"  # noqa: S608
            f" WHERE {condition} AND expires > ?",
            (now, value, now),
        ).fetchone()
        if found is None:
            return None
        owner_hash, salt, joined, age_s, conversation, reply = found
        return Pair(owner_hash, salt, bool(joined), age_s, conversation, reply)
