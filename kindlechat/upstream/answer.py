"""An answer while it is read from the upstream: the text to pass on, and its state (pure)."""

import re
import unicodedata

from kindlechat.sound_text import SoundText
from kindlechat.upstream.follow_ups import FollowUps
from kindlechat.upstream.wire import Chunk

INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})
"""The categories of characters that leave no mark: controls, format characters and all blanks."""
WORD = re.compile(r"\w")


def is_blank(text: str) -> bool:
    """Whether nothing of a text can be seen."""
    if WORD.search(text):  # as nearly always, and quick to find
        return False
    return all(unicodedata.category(character) in INVISIBLE for character in text)


class Answer:
    """Takes the chunks of one answer and remembers what decides how it ends."""

    def __init__(self) -> None:
        self.finish: str | None = None
        self.has_text = False
        """Whether there is text that can be seen."""
        self.has_gap = False
        """Whether something in the middle could not be read."""
        self.visible_chunks = 0
        """How many chunks brought text that can be seen."""
        self._sound = SoundText()
        self._follow_ups = FollowUps()
        self._blanks = ""
        self._skipped = False
        self._went_on = False

    def take(self, chunk: Chunk) -> str:
        """The text to hand on now that `chunk` came.

        Blanks before the first visible character wait for it.
        """
        is_visible = not is_blank(chunk.text)
        if is_visible:
            self.visible_chunks += 1
            self._went_on = self._went_on or self.finish is not None
        if self._skipped and (is_visible or chunk.finish):
            self.has_gap = True
        self.finish = chunk.finish or self.finish
        return self._hand_on(self._follow_ups.feed(self._sound.feed(chunk.text)))

    def skip(self) -> None:
        """An event could not be read; whatever comes after it makes that a gap."""
        self._skipped = True

    def close(self, *, cut: bool = False) -> str:
        """The text that was still held back; blanks alone are none. `cut` says that the model had more to
        write."""
        text = self._follow_ups.feed(self._sound.close())
        return self._hand_on(text + self._follow_ups.close(cut=cut))

    @property
    def follow_ups(self) -> tuple[str, ...]:
        """The questions that the model proposes, once the answer is closed."""
        return self._follow_ups.questions

    @property
    def is_whole(self) -> bool:
        """Whether the questions after the answer have begun: however they end, it is whole."""
        return self.has_text and self._follow_ups.begun

    @property
    def is_final(self) -> bool:
        """Whether a finish reason can be believed before the body has ended.

        Some models put one on every chunk: it says nothing in an answer that went on after one.
        """
        return self.finish is not None and not self._went_on

    def _hand_on(self, text: str) -> str:
        if self.has_text:
            return text
        text = self._blanks + text
        self.has_text = not is_blank(text)
        self._blanks = "" if self.has_text else text
        return text if self.has_text else ""
