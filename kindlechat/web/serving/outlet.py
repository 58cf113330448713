"""How gunicorn's answers go out: the head together with the first part of the body.

Apart, a poll took a packet and a call of the system more, and the reader's browser a wake-up.
"""

from collections.abc import Callable
from typing import Any, cast

from gunicorn.http import wsgi


class Outlet:
    """A connection, as gunicorn's responses write to it."""

    __slots__ = ("_held", "_sock")

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._held: list[bytes] | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def sendall(self, data: bytes) -> None:
        """As of any socket; gevent's own asks the system each time how much it takes at once."""
        if self._held is not None:
            self._held.append(data)
            return
        sent = self._sock.send(data)
        if sent < len(data):
            self._sock.sendall(memoryview(data)[sent:])

    def join(self, write: Callable[..., None], *arguments: object) -> None:
        """Send at once all that `write` writes."""
        self._held = []
        try:
            write(*arguments)
        finally:
            held, self._held = self._held, None
            if held:
                self.sendall(b"".join(held))


class JoinedResponse(wsgi.Response):
    """gunicorn's response, in fewer packets."""

    def __init__(self, req: Any, sock: Any, cfg: Any) -> None:
        super().__init__(req, cast(Any, Outlet(sock)), cfg)

    def write(self, arg: bytes) -> None:
        """Send a part of the body."""
        self._send(super().write, arg)

    def close(self) -> None:
        """End the body."""
        self._send(super().close)

    def _send(self, write: Callable[..., None], *arguments: object) -> None:
        if self.headers_sent:
            write(*arguments)
        else:
            cast(Any, self.sock).join(write, *arguments)
