"""A reader's settings for how pages look: kept in a cookie or, where cookies do not last, in addresses."""

from dataclasses import dataclass, field
from enum import StrEnum
from string import ascii_lowercase, digits
from typing import Self

from kindlechat.rendering.answer.tables import WIDE
from kindlechat.rendering.device.devices import SCREENS, Screen
from kindlechat.rendering.device.glyphs import Glyphs


class Face(StrEnum):
    """The kind of typeface."""

    SERIF = "serif"
    SANS = "sans"


class View(StrEnum):
    """Whether an answer is one long page, or cut into screens."""

    SCROLL = "scroll"
    PAGES = "pages"


class Order(StrEnum):
    """The place of a conversation's newest turn."""

    FIRST = "first"
    LAST = "last"


TYPE_SCALES = {1: 0.8, 2: 0.9, 3: 1.0, 4: 1.2, 5: 1.45}
LINE_HEIGHTS = {1: 1.25, 2: 1.45, 3: 1.7}
MARGINS = {1: 0.02, 2: 0.05, 3: 0.1}
"""Shares of a screen's width, on either side."""

MAX_LINE_EM = 34
LETTER_EM = 0.47
"""A letter's mean width. Georgia and Bookerly have 0.45 to 0.47 in English and German text."""

TABLE_COLUMNS = (24, 28, 32, 38, 46, 53, 60, 68)
"""The widths that answers are rendered for: a few, as each is rendered and kept for itself. Most are a
600 x 800 screen's in one of its sizes of type; the first is the narrowest there is."""

WHEN_COMPLETE = 0

CHOICES: dict[str, tuple[object, ...]] = {
    "size": tuple(TYPE_SCALES),
    "face": tuple(Face),
    "margins": tuple(MARGINS),
    "leading": tuple(LINE_HEIGHTS),
    "view": tuple(View),
    "screen": tuple(SCREENS),
    "pace_ms": (500, 1000, 2000, 5000, WHEN_COMPLETE),
    "glyphs": tuple(Glyphs),
    "order": tuple(Order),
    "bare": (False, True),
    "dark": (False, True),
    "thorough": (False, True),
}
"""What each setting may be. A code has one digit for each, so new ones are added at the end."""

DIGITS = digits + ascii_lowercase
"""What the first choices of a setting are called in a code."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A reader's settings; each is one of its CHOICES.

    `desktop`, `refreshes` and `measured` are none of them. The browser's name says that the screen is a
    computer's, and that a page may refresh itself; a script has found how large the screen is. Without one,
    it is the screen that the reader has chosen.
    """

    size: int = 3
    face: Face = Face.SERIF
    margins: int = 2
    leading: int = 2
    view: View = View.SCROLL
    screen: str = "600x800"
    pace_ms: int = 500
    glyphs: Glyphs = Glyphs.UNICODE
    order: Order = Order.FIRST
    bare: bool = False
    dark: bool = False
    thorough: bool = False
    desktop: bool = field(default=False, compare=False)
    refreshes: bool = field(default=True, compare=False)
    measured: Screen | None = field(default=None, compare=False)

    @classmethod
    def from_code(cls, code: str) -> Self:
        """The settings of a code; what is not understood is as if it had not been set."""
        known = {
            name: choices[DIGITS.index(digit)]
            for (name, choices), digit in zip(CHOICES.items(), code, strict=False)
            if digit in DIGITS[: len(choices)]
        }
        return cls(**known)  # type: ignore[arg-type]

    @classmethod
    def from_form(cls, form: dict[str, str]) -> Self:
        """The settings of a sent form; a field that is missing or wrong has its default."""
        known = {
            name: choice
            for name, choices in CHOICES.items()
            for choice in choices
            if str(choice) == form.get(name)
        }
        return cls(**known)  # type: ignore[arg-type]

    @property
    def rest_s(self) -> float:
        """How long a page that is streamed stays as it is. One that shows nothing before its answer's end
        needs no heartbeat more often than the others are repainted."""
        return (self.pace_ms or Reading().pace_ms) / 1000

    @property
    def code(self) -> str:
        """The settings as short text, fit for an address; empty where all have their defaults."""
        if self == Reading():
            return ""
        return "".join(
            DIGITS[choices.index(getattr(self, name))] for name, choices in CHOICES.items()
        )

    @property
    def classes(self) -> str:
        """What the style sheet knows the settings by."""
        standard = Reading()
        names = [
            f"{name}{getattr(self, name)}"
            for name in ("size", "margins", "leading")
            if getattr(self, name) != getattr(standard, name)
        ]
        names += [Face.SANS] if self.face is Face.SANS else []
        names += [Order.LAST] if self.order is Order.LAST else []
        return " ".join(names + [name for name in ("bare", "dark") if getattr(self, name)])

    @property
    def shown_on(self) -> Screen:
        """The screen that the pages are read on."""
        return self.measured or SCREENS[self.screen]

    @property
    def type_size(self) -> float:
        """The size of the type in dots of the screen."""
        return self.shown_on.type_size * TYPE_SCALES[self.size]

    @property
    def width_em(self) -> float:
        """How wide a line is, in em of the text."""
        width = self.shown_on.width * (1 - 2 * MARGINS[self.margins])
        return min(width / self.type_size, MAX_LINE_EM)

    @property
    def height_em(self) -> float:
        """How high a screen is, in em of the text."""
        return self.shown_on.height / self.type_size

    @property
    def line_em(self) -> float:
        """How high a line is, in em of the text."""
        return LINE_HEIGHTS[self.leading]

    @property
    def columns(self) -> int:
        """How many letters a line has."""
        return int(self.width_em / LETTER_EM)

    @property
    def table_columns(self) -> int:
        """How many letters a table may have: one of TABLE_COLUMNS, or any number on a desktop."""
        if self.desktop and self.view is View.SCROLL:
            return WIDE
        columns = self.columns  # once: each poll asks for this
        fitting = [width for width in TABLE_COLUMNS if width <= columns]
        return max(fitting, default=TABLE_COLUMNS[0])

    @property
    def draws_formulas(self) -> bool:
        """Whether the typeface has the lines and corners that large formulas are drawn with."""
        return self.glyphs is Glyphs.UNICODE
