"""What hostile texts cost: rendered, cut into screens, and followed while they grow.

Every pattern of harness/hostile.py is measured at the length at which it costs most (as long as a reply can
be or, where it is reached before, as much as the parser reads) and at half of that. The bars: to render it or
to cut it for one kind of screen takes at most a second of processor time, a look at one that grows 100 ms in
the mean; twice the text takes at most 2.3 times as long; and no more than 15 ms pass between two checkpoints,
at which a server sees to other readers.

`python -m bench.hostile [PATTERN …]` measures all patterns, or some.
"""

import gc
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from gevent import get_hub

from harness.hostile import PATTERNS, Pattern
from kindlechat.rendering.answer.blocks import MAX_MARKS
from kindlechat.rendering.answer.growing import Growing, released_chars
from kindlechat.rendering.answer.markdown import count_marks
from kindlechat.rendering.answer.tree import to_html
from kindlechat.rendering.device.screens import Page, cut_into_screens
from kindlechat.rendering.safety.checkpoint import aside_by, at_checkpoints
from kindlechat.web.serving.collector import MIDDLE, NEVER, YOUNG

LONGEST_CHARS = 200_000
"""A reply is hardly longer."""

GROWN_CHARS = 6_000
DOUBLINGS = 2
"""A text whose beginning costs little is not measured well by its half: it is followed for up to four times
as long."""

LOOK_EVERY_CHARS = 100

PAGES = {"small": Page(13, 12), "cut": Page(21, 29), "scrolled": Page(32, 218)}
"""The smallest screen, a usual one, and a part of a long answer that is scrolled."""

MOST_S = 1.0
MOST_A_LOOK_S = 0.1
MOST_RATIO = 2.3
MOST_STRETCH_S = 0.015

SURE_S = 0.1
"""What takes less is too short for a ratio."""

TRIES = 6
"""How often at most something is measured, since another program may have had the processor's caches."""


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

    def least(self, other: "Cost") -> "Cost":
        """The lesser of each: a busy machine adds to a cost, and takes nothing from it."""
        return Cost(min(self.took_s, other.took_s), min(self.stretch_s, other.stretch_s))


@dataclass(frozen=True)
class Growth:
    """What a text costs, and half of it."""

    half: Cost
    whole: Cost
    most_s: float

    @property
    def ratio(self) -> float | None:
        """How many times as much the whole costs, where the half takes long enough for that."""
        return self.whole.took_s / self.half.took_s if self.half.took_s > SURE_S else None

    @property
    def meets_bars(self) -> bool:
        """Whether it meets the three bars."""
        return (
            self.whole.took_s <= self.most_s
            and (self.ratio or 0) <= MOST_RATIO
            and self.whole.stretch_s <= MOST_STRETCH_S
        )

    def __str__(self) -> str:
        ratio = f" {self.ratio:.1f} ×" if self.ratio else ""
        return f"{self.whole.took_s:.2f} s{ratio} {self.whole.stretch_s * 1000:.0f} ms"


def growth_of(half: Callable[[], object], whole: Callable[[], object], most_s: float) -> Growth:
    """What the two cost, measured again while a bar is missed."""
    growth = Growth(cost_of(half), cost_of(whole), most_s)
    for _ in range(TRIES - 1):
        if growth.meets_bars:
            break
        growth = Growth(
            growth.half.least(cost_of(half)), growth.whole.least(cost_of(whole)), most_s
        )
    return growth


def followed_growth(
    work_on: Callable[[str], Callable[[], None]], pattern: Pattern, chars: int
) -> Growth:
    """What it costs to follow so many characters, or more where these do not meet the bars."""
    for length in (chars << doubling for doubling in range(DOUBLINGS + 1)):
        most_s = length / LOOK_EVERY_CHARS * MOST_A_LOOK_S
        growth = growth_of(work_on(pattern(length // 2)), work_on(pattern(length)), most_s)
        if growth.meets_bars:
            break
    return growth


def cost_of(work: Callable[[], object]) -> Cost:
    """What some work costs."""
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


def cut(page: Page, text: str) -> Callable[[], None]:
    """Cut a finished answer for one of PAGES; the answer is rendered before."""
    nodes = Growing().nodes(text, ended=True)

    def work() -> None:
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


FOLLOWED = ("polled", "grown")

WAYS: dict[str, Callable[[str], Callable[[], None]]] = {
    "rendered": lambda text: lambda: render(text),
    **{name: partial(cut, page) for name, page in PAGES.items()},
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
        if way in FOLLOWED:
            growth = followed_growth(work_on, pattern, min(worst, GROWN_CHARS))
        else:
            growth = growth_of(work_on(pattern(worst // 2)), work_on(pattern(worst)), MOST_S)
        missed += [] if growth.meets_bars else [f"{name}, {way}"]
        cells.append(f"{way} {growth}")
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
