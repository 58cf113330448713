"""Shares work among the processor's cores by forking, so that no data need be sent to the other processes.

The work is done in parts. Their numbers lie in a pipe: who has done one part takes the number of the next,
so all processes end at the same time, however long each part takes.
"""

import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Generic, NoReturn, TypeVar

T = TypeVar("T")
R = TypeVar("R")

Done = tuple[int, Any]
"""The number of a part that is done, and its result."""

PARTS = 128
"""The most parts, whose numbers each are one byte."""

WORTH_A_FORK = 300
"""So many pieces of work, of a fifth of a millisecond or more, are worth a fork."""

WHILE_OTHERS_WORK = 5
"""So many times as many are, as long as an earlier fork keeps another core busy."""

ENDING = {signal.SIGTERM, signal.SIGINT}

_others: set[int] = set()
"""The processes that work for this one now, whatever they work at."""


def share(
    work: Callable[[Sequence[T]], R], items: Sequence[T], worth_a_fork: int = WORTH_A_FORK
) -> list[R]:
    """Let each core do `work` on parts of the items. Returns the results in the order of the items.

    When this returns or raises, all processes have ended. Raises what `work` raises, and
    ChildProcessError where a process was killed.
    """
    with begun(work, items, worth_a_fork) as shared:
        return shared.results()


@contextmanager
def begun(
    work: Callable[[Sequence[T]], R], items: Sequence[T], worth_a_fork: int = WORTH_A_FORK
) -> "Iterator[Shared[T, R]]":
    """Let the other cores begin to do `work` on parts of the items, while this process does something else.

    What has not ended in the end is ended.
    """
    worth_a_fork *= WHILE_OTHERS_WORK if _others else 1
    cores = min(_cores(), 1 + len(items) // worth_a_fork)
    shared = Shared(work, _parts(items, cores))
    try:
        shared.begin(cores - 1)
        yield shared
    finally:
        shared.end()


def _cores() -> int:
    """How many cores may be used. With threads it is one, because a fork would leave them in the middle."""
    alone = threading.active_count() == 1
    return len(os.sched_getaffinity(0)) if alone and hasattr(os, "memfd_create") else 1


def _parts(items: Sequence[T], cores: int) -> list[Sequence[T]]:
    parts = min(PARTS, len(items)) if cores > 1 else 1
    return [
        items[part * len(items) // parts : (part + 1) * len(items) // parts]
        for part in range(parts)
    ]


class Shared(Generic[T, R]):
    """Work that other processes have begun. This one joins them when it wants the results."""

    def __init__(self, work: Callable[[Sequence[T]], R], parts: Sequence[Sequence[T]]) -> None:
        self._work = work
        self._parts = parts
        self._first = os.getpid()
        self._others: dict[int, int] = {}
        """The other processes that run, each with the file in memory that it will write."""
        self._left, numbers = os.pipe()
        os.set_blocking(self._left, False)
        os.write(numbers, bytes(range(len(parts))))
        os.close(numbers)

    @property
    def is_shared(self) -> bool:
        """Whether other processes are at work."""
        return bool(self._others)

    def begin(self, others: int) -> None:
        """Start some processes."""
        for _ in range(others):
            self._start()

    def results(self) -> list[R]:
        """Do what is left, wait for the others, and return the results in the order of the parts."""
        done: dict[int, R] = {}
        errors = []
        for doing in (self._do(), *map(self._sent, [*self._others])):
            try:
                done |= doing
            except Exception as error:  # noqa: BLE001 (raised again when all have ended)
                errors.append(error)
        if errors:
            raise errors[0]
        return [done[number] for number in range(len(self._parts))]

    def end(self) -> None:
        """End the other processes that still run."""
        os.close(self._left)
        for pid, file in self._others.items():
            with suppress(ProcessLookupError):  # gevent, which tests use, waits for it, too
                os.kill(pid, signal.SIGKILL)
            os.close(file)
            os.waitpid(pid, 0)
            _others.discard(pid)

    def _do(self) -> Iterator[Done]:
        """Do one part after the other, as long as any is left and the first process is there."""
        try:
            while self._first in (os.getpid(), os.getppid()) and (taken := self._take(1)):
                (number,) = taken
                yield number, self._work(self._parts[number])
        except Exception:
            self._take(PARTS)  # nobody needs the rest
            raise

    def _take(self, most: int) -> bytes:
        """Take the numbers of so many parts, or of what is left."""
        try:
            return os.read(self._left, most)
        except BlockingIOError:  # gevent closes the pipe's other end later
            return b""

    def _start(self) -> None:
        file = os.memfd_create(
            "results"
        )  # a pipe would hold only a little, and then let its process wait
        # A signal that raises an exception would be lost in a process that was just forked.
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        try:
            pid = os.fork()
            if pid == 0:
                self._work_apart(file)
            self._others[pid] = file
            _others.add(pid)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)

    def _work_apart(self, file: int) -> NoReturn:
        """Do a share of the work, write what it came to, and end this process. It is not the one that cleans
        up."""
        status = 1
        try:
            for number in ENDING:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
            with open(file, "wb") as opened:
                for said in self._say():
                    pickle.dump(said, opened, pickle.HIGHEST_PROTOCOL)
            status = 0
        finally:
            os._exit(status)

    def _say(self) -> "Iterator[Done | Exception | None]":
        """What this process has done, one part after the other, and how it ended."""
        try:
            yield from self._do()
        except Exception as error:  # noqa: BLE001 (raised again by the first process)
            yield error
        else:
            yield None

    def _sent(self, pid: int) -> Iterator[Done]:
        """What another process has done, when it has ended. Raises what it raised."""
        os.waitpid(pid, 0)
        _others.discard(pid)
        with open(self._others.pop(pid), "rb") as opened:
            opened.seek(0)
            try:
                while isinstance(said := pickle.load(opened), tuple):  # noqa: S301 (from a part of this process)
                    yield said
            except (EOFError, pickle.UnpicklingError):
                said = ChildProcessError("a part of the work was killed; is memory short?")
        if said:
            raise said
