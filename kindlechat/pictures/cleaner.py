"""Has pictures cleaned in a process of their own, one after the other, while readers are served."""

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from gevent.lock import BoundedSemaphore

from kindlechat.errors import KindlechatError
from kindlechat.picture import SentPicture
from kindlechat.pictures.fault import Fault
from kindlechat.timings import Timings

ROOT = Path(__file__).resolve().parents[2]

MEMORY_BYTES = 400 * 1024 * 1024
CPU_S = 15
"""What the process of a picture may take: several times what the largest one that we take needs."""

CHILD = (sys.executable, "-s", "-W", "ignore", "-m", "kindlechat.pictures.child")

LIBRARIES = ("LD_LIBRARY_PATH", "PYTHONHOME")
"""Some platforms start Python with these alone."""

FORMATS = ("image/jpeg", "image/png", "image/webp")
HEIC_FORMATS = ("image/heic", "image/heif")

logger = logging.getLogger(__name__)


class PictureRefused(KindlechatError):
    """A file is no picture that we take; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


class PicturesBusy(KindlechatError):
    """Too many pictures are waiting."""


class PictureProcess:
    """Starts a process for each picture, which may take so many bytes of memory, seconds of processor time,
    and seconds on the clock."""

    def __init__(
        self,
        *,
        timeout_s: float = Timings.picture_process_s,
        memory_bytes: int = MEMORY_BYTES,
        cpu_s: int = CPU_S,
        command: Sequence[str] = CHILD,
    ) -> None:
        self._timeout_s = timeout_s
        self._command = [*command, str(memory_bytes), str(cpu_s)]

    def __call__(self, file: IO[bytes]) -> bytes:
        """What the process says of a file (child.py): of one that ends it, that it is too large."""
        file.seek(0)
        with TemporaryFile() as told:
            try:
                subprocess.run(  # noqa: S603 (nothing of the command is input)
                    self._command,
                    stdin=file.fileno(),
                    stdout=told,
                    stderr=subprocess.DEVNULL,
                    timeout=self._timeout_s,
                    check=True,
                    env=_environment(),
                )
            except subprocess.TimeoutExpired:
                logger.info("a picture took too long")
                return Fault.LARGE.encode()
            except subprocess.CalledProcessError as error:
                if error.returncode > 0:  # no picture's fault: it could not begin
                    logger.error("the process of a picture failed with code %d", error.returncode)
                    return Fault.BROKEN.encode()
                logger.info("a picture ended its process by signal %d", -error.returncode)
                return Fault.LARGE.encode()
            told.seek(0)
            return told.read()


class Cleaner:
    """Cleans pictures for one worker, which itself decodes none.

    One at a time: what a picture takes of memory and processors is bounded, however many are sent.
    """

    def __init__(
        self, process: Callable[[IO[bytes]], bytes], *, wait_s: float = Timings.picture_wait_s
    ) -> None:
        """`process` says what a picture becomes, as PictureProcess does; a picture waits `wait_s` seconds
        for those before it."""
        self._process = process
        self._wait_s = wait_s
        self._turn = BoundedSemaphore(1)
        heic = HEIC_FORMATS if find_spec("pillow_heif") else ()
        self.formats = (*FORMATS, *heic)

    def clean(self, file: IO[bytes]) -> SentPicture:
        """The picture in a file, which lies on disk. Raises PictureRefused and PicturesBusy."""
        if not self._turn.acquire(timeout=self._wait_s):
            raise PicturesBusy
        try:
            told = self._process(file)
        finally:
            self._turn.release()
        line, _, jpegs = told.partition(b"\n")
        if not jpegs:
            raise PictureRefused(Fault(line.decode()))
        width, height, small_width, small_height, jpeg_bytes, _ = map(int, line.split())
        return SentPicture(
            jpegs[:jpeg_bytes], jpegs[jpeg_bytes:], (width, height), (small_width, small_height)
        )


def _environment() -> dict[str, str]:
    """What the process knows of the environment: where libraries are, and no secret."""
    kept = {name: os.environ[name] for name in LIBRARIES if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT)}
