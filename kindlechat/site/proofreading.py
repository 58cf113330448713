"""What may be wrong with an author's words and links. Pure: text in, sentences about it out."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from kindlechat.site.text import UNSOUND, unsound_character

SCHEMES = ("", "http", "https", "mailto", "tel")
"""How a link may begin; javascript: and data: among others are no addresses of anything to read."""

UNDEFINED = re.compile(rb"(?<!\\)(?:\[\^[^\]\s]+\]|\]\[[^\]\\]*\])")
"""What reads like a reference but is plain text refers to nothing: `[^1]`, `[words][name]`."""


def unsound_mistakes(text: str) -> Iterator[str]:
    """A reference such as &#1; stands for a character that the source itself may not hold."""
    unsound = UNSOUND.search(text)
    if unsound:
        yield unsound_character(unsound[0])


def link_mistakes(address: str, title: str) -> Iterator[str]:
    """What is wrong with a link by itself, wherever it leads."""
    yield from unsound_mistakes(address)
    if title:
        yield "a link's title is not shown on a screen without a mouse: say it in the text"
    try:
        scheme = urlsplit(address.strip()).scheme  # browsers pass over spaces, too
    except ValueError:  # a host such as [x
        yield f"{address} is no address"
        return
    if scheme not in SCHEMES:
        yield f"expected a link to a page, or one of {', '.join(SCHEMES[1:])}, got {address}"


def undefined_reference(source: bytes, start: int, end: int) -> tuple[str, int] | None:
    """The first reference to nothing in plain text from `start` to `end`: what to say, and its place.

    A slip in a reference leaves its brackets in the text. Brackets that are meant have a backslash.
    """
    found = UNDEFINED.search(source, start, end)
    if not found:
        return None
    reference = found[0].decode().removeprefix("]")
    what = (
        "nothing defines the words before []"
        if reference == "[]"
        else f"nothing defines {reference}"
    )
    return what, found.start()
