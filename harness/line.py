"""A line between a browser and a server. A test can cut and mend it, and read what was requested."""

import re
from contextlib import suppress

import gevent
from gevent import socket
from gevent.event import Event
from gevent.server import StreamServer

from harness.servers import free_port

CONVERSATION = re.compile(rb'(?:/c/|conversation(?:":\s*"|=))([\w-]+)')
REQUEST = re.compile(rb"(GET|POST) (\S+) HTTP/1\.[01]\r\n")


class Line:
    """A TCP proxy in front of a port; a context manager that starts mended.

    `host` is an address of this machine. Browsers keep the cookies of two hosts apart. `parts` counts the
    parts of answers that went through.
    """

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self._target = ("127.0.0.1", port)
        self._address = (host, free_port(host))  # nobody else gets it while it is cut
        self._open: set[socket.socket] = set()
        self._server: StreamServer | None = None
        self._is_cut = True
        self._sent: list[bytearray] = []
        self._swallows = False
        self._flows = Event()
        self._flows.set()
        self.swallowed = b""
        self.parts = 0

    def __enter__(self) -> "Line":
        self.mend()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def mend(self) -> None:
        """Accept connections, and carry both directions."""
        self._swallows = self._is_cut = False
        self._server = StreamServer(self._address, self._carry)
        self._server.start()

    @property
    def url(self) -> str:
        """The address for a browser."""
        return "http://{}:{}".format(*self._address)

    @property
    def asked(self) -> list[str]:
        """The requests that went through, such as "GET /", connection by connection."""
        found = [request for sent in self._sent for request in REQUEST.findall(bytes(sent))]
        return [b" ".join(request).decode() for request in found]

    @property
    def conversations(self) -> set[str]:
        """The ids of the conversations that requests named."""
        return {
            found.decode() for sent in self._sent for found in CONVERSATION.findall(bytes(sent))
        }

    def cut(self) -> None:
        """Break every connection, and refuse new ones until mended."""
        self._is_cut = True
        self.release()
        if self._server:
            self._server.stop(timeout=0)
        for sock in list(self._open):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def swallow(self) -> None:
        """Let requests through, but lose each answer that names a conversation, until mended."""
        self._swallows = True

    def hold(self) -> None:
        """Let requests through, but keep answers back until `release`."""
        self._flows.clear()

    def release(self) -> None:
        """Let answers through again."""
        self._flows.set()

    def _carry(self, reader: socket.socket, _: object) -> None:
        with socket.create_connection(self._target) as server:
            if self._is_cut:  # while it was connecting
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
                self._flows.wait()
                if self._swallows:
                    # The headers may come first: wait until the answer names the conversation.
                    self.swallowed += data
                    if CONVERSATION.search(self.swallowed):
                        reader.shutdown(socket.SHUT_RDWR)
                        server.shutdown(socket.SHUT_RDWR)
                else:
                    reader.sendall(data)
                    self.parts += 1
        with suppress(OSError):
            reader.shutdown(socket.SHUT_WR)


def _copy(source: socket.socket, target: socket.socket, copied: bytearray) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            copied += data
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
