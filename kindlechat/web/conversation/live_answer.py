"""One answer while it grows, at one width: rendered once however many readers follow it (pure)."""

import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from threading import RLock
from typing import TypeVar, cast

from kindlechat.rendering.answer.growing import Growing, released_chars
from kindlechat.rendering.answer.tree import Change, Nodes, changes, to_open_html

T = TypeVar("T")

TEXTS, PAGES, TREES = 3, 5, 4
"""So often the text is kept, by a page that only grows its HTML, and the end of the tree, which is made anew
at each look: measured over hostile texts."""

REMEMBERED = 16
"""So many results are kept. Followers are a few looks apart, and each look needs about three."""


class LiveAnswer:
    """The renderings of a text that grows, each made once for all who ask for it at the same time.

    `text` is what the answer reads so far, `length` how much of it is meant, and `ended` says that
    nothing more comes.
    """

    def __init__(
        self, columns: int, name: str = "", *, drawn: bool = True, only_grows: bool = False
    ) -> None:
        """`name` tells its footnotes from those of other answers on a page; large formulas are `drawn`;
        a page that `only_grows` shows no more than what is settled."""
        self._columns = columns
        self._drawn = drawn
        self._name = name
        self._only_grows = only_grows
        self.looked_at = 0.0
        self.counted_bytes = 0
        # Long renderings let other greenlets go first.
        self._lock = RLock()
        self._longest = ""
        self._forget_all()

    @property
    def size_bytes(self) -> int:
        """What is kept takes about so much memory."""
        texts = TEXTS + (PAGES if self._only_grows else 0)
        text = texts * sys.getsizeof(self._longest)
        return text + self._growing.finished_bytes + TREES * self._growing.open_bytes

    def grown_bytes(self) -> int:
        """By how much it has grown since this was asked before."""
        before, self.counted_bytes = self.counted_bytes, self.size_bytes
        return self.counted_bytes - before

    def released(self, text: str) -> int:
        """How many of the text's characters are fit to be shown."""
        return self._once(text, ("released", len(text)), lambda: released_chars(text))

    def settled(self, text: str, *, still: bool) -> int:
        """How many of the text's characters a page may show that only grows."""
        return self._once(
            text,
            ("settled", len(text), still),
            lambda: self._growing.settled_chars(text, still=still),
        )

    def nodes(self, text: str, length: int, *, ended: bool) -> Nodes:
        """The tree of the answer's beginning."""
        return self._once(
            text,
            ("nodes", length, ended),
            lambda: self._growing.nodes(text[:length], ended=ended),
        )

    def parts(
        self, text: str, length: int, cut: Callable[[Nodes], Sequence[str]], cut_key: Hashable
    ) -> Sequence[str]:
        """The tree of an answer under way as `cut` divides it into HTML."""
        return self._once(
            text,
            ("parts", cut_key, length),
            lambda: cut(self.nodes(text, length, ended=False)),
        )

    def open_html(self, text: str, length: int) -> str:
        """The HTML without the last end tags, so that a page can still grow in them."""
        return self._once(
            text,
            ("open", length),
            lambda: to_open_html(self.nodes(text, length, ended=False)),
        )

    def changes(self, text: str, before: int, length: int, *, ended: bool) -> list[Change]:
        """What to change on a page that shows the first `before` characters."""
        return self._once(
            text,
            ("changes", before, length, ended),
            lambda: changes(
                self.nodes(text, before, ended=False), self.nodes(text, length, ended=ended)
            ),
        )

    def _once(self, text: str, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, or gave before for this key."""
        with self._lock:
            self._follow(text)
            if key not in self._results:
                self._results[key] = make()
            self._results.move_to_end(key)
            while len(self._results) > REMEMBERED:
                self._results.popitem(last=False)
            return cast(T, self._results[key])

    def _follow(self, text: str) -> None:
        """Forget what was rendered where `text` does not agree with the longest text so far.

        It may be shorter, as another process may know less. But after a store that lost its last
        writes an answer may go on in other words.
        """
        if not (text.startswith(self._longest) or self._longest.startswith(text)):
            self._longest = ""
            self._forget_all()
        if len(text) > len(self._longest):
            self._longest = text

    def _forget_all(self) -> None:
        self._growing = Growing(
            self._columns, self._name, drawn=self._drawn, only_grows=self._only_grows
        )
        self._results: OrderedDict[Hashable, object] = OrderedDict()
