"""gunicorn's gevent worker, which lets running replies end before it exits."""

import fcntl
import sys
import termios
import time
from array import array
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import gevent
from gevent.event import Event
from gunicorn import util
from gunicorn.http import message, wsgi
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
from kindlechat.timings import Timings
from kindlechat.web.middleware.body import has_no_rest, read_rest
from kindlechat.web.middleware.descriptors import is_shortage, shortage
from kindlechat.web.serving.collector import collect_when_quiet
from kindlechat.web.serving.outlet import JoinedResponse
from kindlechat.web.serving.resolver import Resolver

TURN_S = 0.001
"""So long the hub goes on where the store's thread wants to, and wakes greenlets before it looks at sockets.
A question takes several such turns: with Python's own 5 ms its first word waited for up to 10 ms while a
hundred streams were written."""

LOOK_EVERY_S = 0.05
"""How often it is seen whether gunicorn has closed the listening sockets."""

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
        self._connections: dict[Any, Any] = {}
        self._idle: set[Any] = set()
        self._closing = Event()
        self._is_cutting = False

    def patch(self) -> None:
        """Patch Python for gevent."""
        skip_plugins()
        super().patch()

    def init_process(self) -> None:
        """Make turns short, have addresses remembered, and have a shortage of descriptors told in one line:
        the next connection is taken a moment later."""
        sys.setswitchinterval(TURN_S)
        hub = gevent.get_hub()
        hub.resolver = Resolver(hub)  # type: ignore[assignment]
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
        self._closing.wait(self._timings.worker_heartbeat_s)

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """Serve one connection, of one request or several."""
        connection = gevent.getcurrent()
        self._connections[connection] = client
        try:
            super().handle(listener, client, addr)
        finally:
            del self._connections[connection]
            self._idle.discard(connection)

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> Any:
        """Answer one request. Of a body that was not read a part is read, then the connection closes.

        Gunicorn itself would read on for as long as more comes, and let nobody else do anything meanwhile.
        """
        connection = gevent.getcurrent()
        self._idle.discard(connection)
        super().handle_request(listener_name, req, sock, addr)  # returns, too, when it is cut
        if self._is_cutting or not self._is_read(req.body):
            req.force_close()
        else:
            self._idle.add(connection)

    def _is_read(self, body: Any) -> bool:
        """Whether all of a request's body was read, or can be in a moment."""
        if has_no_rest(body):
            return True
        with gevent.Timeout(self.cfg.keepalive, False):  # type: ignore[arg-type]
            return not body.failed and read_rest(body)
        return False

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
        gevent.sleep(self._timings.last_words_s)
        self.alive = False
        self._closing.set()
        while any(socket.fileno() >= 0 for socket in self.sockets):  # gunicorn looks once a second
            gevent.sleep(LOOK_EVERY_S)
        gevent.sleep(self._timings.last_requests_s)
        self._is_cutting = True
        self._cut([each for each in self._idle if not has_come(self._connections[each])])
        gevent.joinall(list(self._connections), timeout=self._timings.last_answers_s)
        self._cut(self._connections)

    def _cut(self, connections: Iterable[Any]) -> None:
        gevent.killall(list(connections), block=False)

    def run(self) -> None:
        """Serve until the end; then nothing uses the store any more."""
        collecting = collect_when_quiet(lambda: self._application.is_quiet, self._timings)
        super().run()
        collecting.kill()
        self._application.close()

    @property
    def _application(self) -> Any:
        """The application behind this worker: kindlechat.web.app.Kindlechat."""
        return self.app.wsgi()

    @property
    def _timings(self) -> Timings:
        timings: Timings = self._application.timings
        return timings


def has_come(client: Any) -> bool:
    """Whether something has come on a connection that nobody has read yet."""
    waiting = array("i", [0])
    fcntl.ioctl(client.fileno(), termios.FIONREAD, waiting)
    return waiting[0] > 0


class ErrorStream:
    """A `wsgi.errors` for all requests, which looks for gunicorn's log when something is to be written:
    a log may have been opened anew by then."""

    def __init__(self, cfg: Any) -> None:
        self._cfg = cfg

    def write(self, text: str) -> None:
        """As of any text stream."""
        log: Any = wsgi.WSGIErrorsWrapper(self._cfg)
        log.write(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """As of any text stream."""
        self.write("".join(lines))

    def flush(self) -> None:
        """As of any text stream; what is written is flushed."""


def do_once(cfg: Any) -> None:
    """Have gunicorn do once what it does anew for each request: find its settings, some thirty of them with
    two calls each, look for its log under a lock, and write the date, which is done once a second. And have
    it send heads with bodies, and trust no proxy: it would parse each client's address to find that out."""
    vars(cfg).update({name: setting.get() for name, setting in cfg.settings.items()})
    write_date = lru_cache(maxsize=1)(util.http_date)

    def http_date(timestamp: float | None = None) -> str:
        return write_date(int(time.time() if timestamp is None else timestamp))

    util.http_date = http_date
    known = {**wsgi.base_environ(cfg), "wsgi.errors": ErrorStream(cfg)}
    wsgi.base_environ = lambda cfg: dict(known)
    wsgi.Response = JoinedResponse  # type: ignore[misc]
    vars(message)["_ip_in_allow_list"] = lambda *_: False
