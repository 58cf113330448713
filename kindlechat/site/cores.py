"""Shares work among the processor's cores by forking, so that no data need be sent to the other processes."""

import os
import pickle
import signal
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, BinaryIO, NoReturn, TypeVar, cast

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
    others: list[tuple[int, BinaryIO]] = []
    try:
        for core in range(1, cores):
            others.append(_start(work, items[core::cores]))
        outcomes = [_attempt(work, items[::cores]), *(_outcome(sent) for _, sent in others)]
    except BaseException:  # such as Ctrl-C
        for pid, _ in others:
            os.kill(pid, signal.SIGKILL)
        raise
    finally:
        for pid, sent in others:
            sent.close()
            os.waitpid(pid, 0)
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


def _start(work: Callable[[Sequence[T]], R], part: Sequence[T]) -> tuple[int, BinaryIO]:
    """Start a process that does a part of the work. Returns its id, and the file with what it sends."""
    receiving, sending = os.pipe()
    # A signal that raises an exception would be lost in a process that was just forked.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        pid = os.fork()
        if pid == 0:
            # Otherwise it would wait for ever for a first process that was killed.
            os.close(receiving)
            _work_apart(work, part, sending)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    os.close(sending)  # otherwise this process would wait for ever for one that was killed
    return pid, open(receiving, "rb")


def _work_apart(work: Callable[[Sequence[T]], R], part: Sequence[T], sending: int) -> NoReturn:
    """Do a part of the work, send what it came to, and end this process. It is not the one that cleans up."""
    status = 1
    try:
        for number in ENDING:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
        with suppress(BrokenPipeError), open(sending, "wb") as file:
            pickle.dump(_attempt(work, part), file, pickle.HIGHEST_PROTOCOL)
        status = 0
    finally:
        os._exit(status)


def _outcome(sent: BinaryIO) -> Outcome[Any]:
    try:
        return cast(Outcome[Any], pickle.load(sent))  # noqa: S301 (from a part of this process)
    except (EOFError, pickle.UnpicklingError):
        return None, ChildProcessError("a part of the work was killed; is memory short?")
