"""Reading the replies of the file, which marks orphans, and counting those under way."""

import sqlite3
from contextlib import suppress

from kindlechat.errors import Reason, TooManyReplies
from kindlechat.reply import Reply, State
from kindlechat.stores.sqlite.database import SqliteDatabase


class SqliteReplies(SqliteDatabase):
    """What asking, reading and writing share. Every method runs in the database's thread."""

    def _replies(self, condition: str, value: str) -> list[Reply]:
        """Replies under a fixed condition (never made of input), oldest first."""
        self._mark_orphans(condition, value)
        rows = self._db.execute(
            "SELECT id, conversation, question, state, reason, heartbeat FROM replies"  # noqa: S608
            f" WHERE {condition} ORDER BY position",
            (value,),
        ).fetchall()
        return [
            Reply(id_, conversation, question, self._text(id_), *self._state(*state))
            for id_, conversation, question, *state in rows
        ]

    def _text(self, reply_id: str, cursor: int = 0) -> str:
        pieces = self._db.execute(
            "SELECT start, text FROM pieces WHERE reply = :id AND start >= ("
            " SELECT COALESCE(MAX(start), 0) FROM pieces WHERE reply = :id AND start <= :cursor)"
            " ORDER BY start",
            {"id": reply_id, "cursor": cursor},
        ).fetchall()
        if not pieces:
            return ""
        return "".join(text for _, text in pieces)[max(0, cursor - pieces[0][0]) :]

    def _state(
        self, state: str, reason: str | None, heartbeat: float
    ) -> tuple[State, Reason | None]:
        """A reply's state for a reader: an orphan that could not be marked is one, too."""
        if not State(state).ended and heartbeat <= self._orphaned_at():
            return State.INTERRUPTED, Reason.ORPHAN
        return State(state), None if reason is None else Reason(reason)

    def _orphaned_at(self) -> float:
        """Whoever sent no heartbeat since this time has left an orphan."""
        return self._clock() - self._timings.orphan_after_s

    def _mark_orphans(self, condition: str, value: str) -> None:
        """Mark what is orphaned, unless the disk is full: what there is can be read all the same."""
        orphaned = f"{condition} AND state IN ('waiting', 'streaming') AND heartbeat <= ?"
        values = (value, self._orphaned_at())
        # Looking first keeps the common case free of the write lock.
        if self._db.execute(f"SELECT 1 FROM replies WHERE {orphaned}", values).fetchone():  # noqa: S608
            with suppress(sqlite3.OperationalError):
                self._db.execute(
                    "UPDATE replies SET state = 'interrupted', reason = 'orphan'"  # noqa: S608
                    f" WHERE {orphaned}",
                    values,
                )

    def _check_concurrency(
        self, client_hash: str, limit: int | None, *, besides: str | None = None
    ) -> None:
        """Raises TooManyReplies where the client has `limit` replies under way; orphans and the reply
        `besides` do not count."""
        if limit is None:
            return
        (under_way,) = self._db.execute(
            "SELECT COUNT(*) FROM replies WHERE client_hash = ? AND state IN ('waiting', 'streaming')"
            " AND heartbeat > ? AND id IS NOT ?",
            (client_hash, self._orphaned_at(), besides),
        ).fetchone()
        if under_way >= limit:
            raise TooManyReplies
