"""The index of texts that readers search: what of their conversations has a place in it, and where.

Each text has a place, a number that begins with its reader's: so the texts of one reader lie side by side,
and a search costs what that reader has, whatever others have. What nobody owns has no place.

To index a text costs as much as all else that the store does for a reply. So it is done once, some seconds
after the reply has ended. A search first indexes what its reader has that is not.
"""

import sqlite3
from contextlib import suppress

import gevent

from kindlechat.background import carry_on
from kindlechat.stores.sqlite.database import off_hub
from kindlechat.stores.sqlite.replies import SqliteReplies
from kindlechat.stores.sqlite.schema import INDEX_REPLIES, LIBRARY_SHIFT

INDEX_BATCH = 3
"""So many texts are indexed in one transaction, some three milliseconds, for which others wait."""

INDEXED_BY_SEARCH = 50
"""So many of the reader's newest texts a search indexes at most."""

ENDED = """EXISTS (SELECT 1 FROM places JOIN replies ON replies.id = places.reply
    WHERE places.place = unindexed.place AND state NOT IN ('waiting', 'streaming'))"""


class SqliteTexts(SqliteReplies):
    """What asking, writing and owning share.

    Every method runs in a transaction of the database's thread, unless it says something else.
    """

    _indexing: "gevent.Greenlet[..., None] | None" = None

    def _give_place(self, conversation_id: str, reply_id: str | None) -> int | None:
        """Give a reply, or without one the conversation's title, a place; None where nobody owns it.

        The reply's text is to be indexed.
        """
        row = self._db.execute(
            "INSERT INTO libraries (owner_hash, places) SELECT owner_hash, 1 FROM conversations"
            " WHERE id = ? AND owner_hash IS NOT NULL"
            " ON CONFLICT (owner_hash) DO UPDATE SET places = places + 1"
            " RETURNING number << ? | places",
            (conversation_id, LIBRARY_SHIFT),
        ).fetchone()
        if row is None:
            return None
        (place,) = row
        self._db.execute("INSERT INTO places VALUES (?, ?, ?)", (place, conversation_id, reply_id))
        if reply_id:
            self._db.execute("INSERT INTO unindexed VALUES (?)", (place,))
        return int(place)

    def _to_index(self, reply_id: str) -> None:
        """Have a reply's text indexed as it is by then, if it has a place."""
        self._db.execute(
            "INSERT OR IGNORE INTO unindexed SELECT place FROM places WHERE reply = ?", (reply_id,)
        )

    def _index_later(self) -> None:
        """Have what has ended indexed after a while. Runs in the hub's thread, in no transaction."""
        if not self._indexing:
            delay_s = self._timings.index_delay_s
            self._indexing = gevent.spawn_later(delay_s, self._index_what_ended)

    def _stop_indexing(self) -> None:
        """Leave what is not indexed to others, or to the next start. Runs in the hub's thread."""
        if self._indexing:
            self._indexing.kill()

    def _index_what_ended(self) -> None:
        with carry_on("indexing texts"):
            while self._index_some() == INDEX_BATCH:
                gevent.sleep(self._timings.index_pause_s)
        self._indexing = None

    @off_hub
    def _index_some(self) -> int:
        with self._transaction():
            return self._index_places(ENDED, INDEX_BATCH)

    def _index_library(self, number: int) -> bool:
        """Index what this library has that is not, in a transaction where there is any; whether that was all.

        Where the disk is full, what is indexed can be found all the same.
        """
        own = f"place BETWEEN {number << LIBRARY_SHIFT} AND {((number + 1) << LIBRARY_SHIFT) - 1}"
        if self._db.execute(f"SELECT 1 FROM unindexed WHERE {own}").fetchone():  # noqa: S608
            with suppress(sqlite3.OperationalError), self._transaction():
                return self._index_places(own, INDEXED_BY_SEARCH) < INDEXED_BY_SEARCH
            return False
        return True

    def _index_places(self, condition: str, most: int) -> int:
        """Index the newest of the texts to be indexed that are so (never made of input); returns how many."""
        found = self._db.execute(
            f"SELECT place FROM unindexed WHERE {condition} ORDER BY place DESC LIMIT ?",  # noqa: S608
            (most,),
        ).fetchall()
        self._index(found)
        return len(found)

    def _index(self, places: list[tuple[int]]) -> None:
        """Index the texts that have these places. One that is still written stays to be indexed."""
        self._db.executemany(f"{INDEX_REPLIES} WHERE place = ?", places)
        self._db.executemany(f"DELETE FROM unindexed WHERE place = ? AND {ENDED}", places)  # noqa: S608

    def _index_all(self, conversation_id: str) -> None:
        """Give all that a conversation has a place, and index it."""
        places = self._place_all(conversation_id)
        self._index([(place,) for place in places if place is not None])
        self._index_title(conversation_id)

    def _place_all(self, conversation_id: str) -> list[int | None]:
        """Give all replies of a conversation a place; their texts are to be indexed."""
        replies = self._db.execute(
            "SELECT id FROM replies WHERE conversation = ? ORDER BY position", (conversation_id,)
        ).fetchall()
        return [self._give_place(conversation_id, reply_id) for (reply_id,) in replies]

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
