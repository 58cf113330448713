"""Runs a function on a stack of its own, which is free again when it returns.

A greenlet keeps the deepest stack that it ever had, some 12 kB, for as long as it lives. Replies live for
minutes, and what they do most of the time takes a page of memory.
"""

from collections.abc import Callable
from contextvars import copy_context
from typing import ParamSpec, TypeVar, cast

import gevent

P = ParamSpec("P")
T = TypeVar("T")


def on_own_stack(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """What the function returns or raises. Whoever ends the caller ends the function, too."""

    def run() -> tuple[T | None, BaseException | None]:
        # An error that left a greenlet by itself would be printed there.
        try:
            return function(*args, **kwargs), None
        except gevent.GreenletExit:
            raise
        except BaseException as error:  # noqa: BLE001 - raised again by the caller
            return None, error

    greenlet = gevent.spawn(copy_context().run, run)
    try:
        result, error = greenlet.get()
    except BaseException:
        greenlet.kill(block=False)
        raise
    if error is not None:
        raise error
    return cast(T, result)
