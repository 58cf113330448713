"""NetSurf, a small graphical browser, whose scripts are off unless they are asked for."""

from harness.browsers.painted import COLOURS, STYLE, PaintedPage
from harness.browsers.programs import NotThere

RADIO_BUTTON_X = 18
"""The middle of a radio button, from the left of its label."""

MARGIN = (2, 400)
"""A point beside the text."""

LABEL = "label[for=view-pages] {{ background-color: #{} !important }}".format(COLOURS["view-pages"])
"""A radio button itself takes no colour."""


class NetSurfPage(PaintedPage):
    """A screen with NetSurf on it."""

    refreshes = True

    def open(self, url: str) -> None:
        (self._home / "user.css").write_text(STYLE + LABEL)
        width, height = self._screen
        window = {"x": 0, "y": 0, "width": width, "height": height}
        options = [f"--window_{name}={value}" for name, value in window.items()]
        self._display.start("netsurf-gtk", *options, url, NETSURFRES=str(self._home))

    def text(self) -> str:
        """The text that its keys select and copy. It hides the colours, so it is not left selected."""
        self._display.press("ctrl+a", "ctrl+c")
        text = self._display.selected("clipboard")
        self._display.click(*MARGIN)
        return text

    def _place(self, element: str) -> tuple[int, int]:
        """Where it is on the screen; what is not there may be above it, as a page opens at its answer."""
        try:
            x, y = super()._place(element)
        except NotThere:
            self._display.press("Home")
            raise
        return self._band(element)[0] + RADIO_BUTTON_X if "=" in element else x, y
