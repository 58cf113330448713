"""Decodes the text of sources, and refuses characters that no feed or page can hold."""

import re

from kindlechat.site.mistakes import BuildError, Mistake

UNSOUND = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML (section 2.2 of its standard) does not allow, not even as a reference."""

CONTROLS = bytes({*range(32)} - {*b"\t\n\r"})
"""Those of them that are in ASCII."""


def decode(data: bytes, file: str) -> str:
    """The text of a file, with LF for line ends and no byte order mark. Raises BuildError."""
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise BuildError(
            Mistake(file, data.count(b"\n", 0, error.start) + 1, "expected UTF-8")
        ) from error
    # A search asks for each character whether it is in the set, and in most texts there is nothing to find.
    is_plain = data.isascii() and len(data.translate(None, CONTROLS)) == len(data)
    unsound = None if is_plain else UNSOUND.search(text)
    if unsound:
        line = text.count("\n", 0, unsound.start()) + 1
        raise BuildError(Mistake(file, line, unsound_character(unsound[0])))
    return text


def unsound_character(character: str) -> str:
    """The mistake for an unsound character."""
    return f"a character that no page may hold, U+{ord(character):04X}"


def made_sound(text: str) -> str:
    """The text with a sign of replacement for each unsound character."""
    return UNSOUND.sub("\N{REPLACEMENT CHARACTER}", text)
