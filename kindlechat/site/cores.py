"""Work shared among the processor's cores, by forking: what is there need not be sent to the others."""

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
"""What a part of the work has become, or what it raised."""

WORTH_A_FORK = 300
"""Pieces of work of a fifth of a millisecond and more: fewer are done sooner by one core alone."""

ENDING = {signal.SIGTERM, signal.SIGINT}


def share(work: Callable[[Sequence[T]], R], items: Sequence[T]) -> list[R]:
    """What `work` makes of parts of the items, one part a core; what it raises is raised here.

    The parts are every second item, or every third and so on, since neighbours are alike. All of
    them have ended when this returns or raises. Raises ChildProcessError for one that was killed.
    """
    cores = min(_cores(), 1 + len(items) // WORTH_A_FORK)
    others = [_start(work, items[core::cores]) for core in range(1, cores)]
    outcomes = [_attempt(work, items[::cores]), *(_outcome(*other) for other in others)]
    for _, error in outcomes:
        if error:
            raise error
    return [cast(R, result) for result, _ in outcomes]


def _cores() -> int:
    """How many may be used; one where there are threads, which a fork would leave in the middle."""
    alone = threading.active_count() == 1
    return len(os.sched_getaffinity(0)) if alone and hasattr(os, "sched_getaffinity") else 1


def _attempt(work: Callable[[Sequence[T]], R], part: Sequence[T]) -> Outcome[R]:
    try:
        return work(part), None
    except Exception as error:  # noqa: BLE001 (raised again when all have ended)
        return None, error


def _start(work: Callable[[Sequence[T]], R], part: Sequence[T]) -> "tuple[BaseProcess, Connection]":
    # It takes a while to load, and most builds have little to share.
    import multiprocessing

    receiver, sender = multiprocessing.Pipe(duplex=False)

    def run() -> None:
        for number in ENDING:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
        # Or this process would wait for ever for a first one that was killed.
        receiver.close()
        with suppress(OSError):
            sender.send(_attempt(work, part))

    process = multiprocessing.get_context("fork").Process(target=run, daemon=True)
    # A process that has just been forked would lose the exception that a signal is.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    process.start()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    # Or this process would wait for ever for one that was killed.
    sender.close()
    return process, receiver


def _outcome(process: "BaseProcess", receiver: "Connection") -> Outcome[Any]:
    try:
        return cast(Outcome[Any], receiver.recv())
    except EOFError:
        return None, ChildProcessError("a part of the work was killed; is memory short?")
    finally:
        process.join()
