"""Checks the store at intervals, so that the log tells of an outage even when nobody asks."""

import logging

import gevent

from kindlechat.background import carry_on
from kindlechat.stores.contract import Store
from kindlechat.timings import Timings

logger = logging.getLogger(__name__)


def start_watch(store: Store, mark: str, timings: Timings) -> "gevent.Greenlet[..., None]":
    """Start the greenlet that tries the store out; the store tells the log of outages itself.

    `mark` stands for the secret that this process signs with: a warning says once where others that use the
    store have another one.
    """
    return gevent.spawn(_run, store, mark, timings)


def _run(store: Store, mark: str, timings: Timings) -> None:
    alone = True
    while True:
        with carry_on("trying the store out"):
            store.check()
            was_alone, alone = alone, store.meet(mark)
            if was_alone and not alone:
                logger.warning(
                    "another process uses this store with another SECRET_KEY: readers that go from one to the"
                    " other lose their cookies and their right to write; set one value for all"
                )
        gevent.sleep(timings.store_check_interval_s)
