"""The application with a clock beside its hub: GET /holds says how long one greenlet held it at most.

In milliseconds of processor time since the last time it was asked, as a machine may be busy with others.
"""

from app import app  # patches first

# isort: split
import time
from typing import Any

import greenlet


class Holds:
    """The longest time between two switches of greenlets."""

    def __init__(self) -> None:
        self._longest_s = 0.0
        self._begun = time.thread_time()

    def trace(self, event: str, switch: Any) -> None:
        """A greenlet gives way to another one; see greenlet.settrace."""
        now = time.thread_time()
        self._longest_s = max(self._longest_s, now - self._begun)
        self._begun = now

    def take_ms(self) -> float:
        """The longest time so far, which is forgotten."""
        longest_s, self._longest_s = self._longest_s, 0.0
        return longest_s * 1000


HOLDS = Holds()
greenlet.settrace(HOLDS.trace)


@app.get("/holds")
def holds() -> dict[str, float]:
    """The longest time that the hub was held."""
    return {"ms": HOLDS.take_ms()}
