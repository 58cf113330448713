"""What a build starts with."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from kindlechat.site.furniture import SiteFurniture
    from kindlechat.site.library import Texts
    from kindlechat.site.mistakes import Mistake


class Started(NamedTuple):
    """The texts with their pictures, what every page is made of, and the mistakes in its templates.

    `texts` and `template_mistakes` wait for the cores that are at work.
    """

    texts: Callable[[], "Texts"]
    furniture: "SiteFurniture"
    template_mistakes: Callable[[], "list[Mistake]"]
