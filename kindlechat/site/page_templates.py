"""The templates that make the pages of a site. The others are the server's."""

import re
from collections.abc import Mapping
from pathlib import Path

PAGE = "page.html"

OF_TEXTS = (PAGE, *(f"{name}.html" for name in "home reader plain answers error offline".split()))
"""Those that show a page's text, and that its author may choose."""

POST = "post.html"
MOVED = "moved.html"
"""The template for a former address of a page."""

BLOG, TAGS, ARCHIVE, YEAR = "blog.html", "tags.html", "archive.html", "year.html"

OF_PAGES = (*OF_TEXTS, POST, MOVED, BLOG, TAGS, ARCHIVE, YEAR)

NAMED = re.compile(rb"""["']([\w./-]+\.html)["']""")
"""How a template names one that it extends, imports or includes."""


def needed(templates: Mapping[str, Path]) -> dict[str, Path]:
    """Those of the templates that make pages, and those that they are made of."""
    found: dict[str, Path] = {}
    names = [*OF_PAGES]
    for name in names:  # it grows
        if name in templates and name not in found:
            found[name] = templates[name]
            names += (each.decode() for each in NAMED.findall(found[name].read_bytes()))
    return found
