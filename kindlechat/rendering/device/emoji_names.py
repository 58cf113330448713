"""The names of emoji and other symbols in the languages of the pages: CLDR's, as names/ has them."""

import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

DEFAULT_LANGUAGE = "en"

FOLDER = Path(__file__).parent / "names"


@cache
def load_names(language: str) -> Mapping[str, str]:
    """The names of signs, and of sequences of them, by sign; those in English where there are none.

    `language` is a code such as "ru" or "pt-BR".
    """
    file = FOLDER / f"{language.partition('-')[0]}.txt"
    if not file.is_file():
        file = FOLDER / f"{DEFAULT_LANGUAGE}.txt"
    return dict(line.split("\t", 1) for line in file.read_text("utf-8").splitlines())


def emoji_name(sign: str, language: str) -> str:
    """What an emoji or a symbol is called, such as "high voltage"; "" for what CLDR has no name for.

    A language's names are read when the first one is wanted: it takes 3 ms, and 0.4 MB.
    """
    with suppress(OSError):  # no file descriptor is left, at this moment
        return load_names(language).get(sign, "")
    return ""


def symbol_name(sign: str, language: str) -> str:
    """The same; where CLDR has none, what the Unicode standard calls the sign, in English."""
    return emoji_name(sign, language) or unicodedata.name(sign, "").lower()
