"""What hostile texts cost: rendered, cut into screens, and followed while they grow.

Every pattern of harness/hostile.py is measured at the length at which it costs most (as long as a reply can
be or, where it is reached before, as much as the parser reads) and at half of that. The bars: to render or to
cut it takes at most a second of processor time, a look at one that grows 50 ms in the mean; twice the
text takes at most 2.3 times as long; and no more than 15 ms pass between two checkpoints, at which a
server sees to other readers.

`python -m bench.hostile [PATTERN …]` measures all patterns, or some.
"""

import gc
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from gevent import get_hub

from harness.hostile import PATTERNS, Pattern
from kindlechat.rendering.answer.blocks import MAX_MARKS
from kindlechat.rendering.answer.growing import Growing, released_chars
from kindlechat.rendering.answer.markdown import count_marks
from kindlechat.rendering.answer.tree import to_html
from kindlechat.rendering.device.screens import Page, cut_into_screens
from kindlechat.rendering.safety.checkpoint import aside_by, at_checkpoints
from kindlechat.web.collector import MIDDLE, NEVER, YOUNG

LONGEST_CHARS = 200_000
"""A reply is hardly longer."""

GROWN_CHARS = 6_000
LOOK_EVERY_CHARS = 100

PAGES = (Page(13, 12), Page(21, 29), Page(32, 218))
"""The smallest screen, a usual one, and a part of a long answer that is scrolled."""

MOST_S = 1.0
MOST_FOLLOWED_S = GROWN_CHARS / LOOK_EVERY_CHARS * 0.05
MOST_RATIO = 2.3
MOST_STRETCH_S = 0.015

SURE_S = 0.1
"""What takes less is too short for a ratio."""


class Stretches:
    """Notes the longest time that the processor works between two checkpoints."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self.longest_s = 0.0
        self._begun = time.thread_time()

    def __call__(self) -> None:
        self.longest_s = max(self.longest_s, time.thread_time() - self._begun)
        self._begun = time.thread_time()


STRETCHES = Stretches()


@dataclass(frozen=True)
class Cost:
    """The seconds of processor time that some work takes, and its longest stretch."""

    took_s: float
    stretch_s: float


def cost_of(work: Callable[[], object]) -> Cost:
    """What some work costs, the better of two times where it is not much."""
    first = _once(work)
    if first.took_s > MOST_S / 4 and first.took_s < MOST_S:
        return first
    return min(first, _once(work), key=lambda cost: cost.took_s)


def _once(work: Callable[[], object]) -> Cost:
    gc.collect()
    STRETCHES.begin()
    began = time.process_time()
    work()
    took_s = time.process_time() - began
    STRETCHES()
    return Cost(took_s, STRETCHES.longest_s)


def render(text: str) -> None:
    """Render a finished answer."""
    to_html(Growing().nodes(text, ended=True))


def cut(text: str) -> Callable[[], None]:
    """Cut a finished answer for the screens of PAGES; the answer is rendered before."""
    nodes = Growing().nodes(text, ended=True)

    def work() -> None:
        for page in PAGES:
            for screen in cut_into_screens(nodes, page):
                to_html(screen)

    return work


def poll(text: str) -> None:
    """Follow an answer while it grows, as a page with a script does."""
    growing, shown = Growing(), 0
    for length in range(LOOK_EVERY_CHARS, len(text), LOOK_EVERY_CHARS):
        end = max(shown, released_chars(text[:length]))
        growing.changes(text[:shown], text[:end], ended=False)
        shown = end
        STRETCHES()  # each look is a request of its own
    growing.changes(text[:shown], text, ended=True)


def grow(text: str) -> None:
    """Follow it as a page does that only grows."""
    growing = Growing(only_grows=True)
    for length in range(LOOK_EVERY_CHARS, len(text), LOOK_EVERY_CHARS):
        growing.nodes(text[: growing.settled_chars(text[:length], still=False)], ended=False)
        STRETCHES()
    growing.nodes(text, ended=True)


WAYS: dict[str, Callable[[str], Callable[[], None]]] = {
    "rendered": lambda text: lambda: render(text),
    "cut": cut,
    "polled": lambda text: lambda: poll(text),
    "grown": lambda text: lambda: grow(text),
}


def worst_chars(pattern: Pattern) -> int:
    """The length at which the parser reads as many marks as it ever does."""
    low, high = 1000, LONGEST_CHARS
    while low + 100 < high:
        middle = (low + high) // 2
        low, high = (low, middle) if count_marks(pattern(middle)) > MAX_MARKS else (middle, high)
    return low if count_marks(pattern(LONGEST_CHARS)) > MAX_MARKS else LONGEST_CHARS


def measure(name: str) -> list[str]:
    """Print the row of a pattern. Returns what misses a bar."""
    pattern, missed, cells = PATTERNS[name], [], []
    worst = worst_chars(pattern)
    for way, work_on in WAYS.items():
        followed = way in ("polled", "grown")
        chars, most_s = (min(worst, GROWN_CHARS), MOST_FOLLOWED_S) if followed else (worst, MOST_S)
        half, whole = (cost_of(work_on(pattern(length))) for length in (chars // 2, chars))
        ratio = whole.took_s / half.took_s if half.took_s > SURE_S else 0.0
        met = whole.took_s <= most_s and ratio <= MOST_RATIO and whole.stretch_s <= MOST_STRETCH_S
        missed += [] if met else [f"{name}, {way}"]
        cells.append(
            f"{way} {whole.took_s:.2f} s {f'{ratio:.1f} ×' if ratio else ''} {whole.stretch_s * 1000:.0f} ms"
        )
    print(f"{name} ({worst}): {', '.join(cells)}{'  MISSED' if missed else ''}", flush=True)
    return missed


def main() -> int:
    """Print a row for each pattern, and return 1 where a bar is missed."""
    at_checkpoints(STRETCHES)
    aside_by(lambda work: get_hub().threadpool.apply(work))
    gc.set_threshold(YOUNG, MIDDLE, NEVER)
    gc.freeze()
    missed = [each for name in sys.argv[1:] or PATTERNS for each in measure(name)]
    print("FAIL:", *missed, sep="\n") if missed else print("PASS")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
