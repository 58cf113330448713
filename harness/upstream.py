"""An upstream that speaks Gemini's wire format and can do every fault, on a real port.

In a test: `with Upstream() as upstream: upstream.script(answer("Yes."), cut())`. Each request takes the
next behaviour of the script, and the last one repeats. Without a script the question picks its
behaviour, see `behaviour_for`.

As a process: `python -m harness.upstream [--port PORT]` prints its base URL and serves until killed.
"""

from gevent import monkey

from kindlechat.patching import skip_plugins

skip_plugins()
monkey.patch_all()

import argparse
import json
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress

import gevent
from gevent.server import StreamServer

from harness.behaviours import behaviour_for
from harness.connection import Behaviour, Connection, Request


class Upstream:
    """A faulty upstream; a context manager. `requests` has what came, oldest first.

    Without a script `choose` picks the behaviour of each request.
    """

    def __init__(self, port: int = 0, choose: Callable[[Request], Behaviour] | None = None) -> None:
        self._choose = choose or (lambda request: behaviour_for(request.question))
        self.requests: list[Request] = []
        self._script: list[Behaviour] = []
        self._about: set[str] = set()
        self._server = StreamServer(("127.0.0.1", port), self._handle)

    def __enter__(self) -> "Upstream":
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop(timeout=0.1)

    @property
    def base_url(self) -> str:
        """The value for GEMINI_BASE_URL."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def script(self, *behaviours: Behaviour, about: Iterable[str] = ()) -> None:
        """Set the behaviours of the next requests; the last one repeats.

        With `about`, only requests whose first message is one of these take from the script, so that a
        late request of another test does not disturb it.
        """
        self._script = list(behaviours)
        self._about = set(about)

    def _handle(self, sock: socket.socket, _: object) -> None:
        request = read_request(sock)
        if request is None:
            return
        self.requests.append(request)
        behaviour = self._next(request)
        job = gevent.spawn(_behave, behaviour, Connection(sock))
        _wait(sock, job)
        request.closed.set()
        job.kill()

    def _next(self, request: Request) -> Behaviour:
        first = request.body["contents"][0]["parts"][-1]["text"] if request.body else ""
        if self._script and (not self._about or first in self._about):
            return self._script.pop(0) if len(self._script) > 1 else self._script[0]
        return self._choose(request)


def _wait(sock: socket.socket, job: "gevent.Greenlet[..., None]") -> None:
    """Return when the behaviour is done or the client has closed the connection.

    It polls, because a watcher would hold the socket open and delay a RST.
    """
    while not job.ready():
        try:
            inner = sock._sock  # type: ignore[attr-defined]  # gevent's own attribute
            if not inner.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT):
                return
        except BlockingIOError:
            pass
        except (OSError, AttributeError):  # AttributeError: the behaviour has closed it
            return
        gevent.sleep(0.02)


def _behave(behaviour: Behaviour, connection: Connection) -> None:
    with suppress(OSError):  # the client left, or the behaviour broke the connection
        behaviour(connection)


def read_request(sock: socket.socket) -> Request | None:
    """The next request of a connection; None where the client has closed it."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = sock.recv(65536)
        if not more:
            return None
        data += more
    head, body = data.split(b"\r\n\r\n", 1)
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += sock.recv(65536)
    return Request(first.split()[1], headers, json.loads(body) if body else None)


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description="Serve a faulty Gemini on a loopback port.")
    parser.add_argument("--port", type=int, default=0)
    with Upstream(parser.parse_args().port) as upstream:
        print(upstream.base_url, flush=True)
        gevent.get_hub().join()


if __name__ == "__main__":
    main()
