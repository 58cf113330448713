"""The mirror: logs of replies that other processes write, filled from the store while followed here."""

import time

import gevent

from kindlechat.background import carry_on
from kindlechat.relay.log import Log
from kindlechat.reply import Reply
from kindlechat.stores.contract import Store
from kindlechat.timings import Timings


class Mirror:
    """Reads the store for all followed replies at once, as long as there are any."""

    def __init__(self, store: Store, timings: Timings) -> None:
        self._store = store
        self._interval_s = timings.mirror_interval_s
        self._poll_lapse_s = timings.poll_lapse_s
        self._logs: dict[str, Log] = {}
        self._greenlet: gevent.Greenlet[..., None] | None = None

    def log_of(self, reply_id: str) -> Log | None:
        """The log of a reply that is being followed here."""
        return self._logs.get(reply_id)

    def add(self, reply: Reply) -> Log:
        """The log of a reply that was just read from the store; kept up to date if it has not ended."""
        log = Log(reply.conversation, reply.text, reply.state, reply.reason, reply.follow_ups)
        if not reply.state.ended:
            self._logs[reply.id] = log
            if not self._greenlet:
                self._greenlet = gevent.spawn(self._run)
        return log

    @property
    def has_followers(self) -> bool:
        """Whether anybody follows any of these replies at this moment."""
        return any(log.has_followers for log in self._logs.values())

    def _run(self) -> None:
        gevent.sleep(self._interval_s)
        while self._logs:
            begun = time.monotonic()
            with carry_on("following other processes' replies"):
                self._read_news()
            for reply_id, log in list(self._logs.items()):
                if log.state.ended or not log.is_wanted(self._poll_lapse_s):
                    del self._logs[reply_id]
            # Who waited in vain goes on at once: news that came during a pause would be late by its rest.
            gevent.sleep(max(0.0, begun + self._interval_s - time.monotonic()))

    def _read_news(self) -> None:
        cursors = {reply_id: len(log.text) for reply_id, log in self._logs.items()}
        for reply_id, news in self._store.read_after(cursors, 2 * self._interval_s).items():
            if (log := self._logs.get(reply_id)) is not None:
                log.publish(news.text, news.state, news.reason, news.follow_ups)
