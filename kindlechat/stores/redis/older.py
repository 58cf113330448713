"""What older versions have left in Redis gets the form of today."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

from redis.exceptions import OutOfMemoryError

from kindlechat.errors import StoreUnavailable
from kindlechat.stores.redis.calls import Call, command, lua
from kindlechat.stores.redis.keys import PREFIX
from kindlechat.stores.redis.lists import ACTIVE, enter_lists, looked, looks, standing_of

logger = logging.getLogger(__name__)

NAMED = f"{PREFIX}named"
"""Says that no key had a name of an older version lately."""

NAMED_S = 3600
"""So long after a look nobody looks again for keys with names of an older version."""

RENAME_BATCH = 1000
"""So many keys are looked at in a millisecond or two."""

LISTED = f"{PREFIX}listed"
"""Says that conversations of before readers had lists are in theirs."""

LIST_BATCH = 200

SendCalls = Callable[[Sequence[Call]], list[Any]]
"""Sends calls to Redis and returns their answers."""


def see_to_older(exchange: SendCalls, keep_s: int) -> None:
    """See that no key has a name of an older version, which no script would find, and that readers' lists are
    whole; once in a while for all processes, as instances of that version may still run."""
    if exchange([command("EXISTS", NAMED)])[0]:
        return
    renamed, cursor = _rename(exchange, "0")
    while cursor != "0":
        more, cursor = _rename(exchange, cursor)
        renamed += more
    if renamed:
        logger.info("Redis: %d keys of an older version were renamed", renamed)
    if not exchange([command("EXPIRE", LISTED, keep_s)])[0]:
        try:
            _fill_lists(exchange, keep_s)
        except StoreUnavailable as trouble:
            # A full memory takes nothing; all can be read and deleted all the same.
            if not isinstance(trouble.__cause__, OutOfMemoryError):
                raise


def _rename(exchange: SendCalls, cursor: str) -> tuple[int, str]:
    """Rename a part of the keys; returns how many, and where to go on."""
    found = exchange(
        [lua("rename_older", cursor=cursor, batch=RENAME_BATCH, named=NAMED, named_s=NAMED_S)]
    )[0]
    return found["renamed"], found["cursor"]


def _fill_lists(exchange: SendCalls, keep_s: int) -> None:
    """Put all conversations into their lists, a part after the other."""
    start = 0
    while ids := exchange([command("ZRANGE", ACTIVE, start, start + LIST_BATCH - 1)])[0]:
        found = looked(exchange(looks(ids)))
        entries = [enter_lists(standing_of(each), keep_s) for each in found if "id" in each]
        exchange([call for calls in entries for call in calls])
        start += LIST_BATCH
    exchange([command("SET", LISTED, "", "EX", keep_s)])
