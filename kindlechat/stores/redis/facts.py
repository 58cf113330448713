"""Facts from Redis."""

from collections.abc import Mapping
from typing import Any

from kindlechat.reply import Numbers, State
from kindlechat.stores.contract import Fact, Facts
from kindlechat.stores.redis.calls import command, lua
from kindlechat.stores.redis.connection import RedisConnection
from kindlechat.stores.redis.lists import ACTIVE
from kindlechat.stores.redis.replies import reason_of

OLDEST_REDIS = 7

FACTS_BATCH = 200
"""How many conversations are looked at in one round trip."""


class RedisFacts(RedisConnection, Facts):
    """The contract's facts."""

    def facts_since(self, since: float) -> list[Fact]:
        facts: dict[str, Fact] = {}  # by id: a conversation that is written meanwhile comes twice
        offset = 0
        while True:
            part = command("ZRANGEBYSCORE", ACTIVE, since, "+inf", "LIMIT", offset, FACTS_BATCH)
            ids = self._send([part])[0]
            found = self._send([lua("facts", id=each, since=since) for each in ids])
            facts |= {fact["id"]: _fact(fact) for each in found for fact in each["replies"]}
            offset += FACTS_BATCH
            if len(ids) < FACTS_BATCH:
                return list(facts.values())

    def size_bytes(self) -> int:
        with self._connected("size"):
            return int(self._redis.info("memory")["used_memory"])

    def remarks(self) -> list[tuple[str, str]]:
        with self._connected("remarks"):
            about = self._redis.info()
        found = []
        version, policy = str(about["redis_version"]), about.get("maxmemory_policy")
        if int(version.partition(".")[0]) < OLDEST_REDIS:
            found.append((f"Redis {version}", f"run Redis {OLDEST_REDIS} or newer"))
        if policy != "noeviction" and about.get("maxmemory") != 0:
            found.append(
                (f"Redis may throw answers away ({policy})", "maxmemory-policy noeviction")
            )
        if not about.get("aof_enabled"):
            lost = "a restart of Redis may lose what was written since its last snapshot"
            found.append((lost, "appendonly yes"))
        return found


def _fact(found: Mapping[str, Any]) -> Fact:
    numbers = None
    if found["whole_s"]:
        first = found["first_word_s"]
        numbers = Numbers(
            int(found["tokens_read"]),
            int(found["tokens_written"]),
            int(found["tries"]),
            float(first) if first else None,
            float(found["whole_s"]),
        )
    return Fact(
        float(found["created"]),
        State(found["state"]),
        reason_of(found["reason"]),
        int(found["chars"]),
        numbers,
    )
