"""Pairs in Redis.

A pair is a hash under its reader. `side:HASH` leads to it from what its reader or its phone is known by, and
`offered:HASH` from an offer's code or secret. All of it expires by itself.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from kindlechat.stores.contract import OFFER_S, PAIR_S, Offer, Pair, Pairs
from kindlechat.stores.redis.connection import RedisConnection


class RedisPairs(RedisConnection, Pairs):
    """The contract's pairs."""

    def offer(self, offer: Offer) -> bool:
        return bool(self._run("offer_pair", **asdict(offer), offer_s=OFFER_S)["offered"])

    def join(self, offered_hash: str, phone_hash: str) -> Pair | None:
        return _pair(
            self._run("join_pair", hash=offered_hash, phone_hash=phone_hash, pair_s=PAIR_S)
        )

    def pair_of(self, owner_hash: str) -> Pair | None:
        return _pair(self._run("pair", owner_hash=owner_hash))

    def pair_known_by(self, side_hash: str) -> Pair | None:
        return _pair(self._run("pair", side_hash=side_hash))

    def note_asked(self, pair: Pair, conversation: str, reply: str) -> None:
        self._run(
            "note_asked",
            owner_hash=pair.owner_hash,
            salt=pair.salt,
            conversation=conversation,
            reply=reply,
        )

    def end_pair(self, pair: Pair) -> None:
        self._run("end_pair", owner_hash=pair.owner_hash, salt=pair.salt)


def _pair(found: Mapping[str, Any]) -> Pair | None:
    return Pair(**found) if found else None
