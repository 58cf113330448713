"""Looks addresses up in threads, as gevent does, and remembers them for some seconds.

Each connection to the model would look its address up anew: a question to a server of names, and a thread's
work, for every question of a crowd.
"""

import time
from collections.abc import Callable
from typing import Any

from gevent.resolver.thread import Resolver as ThreadResolver

KEPT_S = 10.0
"""A name that gets another address is known by it this much later."""

MOST = 64
"""So many names are remembered at most: those of the model, of Redis and of a mail server are three."""


class Resolver(ThreadResolver):
    """Remembers what `getaddrinfo` found. What is not found is looked up again."""

    def __init__(self, hub: Any = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` counts seconds."""
        super().__init__(hub)
        self._clock = clock
        self._found: dict[object, tuple[float, list[Any]]] = {}

    def getaddrinfo(self, *args: Any, **kwargs: Any) -> list[Any]:
        """As of `socket`. Raises OSError."""
        key = args, tuple(kwargs.items())
        kept_until, found = self._found.get(key, (0.0, []))
        if self._clock() >= kept_until:
            found = super().getaddrinfo(*args, **kwargs)
            if len(self._found) >= MOST:
                self._found.clear()
            self._found[key] = self._clock() + KEPT_S, found
        return [*found]
