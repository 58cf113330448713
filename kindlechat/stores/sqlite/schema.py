"""The tables of the file, and how a file of an older version is migrated."""

import sqlite3
from collections.abc import Iterator, Sequence

LIBRARY_SHIFT = 32
"""A place in the index is the number of a reader's library, and this many bits lower that of the text."""

INDEXED_CHARS = 50_000
"""So much of an answer can be found: 25 printed pages. To index more would make other writers wait."""

INDEX_REPLIES = f"""
    INSERT OR REPLACE INTO texts (rowid, text) SELECT place, folded(
        question || char(10) || substr(COALESCE((SELECT group_concat(text, '') FROM (
            SELECT text FROM pieces WHERE reply = replies.id ORDER BY start)), ''), 1, {INDEXED_CHARS}))
    FROM places JOIN replies ON replies.id = places.reply"""  # noqa: S608 (a constant)
"""Puts the texts of all replies that have a place into the index. `folded` is our own function."""

MIGRATIONS = (
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE conversations (id TEXT PRIMARY KEY, created REAL NOT NULL, seed TEXT NOT NULL)
        WITHOUT ROWID;
    CREATE TABLE replies (
        id TEXT PRIMARY KEY,
        conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        replaced INTEGER NOT NULL DEFAULT 0,
        question TEXT NOT NULL,
        chars INTEGER NOT NULL DEFAULT 0,
        state TEXT NOT NULL,
        reason TEXT,
        owner TEXT,
        stop INTEGER NOT NULL DEFAULT 0,
        heartbeat REAL NOT NULL,
        created REAL NOT NULL,
        address TEXT NOT NULL,
        fingerprint TEXT
    ) WITHOUT ROWID;
    CREATE INDEX replies_of_conversation ON replies (conversation, position);
    CREATE INDEX replies_under_way ON replies (address)
        WHERE state IN ('waiting', 'streaming');
    CREATE INDEX replies_by_fingerprint ON replies (fingerprint) WHERE fingerprint IS NOT NULL;
    CREATE TABLE pieces (
        reply TEXT NOT NULL REFERENCES replies (id) ON DELETE CASCADE,
        start INTEGER NOT NULL,
        text TEXT NOT NULL,
        PRIMARY KEY (reply, start)
    ) WITHOUT ROWID;
    CREATE TABLE counters (key TEXT PRIMARY KEY, count INTEGER NOT NULL, expires REAL NOT NULL)
        WITHOUT ROWID;
    """,
    """
    ALTER TABLE conversations ADD COLUMN owner_hash TEXT;
    ALTER TABLE conversations ADD COLUMN key_hash TEXT;
    ALTER TABLE replies RENAME COLUMN address TO client_hash;
    """,
    """
    ALTER TABLE replies RENAME COLUMN owner TO lease;
    """,
    # A turn has the position of its first version. A reply took the place of the one before it.
    """
    ALTER TABLE replies ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
    UPDATE replies SET turn = (
        SELECT MIN(first.position) FROM replies AS first
        WHERE first.conversation = replies.conversation AND first.position > COALESCE((
            SELECT MAX(before.position) FROM replies AS before
            WHERE before.conversation = replies.conversation
            AND before.position < replies.position AND NOT before.replaced), 0));
    CREATE INDEX conversations_of_owner ON conversations (owner_hash) WHERE owner_hash IS NOT NULL;
    """,
    """
    ALTER TABLE replies ADD COLUMN tokens_read INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE replies ADD COLUMN tokens_written INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE replies ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE replies ADD COLUMN first_word_s REAL;
    ALTER TABLE replies ADD COLUMN whole_s REAL;
    ALTER TABLE replies ADD COLUMN renewed REAL;
    """,
    """
    CREATE TABLE subscribers (
        id TEXT PRIMARY KEY,
        mailbox TEXT NOT NULL,
        mailbox_hash TEXT NOT NULL UNIQUE,
        language TEXT NOT NULL,
        standing TEXT NOT NULL,
        since REAL NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX active_subscribers ON subscribers (language, id) WHERE standing = 'active';
    CREATE TABLE issues (key TEXT PRIMARY KEY, finished INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE deliveries (
        issue TEXT NOT NULL, subscriber TEXT NOT NULL, PRIMARY KEY (issue, subscriber)
    ) WITHOUT ROWID;
    CREATE TABLE runs (token TEXT PRIMARY KEY, expires REAL NOT NULL) WITHOUT ROWID;
    """,
    """
    CREATE TABLE reader_records (
        owner_hash TEXT PRIMARY KEY, seen REAL NOT NULL, mailbox TEXT NOT NULL DEFAULT ''
    ) WITHOUT ROWID;
    CREATE INDEX reader_records_by_seen ON reader_records (seen);
    CREATE TABLE reader_keys (
        owner_hash TEXT NOT NULL REFERENCES reader_records (owner_hash) ON DELETE CASCADE,
        kind TEXT NOT NULL,
        hash TEXT NOT NULL,
        salt TEXT NOT NULL,
        sealed_id TEXT NOT NULL,
        PRIMARY KEY (owner_hash, kind)
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX reader_keys_by_hash ON reader_keys (kind, hash);
    """,
    # The texts of one reader lie side by side in the index: their places begin with the library's number.
    f"""
    ALTER TABLE conversations ADD COLUMN written REAL NOT NULL DEFAULT 0;
    ALTER TABLE conversations ADD COLUMN title TEXT NOT NULL DEFAULT '';
    ALTER TABLE conversations ADD COLUMN starred INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE conversations ADD COLUMN share TEXT;
    ALTER TABLE conversations ADD COLUMN discarded REAL;
    UPDATE conversations SET written = COALESCE(
        (SELECT MAX(heartbeat) FROM replies WHERE conversation = conversations.id), created);
    DROP INDEX conversations_of_owner;
    CREATE INDEX conversations_by_time ON conversations (owner_hash, discarded, written)
        WHERE owner_hash IS NOT NULL;
    CREATE INDEX conversations_by_star ON conversations (owner_hash, discarded, starred, written)
        WHERE owner_hash IS NOT NULL;
    CREATE INDEX conversations_discarded ON conversations (discarded) WHERE discarded IS NOT NULL;
    CREATE UNIQUE INDEX conversations_shared ON conversations (share) WHERE share IS NOT NULL;
    CREATE TABLE libraries (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        owner_hash TEXT NOT NULL UNIQUE,
        places INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE places (
        place INTEGER PRIMARY KEY,
        conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
        reply TEXT UNIQUE REFERENCES replies (id) ON DELETE CASCADE
    );
    CREATE INDEX places_of_conversation ON places (conversation);
    CREATE VIRTUAL TABLE texts USING fts5 (text, tokenize = 'trigram', detail = none);
    CREATE TRIGGER places_deleted AFTER DELETE ON places BEGIN
        DELETE FROM texts WHERE rowid = old.place;
    END;
    INSERT INTO libraries (owner_hash)
        SELECT DISTINCT owner_hash FROM conversations WHERE owner_hash IS NOT NULL;
    INSERT INTO places SELECT
        number << {LIBRARY_SHIFT}
            | row_number() OVER (PARTITION BY number ORDER BY replies.created, replies.position),
        conversation, replies.id
        FROM replies JOIN conversations ON conversations.id = conversation JOIN libraries USING (owner_hash);
    UPDATE libraries SET places = (
        SELECT COUNT(*) FROM places WHERE place >> {LIBRARY_SHIFT} = number);
    {INDEX_REPLIES};
    """,  # noqa: S608 (constants)
    """
    ALTER TABLE replies ADD COLUMN prompt TEXT NOT NULL DEFAULT '';
    ALTER TABLE replies ADD COLUMN follow_ups TEXT NOT NULL DEFAULT '';
    """,
    """
    CREATE TABLE pairs (
        owner_hash TEXT PRIMARY KEY,
        salt TEXT NOT NULL,
        reader_hash TEXT NOT NULL UNIQUE,
        code_hash TEXT UNIQUE,
        secret_hash TEXT UNIQUE,
        phone_hash TEXT UNIQUE,
        conversation TEXT NOT NULL,
        reply TEXT NOT NULL,
        since REAL NOT NULL,
        expires REAL NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX pairs_by_expiry ON pairs (expires);
    """,
    """
    CREATE TABLE unindexed (
        place INTEGER PRIMARY KEY REFERENCES places (place) ON DELETE CASCADE
    );
    """,
    """
    CREATE TABLE words (
        conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
        key TEXT NOT NULL,
        word TEXT NOT NULL,
        sentence TEXT NOT NULL,
        meaning TEXT NOT NULL,
        language TEXT NOT NULL,
        at REAL NOT NULL,
        PRIMARY KEY (conversation, key)
    );
    """,
    """
    ALTER TABLE replies ADD COLUMN picture TEXT NOT NULL DEFAULT '';
    CREATE TABLE pictures (
        conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        jpeg BLOB NOT NULL,
        preview BLOB NOT NULL,
        PRIMARY KEY (conversation, name)
    );
    """,
    # Pieces of replies that are written at once lie side by side, as they came: among those of the same reply
    # each one would make SQLite write two pages.
    """
    CREATE TABLE appended (
        reply TEXT NOT NULL REFERENCES replies (id) ON DELETE CASCADE,
        start INTEGER NOT NULL,
        text TEXT NOT NULL,
        PRIMARY KEY (reply, start)
    );
    INSERT INTO appended SELECT * FROM pieces ORDER BY reply, start;
    DROP TABLE pieces;
    ALTER TABLE appended RENAME TO pieces;
    """,
)
"""One script a schema version, whose statements end in semicolons."""


class NewerSchema(Exception):
    """The file was made by a newer version of Kindlechat."""


def migrate(db: sqlite3.Connection, migrations: Sequence[str] = MIGRATIONS) -> None:
    """Bring the file forward to the newest schema version, within the caller's transaction.

    Raises NewerSchema.
    """
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > len(migrations):
        raise NewerSchema(
            f"expected a file of schema version {len(migrations)} or older, got {version}; run the"
            " newer Kindlechat that made it"
        )
    for number, script in enumerate(migrations[version:], start=version + 1):
        for statement in _statements(script):
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {number}")


def _statements(script: str) -> Iterator[str]:
    """The statements of a script, one by one; those of a trigger have semicolons within."""
    statement = ""
    for part in script.split(";"):
        statement += f"{part};"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
