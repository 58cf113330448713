"""A reader's conversations in the file: lists, titles, search."""

from typing import Any

from kindlechat.conversation import Owned
from kindlechat.errors import UnknownConversation
from kindlechat.stores.contract import Findings, Libraries
from kindlechat.stores.matching import words_of
from kindlechat.stores.sqlite.database import off_hub
from kindlechat.stores.sqlite.schema import LIBRARY_SHIFT
from kindlechat.stores.sqlite.texts import SqliteTexts

SCANNED = 3000
"""A search reads at most so many of a reader's texts, the newest of those that the index finds."""

TRIGRAM = 3
"""The index knows no shorter words."""

OWNED = """
    SELECT id, COALESCE((SELECT question FROM replies WHERE conversation = conversations.id
            AND NOT replaced ORDER BY turn LIMIT 1), ''),
        (SELECT COUNT(DISTINCT turn) FROM replies WHERE conversation = conversations.id),
        written, title, starred, share
    FROM conversations
"""


class SqliteLibrary(SqliteTexts, Libraries):
    """The contract's library."""

    @off_hub
    def list_owned(
        self, owner_hash: str, limit: int, offset: int = 0, *, starred_first: bool = False
    ) -> list[Owned]:
        order = "starred DESC, written DESC" if starred_first else "written DESC"
        return self._owned(
            "owner_hash = ? AND discarded IS NULL", order, (owner_hash, limit, offset)
        )

    def _owned(self, condition: str, order: str, values: Any) -> list[Owned]:
        """What is so, in this order; both are fixed, never made of input. The last values are how many at
        most, and how many are left out.

        Which ones they are is found out first: what is shown of each costs more.
        """
        rows = self._db.execute(
            f"{OWNED} WHERE id IN (SELECT id FROM conversations WHERE {condition}"  # noqa: S608
            f" ORDER BY {order} LIMIT ? OFFSET ?) ORDER BY {order}",
            values,
        ).fetchall()
        return [
            Owned(id_, question, turns, written, title, bool(starred), share)
            for id_, question, turns, written, title, starred, share in rows
        ]

    @off_hub
    def count_owned(self, owner_hash: str) -> int:
        (count,) = self._db.execute(
            "SELECT COUNT(*) FROM conversations WHERE owner_hash = ? AND discarded IS NULL",
            (owner_hash,),
        ).fetchone()
        return int(count)

    @off_hub
    def search_owned(self, owner_hash: str, query: str, limit: int, offset: int = 0) -> Findings:
        words = words_of(query)
        reader = self._db.execute(
            "SELECT number FROM libraries WHERE owner_hash = ?", (owner_hash,)
        ).fetchone()
        if not words or reader is None:
            return Findings([], whole=True)
        is_indexed = self._index_library(reader[0])
        read, places = self._look_up(reader[0] << LIBRARY_SHIFT, words)
        owned = self._owned(
            "discarded IS NULL AND id IN (SELECT conversation FROM places WHERE place IN ("
            " SELECT value FROM json_each(?)))",
            "written DESC",
            (str(places), limit, offset),
        )
        return Findings(owned, whole=is_indexed and read < SCANNED)

    def _look_up(self, first: int, words: tuple[str, ...]) -> tuple[int, list[int]]:
        """How many texts of the reader whose places begin with `first` were read, and the places of those
        that have all words.

        The index tells which texts have all the trigrams of the words, in whatever order.
        """
        match = _match_of(words)
        by_index = "texts MATCH :match AND " if match else ""
        # The words are counted in the same pass as the texts: what has none of them is a row, too.
        has_all = " AND ".join(f"instr(text, :word{n}) > 0" for n in range(len(words)))
        rows = self._db.execute(
            f"SELECT rowid, {has_all} FROM texts WHERE {by_index}"  # noqa: S608
            " rowid BETWEEN :first AND :last ORDER BY rowid DESC LIMIT :scanned",
            {
                "match": match,
                "first": first,
                "last": first + (1 << LIBRARY_SHIFT) - 1,
                "scanned": SCANNED,
                **{f"word{n}": word for n, word in enumerate(words)},
            },
        ).fetchall()
        return len(rows), [place for place, has in rows if has]

    @off_hub
    def retitle(self, conversation_id: str, title: str) -> None:
        with self._transaction():
            self._change(conversation_id, "title = ?", title)
            self._index_title(conversation_id)

    @off_hub
    def star(self, conversation_id: str, *, starred: bool) -> None:
        with self._transaction():
            self._change(conversation_id, "starred = ?", starred)

    def _change(self, conversation_id: str, change: str, value: object) -> None:
        """Change a conversation in a fixed way (never made of input). Raises UnknownConversation."""
        if not self._db.execute(
            f"UPDATE conversations SET {change} WHERE id = ? AND discarded IS NULL",  # noqa: S608
            (value, conversation_id),
        ).rowcount:
            raise UnknownConversation


def _match_of(words: tuple[str, ...]) -> str:
    """The query that the index takes for these words; "" where all are too short for it."""
    trigrams = {word[n : n + TRIGRAM] for word in words for n in range(len(word) - TRIGRAM + 1)}
    return " AND ".join('"{}"'.format(each.replace('"', '""')) for each in sorted(trigrams))
