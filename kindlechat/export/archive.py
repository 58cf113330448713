"""A zip archive that is sent while it is being written (pure)."""

import io
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from kindlechat.rendering.safety.checkpoint import checkpoint

PIECE_BYTES = 32 * 1024
"""So much is compressed at a stretch, which takes about a millisecond."""


class Archive:
    """Writes files one after the other; after each, `sent` gives the bytes since the last time.

    The sizes stand before each file, as old readers want it: no file is sent before it is whole.
    """

    def __init__(self, written: datetime) -> None:
        """`written` is the time that all files have."""
        self._sink = _Sink()
        self._zip = ZipFile(self._sink, "w")
        self._time = written.timetuple()[:6]

    def add(self, name: str, text: str, *, stored: bool = False) -> bytes:
        """A file that holds a text in UTF-8, compressed unless it is to be `stored`; what is to be sent."""
        info = ZipInfo(name, self._time)
        info.compress_type = ZIP_STORED if stored else ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        data = memoryview(text.encode())
        with self._zip.open(info, "w") as file:
            for start in range(0, len(data), PIECE_BYTES):
                checkpoint()
                file.write(data[start : start + PIECE_BYTES])
        return self._sink.take()

    def end(self) -> bytes:
        """The list of all files, which is the last to be sent."""
        self._zip.close()
        return self._sink.take()


class _Sink(io.BytesIO):
    """Keeps what was not taken yet, at the places that it has in the whole."""

    def __init__(self) -> None:
        super().__init__()
        self._taken = 0

    def tell(self) -> int:
        return self._taken + super().tell()

    def seek(self, place: int, whence: int = io.SEEK_SET) -> int:
        return self._taken + super().seek(place - self._taken, whence)

    def take(self) -> bytes:
        data = self.getvalue()
        self._taken += len(data)
        super().seek(0)
        self.truncate()
        return data
