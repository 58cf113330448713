"""Stands between clients and a server: it forwards connections, and counts the bytes."""

import socket
from collections.abc import Iterator
from typing import Self

import gevent
from gevent.server import StreamServer

PIECE_BYTES = 65_536


class Forwarder:
    """Forwards connections to a loopback port. `sent` and `received` are bytes, as clients see them.

    A context manager.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._server = StreamServer(("127.0.0.1", 0), self._handle)
        self.sent = self.received = 0

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop(timeout=0.1)

    @property
    def url(self) -> str:
        """The address for clients."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def _handle(self, client: socket.socket, _: object) -> None:
        with socket.create_connection(("127.0.0.1", self._port)) as server:
            sending = gevent.spawn(self._send, client, server)
            for data in self._answer_of(server):
                self.received += len(data)
                client.sendall(data)
            sending.kill()

    def _send(self, client: socket.socket, server: socket.socket) -> None:
        """Pass on what comes, and then the end."""
        while data := client.recv(PIECE_BYTES):
            self.sent += len(data)
            server.sendall(data)
        server.shutdown(socket.SHUT_WR)

    def _answer_of(self, server: socket.socket) -> Iterator[bytes]:
        """What a server sends, up to its end."""
        while data := server.recv(PIECE_BYTES):
            yield data
