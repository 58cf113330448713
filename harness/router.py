"""A router like a platform's: it forwards connections, and closes those that stay silent too long."""

import socket
from collections import Counter
from collections.abc import Iterator

from harness.forwarder import PIECE_BYTES, Forwarder
from harness.waiting import at_most

FIRST_BYTE_S = 30.0
IDLE_S = 55.0
"""Heroku's rules: H12 where the first byte is late, H15 where a later one is."""


class Router(Forwarder):
    """`closed` counts, by rule, those that it has closed. `haste` divides the times of the rules."""

    def __init__(self, port: int, *, haste: float = 1) -> None:
        super().__init__(port)
        self._haste = haste
        self.closed: Counter[str] = Counter()

    def _answer_of(self, server: socket.socket) -> Iterator[bytes]:
        rule, limit_s = "H12", FIRST_BYTE_S
        while True:
            data = None
            with at_most(limit_s / self._haste):
                data = server.recv(PIECE_BYTES)
            if data is None:
                self.closed[rule] += 1
            if not data:
                return
            yield data
            rule, limit_s = "H15", IDLE_S
