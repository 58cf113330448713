"""A program in a terminal of its own, driven by keys."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from pathlib import Path

import gevent
from gevent.os import make_nonblocking, nb_read

ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|[()%][A-Z0-9]|\]R|[=>78DEHM])")
ROWS, COLUMNS = 60, 100
TERMINAL = {
    "TERM": "linux",
    "LC_ALL": "C.UTF-8",
    # Where they are set, they are believed more than the terminal is.
    "LINES": str(ROWS),
    "COLUMNS": str(COLUMNS),
}
REDRAW = "\x0c"
REDRAW_EVERY_S = 0.25


class Terminal:
    """Starts the command; a context manager that ends it."""

    def __init__(self, command: list[str | Path], environment: dict[str, str]) -> None:
        self._shown = ""
        self._keyboard, screen = pty.openpty()
        fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._process = subprocess.Popen(
            command,
            env=os.environ | TERMINAL | environment,
            stdin=screen,
            stdout=screen,
            stderr=screen,
            preexec_fn=lambda: os.login_tty(0),
        )
        os.close(screen)
        make_nonblocking(self._keyboard)
        self._reader = gevent.spawn(self._read)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.kill()
        os.close(self._keyboard)

    @property
    def shown(self) -> str:
        """The words that were written to the screen since the last key, one space apart."""
        return " ".join(ESCAPES.sub(" ", self._shown).split())

    def press(self, keys: str) -> None:
        """Press keys, one by one."""
        self._shown = ""
        os.write(self._keyboard, keys.encode())

    def until(self, words: str, within_s: float = 20) -> None:
        """Return when the screen shows these words: redrawn as a whole, it cannot hide them."""
        with gevent.Timeout(within_s, False):
            while words not in self.shown:
                self.press(REDRAW)
                gevent.sleep(REDRAW_EVERY_S)
            return
        raise AssertionError(f"not shown within {within_s} s: {words}\n{self.shown}")

    def _read(self) -> None:
        while True:
            try:
                part = nb_read(self._keyboard, 65536)
            except OSError:  # the program has ended
                return
            if not part:
                return
            self._shown += part.decode(errors="replace")
