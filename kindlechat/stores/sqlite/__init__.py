"""The store on one machine: a SQLite file with a write-ahead log (WAL), shared by all worker processes."""

import secrets

from kindlechat.stores.contract import MET_S, Store
from kindlechat.stores.sqlite.conversations import SqliteConversations
from kindlechat.stores.sqlite.database import off_hub
from kindlechat.stores.sqlite.discards import SqliteDiscards
from kindlechat.stores.sqlite.facts import SqliteFacts
from kindlechat.stores.sqlite.leases import SqliteLeases
from kindlechat.stores.sqlite.library import SqliteLibrary
from kindlechat.stores.sqlite.newsletter import SqliteNewsletter
from kindlechat.stores.sqlite.pairing import SqlitePairs
from kindlechat.stores.sqlite.pictures import SqlitePictures
from kindlechat.stores.sqlite.rate_limits import SqliteRateLimits
from kindlechat.stores.sqlite.readers import SqliteReaders
from kindlechat.stores.sqlite.rights import SqliteRights
from kindlechat.stores.sqlite.shares import SqliteShares
from kindlechat.stores.sqlite.vocabulary import SqliteVocabulary


class SqliteStore(
    SqliteDiscards,
    SqliteConversations,
    SqliteRights,
    SqliteShares,
    SqliteLibrary,
    SqliteLeases,
    SqliteRateLimits,
    SqliteFacts,
    SqliteNewsletter,
    SqliteReaders,
    SqlitePairs,
    SqliteVocabulary,
    SqlitePictures,
    Store,
):
    """The contract on one SQLite file."""

    @off_hub
    def secret(self) -> str | None:
        with self._transaction():
            self._db.execute(
                "INSERT OR IGNORE INTO meta VALUES ('secret_key', ?)", (secrets.token_urlsafe(32),)
            )
            (value,) = self._db.execute(
                "SELECT value FROM meta WHERE key = 'secret_key'"
            ).fetchone()
        return str(value)

    @off_hub
    def check(self) -> None:
        self._check_is_ours()
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO meta VALUES ('checked', ?)", (self._clock(),))

    @off_hub
    def meet(self, mark: str) -> bool:
        now = self._clock()
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (f"mark {mark}", now))
            self._db.execute(
                "DELETE FROM meta WHERE key LIKE 'mark %' AND CAST(value AS REAL) <= ?",
                (now - MET_S,),
            )
            (marks,) = self._db.execute(
                "SELECT COUNT(*) FROM meta WHERE key LIKE 'mark %'"
            ).fetchone()
        return bool(marks == 1)

    @off_hub
    def leave(self, mark: str) -> None:
        with self._transaction():
            self._db.execute("DELETE FROM meta WHERE key = ?", (f"mark {mark}",))

    def close(self) -> None:
        self._stop_indexing()
        self._close()
