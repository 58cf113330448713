"""What a question holds in Redis before it is stored: its form's place, and places among what limits allow.

Each has a key with a slot of its own. The form's place comes first: who finds it taken counts nothing. What a
question holds that is then refused is given back. Where a process is killed in between, its question stays
counted against the quotas, but not twice where its form is sent again; all other places are free again after
`PENDING_S`.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import gevent

from kindlechat.errors import KindlechatError, RateLimited, TooManyReplies
from kindlechat.stores.contract import Fingerprint, Quota
from kindlechat.stores.redis.calls import REFUSALS, Call, accepted, command, lua
from kindlechat.stores.redis.keys import PREFIX
from kindlechat.stores.redis.presses import (
    PENDING_S,
    RedisPresses,
    hold_press,
    keep_press,
    leave_press,
)
from kindlechat.stores.redis.rate_limits import count_all, refuse_spent, uncount_all

REFUSED: tuple[type[KindlechatError], ...] = (*REFUSALS.values(), RateLimited)

REFUSED_PAUSES_S = 0.02, 0.1
"""Who is refused tries again after these pauses: others may have held for a moment what they gave back."""


@dataclass(frozen=True)
class Wanted:
    """What a question needs whose reply has this `id`. Quotas count it by its `token`.

    Its client may have `limit` replies under way, not counted the reply `besides`.
    """

    id: str
    token: str
    client_hash: str
    limit: int | None
    quotas: Sequence[Quota]
    besides: str | None = None
    fingerprint: Fingerprint | None = None


@dataclass(frozen=True)
class Held:
    """What a look at the conversation `found`, and what is held: `place` among the replies of the client.

    Nothing is held where an `earlier` question has the form's place.
    """

    wanted: Wanted
    found: dict[str, Any] = field(default_factory=dict)
    place: str = ""
    earlier: str | None = None


class RedisHolds(RedisPresses):
    """Holds places and gives them back."""

    def _hold(self, wanted: Wanted, look: Call, instead: str | None = None) -> Held:
        """Hold all that a question needs, and `look` at its conversation, in two round trips.

        `instead` is the reply whose form's place counts no more. Raises what `look` refuses by,
        TooManyReplies and RateLimited; then nothing is held.
        """
        press = [hold_press(wanted.fingerprint, wanted.id, instead)] if wanted.fingerprint else []
        found, *pressed = self._send([look, *press])
        if pressed:
            if "earlier" in pressed[0]:
                return Held(wanted, earlier=pressed[0]["earlier"])
            wanted = replace(wanted, token=pressed[0]["token"])
        try:
            if found.get("again"):
                return Held(wanted, found)
            return Held(wanted, accepted(found), self._hold_limits(wanted))
        except REFUSED:
            self._try_to_send(_leave_press(wanted))
            raise

    def _hold_limits(self, wanted: Wanted) -> str:
        """A place among the client's replies, while the quotas count the question.

        Raises TooManyReplies and RateLimited, but not before others had time to give back what they held.
        """
        for pause_s in REFUSED_PAUSES_S:
            with suppress(TooManyReplies, RateLimited):
                return self._hold_limits_at_once(wanted)
            gevent.sleep(pause_s)
        return self._hold_limits_at_once(wanted)

    def _hold_limits_at_once(self, wanted: Wanted) -> str:
        entered, *counted = self._send([_enter(wanted), *count_all(wanted.quotas, wanted.token)])
        place = str(entered.get("place", ""))
        try:
            place = place or self._find_room(wanted, [*entered["others"]])
            refuse_spent(wanted.quotas, counted)
        except (TooManyReplies, RateLimited):
            self._try_to_send(_leave_limits(wanted, place))
            raise
        return place

    def _find_room(self, wanted: Wanted, others: Sequence[str]) -> str:
        """A place beside `others`, of which some may have ended or be orphans. Raises TooManyReplies."""
        leases = self._send(
            [lua("lease", id=each, client_hash=wanted.client_hash) for each in others]
        )
        pairs = [*zip(others, leases, strict=True)]
        gone = [id_ for id_, lease in pairs if not lease["held"]]
        silent = [id_ for id_, lease in pairs if lease["silent"]]
        entered = self._send([_enter(wanted, gone, silent)])[0] if gone or silent else {}
        if "place" not in entered:
            raise TooManyReplies
        return str(entered["place"])

    def _keep_held(self, held: Held) -> list[Call]:
        """What makes the places the question's own, right after it is stored."""
        wanted, asking = held.wanted, asking_key(held.wanted.client_hash)
        calls = [
            command("SADD", asking, wanted.id),
            command("SREM", asking, held.place),
            command("EXPIRE", asking, self._keep_s),
        ]
        if wanted.fingerprint:
            calls += keep_press(wanted.fingerprint, wanted.id, self._keep_s)
        return calls

    def _leave_held(self, held: Held) -> None:
        """Give all back, as the question was not stored after all."""
        wanted = held.wanted
        limits = _leave_limits(wanted, held.place)
        entry = command("SREM", asking_key(wanted.client_hash), wanted.id)
        self._try_to_send([*limits, entry, *_leave_press(wanted)])


def asking_key(client_hash: str) -> str:
    """The replies that a client has under way."""
    return f"{PREFIX}asking:{client_hash}"


def _enter(wanted: Wanted, gone: Sequence[str] = (), silent: Sequence[str] = ()) -> Call:
    return lua(
        "enter",
        id=wanted.id,
        client_hash=wanted.client_hash,
        limit=wanted.limit,
        besides=wanted.besides,
        gone=gone,
        silent=silent,
        pending_s=PENDING_S,
    )


def _leave_limits(wanted: Wanted, place: str) -> list[Call]:
    calls = uncount_all(wanted.quotas, wanted.token)
    if place:
        calls.append(command("SREM", asking_key(wanted.client_hash), place))
    return calls


def _leave_press(wanted: Wanted) -> list[Call]:
    return [leave_press(wanted.fingerprint, wanted.id)] if wanted.fingerprint else []
