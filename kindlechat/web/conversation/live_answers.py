"""Answers as readers are shown them: live ones as they grow, ended ones as HTML from a cache."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence

from markupsafe import Markup

from kindlechat.rendering.answer.tree import Change, Nodes, to_html
from kindlechat.rendering.device.reading import WHEN_COMPLETE, Reading
from kindlechat.web.conversation.byte_cache import ByteCache
from kindlechat.web.conversation.live_answer import LiveAnswer

MIB = 1024 * 1024

LIVE_SHARE = 2
"""Live renderings take at most so many times what those of ended answers do. What is dropped is rendered
anew at the next look."""

NAME_CHARS = 5
"""Of the end of a reply's id: replies of one conversation begin alike."""


class LiveAnswers:
    """The rendered answers of this process.

    `text` is always the whole of what the model has written so far, `ended` says whether that is all,
    and `still` that nothing has come for a while: then even half a word is shown.

    A live rendering stays as long as somebody follows it: `lapse_s` after the last look, and as long as
    all together fit into LIVE_SHARE times `cache_mib`. The HTML of ended answers stays as long as it fits
    into `cache_mib`.
    """

    def __init__(
        self,
        *,
        cache_mib: float = 32,
        lapse_s: float = 5.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ended = ByteCache(int(cache_mib * MIB))
        self._lapse_s = lapse_s
        self._now = now
        self._live: OrderedDict[Hashable, LiveAnswer] = OrderedDict()
        self._max_live_bytes = LIVE_SHARE * int(cache_mib * MIB)
        self._live_bytes = 0

    @property
    def live_bytes(self) -> int:
        """What the live renderings take, as far as is known since they were last looked at."""
        return self._live_bytes

    def html(self, reply_id: str, text: str, reading: Reading, *, ended: bool) -> Markup:
        """The answer for a page that is loaded now."""
        (html,) = self.parts(reply_id, text, reading, _whole, "whole", ended=ended)
        return Markup(html)  # noqa: S704 (it was sanitised)

    def parts(
        self,
        reply_id: str,
        text: str,
        reading: Reading,
        cut: Callable[[Nodes], Sequence[str]],
        cut_key: Hashable,
        *,
        ended: bool,
    ) -> Sequence[str]:
        """The answer as `cut` divides its tree into HTML; `cut_key` tells one such function from another."""
        if not ended:
            live = self._followed(reply_id, reading)
            length = _shown_chars(live, text, 0, reading, still=True)
            return live.parts(text, length, cut, cut_key)
        key = (_key(reply_id, reading), hash(text), cut_key)
        return self._ended.get(
            key,
            lambda: cut(self._known(reply_id, reading).nodes(text, len(text), ended=True)),
        )

    def open_html(
        self, reply_id: str, text: str, cursor: int, reading: Reading, *, ended: bool, still: bool
    ) -> tuple[str, int]:
        """The answer for a page that grows and shows it up to `cursor`: without the last end tags until
        it has ended; and the new cursor, which never goes back."""
        if ended:
            nodes = self._known(reply_id, reading, only_grows=True).nodes(
                text, len(text), ended=True
            )
            return to_html(nodes), len(text)
        live, end = self._followed(reply_id, reading, only_grows=True), cursor
        if reading.pace_ms != WHEN_COMPLETE:
            end = max(cursor, live.settled(text, still=still))
        return live.open_html(text, end), end

    def update(
        self, reply_id: str, text: str, cursor: int, reading: Reading, *, ended: bool, still: bool
    ) -> tuple[list[Change], int]:
        """What changes on a page that shows the answer up to `cursor`, and the new cursor.

        A page may show more than this process knows of: then nothing changes.
        """
        if ended:
            live, end = self._known(reply_id, reading), len(text)
        else:
            live = self._followed(reply_id, reading)
            end = _shown_chars(live, text, cursor, reading, still=still)
        if end < cursor:
            return [], cursor
        return live.changes(text, cursor, end, ended=ended), end

    def _followed(self, reply_id: str, reading: Reading, *, only_grows: bool = False) -> LiveAnswer:
        """The live rendering, which is kept from now on; `only_grows` is for pages that do."""
        key = _key(reply_id, reading, only_grows)
        if key not in self._live:
            self.drop_lapsed()
            self._live[key] = _live_answer(reply_id, reading, only_grows)
        live = self._live[key]
        live.looked_at = self._now()
        self._live.move_to_end(key)
        self._live_bytes += live.grown_bytes()
        while self._live_bytes > self._max_live_bytes and len(self._live) > 1:
            self._drop_oldest()
        return live

    def _known(self, reply_id: str, reading: Reading, *, only_grows: bool = False) -> LiveAnswer:
        """The live rendering of an answer that has ended; one for this use alone where none is kept."""
        live = self._live.get(_key(reply_id, reading, only_grows))
        return live or _live_answer(reply_id, reading, only_grows)

    def drop_lapsed(self) -> None:
        """Forget the live renderings that nobody follows any more."""
        lapsed = self._now() - self._lapse_s
        while self._live and next(iter(self._live.values())).looked_at <= lapsed:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        _, live = self._live.popitem(last=False)
        self._live_bytes -= live.counted_bytes


def _key(reply_id: str, reading: Reading, only_grows: bool = False) -> Hashable:
    """What the tree of an answer depends on besides its text."""
    return reply_id, reading.table_columns, reading.draws_formulas, only_grows


def _live_answer(reply_id: str, reading: Reading, only_grows: bool) -> LiveAnswer:
    return LiveAnswer(
        reading.table_columns,
        _name(reply_id),
        drawn=reading.draws_formulas,
        only_grows=only_grows,
    )


def _name(reply_id: str) -> str:
    """What tells the footnotes of answers apart that stand on one page."""
    return reply_id[-NAME_CHARS:]


def _whole(nodes: Nodes) -> Sequence[str]:
    return (to_html(nodes),)


def _shown_chars(live: LiveAnswer, text: str, cursor: int, reading: Reading, *, still: bool) -> int:
    """How much of a growing answer a page shows that has shown it up to `cursor`."""
    if reading.pace_ms == WHEN_COMPLETE:
        return cursor
    return len(text) if still else min(len(text), max(cursor, live.released(text)))
