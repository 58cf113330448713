"""One answer while it grows, at one width: rendered once however many readers follow it (pure)."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar, cast

from kindlechat.rendering.answer.growing import Growing, released_chars
from kindlechat.rendering.answer.tree import Change, Nodes, changes, to_open_html

T = TypeVar("T")

REMEMBERED = 16
"""So many results are kept. Followers are a few looks apart, and each look needs about three."""


class LiveAnswer:
    """The renderings of a text that grows.

    Lengths are those of the text that `follow` was given. `ended` says that nothing more comes.
    """

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._longest = ""
        self.looked_at = 0.0
        self._forget_all()

    def follow(self, text: str) -> None:
        """Take `text` as what the answer reads so far.

        It may be shorter than one before, as another process may know less. But what does not agree
        with the longest text so far is another answer, as after a store that lost its last writes.
        """
        if not (text.startswith(self._longest) or self._longest.startswith(text)):
            self._forget_all()
        if len(text) > len(self._longest):
            self._longest = text

    def released(self, length: int) -> int:
        """How many of the first `length` characters are fit to be shown."""
        return self._once(("released", length), lambda: released_chars(self._longest[:length]))

    def nodes(self, length: int, *, ended: bool) -> Nodes:
        """The tree of the answer's first `length` characters."""
        return self._once(
            ("nodes", length, ended),
            lambda: self._growing.nodes(self._longest[:length], ended=ended),
        )

    def parts(
        self, length: int, cut: Callable[[Nodes], Sequence[str]], cut_key: Hashable
    ) -> Sequence[str]:
        """The tree of an answer under way as `cut` divides it into HTML."""
        return self._once(("parts", cut_key, length), lambda: cut(self.nodes(length, ended=False)))

    def open_html(self, length: int) -> str:
        """The HTML without the last end tags, so that a page can still grow in them."""
        return self._once(("open", length), lambda: to_open_html(self.nodes(length, ended=False)))

    def changes(self, before: int, length: int, *, ended: bool) -> list[Change]:
        """What to change on a page that shows the first `before` characters."""
        return self._once(
            ("changes", before, length, ended),
            lambda: changes(self.nodes(before, ended=False), self.nodes(length, ended=ended)),
        )

    def _once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, or gave before for this key."""
        if key not in self._results:
            self._results[key] = make()
        self._results.move_to_end(key)
        while len(self._results) > REMEMBERED:
            self._results.popitem(last=False)
        return cast(T, self._results[key])

    def _forget_all(self) -> None:
        self._longest = ""
        self._growing = Growing(self._columns)
        self._results: OrderedDict[Hashable, object] = OrderedDict()
