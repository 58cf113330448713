"""What Unicode's data (CLDR) say of a language, as far as every page needs it.

It is read from Babel once, and then kept between starts: Babel takes 4 MB of each worker that asks it.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import babel
from babel import Locale, UnknownLocaleError
from babel.core import get_global, parse_locale

from kindlechat.rendering.ui.kept import made_of

HERE = Path(__file__).parent

CODE = re.compile("[A-Za-z0-9-]{1,35}")

LONE = ""
"""The territory of who names none."""


class LanguageFacts(NamedTuple):
    """A language's name in itself and in English, the value of its `dir` attribute, and the script (such as
    Latn) in which people write it in each territory where that can be told; LONE is one, too."""

    own_name: str
    english_name: str
    direction: str
    scripts: dict[str, str]


@cache
def facts_of(code: str) -> LanguageFacts:
    """The facts of a language such as pt-BR. Raises ValueError for a code that Babel's data does not have."""
    if not CODE.fullmatch(code):  # it becomes the name of a file
        raise ValueError(f"expected the code of a language, such as en, got {code}")
    source = " ".join((babel.__version__, *LanguageFacts._fields)).encode()
    return LanguageFacts(
        *json.loads(made_of(source, lambda: _look_up(code), HERE, f"language-{code}"))
    )


def locale_of(code: str) -> Locale:
    """Babel's data of a language. Raises ValueError."""
    try:
        return Locale.parse(code, sep="-")
    except (UnknownLocaleError, ValueError) as error:
        raise ValueError(f"expected the code of a language, such as en, got {code}") from error


def _look_up(code: str) -> bytes:
    locale = locale_of(code)
    own_name = _name(locale, locale) or code
    facts = LanguageFacts(
        own_name[0].upper() + own_name[1:],
        _name(locale, Locale("en")) or code,
        "rtl" if locale.character_order == "right-to-left" else "ltr",
        _scripts(locale.language),
    )
    return json.dumps(facts).encode()


def _name(locale: Locale, within: Locale) -> str | None:
    """What a language calls another one, where it can in one phrase: Simplified Chinese."""
    return within.languages.get(str(locale)) or locale.get_display_name(within)


def _scripts(language: str) -> dict[str, str]:
    likely = {
        known.removeprefix(language).removeprefix("_"): parse_locale(full)[2] or ""
        for known, full in get_global("likely_subtags").items()
        if known.partition("_")[0] == language
    }
    return {territory: script for territory, script in likely.items() if script}
