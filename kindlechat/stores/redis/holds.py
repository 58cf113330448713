"""What a question holds in Redis before it is stored: places among what limits allow, and its form's place.

Each limit has a key with a slot of its own, so all are held by calls that go together, ahead of the one that
stores the question. What a question holds that is then refused is given back. Where a process is killed in
between, its question stays counted against the quotas, and the other places are free again after `PENDING_S`.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import gevent

from kindlechat.errors import RateLimited, ReplacedMeanwhile, TooManyReplies, UnknownConversation
from kindlechat.stores.contract import Fingerprint, Quota
from kindlechat.stores.redis.calls import Call, accepted, command, lua
from kindlechat.stores.redis.keys import PREFIX
from kindlechat.stores.redis.presses import (
    PENDING_S,
    RedisPresses,
    hold_press,
    keep_press,
    leave_press,
)
from kindlechat.stores.redis.rate_limits import (
    count_all,
    refuse_spent,
    uncount_all,
)

REFUSED_PAUSES_S = 0.02, 0.1
"""Who is refused tries again after these pauses: others may have held for a moment what they gave back."""


@dataclass(frozen=True)
class Wanted:
    """What a question needs whose reply has this `id`; `token` stands for this one try to ask it.

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

    found: dict[str, Any] = field(default_factory=dict)
    place: str = ""
    earlier: str | None = None


class RedisHolds(RedisPresses):
    """Holds places and gives them back."""

    def _hold(self, wanted: Wanted, look: Call, instead: str | None = None) -> Held:
        """Hold all that a question needs, and `look` at its conversation, in one round trip.

        `instead` is the reply whose form's place counts no more. Raises what `look` refuses by,
        TooManyReplies and RateLimited; then nothing is held.
        """
        try:
            for pause_s in REFUSED_PAUSES_S:
                with suppress(TooManyReplies, RateLimited):
                    return self._hold_at_once(wanted, look, instead)
                gevent.sleep(pause_s)
            return self._hold_at_once(wanted, look, instead)
        except (UnknownConversation, ReplacedMeanwhile, TooManyReplies, RateLimited):
            self._try_to_send(_leave_press(wanted))
            raise

    def _hold_at_once(self, wanted: Wanted, look: Call, instead: str | None) -> Held:
        """The same, but who is refused still holds the form's place."""
        press = [hold_press(wanted.fingerprint, wanted.id, instead)] if wanted.fingerprint else []
        limits = [_enter(wanted), *count_all(wanted.quotas, wanted.token)]
        answers = self._send([*press, look, *limits])
        pressed = answers.pop(0) if press else {}
        found, entered, *counted = answers
        place, is_held = str(entered.get("place", "")), False
        try:
            if "earlier" in pressed:
                return Held(earlier=pressed["earlier"])
            if not found.get("again"):
                accepted(found)
                place = place or self._find_room(wanted, [*entered["others"]])
                refuse_spent(wanted.quotas, counted)
            is_held = True
            return Held(found, place)
        finally:
            if not is_held:
                self._try_to_send(_leave_limits(wanted, place))

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

    def _keep_held(self, wanted: Wanted, held: Held) -> list[Call]:
        """What makes the places the question's own, right after it is stored."""
        asking = asking_key(wanted.client_hash)
        calls = [
            command("SADD", asking, wanted.id),
            command("SREM", asking, held.place),
            command("EXPIRE", asking, self._keep_s),
        ]
        if wanted.fingerprint:
            calls.append(keep_press(wanted.fingerprint, wanted.id, self._keep_s))
        return calls

    def _leave_held(self, wanted: Wanted, held: Held) -> None:
        """Give all back, as the question was not stored after all."""
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
