"""Leases in Redis: only the holder of a reply's lease writes it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from kindlechat.errors import NotContinuable, UnknownReply
from kindlechat.reply import FINAL, TRANSITIONS, Reply, Signal
from kindlechat.stores.contract import Leases, LeaseStatus, Quota, Write, Written
from kindlechat.stores.lines import join_lines
from kindlechat.stores.redis.calls import Call, command, lua
from kindlechat.stores.redis.holds import RedisHolds, Wanted, asking_key
from kindlechat.stores.redis.lists import enter_lists, standing_of
from kindlechat.stores.redis.rate_limits import uncount_all
from kindlechat.stores.redis.replies import reply_of, without_none

CONTINUABLE = {state: True for state, signal in TRANSITIONS if signal is Signal.CONTINUE}


class RedisLeases(RedisHolds, Leases):
    """The contract's leases."""

    # Another instance rests after each part that it reads: of smaller ones the last comes late there.
    written_together = 256

    def write(self, writes: Sequence[Write]) -> Written:
        """Append text and set states, all in one round trip; see the contract. Ends take another one, for
        lists and limits.

        Redis is behind after a restart from a file that had not everything yet, or when a replica
        that had not has taken over.
        """
        found = self._run("write", writes=[_arguments(write) for write in writes])
        # Where it fails, the whole write fails and is repeated, and an end is told once more.
        self._send([call for end in found["ended"] for call in self._after_end(end)])
        return Written(frozenset(found["lost"]), dict(found["behind"]), frozenset(found["gone"]))

    def _after_end(self, end: Mapping[str, Any]) -> list[Call]:
        """What is to be done elsewhere for a reply that has ended."""
        calls = [command("SREM", asking_key(end["address"]), end["id"])]
        if "standing" in end:
            calls += enter_lists(standing_of(end["standing"]), self._keep_s)
        return calls

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
        """Let a reply go on; see the contract. Three round trips, as for a question."""
        wanted = Wanted(reply_id, lease, client_hash, concurrency_limit, quotas)
        given = {
            "id": reply_id,
            "lease": lease,
            "continuable": CONTINUABLE,
            "final": dict.fromkeys(FINAL, True),
        }
        resuming = lua("resume", **given, client_hash=client_hash)
        held = self._hold(wanted, lua("look_before_resuming", **given))
        if held.found.get("again"):
            return reply_of(self._run_between((), resuming))
        lists = enter_lists(standing_of(held.found), self._keep_s)
        try:
            found = self._run_between(lists, resuming, self._keep_held(held))
        except (UnknownReply, NotContinuable):  # somebody else was quicker
            self._try_to_send(uncount_all(quotas, lease))
            raise
        return reply_of(found)


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
