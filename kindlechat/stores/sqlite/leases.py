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


class SqliteLeases(SqliteTexts, Leases):
    """The contract's leases. An end is flushed to the disk: no power cut takes it."""

    def write(self, writes: Sequence[Write]) -> Written:
        written = self._write_all(writes)
        if any(write.state.ended for write in writes):
            self._index_later()
        return written

    @off_hub
    def _write_all(self, writes: Sequence[Write]) -> Written:
        lost, behind, gone = set(), {}, set()
        with self._transaction(flushed=any(write.state.ended for write in writes)):
            for write in writes:
                row = self._db.execute(
                    "SELECT chars, lease FROM replies WHERE id = ?", (write.id,)
                ).fetchone()
                if row is None:
                    gone.add(write.id)
                elif row[1] != write.lease:
                    lost.add(write.id)
                elif write.start > row[0]:
                    behind[write.id] = row[0]
                else:
                    self._write(write, chars=row[0])
        return Written(frozenset(lost), behind, frozenset(gone))

    def _write(self, write: Write, chars: int) -> None:
        text = write.text[max(0, chars - write.start) :]
        if text:
            self._db.execute("INSERT INTO pieces VALUES (?, ?, ?)", (write.id, chars, text))
        self._db.execute(
            "UPDATE replies SET chars = :chars, state = :state, reason = :reason, heartbeat = :now,"
            " renewed = :steady, lease = :lease, follow_ups = :follow_ups WHERE id = :id",
            {
                "id": write.id,
                "chars": chars + len(text),
                "state": write.state,
                "reason": write.reason,
                "now": self._clock(),
                "steady": self._steady(),
                "lease": None if write.state.ended else write.lease,
                "follow_ups": join_lines(write.follow_ups),
            },
        )
        if write.numbers:
            self._add_numbers(write.id, write.numbers)
        if write.state.ended:
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
