"""Shares work among the processor's cores by forking, so that no data need be sent to the other processes."""

import os
import signal
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

T = TypeVar("T")
R = TypeVar("R")

Outcome = tuple[R | None, Exception | None]
"""The result of a part of the work, or what it raised."""

WORTH_A_FORK = 300
"""So many pieces of work, of a fifth of a millisecond or more, are worth a fork."""

ENDING = {signal.SIGTERM, signal.SIGINT}


def share(
    work: Callable[[Sequence[T]], R], items: Sequence[T], worth_a_fork: int = WORTH_A_FORK
) -> list[R]:
    """Let each core do `work` on a part of the items, and return the results.

    With two cores each part is every second item, and so on, because neighbours are alike. When this
    returns or raises, all parts have ended. Raises what `work` raises, and ChildProcessError where a part
    was killed.
    """
    cores = min(_cores(), 1 + len(items) // worth_a_fork)
    others = [_start(work, items[core::cores]) for core in range(1, cores)]
    outcomes = [_attempt(work, items[::cores]), *(_outcome(*other) for other in others)]
    for _, error in outcomes:
        if error:
            raise error
    return [cast(R, result) for result, _ in outcomes]


def _cores() -> int:
    """How many cores may be used. With threads it is one, because a fork would leave them in the middle."""
    alone = threading.active_count() == 1
    return len(os.sched_getaffinity(0)) if alone and hasattr(os, "sched_getaffinity") else 1


def _attempt(work: Callable[[Sequence[T]], R], part: Sequence[T]) -> Outcome[R]:
    try:
        return work(part), None
    except Exception as error:  # noqa: BLE001 (raised again when all have ended)
        return None, error


def _start(work: Callable[[Sequence[T]], R], part: Sequence[T]) -> "tuple[BaseProcess, Connection]":
    # Loading it takes a while, and most builds have little to share.
    import multiprocessing

    receiver, sender = multiprocessing.Pipe(duplex=False)

    def run() -> None:
        for number in ENDING:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
        # Otherwise this process would wait for ever for a first process that was killed.
        receiver.close()
        with suppress(OSError):
            sender.send(_attempt(work, part))

    process = multiprocessing.get_context("fork").Process(target=run, daemon=True)
    # A signal that raises an exception would be lost in a process that was just forked.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    process.start()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    # Otherwise this process would wait for ever for a process that was killed.
    sender.close()
    return process, receiver


def _outcome(process: "BaseProcess", receiver: "Connection") -> Outcome[Any]:
    try:
        return cast(Outcome[Any], receiver.recv())
    except EOFError:
        return None, ChildProcessError("a part of the work was killed; is memory short?")
    finally:
        process.join()
