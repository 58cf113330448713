"""An answer while it is read from the upstream: what to hand on of it, and how it stands (pure)."""

import unicodedata

from kindlechat.sound_text import SoundText
from kindlechat.upstream.wire import Chunk

INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})
"""The categories of characters that leave no mark: controls, format characters and all blanks."""


def is_blank(text: str) -> bool:
    """Whether nothing of a text can be seen."""
    return all(unicodedata.category(character) in INVISIBLE for character in text)


class Answer:
    """Takes the chunks of one answer and remembers what decides how it ends."""

    def __init__(self) -> None:
        self.finish: str | None = None
        self.has_text = False
        """Whether there is text that can be seen."""
        self.has_gap = False
        """Whether something in the middle could not be read."""
        self._sound = SoundText()
        self._blanks = ""
        self._skipped = False
        self._went_on = False

    def take(self, chunk: Chunk) -> str:
        """The text to hand on now that `chunk` came.

        Blanks before the first visible character wait for it.
        """
        is_news = not is_blank(chunk.text)
        self.has_gap = self.has_gap or (self._skipped and (is_news or chunk.finish is not None))
        self._went_on = self._went_on or (is_news and self.finish is not None)
        self.finish = chunk.finish or self.finish
        return self._hand_on(self._sound.feed(chunk.text))

    def skip(self) -> None:
        """An event could not be read; whatever comes after it makes that a gap."""
        self._skipped = True

    def close(self) -> str:
        """The text that was still held back; blanks alone are none."""
        return self._hand_on(self._sound.close())

    @property
    def is_final(self) -> bool:
        """Whether a finish reason can be believed before the body has ended.

        Some models put one on every chunk: it says nothing in an answer that went on after one.
        """
        return self.finish is not None and not self._went_on

    def _hand_on(self, text: str) -> str:
        text = self._blanks + text
        self.has_text = self.has_text or not is_blank(text)
        self._blanks = "" if self.has_text else text
        return text if self.has_text else ""
