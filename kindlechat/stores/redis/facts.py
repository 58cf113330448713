"""Facts from Redis."""

from collections.abc import Mapping
from typing import Any

from kindlechat.errors import Reason
from kindlechat.reply import Numbers, State
from kindlechat.stores.contract import Fact, Facts
from kindlechat.stores.redis.connection import RedisConnection

FACTS_BATCH = 200
"""How many conversations one call looks at: Redis does nothing else meanwhile."""


class RedisFacts(RedisConnection, Facts):
    """The contract's facts."""

    def facts_since(self, since: float) -> list[Fact]:
        facts: dict[str, Fact] = {}  # by id: a conversation that is written meanwhile comes twice
        offset = 0
        while True:
            found = self._run("facts", since=since, offset=offset, batch=FACTS_BATCH)
            facts |= {each["id"]: _fact(each) for each in found["replies"]}
            offset += FACTS_BATCH
            if found["conversations"] < FACTS_BATCH:
                return list(facts.values())

    def size_bytes(self) -> int:
        with self._connected("size"):
            return int(self._redis.info("memory")["used_memory"])


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
    reason = Reason(found["reason"]) if found["reason"] else None
    return Fact(
        float(found["created"]), State(found["state"]), reason, int(found["chars"]), numbers
    )
