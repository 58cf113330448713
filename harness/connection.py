"""One request to the faulty upstream, and its connection, with the means to break it."""

import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gevent.event import Event


@dataclass
class Request:
    """A request as it came. `closed` is set when the client is seen to have closed the connection."""

    path: str
    headers: dict[str, str]
    body: Any
    closed: Event = field(default_factory=Event)

    @property
    def question(self) -> str:
        """The text of the last message."""
        text: str = self.body["contents"][-1]["parts"][-1]["text"]
        return text


class Connection:
    """The connection of one request, with the means to break it."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._chunked = True

    def head(
        self,
        status: int = 200,
        content_type: str = "text/event-stream",
        *,
        chunked: bool = True,
        encoding: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Send the head of the response. A body that is not chunked ends with the connection."""
        headers = {"Content-Type": content_type, "Connection": "close", **(headers or {})}
        if encoding:
            headers["Content-Encoding"] = encoding
        self._chunked = chunked
        if chunked:
            headers["Transfer-Encoding"] = "chunked"
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.raw(f"HTTP/1.1 {status} Whatever\r\n{lines}\r\n".encode())

    def raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._sock.sendall(data)

    def send(self, data: bytes) -> None:
        """Send a part of the body."""
        self.raw(b"%x\r\n%s\r\n" % (len(data), data) if self._chunked else data)

    def end(self) -> None:
        """End the body properly."""
        if self._chunked:
            self.raw(b"0\r\n\r\n")

    def reset(self) -> None:
        """Break the connection with a RST."""
        linger = struct.pack("ii", 1, 0)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._sock.close()


Behaviour = Callable[[Connection], None]
"""Answers a request over its connection, well or badly."""
