"""The body of a request: it has a bounded time to arrive, and one that breaks is the client's mistake."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any

import gevent
from werkzeug.exceptions import BadRequest, HTTPException, RequestTimeout

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

KEY = "kindlechat.body"

MOST_LEFT_BYTES = 40 * 1024 * 1024
"""So much of a body that nobody wanted is read all the same: a browser that still sends sees no answer."""

PIECE_BYTES = 64 * 1024


class TimedBody:
    """A `wsgi.input` that has to arrive until a deadline.

    Each method raises RequestTimeout after the deadline, and BadRequest where the body breaks off or
    is no proper one.
    """

    def __init__(self, body: Any, within_s: float) -> None:
        self._body = body
        self._deadline = monotonic() + within_s
        self._doubt_at = self._deadline
        self._is_hopeless: Callable[[], bool] = lambda: False
        self._reader: Any = None

    def hurry(self, within_s: float) -> None:
        """Bring the deadline forward to `within_s` seconds from now."""
        self._deadline = min(self._deadline, monotonic() + within_s)

    def allow(self, within_s: float) -> None:
        """Put the deadline off to `within_s` seconds from now."""
        self._deadline = max(self._deadline, monotonic() + within_s)

    def doubt(self, after_s: float, is_hopeless: Callable[[], bool]) -> None:
        """End the body after `after_s` seconds where `is_hopeless` then says so.

        Most bodies have arrived by then, so that nobody has to be asked.
        """
        self._doubt_at, self._is_hopeless = monotonic() + after_s, is_hopeless

    def read(self, *size: int) -> bytes:
        """As of any binary stream."""
        return self._in_time(self._body.read, *size)

    def readline(self, *size: int) -> bytes:
        """As of any binary stream."""
        return self._in_time(self._body.readline, *size)

    def _in_time(self, read: Callable[..., bytes], *size: int) -> bytes:
        left_s = self._deadline - monotonic()
        if left_s <= 0:
            raise RequestTimeout
        try:
            # An Exception: the server then knows that what follows on the connection is no request.
            with gevent.Timeout(left_s, RequestTimeout()), self._doubted():
                return read(*size)
        except HTTPException:
            raise
        except Exception as error:
            raise BadRequest from error

    @contextmanager
    def _doubted(self) -> Iterator[None]:
        """Ask, if this read is still waiting then, whether there is hope for the body."""
        if self._doubt_at >= self._deadline:
            yield
            return
        timer = gevent.get_hub().loop.timer(max(0.0, self._doubt_at - monotonic()))
        timer.start(gevent.spawn, self._ask)
        self._reader = gevent.getcurrent()
        try:
            yield
        finally:
            self._reader = None
            timer.close()

    def _ask(self) -> None:
        self._doubt_at = self._deadline  # once is enough
        if self._is_hopeless():
            gevent.get_hub().loop.run_callback(self._give_up)

    def _give_up(self) -> None:
        """In the hub, where nothing can come between the look and the throw."""
        if self._reader is not None:
            self.hurry(0)  # whoever reads on is refused, too
            self._reader.throw(RequestTimeout())


class BodyDeadline:
    """Gives the body of each request `within_s` seconds from its first byte's."""

    def __init__(self, application: "WSGIApplication", within_s: float) -> None:
        self._application = application
        self._within_s = within_s

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        body = TimedBody(environ["wsgi.input"], self._within_s)
        environ["wsgi.input"] = environ[KEY] = body
        return self._application(environ, start_response)


def hurry_body(environ: "WSGIEnvironment", within_s: float) -> None:
    """Give the body of a request less time: what it asks for will probably be refused."""
    body: TimedBody | None = environ.get(KEY)
    if body is not None:
        body.hurry(within_s)


def allow_body(environ: "WSGIEnvironment", within_s: float) -> None:
    """Give the body of a request more time: it is to be large."""
    body: TimedBody | None = environ.get(KEY)
    if body is not None:
        body.allow(within_s)


def doubt_body(environ: "WSGIEnvironment", after_s: float, is_hopeless: Callable[[], bool]) -> None:
    """End the body of a request that takes longer than this where `is_hopeless` then says so."""
    body: TimedBody | None = environ.get(KEY)
    if body is not None:
        body.doubt(after_s, is_hopeless)


def has_no_rest(body: Any) -> bool:
    """Whether nothing is left of a server's body, as of most requests: there was none, or it was read."""
    return not body.failed and getattr(body.reader, "length", None) == 0


def read_rest(body: Any) -> bool:
    """Read what is left of a server's body, and drop it; whether that was all of it.

    Others go first after each piece: what comes faster than it is read would never let them.
    """
    for _ in range(MOST_LEFT_BYTES // PIECE_BYTES):
        if not body.read(PIECE_BYTES):
            return True
        gevent.sleep(0)
    return False
