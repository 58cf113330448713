"""Answers as readers are shown them, rendered once however many look at them."""

from collections import OrderedDict

from markupsafe import Markup

from kindlechat.rendering.answer.growing import Growing, released_chars
from kindlechat.rendering.answer.tree import Change, Nodes, to_html, to_open_html
from kindlechat.rendering.device.reading import WHEN_COMPLETE, Reading

MAX_KEPT = 64
"""Rendered answers kept, some 10 kB each for a page of text; any is made anew when it is wanted."""


class LiveAnswers:
    """The rendered answers of this process.

    `text` is always the whole of what the model has written so far, `ended` says whether that is all,
    and `still` that nothing has come for a while: then even half a word is shown.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, int], Growing] = OrderedDict()

    def html(self, reply_id: str, text: str, reading: Reading, *, ended: bool) -> Markup:
        """The answer for a page that is loaded now."""
        return Markup(to_html(self.nodes(reply_id, text, reading, ended=ended)))  # noqa: S704

    def nodes(self, reply_id: str, text: str, reading: Reading, *, ended: bool) -> Nodes:
        """The same as a tree."""
        shown = text[: _shown_chars(text, 0, reading, ended=ended, still=True)]
        return self._growing(reply_id, reading).nodes(shown, ended=ended)

    def open_html(
        self, reply_id: str, text: str, cursor: int, reading: Reading, *, ended: bool, still: bool
    ) -> tuple[str, int]:
        """The answer for a page that grows and shows it up to `cursor`: without the last end tags until
        it has ended; and the new cursor, which never goes back."""
        end = max(cursor, _shown_chars(text, cursor, reading, ended=ended, still=still))
        nodes = self._growing(reply_id, reading).nodes(text[:end], ended=ended)
        return (to_html(nodes) if ended else to_open_html(nodes)), end

    def update(
        self, reply_id: str, text: str, cursor: int, reading: Reading, *, ended: bool, still: bool
    ) -> tuple[list[Change], int]:
        """What changes on a page that shows the answer up to `cursor`, and the new cursor.

        A page may show more than this process knows of: then nothing changes.
        """
        end = _shown_chars(text, cursor, reading, ended=ended, still=still)
        if end < cursor:
            return [], cursor
        growing = self._growing(reply_id, reading)
        return growing.changes(text[:cursor], text[:end], ended=ended), end

    def _growing(self, reply_id: str, reading: Reading) -> Growing:
        key = (reply_id, reading.columns)
        if key not in self._kept:
            self._kept[key] = Growing(reading.columns)
        self._kept.move_to_end(key)
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]


def _shown_chars(text: str, cursor: int, reading: Reading, *, ended: bool, still: bool) -> int:
    if ended:
        return len(text)
    if reading.pace_ms == WHEN_COMPLETE:
        return cursor
    return len(text) if still else min(len(text), max(cursor, released_chars(text)))
