"""Checkpoints in long work: at each one the server may serve other readers first."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

T = TypeVar("T")

PACE = 100
"""So many nodes or tokens of a text take a fraction of a millisecond."""


class _Server:
    """How this process sees to others meanwhile: not at all, until a server says how."""

    give_way: Callable[[], None] = staticmethod(lambda: None)
    in_thread: Callable[[Callable[[], Any]], Any] = staticmethod(lambda work: work())


def checkpoint() -> None:
    """Let others go first where this process has worked long enough.

    Whatever takes long calls it every millisecond or so. Anything may happen meanwhile, so what is
    shared has to be in order before each call.
    """
    _Server.give_way()


def at_checkpoints(give_way: Callable[[], None]) -> None:
    """Have each checkpoint call `give_way` from now on."""
    _Server.give_way = staticmethod(give_way)


def aside(work: Callable[[], T]) -> T:
    """What `work` gives, which takes long at a stretch and shares nothing: a server does it in a thread."""
    result: T = _Server.in_thread(work)
    return result


def aside_by(in_thread: Callable[[Callable[[], Any]], Any]) -> None:
    """Have `in_thread` do what is done aside, from now on."""
    _Server.in_thread = staticmethod(in_thread)


def paced(items: Iterable[T]) -> Iterable[T]:
    """The items, with a checkpoint before every PACE of them."""
    if isinstance(items, (list, tuple)) and len(items) <= PACE:
        checkpoint()
        return items  # most are that short: to give them one by one would take longer than the work
    return _paced(items)


def _paced(items: Iterable[T]) -> Iterator[T]:
    for number, item in enumerate(items):
        if number % PACE == 0:
            checkpoint()
        yield item
