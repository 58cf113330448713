"""Dillo, a graphical browser without scripts, whose page is read by drawing the mouse over it."""

from harness.browsers.painted import CHOICES, STYLE, WHITE, PaintedPage
from harness.browsers.programs import NotThere

RADIO_BUTTON_X = 11
"""The middle of a radio button at the left of its line."""

SCROLL_BAR = 40
MARGIN = 12
"""A point with so many pixels of bare paper around it is on no control, nor on the frame of one."""


class DilloPage(PaintedPage):
    """A screen with Dillo on it."""

    keeps_pages = True

    def open(self, url: str) -> None:
        settings = self._home / ".dillo"
        settings.mkdir()
        (settings / "style.css").write_text(STYLE)
        (settings / "dillorc").write_text("geometry={}x{}+0+0\n".format(*self._screen))
        self._display.start("dillo", "-f", url)

    def text(self) -> str:
        """The text that a mouse drawn over the page selects.

        It begins at the end of the screen and outside of fields and buttons, which begin no selection.
        """
        self._display.drag(self._lowest_paper(), (1, 30))
        return self._display.selected("primary")

    def _place(self, element: str) -> tuple[int, int]:
        x, y = super()._place(element)
        return RADIO_BUTTON_X if element in CHOICES else x, y

    def _lowest_paper(self) -> tuple[int, int]:
        """The lowest point that is bare paper, where the mouse begins to select. Raises NotThere."""
        rows, bare = self._display.pixels(), 0
        x = len(rows[0]) - SCROLL_BAR
        for y in reversed(range(len(rows))):
            bare = bare + 1 if rows[y][x] in (WHITE, 0) else 0  # 0: selected already
            if bare > 2 * MARGIN:
                return x, y + MARGIN
        raise NotThere("bare paper")
