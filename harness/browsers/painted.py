"""Controls of a page, found on the screen by the colours that a user style sheet gives them."""

import sys
from pathlib import Path

from harness.browsers.display import Display
from harness.browsers.programs import NotThere, still, until

COLOURS = {"message": "c0ffff", "send": "c0ffc0", "stop": "ffffc0", "refresh": "ffc0ff"}
COLOURS |= {"save": "ffc0c0", "next": "c0e0e0", "view-pages": "e0c0e0"}
COLOURS |= {"follow-up-above": "a0a0ff"}
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
"""The user style sheet."""

WHITE = 0xFFFFFF
SETTLED_S = 0.3


class PaintedPage:
    """A page on a screen, pressed by the mouse. A browser's own class adds how to open and read it."""

    refreshes = False
    keeps_pages = False

    def __init__(self, display: Display, home: Path, screen: tuple[int, int]) -> None:
        self._display = display
        self._home = home
        self._screen = screen

    def close(self) -> None: ...

    def fill(self, element: str, text: str) -> None:
        self.press(element)
        self._display.type(text)

    fill_line = fill

    def press(self, element: str) -> None:
        # The style sheet may come late, and then everything moves.
        place = until(lambda: still(lambda: self._place(element), SETTLED_S), f"#{element}")
        self._display.click(*place)

    def reload(self) -> None:
        self._display.press("ctrl+r")

    def complaints(self) -> list[str]:
        return []

    def _place(self, element: str) -> tuple[int, int]:
        """The point to press: the middle of the element's colour. Raises NotThere."""
        left, right, top, bottom = self._band(element)
        return (left + right) // 2, (top + bottom) // 2

    def _band(self, element: str) -> tuple[int, int, int, int]:
        """The left, right, top and bottom of the element's colour. Raises NotThere."""
        if element not in CHOICES:
            rows = self._rows(COLOURS[element.replace("=", "-")])
            return *rows[min(rows)], min(rows), max(rows)
        rows = self._rows(CHOICE)
        tops = [row for row in rows if row - 1 not in rows]
        ends = [row for row in rows if row + 1 not in rows]
        if len(tops) <= CHOICES[element]:
            raise NotThere(element)
        top, end = tops[CHOICES[element]], ends[CHOICES[element]]
        return *rows[top], top, end

    def _rows(self, colour: str) -> dict[int, tuple[int, int]]:
        """The rows with pixels of the colour (or its inverse, where it is selected): first and last pixel.

        Raises NotThere.
        """
        colours = {int(colour, 16), WHITE - int(colour, 16)}
        patterns = [each.to_bytes(4, sys.byteorder) for each in colours]
        found = {}
        for row, pixels in enumerate(self._display.pixels()):
            line = pixels.tobytes()
            if not any(pattern in line for pattern in patterns):  # of most rows this is soon known
                continue
            if places := [at for at, pixel in enumerate(pixels) if pixel in colours]:
                found[row] = (places[0], places[-1])
        if not found:
            raise NotThere(colour)
        return found
