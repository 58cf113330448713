"""Forgets what is older than the operator wants to keep."""

import logging
import random

import gevent

from kindlechat.errors import StoreUnavailable
from kindlechat.stores import Store

log = logging.getLogger(__name__)

PAUSE_S = 600.0
"""The longest time between two looks."""

BREATH_S = 0.2
"""How long the store is left to others while there is more to forget."""


def start_housekeeping(store: Store, keep_s: float) -> "gevent.Greenlet[..., None]":
    """Start the greenlet that forgets what ended `keep_s` seconds ago, at most PAUSE_S early."""
    # Rather early than late: what is not old enough now stays until the next look.
    return gevent.spawn(_keep_house, store, keep_s - PAUSE_S)


def _keep_house(store: Store, older_than_s: float) -> None:
    while True:
        # Several workers share the work of one: spread them, so that they seldom meet.
        gevent.sleep(PAUSE_S * random.uniform(0.01, 1))  # noqa: S311
        try:
            while forgotten := store.forget(older_than_s):
                log.info("%d conversations were older than wanted and are forgotten", forgotten)
                gevent.sleep(BREATH_S)
        except StoreUnavailable as error:
            log.warning("old conversations stay for now: %s", error)
