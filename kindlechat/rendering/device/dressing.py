"""Puts a reader's settings into the HTML of a page."""

import re

from kindlechat.rendering.device.glyphs import fit_html
from kindlechat.rendering.device.reading import Reading, View

PARAMETER = "r"
"""Of addresses, where a cookie does not keep the settings."""

READER = re.compile(r'<script src="/assets/reader\.\w+\.js"></script>')
"""The script that follows answers; a page that is cut into screens cannot grow."""

UNTICKED = 'name="thorough" value="True"'
"""The box beside Ask that asks for a thorough answer."""

OWN_ADDRESS = re.compile(
    r"""(<(?:a|form|meta)\b[^>]*?(?: (?:href|action)="|; url=))(/(?!assets/)[^"#]*)([^"]*)"""
)


def dress(html: str, reading: Reading, carried: str = "", language: str = "en") -> str:
    """The page for this reader; `carried` is a code that its addresses have to carry along.

    `language` is the code of the page's language, in which emoji are named.
    """
    attributes = ""
    if reading.classes:
        attributes += f' class="{reading.classes}"'
    if carried:
        attributes += f' data-carried="{PARAMETER}={carried}"'
        html = carry(html, carried)
    if attributes:
        html = html.replace("<html", f"<html{attributes}", 1)
    if reading.thorough:
        html = html.replace(UNTICKED, f"{UNTICKED} checked")
    if reading.view is View.PAGES:
        html = READER.sub("", html, count=1)
    return fit_html(html, reading.glyphs, language)


def carry(html: str, code: str) -> str:
    """The HTML with the code in every address of this site's own."""
    return OWN_ADDRESS.sub(
        lambda match: match[1] + with_code(match[2], code, "&amp;") + match[3], html
    )


def with_code(address: str, code: str, joint: str = "&") -> str:
    """The address of a page of ours, with the code in it; `joint` is "&amp;" in HTML."""
    path, query, rest = address.partition("?")
    return f"{path}?{PARAMETER}={code}" + (joint + rest if query else "") if code else address
