"""Text browsers, each in its own terminal, driven by keys."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import gevent
import pyte
from gevent.os import make_nonblocking, nb_read

from harness.browsers.programs import installed, until
from harness.waiting import at_most

TERMINAL = {"TERM": "linux", "LC_ALL": "C.UTF-8", "no_proxy": "*"}

LABELS = {
    "message": r"_{20}|\[? {20}",
    "send": "Ask",
    "stop": "Stop",
    "refresh": "Reload",
    "mode=live": "The page grows",
    "view=pages": "In pages, like",
    "save": "Save",
    "next": "Next",
    "mailbox": r"_{20}|\[? {20}",
    "subscribe": "Subscribe",
    "press": "Yes, subscribe",
    "example-1": "Why is the sky blue",
    "do-more": "More",
    "next-1": "Why red at night",
    "translate": "Translate…",
    "into-de": "Deutsch",
    "words": "Look up words",
    "a word": "scatters",
    "back": "Back to the text",
    "use-phone": "Use my phone",
    "look": "Reload",
}
"""How an element looks."""

MOVED_WITHIN_S = 2.0
STILL_S = 0.1

AHEAD = r"(\(BUTTON\)|[(\[].[)\]]|.\))? ?"
"""What may stand before a label: lynx's word for a button, or a radio button."""


@dataclass(frozen=True)
class Program:
    """How to start a text browser, and its keys for the top of the page and for the next link or field.

    `settings` are the name of its file of settings and what is in it.
    """

    command: tuple[str, ...]
    top: str = "\x1b[1~"
    down: str = "\t"
    editor: bool = False
    greeting: str = ""
    keeps_pages: bool = False
    settings: tuple[str, str] = ("", "")


LYNX = Program(("lynx", "-nopause", "-accept_all_cookies"))
W3M = Program(("w3m", "-o", "editor={home}/editor"), top="g", editor=True)
ELINKS = Program(
    ("elinks", "-no-connect", "-config-dir", "{home}"),
    down="\x1b[B",
    keeps_pages=True,
    settings=(
        "elinks.conf",
        "set document.browse.forms.insert_mode = 0\n"  # a field takes what is typed at once
        "set document.browse.forms.confirm_submit = 0\n",
    ),
)
LINKS2 = Program(("links2",), down="\x1b[B", greeting="Welcome to links!", keeps_pages=True)


class TextBrowser:
    """Starts the program for each page. `screen` is columns and lines."""

    def __init__(self, program: Program, folder: Path, screen: tuple[int, int]) -> None:
        self._program = program
        self._folder = folder
        self._screen = screen
        self._pages = 0

    def __enter__(self) -> "TextBrowser":
        return self

    def __exit__(self, *_: object) -> None: ...

    @contextmanager
    def page(self) -> Iterator["TextPage"]:
        self._pages += 1
        home = self._folder / str(self._pages)
        home.mkdir()
        page = TextPage(self._program, home, self._screen)
        try:
            yield page
        finally:
            page.close()


class TextPage:
    """A terminal with a text browser in it."""

    refreshes = False

    def __init__(self, program: Program, home: Path, screen: tuple[int, int]) -> None:
        self._program = program
        self.keeps_pages = program.keeps_pages
        self._home = home
        self._last_s = 0.0
        self._screen = pyte.Screen(*screen)
        self._process: subprocess.Popen[bytes] | None = None

    def open(self, url: str) -> None:
        columns, lines = self._screen.columns, self._screen.lines
        editor = self._home / "editor"
        editor.write_text(f'#!/bin/sh\ncat {self._home}/typed >"$1"\n')
        editor.chmod(0o755)
        name, text = self._program.settings
        if name:
            (self._home / name).write_text(text)
        self._keyboard, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        program, *options = self._program.command
        self._process = subprocess.Popen(
            [installed(program), *(option.format(home=self._home) for option in options), url],
            # Programs believe LINES and COLUMNS more than the terminal. One that is killed leaves its files.
            env=os.environ
            | TERMINAL
            | {"LINES": str(lines), "COLUMNS": str(columns)}
            | dict.fromkeys(("HOME", "TMPDIR"), str(self._home)),
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            preexec_fn=lambda: os.login_tty(0),
        )
        os.close(terminal)
        make_nonblocking(self._keyboard)
        self._reader = gevent.spawn(self._read)
        if greeting := self._program.greeting:
            until(lambda: greeting in self.text(), greeting)
            self._type("\r")
            until(lambda: greeting not in self.text(), f"end of {greeting}")

    def close(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._reader.kill()
            os.close(self._keyboard)

    def text(self) -> str:
        with at_most(3 * STILL_S):  # a half-drawn screen would show parts of two pages
            self._until_still()
        return " ".join(" ".join(self._screen.display).split())

    def fill(self, element: str, text: str) -> None:
        self._until_still()
        self._type(self._program.top)
        self._go_to(element)
        if self._program.editor:
            (self._home / "typed").write_text(text)
            self._type("\r")
        else:
            self._type(text)
        until(lambda: text in self.text(), f"{text} typed")

    def fill_line(self, element: str, text: str) -> None:
        """Fill in a field of one line, for which no browser starts an editor."""
        self._until_still()
        self._type(self._program.top)
        self._go_to(element)
        asks = self._program.editor
        self._type(f"\r{text}\r" if asks else text)
        until(lambda: text in self.text(), f"{text} typed")

    def press(self, element: str) -> None:
        self._go_to(element)
        self._type("\r")

    def reload(self) -> None:
        self._type("\x12")

    def complaints(self) -> list[str]:
        return []

    def _go_to(self, element: str) -> None:
        """Move down the page, one link or field at a time; from its end, on from its beginning."""
        label = re.compile(AHEAD + LABELS[element])

        def there() -> bool:
            self._until_still()
            return any(label.match(text) for text in self._at_cursor())

        with at_most(30):
            while not there():
                before = self._place()
                self._type(self._program.down)
                with at_most(MOVED_WITHIN_S):  # at the end of the page it stays
                    while self._place() == before:
                        gevent.sleep(STILL_S / 10)
                if self._place() == before:
                    self._type(self._program.top)
            return
        raise AssertionError(f"keys do not lead to {element}:\n{self._picture()}")

    def _until_still(self) -> None:
        """Wait until nothing is drawn any more, because only then the cursor is in its place."""
        while time.monotonic() - self._last_s < STILL_S:
            gevent.sleep(STILL_S / 3)

    def _at_cursor(self) -> list[str]:
        """The line from the cursor on, in several readings: a program may park it a little off."""
        row, column = self._place()
        return [self._screen.display[row][max(0, column + by) :] for by in (0, 1, -1, -2)]

    def _place(self) -> tuple[int, int]:
        return self._screen.cursor.y, self._screen.cursor.x

    def _picture(self) -> str:
        return "\n".join(line.rstrip() for line in self._screen.display)

    def _type(self, keys: str) -> None:
        self._last_s = time.monotonic()
        os.write(self._keyboard, keys.encode())

    def _read(self) -> None:
        stream = pyte.ByteStream(self._screen)
        while True:
            try:
                part = nb_read(self._keyboard, 65536)
            except OSError:  # the program has ended
                return
            if not part:
                return
            self._last_s = time.monotonic()
            stream.feed(part)
