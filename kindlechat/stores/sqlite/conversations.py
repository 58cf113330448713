"""Conversations in the file: asking, reading, deleting."""

import json
from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from kindlechat.conversation import Outline, ReplyOutline, Rights
from kindlechat.errors import Reason, ReplacedMeanwhile, UnknownConversation, UnknownReply
from kindlechat.reply import Message, Progress, Reply, State
from kindlechat.stores.contract import UNDO_S, Conversations, Fingerprint, NewReply, Quota
from kindlechat.stores.lines import split_lines
from kindlechat.stores.sqlite.database import off_hub, off_hub_together
from kindlechat.stores.sqlite.pictures import keep_picture
from kindlechat.stores.sqlite.rate_limits import count_or_refuse
from kindlechat.stores.sqlite.replies import NOT_DISCARDED
from kindlechat.stores.sqlite.texts import SqliteTexts


class SqliteConversations(SqliteTexts, Conversations):
    """The contract's conversations."""

    _wal_is_clean = True
    """Whether what was deleted is gone from the WAL, too."""

    @off_hub_together
    def create_reply(
        self,
        new: NewReply,
        *,
        concurrency_limit: int | None = None,
        quotas: Sequence[Quota] = (),
    ) -> str:
        with self._transaction():
            if new.fingerprint and (repeated := self._find_repeat(new.fingerprint)):
                return repeated
            self._ensure_conversation(new)
            if new.replaces:
                self._replace(new.replaces)
            self._check_concurrency(new.client_hash, concurrency_limit, besides=new.replaces)
            count_or_refuse(self._db, quotas, self._clock())
            self._insert(new)
            if new.new_picture:
                keep_picture(self._db, new.conversation, new.new_picture)
            self._give_place(new.conversation, new.id)
        return new.id

    def _find_repeat(self, fingerprint: Fingerprint) -> str | None:
        self._mark_orphans("fingerprint = ?", fingerprint.value)
        row = self._db.execute(
            f"SELECT id FROM replies WHERE fingerprint = ? AND {NOT_DISCARDED}"  # noqa: S608
            " AND (created > ? OR (? AND state IN ('waiting', 'streaming')))"
            " ORDER BY created DESC",
            (
                fingerprint.value,
                self._clock() - fingerprint.window_s,
                fingerprint.while_under_way,
            ),
        ).fetchone()
        return row[0] if row else None

    def _ensure_conversation(self, new: NewReply) -> None:
        if new.seed is not None:
            seed = json.dumps([[message.role, message.text] for message in new.seed])
            self._db.execute(
                "INSERT INTO conversations (id, created, written, seed, owner_hash, key_hash)"
                " VALUES (:id, :now, :now, :seed, :owner, :key)",
                {
                    "id": new.conversation,
                    "now": self._clock(),
                    "seed": seed,
                    "owner": new.rights.owner_hash,
                    "key": new.rights.key_hash,
                },
            )
        elif not self._db.execute(
            "UPDATE conversations SET written = ? WHERE id = ? AND discarded IS NULL",
            (self._clock(), new.conversation),
        ).rowcount:
            raise UnknownConversation

    def _replace(self, reply_id: str) -> None:
        found = self._db.execute(
            "SELECT replaced FROM replies WHERE id = ?", (reply_id,)
        ).fetchone()
        if found and found[0]:
            raise ReplacedMeanwhile
        self._db.execute("UPDATE replies SET replaced = 1 WHERE id = ?", (reply_id,))

    def _insert(self, new: NewReply) -> None:
        self._db.execute(
            """
            INSERT INTO replies (id, conversation, position, turn, question, prompt, picture, state, lease,
                heartbeat, renewed, created, client_hash, fingerprint)
            SELECT :id, :conversation, 1 + COALESCE(MAX(position), 0), COALESCE(
                    (SELECT turn FROM replies WHERE id = :replaces), 1 + MAX(position), 1),
                :question, :prompt, :picture, 'waiting', :lease, :now, :steady, :now, :client_hash,
                :fingerprint
            FROM replies WHERE conversation = :conversation
            """,
            {
                "id": new.id,
                "conversation": new.conversation,
                "replaces": new.replaces,
                "question": new.question,
                "prompt": new.prompt,
                "picture": new.picture,
                "lease": new.lease,
                "now": self._clock(),
                "steady": self._steady(),
                "client_hash": new.client_hash,
                "fingerprint": new.fingerprint and new.fingerprint.value,
            },
        )

    @off_hub
    def find_repeat(self, fingerprint: Fingerprint) -> str | None:
        return self._find_repeat(fingerprint)

    @off_hub
    def reply(self, reply_id: str) -> Reply | None:
        return next(iter(self._replies("id = ?", reply_id)), None)

    @off_hub
    def replies(self, reply_ids: Sequence[str]) -> dict[str, Reply]:
        found = self._replies("id IN (SELECT value FROM json_each(?))", json.dumps(list(reply_ids)))
        return {reply.id: reply for reply in found}

    @off_hub
    def conversation_of(self, reply_id: str) -> str | None:
        row = self._db.execute(
            f"SELECT conversation FROM replies WHERE id = ? AND {NOT_DISCARDED}",  # noqa: S608
            (reply_id,),
        ).fetchone()
        return str(row[0]) if row else None

    @off_hub
    def seed(self, conversation_id: str) -> tuple[Message, ...]:
        row = self._db.execute(
            "SELECT seed FROM conversations WHERE id = ? AND discarded IS NULL", (conversation_id,)
        ).fetchone()
        return tuple(Message(role, text) for role, text in json.loads(row[0])) if row else ()

    @off_hub
    def outline(self, conversation_id: str) -> Outline | None:
        about = self._db.execute(
            "SELECT owner_hash, key_hash, title, starred, share FROM conversations"
            " WHERE id = ? AND discarded IS NULL",
            (conversation_id,),
        ).fetchone()
        if about is None:
            return None
        owner_hash, key_hash, title, starred, share = about
        self._mark_orphans("conversation = ?", conversation_id)
        rows = self._db.execute(
            "SELECT turn, NOT replaced, id, question, prompt, picture, chars, state, reason, heartbeat,"
            " renewed FROM replies WHERE conversation = ? ORDER BY turn, position",
            (conversation_id,),
        ).fetchall()
        turns = (list(versions) for _, versions in groupby(rows, key=itemgetter(0)))
        replies, rights = tuple(map(self._turn, turns)), Rights(owner_hash, key_hash)
        return Outline(conversation_id, replies, rights, title, bool(starred), share)

    def _turn(self, versions: list[tuple[Any, ...]]) -> ReplyOutline:
        """The turn that has these rows, oldest first; one of them counts."""
        _, _, id_, question, prompt, picture, chars, *state = max(versions, key=itemgetter(1))
        ids = tuple(row[2] for row in versions) if len(versions) > 1 else ()
        return ReplyOutline(
            id_, question, chars, *self._state(*state), ids, prompt=prompt, picture=picture
        )

    @off_hub
    def choose(self, reply_id: str) -> None:
        with self._transaction():
            turn = self._db.execute(
                "SELECT conversation, turn FROM replies WHERE id = ?", (reply_id,)
            ).fetchone()
            if turn is None:
                raise UnknownReply
            self._db.execute(
                "UPDATE replies SET replaced = (id <> ?) WHERE conversation = ? AND turn = ?",
                (reply_id, *turn),
            )

    @off_hub
    def read_after(self, cursors: Mapping[str, int], wait_s: float) -> dict[str, Progress]:
        """The progress of each reply, at once; see the contract."""
        return {id_: self._read_after(id_, cursor) for id_, cursor in cursors.items()}

    def _read_after(self, reply_id: str, cursor: int) -> Progress:
        self._mark_orphans("id = ?", reply_id)
        row = self._db.execute(
            "SELECT chars, follow_ups, state, reason, heartbeat, renewed FROM replies"  # noqa: S608
            f" WHERE id = ? AND {NOT_DISCARDED}",
            (reply_id,),
        ).fetchone()
        if row is None:
            return Progress("", cursor, State.INTERRUPTED, Reason.ORPHAN)
        chars, follow_ups, *state = row
        text = self._text(reply_id, cursor) if chars > cursor else ""
        return Progress(
            text, cursor + len(text), *self._state(*state), follow_ups=split_lines(follow_ups)
        )

    @off_hub
    def delete_older_than(self, age_s: float) -> int:
        now = self._clock()
        with self._transaction():
            self._db.execute("DELETE FROM counters WHERE expires < ?", (now,))
            self._db.execute("DELETE FROM pairs WHERE expires < ?", (now,))
            deleted = self._db.execute(
                """
                DELETE FROM conversations WHERE id IN (
                    SELECT id FROM conversations WHERE created < :before AND NOT EXISTS (
                        SELECT 1 FROM replies WHERE conversation = conversations.id
                        AND heartbeat >= :before)
                    LIMIT :batch)
                """,
                {"before": now - age_s, "batch": self._delete_batch},
            ).rowcount
            deleted += self._delete_discarded()
            if not deleted:
                self._delete_empty_libraries()
        self._clean_wal(deleted)
        return deleted

    def _delete_discarded(self) -> int:
        """Delete what can no longer be restored, a bounded number; returns how many."""
        return self._db.execute(
            "DELETE FROM conversations WHERE id IN ("
            " SELECT id FROM conversations WHERE discarded <= ? LIMIT ?)",
            (self._clock() - UNDO_S, self._delete_batch),
        ).rowcount

    def _delete_empty_libraries(self) -> None:
        """Delete the number of each reader who has no conversation any more."""
        self._db.execute(
            "DELETE FROM libraries WHERE NOT EXISTS ("
            " SELECT 1 FROM conversations WHERE owner_hash = libraries.owner_hash)"
        )

    def _clean_wal(self, deleted: int) -> None:
        """Remove what was deleted from the WAL, which would hold it until something else is written
        over it. A reader of another process may be in the way: then the next call tries again."""
        if deleted or not self._wal_is_clean:
            (busy, *_) = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            self._wal_is_clean = not busy
