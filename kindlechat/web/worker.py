"""gunicorn's gevent worker, which lets running replies end before it exits."""

import time
from contextlib import suppress
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import gevent
from gevent.event import Event
from gunicorn import util
from gunicorn.http.errors import (  # type: ignore[attr-defined]
    ConfigurationProblem,
    ExpectationFailed,
    InvalidResponseHeader,
    InvalidResponseHeaderName,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)
from gunicorn.workers.ggevent import GeventWorker

from kindlechat.patching import skip_plugins
from kindlechat.web.collector import collect_when_quiet
from kindlechat.web.middleware.body import has_no_rest, read_rest
from kindlechat.web.middleware.descriptors import is_shortage, shortage

LAST_WORDS_S = 0.5
"""Time for followers to be told how their reply ended, once all are stored."""

HEARTBEAT_S = 2.0
"""How much longer than gunicorn's second a worker waits before it tells again that it lives and looks whether
its master does. Each time wakes a machine up on which nobody asks anything."""

CLOSING_S = 1.5
"""Time for the listening sockets to be closed (gunicorn looks once a second) and for the last requests."""


MALFORMED = {
    LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
}
"""Statuses of requests that are none; 400 of all others."""

OUR_FAULTS = (ConfigurationProblem, InvalidResponseHeader, InvalidResponseHeaderName)
"""What gunicorn takes for malformed requests, too."""


class Worker(GeventWorker):
    """Told to end, it takes no new replies and gives those under way the grace period.

    Polls and streams are served meanwhile. SIGTERM and SIGINT (which gunicorn's master turns into
    SIGQUIT) are the same here: platforms use either.
    """

    _draining = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._connections: set[Any] = set()
        self._closing = Event()

    def patch(self) -> None:
        """Patch Python for gevent."""
        skip_plugins()
        super().patch()

    def init_process(self) -> None:
        """Have a shortage of descriptors told in one line: the next connection is taken a moment later."""
        hub = gevent.get_hub()
        show = hub.handle_error

        def handle_error(context: Any, kind: Any, error: Any, traceback: Any) -> None:
            if is_shortage(error):
                shortage.tell()
            else:
                show(context, kind, error, traceback)

        hub.handle_error = handle_error  # type: ignore[method-assign, assignment]
        do_once(self.cfg)
        super().init_process()

    def notify(self) -> None:
        """Tell the master that this worker lives, and wait a while unless it is about to end."""
        super().notify()
        self._closing.wait(HEARTBEAT_S)

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """Serve one connection, of one request or several."""
        connection = gevent.getcurrent()
        self._connections.add(connection)
        try:
            super().handle(listener, client, addr)
        finally:
            self._connections.discard(connection)

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> Any:
        """Answer one request. Of a body that was not read a part is read, then the connection closes.

        Gunicorn itself would read on for as long as more comes, and let nobody else do anything meanwhile.
        """
        super().handle_request(listener_name, req, sock, addr)
        if has_no_rest(req.body):
            return
        is_whole = False
        with gevent.Timeout(self.cfg.keepalive, False):  # type: ignore[arg-type]
            is_whole = not req.body.failed and read_rest(req.body)
        if not is_whole:
            req.force_close()

    def handle_exit(self, sig: int, frame: Any) -> None:
        """Begin to drain, in a greenlet: a signal's handler must not wait."""
        if not self._draining:
            self._draining = True
            gevent.spawn(self._drain)

    handle_quit = handle_exit

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer what is no request, or what the application did not.

        Gunicorn's own line in the log would hold what came, a reader's words and address among it. Idle
        connections that are cut at the end are no errors.
        """
        if isinstance(exc, gevent.GreenletExit):
            return
        if isinstance(exc, ParseException) and not isinstance(exc, OUR_FAULTS):
            status = MALFORMED.get(type(exc), HTTPStatus.BAD_REQUEST)
            self.log.info("what came was no request: %s", type(exc).__name__)
        else:
            status = HTTPStatus.INTERNAL_SERVER_ERROR
            self.log.error("a request failed on its way to the application", exc_info=exc)
        with suppress(Exception):  # the client may be gone
            util.write_error(client, status.value, status.phrase, status.description)

    def _drain(self) -> None:
        self._application.drain()
        gevent.sleep(LAST_WORDS_S)
        self.alive = False
        self._closing.set()
        gevent.sleep(CLOSING_S)
        # What is open now is idle connections and readers that do not read: they may be cut.
        gevent.killall(list(self._connections), block=False)

    def run(self) -> None:
        """Serve until the end; then nothing uses the store any more."""
        collecting = collect_when_quiet(lambda: self._application.is_quiet)
        super().run()
        collecting.kill()
        self._application.close()

    @property
    def _application(self) -> Any:
        """The application behind this worker: kindlechat.web.app.Kindlechat."""
        return self.app.wsgi()


def do_once(cfg: Any) -> None:
    """Have gunicorn do once what it does anew for each request: find its settings, some thirty of them with
    two calls each, and write the date, which is done once a second."""
    vars(cfg).update({name: setting.get() for name, setting in cfg.settings.items()})
    write_date = lru_cache(maxsize=1)(util.http_date)

    def http_date(timestamp: float | None = None) -> str:
        return write_date(int(time.time() if timestamp is None else timestamp))

    util.http_date = http_date
