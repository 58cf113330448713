"""The body of a request: it has a bounded time to arrive, and one that breaks is the client's mistake."""

from collections.abc import Callable, Iterable
from time import monotonic
from typing import TYPE_CHECKING, Any

import gevent
from werkzeug.exceptions import BadRequest, HTTPException, RequestTimeout

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

KEY = "kindlechat.body"


class TimedBody:
    """A `wsgi.input` that has to arrive until a deadline.

    Each method raises RequestTimeout after the deadline, and BadRequest where the body breaks off or
    is no proper one.
    """

    def __init__(self, body: Any, within_s: float) -> None:
        self._body = body
        self._deadline = monotonic() + within_s

    def hurry(self, within_s: float) -> None:
        """Bring the deadline forward to `within_s` seconds from now."""
        self._deadline = min(self._deadline, monotonic() + within_s)

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
            with gevent.Timeout(left_s, RequestTimeout()):
                return read(*size)
        except HTTPException:
            raise
        except Exception as error:
            raise BadRequest from error


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
