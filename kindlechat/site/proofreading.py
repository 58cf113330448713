"""Finds mistakes in an author's words and links. Pure: text in, sentences about it out."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from kindlechat.site.text import UNSOUND, unsound_character

SCHEMES = ("", "http", "https", "mailto", "tel")
"""The allowed beginnings of a link. javascript: and data: are among those that lead to nothing to read."""

NOWHERE = ("", "#", *(f"{scheme}{end}" for scheme in SCHEMES[1:] for end in (":", "://")))
"""Links that their author has begun only. Browsers take some for the page itself."""

OTHER = re.compile(r"#|//|[a-z][a-z0-9+.-]*:", re.IGNORECASE)
"""How a link begins that leads to a place of its own page, or to another site."""

PATH = re.compile(r"/(?!/)")
"""How a path begins."""

UNDEFINED = re.compile(rb"(?<!\\)(?:\[\^[^\]\s]+\]|\]\[[^\]\\]*\])")
"""A reference that the parser left as plain text refers to nothing: `[^1]`, `[words][name]`."""

TABLE_RULE = re.compile(rb"(?=[^|]*\|)\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
"""The line below the head of a table."""


def unsound_mistakes(text: str) -> list[str]:
    """Entities such as &#1; can stand for characters that the source itself may not hold."""
    unsound = UNSOUND.search(text)
    return [unsound_character(unsound[0])] if unsound else []


def link_mistakes(address: str, title: str) -> Iterator[str]:
    """What is wrong with the form of a link, wherever it leads."""
    yield from unsound_mistakes(address)
    if title:
        yield "a link's title is not shown on a screen without a mouse: say it in the text"
    if PATH.match(address):  # as most links are
        return
    try:
        parts = urlsplit(address.strip())  # browsers skip spaces too
    except ValueError:  # a host such as [x
        yield f"{address} is no address"
        return
    if parts.scheme not in SCHEMES:
        yield f"expected a link to a page, or one of {', '.join(SCHEMES[1:])}, got {address}"
    elif not parts.scheme and parts.netloc:
        yield f"expected a link to another site to begin with https: or http:, got {address}"
    elif address.strip() in NOWHERE:
        yield f"a link with no address behind {address or 'its words'}"


def is_own(address: str) -> bool:
    """Whether a link leads to another page of the same site."""
    return not OTHER.match(address)


def undefined_references(source: bytes, start: int, end: int) -> Iterator[tuple[str, int]]:
    """Each reference to nothing in plain text from `start` to `end`: the mistake, and its place.

    A typo in a reference leaves its brackets in the text. Plain brackets have a backslash.
    """
    is_autolink = source[start - 1 : start] == b"<"  # otherwise < would be in the text
    if is_autolink or source.find(b"[", start, end) < 0:
        return
    for found in UNDEFINED.finditer(source, start, end):
        reference = found[0].decode().removeprefix("]")
        name = "the words before []" if reference == "[]" else reference
        yield f"nothing defines {name}", found.start()


def is_table_rule(line: bytes) -> bool:
    """Whether a line of plain text is one that makes a table.

    The parser leaves it in the text where the line above has another number of cells.
    """
    return TABLE_RULE.fullmatch(line) is not None


def lost_cells(rest: bytes) -> bool:
    """Whether a row holds more after the last of its table's columns. `rest` is its source from there on."""
    return bool(rest.strip(b"| \t\n"))
