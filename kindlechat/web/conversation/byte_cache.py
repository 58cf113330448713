"""A cache that is bounded by the bytes of what it keeps (pure)."""

import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from threading import Lock

ENTRY_BYTES = 500
"""What an entry takes beside its texts: its key, and its places in the cache."""


class ByteCache:
    """Keeps texts under keys, the ones used last, as long as all together take no more than `max_bytes`."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._kept: OrderedDict[Hashable, Sequence[str]] = OrderedDict()
        self._locks: dict[Hashable, Lock] = {}
        self._bytes = 0

    @property
    def size_bytes(self) -> int:
        """What is kept takes so much memory."""
        return self._bytes

    def get(self, key: Hashable, make: Callable[[], Sequence[str]]) -> Sequence[str]:
        """The texts under a key, made where they are not kept: once for all who ask meanwhile."""
        lock = self._locks.setdefault(key, Lock())
        try:
            with lock:
                if key in self._kept:
                    self._kept.move_to_end(key)
                    return self._kept[key]
                texts = make()
                self._keep(key, texts)
                return texts
        finally:
            self._locks.pop(key, None)

    def _keep(self, key: Hashable, texts: Sequence[str]) -> None:
        self._kept[key] = texts
        self._bytes += _size_bytes(texts)
        while self._bytes > self._max_bytes:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= _size_bytes(dropped)


def _size_bytes(texts: Sequence[str]) -> int:
    return ENTRY_BYTES + sum(map(sys.getsizeof, texts))
