"""The processes that a process has started, as Linux knows them."""

from pathlib import Path


def children_of(pid: int) -> list[int]:
    """The processes that a process has started and that still run; none of one that has ended."""
    try:
        return [*map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    except OSError:
        return []


def family_of(pid: int) -> list[int]:
    """A process and all below it."""
    return [pid, *(below for child in children_of(pid) for below in family_of(child))]
