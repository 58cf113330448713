"""What a build starts with."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from kindlechat.site.furniture import SiteFurniture
    from kindlechat.site.library import Texts


class Started(NamedTuple):
    """The texts with their pictures, and what every page is made of."""

    texts: Callable[[], "Texts"]
    furniture: "SiteFurniture"
