"""How a site is built."""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

ProgressReport = Callable[[int, int], None]
"""Called with the number of files made so far, and the number of files to make."""


class Options(NamedTuple):
    """How to build a site.

    `base_url` is its own address on the web without a slash at the end, or "" where it is not known; then
    everything that needs a whole address (the sitemap) is left out. Drafts and posts after `today` are left
    out unless `drafts` is set. With `newsletter` the blog has a form to subscribe by.
    With `server` the templates of the server's own pages are compiled and checked, too.
    """

    base_url: str
    today: date
    drafts: bool = False
    newsletter: bool = False
    server: bool = False
