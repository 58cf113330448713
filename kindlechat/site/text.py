"""Text of the sources: decoded, and refused where a feed or a page could not hold it."""

import re

from kindlechat.site.mistakes import BuildError, Mistake

UNSOUND = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML does not allow (its standard, section 2.2), not even by a reference."""


def decode(data: bytes, file: str) -> str:
    """The text of a file, with LF for line ends and no byte order mark. Raises BuildError."""
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise BuildError(
            Mistake(file, data.count(b"\n", 0, error.start) + 1, "expected UTF-8")
        ) from error
    unsound = UNSOUND.search(text)
    if unsound:
        line = text.count("\n", 0, unsound.start()) + 1
        raise BuildError(Mistake(file, line, unsound_character(unsound[0])))
    return text


def unsound_character(character: str) -> str:
    """What is wrong with a character that is unsound."""
    return f"a character that no page may hold, U+{ord(character):04X}"
