"""The heartbeat: renews the leases of the replies written here, and receives requests to stop."""

from collections.abc import Callable, Mapping

import gevent

from kindlechat.background import carry_on
from kindlechat.relay.production import Production
from kindlechat.reply import Signal
from kindlechat.stores.contract import Store
from kindlechat.timings import Timings


class Heartbeat:
    """Runs in the background while there are productions."""

    def __init__(
        self,
        store: Store,
        timings: Timings,
        productions: Mapping[str, Production],
        *,
        on_lost: Callable[[Production], None],
    ) -> None:
        """`on_lost` is called when another lease of a reply is held."""
        self._store = store
        self._timings = timings
        self._productions = productions
        self._on_lost = on_lost
        self._greenlet: gevent.Greenlet[..., None] | None = None

    def start(self) -> None:
        """Begin, if it is not running already; it ends by itself with the last production."""
        if not self._greenlet:
            self._greenlet = gevent.spawn(self._run)

    def _run(self) -> None:
        every = self._timings.stop_checks_per_heartbeat
        checks = every  # since the last heartbeat that the store took
        while self._productions:
            with carry_on("the heartbeat"):
                self._check(renew=checks >= every)
                checks = 0 if checks >= every else checks
            checks += 1
            gevent.sleep(self._timings.stop_check_interval_s)

    def _check(self, *, renew: bool) -> None:
        """Ask for requests to stop; with `renew`, send a heartbeat, too."""
        under_way = {p.id: p for p in self._productions.values() if not p.state.ended}
        if not under_way:
            return
        leases = {production.id: production.lease for production in under_way.values()}
        status = self._store.heartbeat(leases, renew=renew)
        for reply_id in status.stop:
            under_way[reply_id].interrupt(Signal.STOP)
        for reply_id in status.lost:
            if not under_way[reply_id].state.ended:  # else it ended meanwhile
                self._on_lost(under_way[reply_id])
