"""A router like a platform's: it forwards connections, and closes those that stay silent too long."""

import socket
from collections import Counter

import gevent
from gevent.server import StreamServer

from harness.waiting import at_most

FIRST_BYTE_S = 30.0
IDLE_S = 55.0
"""Heroku's rules: H12 where the first byte is late, H15 where a later one is."""


class Router:
    """Forwards connections to a port. `closed` counts, by rule, those that it has closed.

    A context manager. `haste` divides the times of the rules.
    """

    def __init__(self, port: int, *, haste: float = 1) -> None:
        self._port = port
        self._haste = haste
        self.closed: Counter[str] = Counter()
        self._server = StreamServer(("127.0.0.1", 0), self._handle)

    def __enter__(self) -> "Router":
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop(timeout=0.1)

    @property
    def url(self) -> str:
        """The address for readers."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def _handle(self, reader: socket.socket, _: object) -> None:
        with socket.create_connection(("127.0.0.1", self._port)) as server:
            asking = gevent.spawn(_pump, reader, server)
            rule, limit_s = "H12", FIRST_BYTE_S
            while True:
                data = None
                with at_most(limit_s / self._haste):
                    data = server.recv(65536)
                if data is None:
                    self.closed[rule] += 1
                if not data:
                    break
                reader.sendall(data)
                rule, limit_s = "H15", IDLE_S
            asking.kill()


def _pump(source: socket.socket, target: socket.socket) -> None:
    """Pass on what comes, and then the end."""
    while data := source.recv(65536):
        target.sendall(data)
    target.shutdown(socket.SHUT_WR)
