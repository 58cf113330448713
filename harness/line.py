"""A line between a browser and a server that a test can cut and mend, and that tells what was asked."""

import re
from contextlib import suppress

import gevent
from gevent import socket
from gevent.server import StreamServer

from harness.servers import free_port

CONVERSATION = re.compile(rb'(?:/c/|conversation(?:":\s*"|=))([\w-]+)')
REQUEST = re.compile(rb"(GET|POST) (\S+) HTTP/1\.[01]\r\n")


class Line:
    """A TCP proxy in front of a port; a context manager that starts mended.

    Cookies of one `host`, an address of this machine's, are not those of another.
    """

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self._target = ("127.0.0.1", port)
        self._address = (host, free_port(host))  # which stays free while it is cut
        self._open: set[socket.socket] = set()
        self._server: StreamServer | None = None
        self._is_cut = True
        self._sent: list[bytearray] = []
        self._swallows = False
        self.swallowed = b""

    def __enter__(self) -> "Line":
        self.mend()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def mend(self) -> None:
        """Take connections, and bring their answers."""
        self._swallows = self._is_cut = False
        self._server = StreamServer(self._address, self._carry)
        self._server.start()

    @property
    def url(self) -> str:
        """Where a browser comes in."""
        return "http://{}:{}".format(*self._address)

    @property
    def asked(self) -> list[str]:
        """The requests that went through, each connection's in turn, such as "GET /"."""
        found = [request for sent in self._sent for request in REQUEST.findall(bytes(sent))]
        return [b" ".join(request).decode() for request in found]

    @property
    def conversations(self) -> set[str]:
        """The conversations that were asked for or asked in."""
        return {
            found.decode() for sent in self._sent for found in CONVERSATION.findall(bytes(sent))
        }

    def cut(self) -> None:
        """Break every connection, and refuse new ones until mended."""
        self._is_cut = True
        if self._server:
            self._server.stop(timeout=0)
        for sock in list(self._open):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def swallow(self) -> None:
        """Let requests through, and break the one that brings a conversation before it does, until mended."""
        self._swallows = True

    def _carry(self, reader: socket.socket, _: object) -> None:
        with socket.create_connection(self._target) as server:
            if self._is_cut:  # since it came in
                return
            ends = {reader, server}
            self._open |= ends
            sent = bytearray()
            self._sent.append(sent)
            both: list[gevent.Greenlet[..., None]] = [
                gevent.spawn(_copy, reader, server, sent),
                gevent.spawn(self._answer, server, reader),
            ]
            gevent.joinall(both)
            self._open -= ends

    def _answer(self, server: socket.socket, reader: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                if self._swallows:
                    # Headers may come alone: the answer is there when it names the conversation.
                    self.swallowed += data
                    if CONVERSATION.search(self.swallowed):
                        reader.shutdown(socket.SHUT_RDWR)
                        server.shutdown(socket.SHUT_RDWR)
                else:
                    reader.sendall(data)
        with suppress(OSError):
            reader.shutdown(socket.SHUT_WR)


def _copy(source: socket.socket, target: socket.socket, copied: bytearray) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            copied += data
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
