"""The newsletter in the file."""

import json
from collections.abc import Sequence

from kindlechat.stores.contract import BEFORE, Newsletter, Standing, Subscriber
from kindlechat.stores.sqlite.database import SqliteDatabase, off_hub


class SqliteNewsletter(SqliteDatabase, Newsletter):
    """The contract's newsletter."""

    @off_hub
    def subscribe(self, new_id: str, mailbox: str, mailbox_hash: str, language: str) -> Subscriber:
        with self._transaction(flushed=True):
            self._db.execute(
                """
                INSERT INTO subscribers VALUES (?, ?, ?, ?, 'pending', ?)
                ON CONFLICT (mailbox_hash) DO UPDATE SET mailbox = excluded.mailbox,
                    language = excluded.language, standing = 'pending', since = excluded.since
                    WHERE standing <> 'active'
                """,
                (new_id, mailbox, mailbox_hash, language, self._clock()),
            )
            row = self._db.execute(
                "SELECT * FROM subscribers WHERE mailbox_hash = ?", (mailbox_hash,)
            ).fetchone()
        return _subscriber(*row)

    @off_hub
    def subscriber(self, subscriber_id: str) -> Subscriber | None:
        row = self._db.execute(
            "SELECT * FROM subscribers WHERE id = ?", (subscriber_id,)
        ).fetchone()
        return _subscriber(*row) if row else None

    @off_hub
    def change_standing(self, subscriber_id: str, standing: Standing) -> bool:
        with self._transaction(flushed=True):
            changed = self._db.execute(
                """
                UPDATE subscribers SET standing = :standing,
                    since = CASE WHEN standing = :standing THEN since ELSE :now END,
                    mailbox = CASE WHEN :standing = 'left' THEN '' ELSE mailbox END
                WHERE id = :id AND standing IN (SELECT value FROM json_each(:before))
                """,
                {
                    "standing": standing,
                    "before": json.dumps(BEFORE[standing]),
                    "now": self._clock(),
                    "id": subscriber_id,
                },
            ).rowcount
        return changed == 1

    @off_hub
    def forget_subscriber(self, mailbox_hash: str) -> bool:
        with self._transaction(flushed=True):
            self._db.execute(
                "DELETE FROM deliveries WHERE subscriber IN"
                " (SELECT id FROM subscribers WHERE mailbox_hash = ?)",
                (mailbox_hash,),
            )
            deleted = self._db.execute(
                "DELETE FROM subscribers WHERE mailbox_hash = ?", (mailbox_hash,)
            ).rowcount
        return deleted == 1

    @off_hub
    def subscribers(self, *, after: str = "", limit: int = 500) -> list[Subscriber]:
        rows = self._db.execute(
            "SELECT * FROM subscribers WHERE id > ? ORDER BY id LIMIT ?", (after, limit)
        ).fetchall()
        return [_subscriber(*row) for row in rows]

    @off_hub
    def delete_pending(self, age_s: float) -> int:
        with self._transaction():
            return self._db.execute(
                "DELETE FROM subscribers WHERE standing = 'pending' AND since <= ?",
                (self._clock() - age_s,),
            ).rowcount

    @off_hub
    def hold_run(self, token: str, for_s: int) -> bool:
        now = self._clock()
        with self._transaction():
            other = self._db.execute(
                "SELECT 1 FROM runs WHERE token <> ? AND expires > ?", (token, now)
            ).fetchone()
            if other is None:
                self._db.execute("DELETE FROM runs")
                self._db.execute("INSERT INTO runs VALUES (?, ?)", (token, now + for_s))
        return other is None

    @off_hub
    def end_run(self, token: str) -> None:
        with self._transaction():
            self._db.execute("DELETE FROM runs WHERE token = ?", (token,))

    @off_hub
    def issues(self) -> dict[str, bool]:
        return {
            key: bool(over) for key, over in self._db.execute("SELECT key, finished FROM issues")
        }

    @off_hub
    def finish_issues(self, keys: Sequence[str]) -> None:
        with self._transaction(flushed=True):
            for key in keys:
                self._db.execute("INSERT OR REPLACE INTO issues VALUES (?, 1)", (key,))
                self._db.execute("DELETE FROM deliveries WHERE issue = ?", (key,))

    @off_hub
    def due(
        self, issue: str, language: str, *, after: str = "", limit: int = 100
    ) -> list[Subscriber]:
        rows = self._db.execute(
            """
            SELECT * FROM subscribers
            WHERE standing = 'active' AND language = ? AND id > ? AND NOT EXISTS (
                SELECT 1 FROM deliveries WHERE issue = ? AND subscriber = subscribers.id)
            ORDER BY id LIMIT ?
            """,
            (language, after, issue, limit),
        ).fetchall()
        return [_subscriber(*row) for row in rows]

    @off_hub
    def record_delivery(self, issue: str, subscriber_id: str) -> None:
        with self._transaction(flushed=True):
            self._db.execute("INSERT OR IGNORE INTO issues VALUES (?, 0)", (issue,))
            self._db.execute(
                "INSERT OR IGNORE INTO deliveries VALUES (?, ?)", (issue, subscriber_id)
            )


def _subscriber(
    id_: str, mailbox: str, mailbox_hash: str, language: str, standing: str, since: float
) -> Subscriber:
    return Subscriber(id_, mailbox, mailbox_hash, language, Standing(standing), since)
