"""An application of slow requests, to see how a worker ends.

/after/N gives its last word N seconds after the worker was told to end, /never none. TEST_LAST_ANSWERS_S is
how long the worker waits for such answers.
"""

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import gevent
from gevent.event import Event

from kindlechat.timings import Timings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class SlowApp:
    """What a worker needs of an application (kindlechat.web.app.Kindlechat)."""

    is_quiet = False
    timings = Timings(
        last_answers_s=float(os.environ.get("TEST_LAST_ANSWERS_S", Timings.last_answers_s))
    )

    def __init__(self) -> None:
        self._ending = Event()

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer at once, late, or never."""
        start_response("200 OK", [("Content-Type", "text/plain")])
        return self._words(environ["PATH_INFO"])

    def _words(self, path: str) -> Iterator[bytes]:
        if path == "/never":
            yield b"word"
            gevent.sleep(3600)
        if path.startswith("/after/"):
            yield b"first "
            self._ending.wait()
            gevent.sleep(float(path.removeprefix("/after/")))
        yield b"last"

    def drain(self) -> None:
        """Nothing is under way that could be ended."""
        self._ending.set()

    def close(self) -> None:
        """There is nothing to close."""
        print("closed", flush=True)


app = SlowApp()
