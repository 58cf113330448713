"""Reading the replies of the file, which marks orphans, and counting those under way."""

import sqlite3

from kindlechat.errors import Reason, TooManyReplies
from kindlechat.reply import Reply, State
from kindlechat.stores.lines import split_lines
from kindlechat.stores.sqlite.database import SqliteDatabase

ORPHANED = "(renewed NOT BETWEEN ? AND ? OR (renewed IS NULL AND heartbeat <= ?))"
"""Whether the holder of a lease is silent. The values are those of `_life_signs`."""


NOT_DISCARDED = """NOT EXISTS (
    SELECT 1 FROM conversations WHERE id = replies.conversation AND discarded IS NOT NULL)"""
"""Whether a reply can be read: its conversation is not discarded."""


class SqliteReplies(SqliteDatabase):
    """What asking, reading and writing share. Every method runs in the database's thread."""

    def _replies(self, condition: str, value: str) -> list[Reply]:
        """Replies under a fixed condition (never made of input), oldest first."""
        self._mark_orphans(condition, value)
        rows = self._db.execute(
            "SELECT id, conversation, question, prompt, picture, follow_ups, state, reason, heartbeat,"  # noqa: S608
            f" renewed FROM replies WHERE {condition} AND {NOT_DISCARDED} ORDER BY position",
            (value,),
        ).fetchall()
        return [
            Reply(
                id_,
                conversation,
                question,
                self._text(id_),
                *self._state(*state),
                prompt=prompt,
                picture=picture,
                follow_ups=split_lines(follow_ups),
            )
            for id_, conversation, question, prompt, picture, follow_ups, *state in rows
        ]

    def _touch(self, conversation_id: str) -> None:
        """Let a conversation be the last written one."""
        self._db.execute(
            "UPDATE conversations SET written = ? WHERE id = ?", (self._clock(), conversation_id)
        )

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
        self, state: str, reason: str | None, heartbeat: float, renewed: float | None
    ) -> tuple[State, Reason | None]:
        """A reply's state for a reader: an orphan that could not be marked is one, too."""
        earliest, latest, heartbeat_before = self._life_signs()
        alive = heartbeat > heartbeat_before if renewed is None else earliest <= renewed <= latest
        if not State(state).ended and not alive:
            return State.INTERRUPTED, Reason.ORPHAN
        return State(state), None if reason is None else Reason(reason)

    def _life_signs(self) -> tuple[float, float, float]:
        """The values for ORPHANED: between which steady times a lease that is alive was renewed, and, for
        one of an older version, until when a heartbeat is too old.

        The steady clock begins anew when the machine does, so a time in its future is of an earlier run.
        """
        now, orphan_after_s = self._steady(), self._timings.orphan_after_s
        return now - orphan_after_s, now + orphan_after_s, self._clock() - orphan_after_s

    def _mark_orphans(self, condition: str, value: str) -> None:
        """Mark what is orphaned, unless the disk is full: what there is can be read all the same."""
        orphaned = f"{condition} AND state IN ('waiting', 'streaming') AND {ORPHANED}"
        values = (value, *self._life_signs())
        # Looking first keeps the common case free of the write lock.
        if self._db.execute(f"SELECT 1 FROM replies WHERE {orphaned}", values).fetchone():  # noqa: S608
            is_part = self._db.in_transaction
            try:
                self._db.execute(
                    "UPDATE replies SET state = 'interrupted', reason = 'orphan'"  # noqa: S608
                    f" WHERE {orphaned}",
                    values,
                )
            except sqlite3.OperationalError:
                # A full disk may have ended the transaction: what is left of it must not be done by itself.
                if is_part and not self._db.in_transaction:
                    raise

    def _check_concurrency(
        self, client_hash: str, limit: int | None, *, besides: str | None = None
    ) -> None:
        """Raises TooManyReplies where the client has `limit` replies under way; orphans and the reply
        `besides` do not count."""
        if limit is None:
            return
        (under_way,) = self._db.execute(
            "SELECT COUNT(*) FROM replies WHERE client_hash = ? AND state IN ('waiting', 'streaming')"  # noqa: S608
            f" AND {ORPHANED} IS NOT TRUE AND id IS NOT ?",
            (client_hash, *self._life_signs(), besides),
        ).fetchone()
        if under_way >= limit:
            raise TooManyReplies
