"""An answer cut into screens, for readers who turn pages instead of scrolling.

No browser tells a server how it breaks lines, so heights are estimated from the number of letters,
and cuts are made where a line ends anyway: between blocks, items, rows and, in a long paragraph,
sentences. Screens are filled from the first on, so that text which comes later moves none of them.

Nothing is copied until a screen is full, and of what is higher than a screen no more is measured than
that it is: so this takes time in proportion to the answer.
"""

from kindlechat.rendering.device.screens.filling import cut_into_screens
from kindlechat.rendering.device.screens.page import Page

__all__ = ["Page", "cut_into_screens"]
