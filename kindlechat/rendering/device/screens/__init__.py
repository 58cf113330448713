"""An answer cut into screens, for readers who turn pages instead of scrolling.

No browser tells a server how it breaks lines. So they are broken here, by how wide each letter is in the
reader's typeface, and stacked by the sizes of the style sheet. Screens are filled from the first on, so
that text which comes later moves none of them but the last two.

Each word is measured once, and the lines of one screen are kept at a time: so this takes time in
proportion to the answer.
"""

from kindlechat.rendering.device.screens.filling import cut_into_screens
from kindlechat.rendering.device.screens.page import Page

__all__ = ["Page", "cut_into_screens"]
