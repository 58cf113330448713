"""Leases in Redis: only the holder of a reply's lease writes it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from kindlechat.reply import FINAL, TRANSITIONS, Reply, Signal
from kindlechat.stores.contract import Leases, LeaseStatus, Quota, Write, Written
from kindlechat.stores.lines import join_lines
from kindlechat.stores.redis.connection import RedisConnection
from kindlechat.stores.redis.replies import reply_of, without_none

CONTINUABLE = {state: True for state, signal in TRANSITIONS if signal is Signal.CONTINUE}


class RedisLeases(RedisConnection, Leases):
    """The contract's leases."""

    # Another instance rests after each part that it reads: of smaller ones the last comes late there.
    written_together = 256

    def write(self, writes: Sequence[Write]) -> Written:
        """Append text and set states, all in one round trip; see the contract.

        Redis is behind after a restart from a file that had not everything yet, or when a replica
        that had not has taken over.
        """
        found = self._run("write", writes=[_arguments(write) for write in writes])
        return Written(frozenset(found["lost"]), dict(found["behind"]), frozenset(found["gone"]))

    def heartbeat(self, leases: Mapping[str, str], *, renew: bool = True) -> LeaseStatus:
        found = self._run("heartbeat", leases=dict(leases), renew=renew)
        return LeaseStatus(stop=frozenset(found["stop"]), lost=frozenset(found["lost"]))

    def request_stop(self, reply_id: str) -> None:
        self._run("request_stop", id=reply_id)

    def resume(
        self,
        reply_id: str,
        lease: str,
        client_hash: str,
        *,
        concurrency_limit: int | None = None,
        quotas: Sequence[Quota] = (),
    ) -> Reply:
        return reply_of(
            self._run(
                "resume",
                id=reply_id,
                lease=lease,
                client_hash=client_hash,
                concurrency_limit=concurrency_limit,
                quotas=[asdict(quota) for quota in quotas],
                continuable=CONTINUABLE,
                final=dict.fromkeys(FINAL, True),
            )
        )


def _arguments(write: Write) -> dict[str, Any]:
    return {
        "id": write.id,
        "lease": write.lease,
        "start": write.start,
        "text": write.text,
        "chars": write.start + len(write.text),
        "state": write.state,
        "reason": write.reason or "",
        "ended": write.state.ended,
        "follow_ups": join_lines(write.follow_ups),
        "numbers": write.numbers and without_none(asdict(write.numbers)),
    }
