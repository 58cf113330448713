"""STUB until the real one is written (it may be overwritten)."""

from enum import StrEnum


class Glyphs(StrEnum):
    UNICODE = "unicode"
    CYRILLIC = "cyrillic"
    LATIN1 = "latin1"
    ASCII = "ascii"


def fit_text(text: str, glyphs: Glyphs) -> str:
    return text


def fit_html(html: str, glyphs: Glyphs) -> str:
    return html
