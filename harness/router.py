"""A platform's router, as far as a long reply is concerned: it closes connections that keep silent."""

import socket
from collections import Counter

import gevent
from gevent.server import StreamServer

from harness.waiting import at_most

FIRST_BYTE_S = 30.0
IDLE_S = 55.0
"""Heroku's rules: H12 when no byte of the answer came in time, H15 when no more came."""


class Router:
    """Forwards connections to a port; a context manager. `closed` counts those cut, by rule.

    The rules' times are divided by `haste`.
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
        """Where readers come in."""
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
    """Pass on what comes, and in the end that it has ended."""
    while data := source.recv(65536):
        target.sendall(data)
    target.shutdown(socket.SHUT_WR)
