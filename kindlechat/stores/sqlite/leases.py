"""Leases in the file: only the holder of a reply's lease writes it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from kindlechat.errors import NotContinuable, UnknownReply
from kindlechat.reply import Numbers, Reply
from kindlechat.stores.contract import Leases, LeaseStatus, Quota, Write, Written
from kindlechat.stores.lines import join_lines
from kindlechat.stores.sqlite.database import off_hub
from kindlechat.stores.sqlite.rate_limits import count_or_refuse
from kindlechat.stores.sqlite.texts import SqliteTexts

UNKNOWN = (None, None, None, None)


class SqliteLeases(SqliteTexts, Leases):
    """The contract's leases. An end is flushed to the disk: no power cut takes it."""

    written_together = 32  # half a millisecond

    def write(self, writes: Sequence[Write]) -> Written:
        written = self._write_all(writes)
        if any(write.state.ended for write in writes):
            self._index_later()
        return written

    @off_hub
    def _write_all(self, writes: Sequence[Write]) -> Written:
        """One statement for all texts, one for all lengths and one for all new states: each is a turn of the
        interpreter's lock, for which a busy hub lets this thread wait."""
        lost, behind, gone = set(), {}, set()
        taken, pieces, lengths, states = [], [], [], []
        with self._transaction(flushed=any(write.state.ended for write in writes)):
            known = self._known([write.id for write in writes])
            for write in writes:
                chars, lease, state, reason = known.get(write.id, UNKNOWN)
                if chars is None:
                    gone.add(write.id)
                elif lease != write.lease:
                    lost.add(write.id)
                elif write.start > chars:
                    behind[write.id] = chars
                else:
                    text = write.text[max(0, chars - write.start) :]
                    pieces += [(write.id, chars, text)] if text else []
                    chars, lease = chars + len(text), None if write.state.ended else lease
                    if (state, reason) == (write.state, write.reason):
                        lengths.append((chars, self._clock(), self._steady(), write.id))
                    else:
                        states.append(self._row(write, chars, lease))
                    known[write.id] = (chars, lease, None, None)  # the next one is set after this
                    taken.append(write)
            self._db.executemany("INSERT INTO pieces VALUES (?, ?, ?)", pieces)
            # To set a state is to write to an index, too, though it be the same.
            self._db.executemany(
                "UPDATE replies SET chars = ?, heartbeat = ?, renewed = ? WHERE id = ?", lengths
            )
            self._db.executemany(
                "UPDATE replies SET chars = ?, lease = ?, state = ?, reason = ?, follow_ups = ?,"
                " heartbeat = ?, renewed = ? WHERE id = ?",
                states,
            )
            for write in taken:
                if write.state.ended:
                    self._end(write)
        return Written(frozenset(lost), behind, frozenset(gone))

    def _known(
        self, reply_ids: Sequence[str]
    ) -> dict[str, tuple[int | None, str | None, str | None, str | None]]:
        """How many characters each of these replies has, its lease, its state and the reason for it."""
        rows = self._db.execute(
            "SELECT id, chars, lease, state, reason FROM replies"
            " WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(reply_ids),),
        ).fetchall()
        return {id_: (chars, lease, state, reason) for id_, chars, lease, state, reason in rows}

    def _row(self, write: Write, chars: int, lease: str | None) -> tuple[object, ...]:
        follow_ups = join_lines(write.follow_ups)
        told = (chars, lease, write.state, write.reason, follow_ups)
        return *told, self._clock(), self._steady(), write.id

    def _end(self, write: Write) -> None:
        if write.numbers:
            self._add_numbers(write.id, write.numbers)
        self._db.execute(
            "UPDATE conversations SET written = ? WHERE id = ("
            " SELECT conversation FROM replies WHERE id = ?)",
            (self._clock(), write.id),
        )
        self._to_index(write.id)

    def _add_numbers(self, reply_id: str, numbers: Numbers) -> None:
        self._db.execute(
            """
            UPDATE replies SET tokens_read = tokens_read + :tokens_read,
                tokens_written = tokens_written + :tokens_written, tries = tries + :tries,
                first_word_s = COALESCE(first_word_s, :first_word_s),
                whole_s = COALESCE(whole_s, 0) + :whole_s
            WHERE id = :id
            """,
            {"id": reply_id, **asdict(numbers)},
        )

    @off_hub
    def heartbeat(self, leases: Mapping[str, str], *, renew: bool = True) -> LeaseStatus:
        if renew:
            now, steady = self._clock(), self._steady()
            with self._transaction():
                self._db.executemany(
                    "UPDATE replies SET heartbeat = ?, renewed = ? WHERE id = ? AND lease = ?",
                    [(now, steady, id_, lease) for id_, lease in leases.items()],
                )
        found = self._db.execute(
            "SELECT id, lease, stop FROM replies WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(leases)),),
        ).fetchall()
        return LeaseStatus(
            stop=frozenset(id_ for id_, lease, stop in found if lease == leases[id_] and stop),
            lost=frozenset(id_ for id_, lease, _ in found if lease != leases[id_]),
        )

    @off_hub
    def request_stop(self, reply_id: str) -> None:
        self._db.execute(
            "UPDATE replies SET stop = 1 WHERE id = ? AND state IN ('waiting', 'streaming')",
            (reply_id,),
        )

    @off_hub
    def resume(
        self,
        reply_id: str,
        lease: str,
        client_hash: str,
        *,
        concurrency_limit: int | None = None,
        quotas: Sequence[Quota] = (),
    ) -> Reply:
        with self._transaction():
            replies = self._replies("id = ?", reply_id)
            if not replies:
                raise UnknownReply
            if not replies[0].can_continue:
                raise NotContinuable
            self._check_concurrency(client_hash, concurrency_limit)
            now = self._clock()
            count_or_refuse(self._db, quotas, now)
            self._db.execute(
                "UPDATE replies SET state = 'waiting', reason = NULL, lease = ?, stop = 0,"
                " heartbeat = ?, renewed = ?, client_hash = ? WHERE id = ?",
                (lease, now, self._steady(), client_hash, reply_id),
            )
            self._touch(replies[0].conversation)
            return replies[0]
