"""Lets what takes long to be sent hold little memory meanwhile."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kindlechat.own_stack import on_own_stack

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

KEPT = ("REQUEST_METHOD", "RAW_URI", "SERVER_PROTOCOL", "wsgi.file_wrapper")
"""What gunicorn still asks of a request's environment: for its log, and whether the answer is a file."""

LONG = ("/api/chat", "/stream", "/live")
"""Where the addresses end whose answers come as they are written."""


class LongAnswers:
    """Has the application begin these on a stack of its own: to send them takes far less than to begin.

    By then all that the request said has been read, so it is let go.
    """

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if environ["PATH_INFO"].endswith(LONG):
            parts = on_own_stack(self._application, environ, start_response)
            kept = {name: environ[name] for name in KEPT if name in environ}
            environ.clear()
            environ.update(kept)
            return parts
        return self._application(environ, start_response)
