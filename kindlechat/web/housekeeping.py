"""Forgets what is older than the operator wants to keep."""

import logging
import random

import gevent

from kindlechat.errors import StoreUnavailable
from kindlechat.stores import Store

log = logging.getLogger(__name__)

INTERVAL_S = 600.0


def start_housekeeping(store: Store, keep_s: float) -> "gevent.Greenlet[..., None]":
    """Start the greenlet that forgets old conversations, now and every ten minutes."""
    return gevent.spawn(_keep_house, store, keep_s)


def _keep_house(store: Store, keep_s: float) -> None:
    while True:
        # Several workers share the work of one: spread them, so that they seldom meet.
        gevent.sleep(INTERVAL_S * random.uniform(0.01, 1))  # noqa: S311
        try:
            # A little early rather than late: until the next time nobody looks.
            if forgotten := store.forget(keep_s - INTERVAL_S):
                log.info("%d conversations were older than wanted and are forgotten", forgotten)
        except StoreUnavailable as error:
            log.warning("old conversations stay for now: %s", error)
