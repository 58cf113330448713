"""Cleans text: valid UTF-8, no control characters, line ends that every format understands (pure)."""

import re

_CONTROL = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"
"""All control characters except the tab and the line ends LF, CR and U+0085."""

UNSOUND = re.compile(rf"[{_CONTROL}\r\x85\ud800-\udfff]")
CONTROLS = re.compile(rf"[{_CONTROL}]+")
LINE_ENDS = re.compile(r"\r\n?|\x85")
UNFINISHED = re.compile(rf"[{_CONTROL}\r\ud800-\udbff]+\Z")
"""The end of a piece that the next piece may change: CR LF, a run of controls, a surrogate pair."""

ESCAPE_SEQUENCE = "\x1b["
"""The beginning of a terminal command. Its escape character does not separate words."""


def sound_text(text: str) -> str:
    """Return `text` with LF as its only line end, no control character but the tab, and no surrogates.

    A control character that separates two words becomes a blank; elsewhere it is left out. JSON can hold
    halves of surrogate pairs, which UTF-8 cannot: a pair is joined, and a lone half becomes U+FFFD.
    """
    if UNSOUND.search(text) is None:
        return text
    text = LINE_ENDS.sub("\n", text.replace(ESCAPE_SEQUENCE, "["))
    text = CONTROLS.sub(_replace_controls, text)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _replace_controls(match: "re.Match[str]") -> str:
    text, (start, end) = match.string, match.span()
    at_edge = start == 0 or end == len(text)
    return "" if at_edge or text[start - 1].isspace() or text[end].isspace() else " "


class SoundText:
    """Makes the pieces of a text sound. Joined, they equal what `sound_text` makes of the whole."""

    def __init__(self) -> None:
        self._last = ""
        self._held = ""

    def feed(self, piece: str) -> str:
        """Take a piece, and return the text that is final. It holds back what the next piece may change."""
        if not self._held and UNSOUND.search(piece) is None:  # nearly always
            self._last = piece[-1:] or self._last
            return piece
        text = self._held + piece
        unfinished = UNFINISHED.search(text)
        end = unfinished.start() if unfinished else len(text)
        self._held = text[end:]
        return self._make_sound(text[:end])

    def close(self) -> str:
        """Return what was held back until the end of the text."""
        held, self._held = self._held, ""
        return self._make_sound(held)

    def _make_sound(self, text: str) -> str:
        sound = sound_text(self._last + text)[len(self._last) :]
        self._last = (self._last + sound)[-1:]
        return sound
