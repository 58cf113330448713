"""Emoji that only adorn the beginning of a block (pure).

No e-reader shows emoji, and their names would stand in the way of headings and items. Within a sentence
they say something, and are kept.
"""

import re
from collections.abc import Sequence
from itertools import groupby

from markdown_it.token import Token

from kindlechat.rendering.answer.plain import PLAIN
from kindlechat.rendering.safety.checkpoint import paced

ORNAMENTS = "✨🎉🔥💡📌👉🚀🔹🔸🔷🔶🎯📝🔑💪🙌❇🌈⚡🧠📚📖✍💬🔍📊📈🏆🥇"

LEADING = re.compile(f"(?:[{ORNAMENTS}]\ufe0f?[ \t]*)+")
BEFORE_WORDS = re.compile(rf"^{LEADING.pattern}+(?=.*\S)", re.MULTILINE)
"""The same at the beginning of a line of plain words."""


def without_ornament(tokens: Sequence[Token]) -> Sequence[Token]:
    """The tokens of a paragraph without the ornaments that its lines begin with, if there is more to them."""
    if all(token.content.isascii() for token in paced(tokens)):
        return tokens
    if tokens[0].type == PLAIN:
        return [tokens[0].copy(content=BEFORE_WORDS.sub("", tokens[0].content))]
    bare: list[Token] = []
    for is_break, group in groupby(
        paced(tokens), lambda token: token.type in ("softbreak", "hardbreak")
    ):
        line = [*group]
        bare += line if is_break else _bare(line)
    return bare


def _bare(tokens: list[Token]) -> list[Token]:
    for index, token in enumerate(tokens):
        if token.type != "text":
            if token.type not in ("strong_open", "em_open"):
                return tokens
            continue
        if not token.content:
            continue
        ornament = LEADING.match(token.content)
        if ornament is None or not _has_words(token.content[ornament.end() :], tokens[index + 1 :]):
            return tokens
        rest = token.copy(content=token.content[ornament.end() :])
        return [*tokens[:index], rest, *tokens[index + 1 :]]
    return tokens


def _has_words(rest: str, following: Sequence[Token]) -> bool:
    return bool(rest.strip()) or any(token.content.strip() for token in following)
