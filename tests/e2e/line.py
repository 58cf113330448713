"""A line between a browser and a server that a test can cut and mend."""

from contextlib import suppress

import gevent
from gevent import socket
from gevent.server import StreamServer

from tests.servers import free_port


class Line:
    """A TCP proxy in front of a port; a context manager that starts mended."""

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._address = ("127.0.0.1", free_port())
        self._open: set[socket.socket] = set()
        self._server: StreamServer | None = None
        self.url = f"http://127.0.0.1:{self._address[1]}"

    def __enter__(self) -> "Line":
        self.mend()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def mend(self) -> None:
        """Take connections."""
        self._server = StreamServer(self._address, self._carry)
        self._server.start()

    def cut(self) -> None:
        """Break every connection, and refuse new ones until mended."""
        self._server.stop(timeout=0)
        for sock in list(self._open):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _carry(self, reader: socket.socket, _: object) -> None:
        with socket.create_connection(self._target) as server:
            ends = {reader, server}
            self._open |= ends
            both = [gevent.spawn(_copy, reader, server), gevent.spawn(_copy, server, reader)]
            gevent.joinall(both)
            self._open -= ends


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
