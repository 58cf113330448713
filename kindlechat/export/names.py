"""The names of saved files, which every device accepts (pure)."""

import re

from anyascii import anyascii

NAME_CHARS = 60

WORD = re.compile(r"[A-Za-z0-9]+")

APOSTROPHE = re.compile("['’ʼ]")

NOT_A_FILE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
"""What Windows takes for devices."""


def file_name(title: str, ending: str, instead: str) -> str:
    """The name of a file with this title: ASCII letters, digits and hyphens, in lower case.

    A title in other letters is written in Latin ones; one without any is called `instead`.
    """
    words = WORD.findall(anyascii(APOSTROPHE.sub("", title[: 4 * NAME_CHARS])))
    name = "-".join(words).lower()
    if len(name) > NAME_CHARS:
        name = name[: NAME_CHARS + 1].rpartition("-")[0] or name[:NAME_CHARS]
    if not name or NOT_A_FILE.fullmatch(name):
        name = "-".join(filter(None, (instead, name)))
    return f"{name}.{ending}"
