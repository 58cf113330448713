"""The names of emoji in the languages of the pages (CLDR's, by the `emoji` library)."""

from functools import cache

import emoji

DEFAULT_LANGUAGE = "en"

VARIATION = "\ufe0f"
"""Asks for the coloured form of a sign that has a plain one, too."""


@cache
def load_names(language: str) -> str:
    """Load a language's names, some 30 ms of work; returns the language whose names there are.

    `language` is a code such as "ru" or "pt-BR". Where the library lacks it, English stands in.
    """
    code = language.partition("-")[0]
    try:
        emoji.config.load_language(code)
    except NotImplementedError:
        return DEFAULT_LANGUAGE
    return code


def emoji_name(sign: str, language: str) -> str:
    """What an emoji is called, such as "high voltage"; "" for what is no emoji."""
    names = emoji.EMOJI_DATA.get(sign) or emoji.EMOJI_DATA.get(sign + VARIATION)
    if names is None:
        return ""
    name = names.get(load_names(language)) or names[DEFAULT_LANGUAGE]
    return str(name).strip(":").replace("_", " ")
