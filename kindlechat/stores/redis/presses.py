"""Forms that were sent twice, in Redis: `pressed:FINGERPRINT` leads to the reply of the first question.

A question holds its form's place before it is stored, with a mark ahead of its id. Whoever comes meanwhile
waits for what becomes of it.
"""

import gevent

from kindlechat.stores.contract import Fingerprint
from kindlechat.stores.redis.calls import Call, command, lua
from kindlechat.stores.redis.connection import RedisConnection
from kindlechat.stores.redis.keys import PREFIX
from kindlechat.stores.redis.rate_limits import COUNTED_S

PENDING_S = 10
"""So long a place is held for a question that is not stored yet, which takes milliseconds: if its process was
killed, the place is free again then."""

PENDING_MARK = "?"

PENDING_LOOK_S = 0.02


class RedisPresses(RedisConnection):
    """The contract's repeats."""

    def find_repeat(self, fingerprint: Fingerprint) -> str | None:
        earlier = self._earlier(fingerprint)
        return earlier if earlier and self._repeats(earlier, fingerprint) else None

    def _earlier(self, fingerprint: Fingerprint) -> str | None:
        """The id of the reply that has the form's place, if its question is stored."""
        (found,) = self._send([command("GET", press_key(fingerprint))])
        return None if found is None or found.startswith(PENDING_MARK) else str(found)

    def _repeats(self, earlier: str, fingerprint: Fingerprint) -> bool:
        """Whether a question of this fingerprint repeats the one of that reply."""
        found = self._run(
            "find_repeat",
            id=earlier,
            window_s=fingerprint.window_s,
            while_under_way=fingerprint.while_under_way,
        )
        return bool(found["repeats"])

    def _wait_for_press(self, fingerprint: Fingerprint) -> str | None:
        """The id of the reply that has the form's place, once its question is stored; None where the place
        got free instead."""
        while True:
            (found,) = self._send([command("GET", press_key(fingerprint))])
            if found is None or not found.startswith(PENDING_MARK):
                return found and str(found)
            gevent.sleep(PENDING_LOOK_S)


def press_key(fingerprint: Fingerprint) -> str:
    """The form's place."""
    return f"{PREFIX}pressed:{fingerprint.value}"


def hold_press(fingerprint: Fingerprint, reply_id: str, instead: str | None) -> Call:
    """What holds the form's place for a question, also where the reply `instead` has it.

    Answers with who was `earlier`, or with the `token` by which quotas count the question.
    """
    held = {"value": fingerprint.value, "id": reply_id, "mark": PENDING_MARK}
    return lua("press", **held, instead=instead, pending_s=PENDING_S, counted_s=COUNTED_S)


def keep_press(fingerprint: Fingerprint, reply_id: str, keep_s: int) -> list[Call]:
    """What lets a question keep the form's place, once it is stored: the next press is another question."""
    name = press_key(fingerprint)
    return [
        command("SET", name, reply_id, "EX", keep_s),
        command("DEL", f"{PREFIX}counted-by:{{{name}}}"),
    ]


def leave_press(fingerprint: Fingerprint, reply_id: str) -> Call:
    """What gives the form's place back."""
    return lua("unpress", value=fingerprint.value, id=reply_id, mark=PENDING_MARK)
