"""Pictures that went with questions, in the file."""

import json
import sqlite3
from collections.abc import Collection

from kindlechat.picture import KEPT_PICTURES, LOST, SentPicture
from kindlechat.stores.contract import SentPictures
from kindlechat.stores.sqlite.database import SqliteDatabase, off_hub

FOUND = """FROM pictures JOIN conversations ON id = conversation
    WHERE conversation = ? AND discarded IS NULL AND name IN (SELECT value FROM json_each(?))"""


class SqlitePictures(SqliteDatabase, SentPictures):
    """The contract's pictures."""

    @off_hub
    def pictures(self, conversation_id: str, names: Collection[str]) -> dict[str, bytes]:
        rows = self._db.execute(
            f"SELECT name, jpeg {FOUND}",
            (conversation_id, json.dumps([*names])),
        )
        return dict(rows.fetchall())

    @off_hub
    def preview(self, conversation_id: str, name: str) -> bytes | None:
        row = self._db.execute(
            f"SELECT preview {FOUND}",
            (conversation_id, json.dumps([name])),
        ).fetchone()
        return row[0] if row else None


def keep_picture(db: sqlite3.Connection, conversation_id: str, picture: SentPicture) -> None:
    """Keep the picture of the newest question, and drop the oldest one of too many.

    Runs in a transaction of the database's thread.
    """
    db.execute(
        "INSERT OR IGNORE INTO pictures VALUES (?, ?, ?, ?)",
        (conversation_id, picture.name, picture.jpeg, picture.preview),
    )
    dropped = db.execute(
        "SELECT conversation, name FROM pictures WHERE conversation = ? ORDER BY ("
        " SELECT MAX(position) FROM replies"
        " WHERE conversation = pictures.conversation AND picture = name"
        ") DESC LIMIT -1 OFFSET ?",
        (conversation_id, KEPT_PICTURES),
    ).fetchall()
    db.executemany("DELETE FROM pictures WHERE conversation = ? AND name = ?", dropped)
    db.executemany(
        f"UPDATE replies SET picture = '{LOST}' WHERE conversation = ? AND picture = ?",  # noqa: S608
        dropped,
    )


def copy_pictures(db: sqlite3.Connection, conversation_id: str, copy_id: str) -> None:
    """Give a copy the pictures of its questions; runs as above."""
    db.execute(
        "INSERT INTO pictures SELECT :copy, name, jpeg, preview FROM pictures"
        " WHERE conversation = :id"
        " AND name IN (SELECT picture FROM replies WHERE conversation = :copy)",
        {"copy": copy_id, "id": conversation_id},
    )
