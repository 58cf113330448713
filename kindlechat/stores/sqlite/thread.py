"""The thread that blocking calls run in, one after the other, while the greenlets that make them wait.

gevent's pool lets a thread know of two calls at a time, and makes a watcher for each. Here all that wait are
taken at once, so that they can share a transaction, and one watcher wakes all whose calls are done.
"""

from collections import deque
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import gevent
from gevent.hub import Waiter
from gevent.monkey import get_original

start_thread = get_original("_thread", "start_new_thread")
Queue = get_original("queue", "SimpleQueue")


class Call(NamedTuple):
    """A function to call, and whether it may share a transaction with others that wait beside it."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    options: Mapping[str, Any] = MappingProxyType({})
    may_share: bool = False


class Outcome(NamedTuple):
    """What a call returned or, if it failed, raised: an exception that left the thread would be printed."""

    result: Any
    error: Exception | None


class CallThread:
    """Runs calls. They come from the greenlets of one hub, that of whoever makes it."""

    def __init__(self, run: Callable[[list[Call]], list[Outcome]]) -> None:
        """`run` is called in the thread, with one call or with several that may share a transaction, and
        raises nothing."""
        self._run = run
        self._asked = Queue()
        self._done: deque[tuple[Waiter[Outcome], Outcome]] = deque()
        self._under_way = 0
        self._watcher = gevent.get_hub().loop.async_()
        start_thread(self._serve, ())

    def call(self, call: Call) -> Outcome:
        """Have the thread run a call, and wait for what comes of it."""
        waiter: Waiter[Outcome] = Waiter()
        if not self._under_way:
            self._watcher.start(self._wake)
        self._under_way += 1
        self._asked.put((waiter, call))
        return waiter.get()

    def _wake(self) -> None:
        """Let those go on whose calls are done. Runs in the hub."""
        while self._done:
            waiter, outcome = self._done.popleft()
            waiter.switch(outcome)
            self._under_way -= 1
        if not self._under_way:
            self._watcher.stop()  # a started one would keep a program from ending

    def _serve(self) -> None:
        """Take all that wait, for ever. Runs in the thread."""
        while True:
            taken = [self._asked.get()]
            while not self._asked.empty():
                taken.append(self._asked.get())
            while taken:
                count = _count_together([call for _, call in taken])
                together, taken = taken[:count], taken[count:]
                outcomes = self._run([call for _, call in together])
                for (waiter, _), outcome in zip(together, outcomes, strict=True):
                    self._done.append((waiter, outcome))
                self._watcher.send()
            del together, outcomes, waiter, outcome  # not to be held while nobody calls


MOST_TOGETHER = 32
"""So many calls share a transaction at most: other processes wait for it."""


def _count_together(calls: list[Call]) -> int:
    """How many of the first calls may share a transaction; 1 where the first may not."""
    count = 0
    while count < min(MOST_TOGETHER, len(calls)) and calls[count].may_share:
        count += 1
    return max(1, count)
