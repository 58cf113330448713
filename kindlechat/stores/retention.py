"""Deletes what is older than the operator wants to keep."""

import logging
import random
from contextlib import suppress

import gevent

from kindlechat.background import carry_on
from kindlechat.errors import StoreUnavailable
from kindlechat.stores.contract import Store
from kindlechat.timings import Timings

PENDING_S = 7 * 86_400
"""So long whoever asked for letters has to confirm it."""

logger = logging.getLogger(__name__)


def start_retention(store: Store, keep_s: float, timings: Timings) -> "gevent.Greenlet[..., None]":
    """Start the greenlet that deletes what ended `keep_s` seconds ago, at most one interval early."""
    # Rather early than late: what is not old enough now stays until the next look.
    return gevent.spawn(_run, store, keep_s - timings.retention_interval_s, timings)


def _run(store: Store, age_s: float, timings: Timings) -> None:
    while True:
        # Several workers share the work of one: spread them, so that they seldom meet.
        gevent.sleep(timings.retention_interval_s * random.uniform(0.01, 1))  # noqa: S311
        with carry_on("deleting old conversations"):
            _delete(store, age_s, timings.retention_pause_s)
        with carry_on("deleting subscribers who did not confirm"):
            _delete_pending(store)


def _delete(store: Store, age_s: float, pause_s: float) -> None:
    """Delete all that is older, a bounded number at a time."""
    try:
        while deleted := store.delete_older_than(age_s):
            logger.info("%d conversations were older than wanted and are deleted", deleted)
            gevent.sleep(pause_s)
        while forgotten := store.delete_readers_unseen_for(age_s):
            logger.info("%d readers were not here for too long and are forgotten", forgotten)
            gevent.sleep(pause_s)
    except StoreUnavailable as error:
        logger.warning("what is too old stays for now: %s", error)


def _delete_pending(store: Store) -> None:
    with suppress(StoreUnavailable):  # the next look will do
        if deleted := store.delete_pending(PENDING_S):
            logger.info("%d subscribers did not confirm and are deleted", deleted)
