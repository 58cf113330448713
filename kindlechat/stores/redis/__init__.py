"""The store for many machines: one Redis (7 or newer, no cluster) that all of them share.

A reply is a hash; its text is a stream beside it, one entry a write. An entry's id is `CHARS-SEQ`: how
long the text is with it, and how many entries there were. So a cursor, counted in characters, is a
position in the stream; an end or a change of state is an entry with no text; and whoever waits for news
misses none between looking and waiting.

Everything lies under one prefix. A conversation with all it has expires by itself, the time it is kept
for after its last reply began or ended, whichever is later. The newsletter never expires.
"""

from kindlechat.stores.contract import MET_S, Store
from kindlechat.stores.outage import CHECK
from kindlechat.stores.redis.calls import lua
from kindlechat.stores.redis.conversations import RedisConversations
from kindlechat.stores.redis.discards import RedisDiscards
from kindlechat.stores.redis.facts import RedisFacts
from kindlechat.stores.redis.keys import PREFIX
from kindlechat.stores.redis.leases import RedisLeases
from kindlechat.stores.redis.newsletter import RedisNewsletter
from kindlechat.stores.redis.pairing import RedisPairs
from kindlechat.stores.redis.pictures import RedisPictures
from kindlechat.stores.redis.rate_limits import RedisRateLimits
from kindlechat.stores.redis.readers import RedisReaders
from kindlechat.stores.redis.rights import RedisRights
from kindlechat.stores.redis.search import RedisSearch
from kindlechat.stores.redis.shares import RedisShares
from kindlechat.stores.redis.vocabulary import RedisVocabulary


class RedisStore(
    RedisConversations,
    RedisRights,
    RedisSearch,
    RedisShares,
    RedisDiscards,
    RedisLeases,
    RedisRateLimits,
    RedisFacts,
    RedisNewsletter,
    RedisReaders,
    RedisPairs,
    RedisVocabulary,
    RedisPictures,
    Store,
):
    """The contract on one Redis.

    Written text survives this process and this machine; whether it survives Redis's end is up to
    Redis's own persistence. Evicting keys is not for this data: `maxmemory-policy noeviction`.
    """

    def secret(self) -> str | None:
        """None: with Redis the operator sets SECRET_KEY, as whoever reads Redis must not sign cookies."""
        return None

    def check(self) -> None:
        with self._connected(CHECK):
            self._redis.set(f"{PREFIX}checked", "", ex=60)

    def meet(self, mark: str) -> bool:
        # The clock runs on so, though nothing is asked.
        met, clock = self._send([lua("meet", mark=mark, met_s=MET_S), lua("clock")])
        self._steady.told(clock["steady"])
        return bool(met["alone"])

    def leave(self, mark: str) -> None:
        with self._connected("leave"):
            self._redis.zrem(f"{PREFIX}marks", mark)

    def close(self) -> None:
        self._pool.disconnect()
