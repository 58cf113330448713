"""How many requests of one network are served at the same time."""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.wsgi import ClosingIterator

from kindlechat.web.middleware.plain import HEALTH, refuse
from kindlechat.web.request.networks import network_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

RETRY_AFTER_S = 5


class ConnectionLimit:
    """Refuses a request of a network that has `most` under way: all of them could starve other readers.

    A network is what rate limits take for one client. What a platform asks for to see whether all is well
    does not count: refused, it would take the server for broken.
    """

    def __init__(self, application: "WSGIApplication", most: int) -> None:
        self._application = application
        self._most = most
        self._under_way: Counter[str] = Counter()

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if environ["PATH_INFO"] == HEALTH:
            return self._application(environ, start_response)
        network = network_of(environ.get("REMOTE_ADDR", ""))
        if self._under_way[network] >= self._most:
            retry = ("Retry-After", str(RETRY_AFTER_S))
            why = "Too many connections from your network. Please try again in a few seconds."
            return refuse(start_response, "429 Too Many Requests", why, retry)
        self._under_way[network] += 1
        try:
            parts = self._application(environ, start_response)
        except BaseException:
            self._end(network)
            raise
        return ClosingIterator(parts, lambda: self._end(network))

    def _end(self, network: str) -> None:
        self._under_way[network] -= 1
        if not self._under_way[network]:
            del self._under_way[network]
