"""Checkpoints in long work: at each one the server may serve other readers first."""

from collections.abc import Callable


class _Checkpoints:
    """What happens at every checkpoint of this process: nothing, until a server says what."""

    give_way: Callable[[], None] = staticmethod(lambda: None)


def checkpoint() -> None:
    """Let others go first where this process has worked long enough.

    Whatever takes long calls it every millisecond or so. Anything may happen meanwhile, so what is
    shared has to be in order before each call.
    """
    _Checkpoints.give_way()


def at_checkpoints(give_way: Callable[[], None]) -> None:
    """From now on, call `give_way` at each checkpoint."""
    _Checkpoints.give_way = staticmethod(give_way)
