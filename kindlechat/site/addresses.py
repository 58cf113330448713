"""Addresses of pages: from names to addresses, and from addresses to files (pure)."""

import re
from collections.abc import Iterable

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.html)?")
"""The last part of an address: plain letters only, because some keyboards have no others."""

SERVER_PAGES = (
    *("ask", "conversations", "healthz", "me", "newsletter", "out", "pair", "passcode", "settings"),
)
SERVER_FOLDERS = ("api", "c", "conversations", "me", "newsletter", "opds", "pair", "s")
"""How the server's own addresses begin, below a language's root. A test compares them with its routes."""

ROUTE = re.compile(rf"/({'|'.join(SERVER_PAGES)}|({'|'.join(SERVER_FOLDERS)})/.+)")
"""Addresses below a language's root that the server answers."""

RESERVED = re.compile(rf"/({'|'.join(SERVER_PAGES + SERVER_FOLDERS)})(/.*)?")
"""Addresses where a page would hide a route, because a folder redirects its address without the slash."""


def slug_of(text: str) -> str:
    """The text as part of an address: "Für e-Ink" is fur-e-ink. Raises ValueError where nothing is left."""
    slug = "-".join(re.findall(r"[a-z0-9]+", _plain(text).lower()))
    if not slug:
        raise ValueError(f"expected letters or digits, got {text!r}")
    return slug


def _plain(text: str) -> str:
    if text.isascii():
        return text
    from anyascii import anyascii  # loading it takes a while, and many sites never need it

    return anyascii(text)


def address_of(root: str, folder: str, slug: str) -> str:
    """The address of a page. `root` is its language's root, `folder` the place of its source ("" or "blog").

    >>> address_of("/ru", "blog", "why-sse")
    '/ru/blog/why-sse/'
    >>> address_of("", "", "404.html")
    '/404.html'
    """
    last = "" if slug == "index" else slug if slug.endswith(".html") else f"{slug}/"
    return root + (f"/{folder}" if folder else "") + f"/{last}"


def output_of(address: str) -> str:
    """The file of a page. An address that ends in a slash is a folder's index."""
    return address.lstrip("/") + ("index.html" if address.endswith("/") else "")


def is_below_a_root(address: str, pattern: re.Pattern[str], roots: Iterable[str]) -> bool:
    """Whether an address without its language's root matches `pattern`."""
    return any(address.startswith(root) and pattern.fullmatch(address, len(root)) for root in roots)
