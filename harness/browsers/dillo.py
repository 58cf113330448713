"""Dillo, a graphical browser without scripts. Tests read its framebuffer and move its mouse.

A user style sheet gives each element a colour, by which it is found.
"""

import os
import struct
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import gevent

from harness.browsers.programs import NotThere, installed, until

COLOURS = {"message": "c0ffff", "send": "c0ffc0", "stop": "ffffc0", "refresh": "ffc0ff"}
COLOURS |= {"save": "ffc0c0", "next": "c0e0e0", "view-pages": "e0c0e0"}
COLOURS |= {"mailbox": "a0ffff", "subscribe": "a0ffa0", "press": "ffffa0"}
CHOICE = "c0c0ff"
CHOICES = {"mode=refresh": 0, "mode=live": 1}
"""The place of each radio button among those of its page, which is the only way to find it."""

CONTROL = "e0e0c0"

STYLE = "".join(
    f"{selector} {{ background-color: #{colour} !important }}\n"
    for selector, colour in [("button", CONTROL), (".choice", CHOICE)]
    + [(f"#{name}", each) for name, each in COLOURS.items()]
)
RADIO_BUTTON_X = 11
SCROLL_BAR = 40
PAPER = 0xFFFFFF
MARGIN = 12
"""A point with so many pixels of bare paper around it is on no control, nor on the frame of one."""
SETTLED_S = 0.3


class Dillo:
    """Starts the program and a screen for each page."""

    def __init__(self, folder: Path, screen: tuple[int, int]) -> None:
        self._folder = folder
        self._screen = screen
        self._pages = 0

    def __enter__(self) -> "Dillo":
        return self

    def __exit__(self, *_: object) -> None: ...

    @contextmanager
    def page(self) -> Iterator["DilloPage"]:
        self._pages += 1
        home = self._folder / str(self._pages)
        settings = home / ".dillo"
        settings.mkdir(parents=True)
        (settings / "style.css").write_text(STYLE)
        (settings / "dillorc").write_text("geometry={}x{}+0+0\n".format(*self._screen))
        with ExitStack() as processes:
            yield DilloPage(processes, home, self._screen)


class DilloPage:
    """A screen with Dillo on it."""

    refreshes = False
    keeps_pages = True

    def __init__(self, processes: ExitStack, home: Path, screen: tuple[int, int]) -> None:
        self._processes = processes
        self._home = home
        self._width, self._height = screen
        display, told = os.pipe()
        size = f"{self._width}x{self._height}x24"
        self._run(
            *("Xvfb", "-displayfd", str(told), "-screen", "0", size, "-nolisten", "tcp"),
            *("-fbdir", str(home)),
            pass_fds=(told,),
        )
        os.close(told)
        with os.fdopen(display) as number:
            name = f":{number.readline().strip()}"
        self._environment = os.environ | {"DISPLAY": name, "HOME": str(home), "no_proxy": "*"}

    def open(self, url: str) -> None:
        self._run("dillo", "-f", url, env=self._environment)

    def text(self) -> str:
        """The text that a mouse drawn over the page selects.

        It begins at the end of the screen and outside of fields and buttons, which begin no selection.
        """
        end, top = (self._width - SCROLL_BAR, self._lowest_paper()), (1, 30)
        self._do("mousemove", *end, "mousedown", 1, "mousemove", *top, "mouseup", 1)
        command = [installed("xclip"), "-o"]
        marked = subprocess.run(command, env=self._environment, capture_output=True, text=True)
        return " ".join(marked.stdout.split())

    def fill(self, element: str, text: str) -> None:
        self.press(element)
        self._do("type", text)

    fill_line = fill

    def press(self, element: str) -> None:
        x, y = until(lambda: self._settled_place(element), f"#{element}")
        self._do("mousemove", x, y, "click", 1)

    def reload(self) -> None:
        self._do("key", "ctrl+r")

    def complaints(self) -> list[str]:
        return []

    def _settled_place(self, element: str) -> tuple[int, int]:
        """Where the element stays: the style sheet may come late, and then everything moves."""
        place = self._place(element)
        gevent.sleep(SETTLED_S)
        if self._place(element) != place:
            raise NotThere(element)
        return place

    def _place(self, element: str) -> tuple[int, int]:
        """The middle of the element's colour. A radio button stands at the left of its line."""
        if element not in CHOICES:
            rows = self._rows(COLOURS[element.replace("=", "-")])
            start, end = rows[min(rows)]
            return (start + end) // 2, (min(rows) + max(rows)) // 2
        rows = self._rows(CHOICE)
        tops = [row for row in rows if row - 1 not in rows]
        ends = [row for row in rows if row + 1 not in rows]
        if len(tops) <= CHOICES[element]:
            raise NotThere(element)
        return RADIO_BUTTON_X, (tops[CHOICES[element]] + ends[CHOICES[element]]) // 2

    def _rows(self, colour: str) -> dict[int, tuple[int, int]]:
        """The rows with pixels of the colour (or its inverse, where it is selected): first and last pixel.

        Raises NotThere.
        """
        colours = {int(colour, 16), PAPER - int(colour, 16)}
        found = {}
        for row, pixels in enumerate(self._pixels()):
            if places := [at for at, pixel in enumerate(pixels) if pixel in colours]:
                found[row] = (places[0], places[-1])
        if not found:
            raise NotThere(colour)
        return found

    def _lowest_paper(self) -> int:
        """The lowest row that is bare paper where the mouse begins to select. Raises NotThere."""
        x, rows, bare = self._width - SCROLL_BAR, self._pixels(), 0
        for row in reversed(range(self._height)):
            bare = bare + 1 if rows[row][x] in (PAPER, 0) else 0  # 0: selected already
            if bare > 2 * MARGIN:
                return row + MARGIN
        raise NotThere("bare paper")

    def _pixels(self) -> list[memoryview]:
        """The pixels of the screen, row by row: 24 bits each, red highest."""
        picture = memoryview((self._home / "Xvfb_screen0").read_bytes())
        header = struct.unpack(">25I", picture[:100])
        start, line = header[0] + 12 * header[19], header[12]  # 12 bytes for each named colour
        return [
            picture[at : at + line].cast("I")
            for at in range(start, start + self._height * line, line)
        ]

    def _do(self, *command: object) -> None:
        subprocess.run(
            [installed("xdotool"), *map(str, command)],
            env=self._environment,
            check=True,
            timeout=20,
        )

    def _run(self, program: str, *options: str, **settings: Any) -> None:
        log = self._processes.enter_context((self._home / f"{program}.log").open("wb"))
        process = subprocess.Popen(
            [installed(program), *options], stderr=log, stdout=log, **settings
        )
        self._processes.callback(process.wait)
        self._processes.callback(process.kill)
