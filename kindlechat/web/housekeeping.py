"""Forgets what is older than the operator wants to keep."""

import logging
import random

import gevent

from kindlechat.errors import StoreUnavailable
from kindlechat.stores import Store

log = logging.getLogger(__name__)

DAY_S = 86400.0
KEEP_NOTHING_S = 3600.0
"""With KINDLECHAT_KEEP_DAYS=0 a reader still has an hour to read, and to come back after a break."""

INTERVAL_S = 600.0


def start_housekeeping(store: Store, keep_days: int) -> "gevent.Greenlet[..., None]":
    """Start the greenlet that forgets old conversations, now and every ten minutes."""
    return gevent.spawn(_keep_house, store, keep_days * DAY_S or KEEP_NOTHING_S)


def _keep_house(store: Store, keep_s: float) -> None:
    while True:
        # Several workers share the work of one: spread them, so that they seldom meet.
        gevent.sleep(INTERVAL_S * random.uniform(0.01, 1))  # noqa: S311
        try:
            if forgotten := store.forget(keep_s):
                log.info("%d conversations were older than wanted and are forgotten", forgotten)
        except StoreUnavailable as error:
            log.warning("old conversations stay for now: %s", error)
