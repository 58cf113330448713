"""Fills screens, one after the other."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import pairwise

from kindlechat.rendering.answer.tree import Element, Nodes
from kindlechat.rendering.device.screens.blocks import Blocks
from kindlechat.rendering.device.screens.page import Line, Page, beginning
from kindlechat.rendering.device.screens.parts import Parts
from kindlechat.rendering.device.screens.tables import without_tall_rows
from kindlechat.rendering.safety.guard import guarded

FEW_LINES = 10

LEAST_FULL = 0.95
"""How much of a screen of so few lines is filled, if need be by parting what is kept together elsewhere."""


def cut_into_screens(nodes: Nodes, page: Page, tail: float = 0) -> list[Nodes]:
    """The nodes of each screen; at least one. No text is lost or doubled.

    `tail` is the height of what is to stand on the last screen below the text, in em; it has a screen alone
    where the one before would be left too empty. What cannot be cut for a fault of ours is one screen, which
    has to be scrolled.
    """
    return guarded(partial(_cut, nodes, page, tail), lambda: [nodes])


def _cut(nodes: Nodes, page: Page, tail: float) -> list[Nodes]:
    whole = Element("", "", without_tall_rows(nodes, page))
    starts, spacings = [], []
    for screen in _screens(Blocks(page).lines(whole), page, min(tail, page.height)):
        starts.append(beginning(screen[0].place) if screen else (len(whole.children),))
        spacings.append(_spacing(screen, page))
    places = [(), *starts[1:], ()]
    taken = Parts(whole)
    parts = [taken.part(start, stop).children for start, stop in pairwise(places)]
    return [
        _spaced(part, spacing) for part, spacing in zip(parts, [*spacings[:-1], 0], strict=True)
    ]


def _screens(lines: Iterable[Line], page: Page, tail: float) -> Iterator[list[Line]]:
    """The lines of each screen; the last one may have none."""
    screen: list[Line] = []
    used, last = 0.0, 0
    for line in lines:
        if screen and line.may_begin:
            last = len(screen)
        used += line.height + (line.gap if screen else line.top)
        screen.append(line)
        while used > page.height and len(screen) > 1:
            begin = _next_to_begin(screen, last, page)
            yield screen[:begin]
            screen = screen[begin:]
            last = max((n for n, each in enumerate(screen) if n and each.may_begin), default=0)
            used = _height(screen)
    if used + tail > page.height and screen:
        begin = _last_to_begin(screen, page, tail)
        yield screen[:begin]
        screen = screen[begin:]
    yield screen


def _next_to_begin(screen: Sequence[Line], last: int, page: Page) -> int:
    """Which line of a screen that is too full begins the next one: the `last` that may.

    What nothing may part is parted before what does not fit any more. Where a screen has few lines, one may
    stand alone rather than leave it too empty.
    """
    begin = last or len(screen) - 1
    kept = screen[:begin]
    if page.height < FEW_LINES * page.line and _widest(kept, page) < LEAST_FULL * page.height:
        return max((n for n, line in enumerate(screen) if n > begin and line.parts), default=begin)
    return begin


def _widest(screen: Sequence[Line], page: Page) -> float:
    """How high lines are on a screen where they are spaced as wide as can be."""
    return _height(screen, max((page.line, *page.wider)) / page.line)


def _last_to_begin(screen: Sequence[Line], page: Page, tail: float) -> int:
    """Which line of a full screen is to begin the last one; none where one of the two would be left too
    empty or too full."""
    begin = max((n for n, line in enumerate(screen) if n and line.may_begin), default=0)
    widest = _widest(screen[:begin], page)
    fits = begin and _height(screen[begin:]) + tail <= page.height
    return begin if fits and widest >= page.height - page.most_blank else len(screen)


def _height(screen: Sequence[Line], wider: float = 1.0) -> float:
    """How high lines are on a screen; `wider` is how much wider they are spaced."""
    if not screen:
        return 0.0
    gaps = screen[0].top - screen[0].gap + sum(line.gap for line in screen)
    return gaps + sum(line.fixed + (line.height - line.fixed) * wider for line in screen)


def _spacing(lines: Sequence[Line], page: Page) -> int:
    """The number of the least spacing that fills the screen, or of the widest that fits on it."""
    end = max((n for n, line in enumerate(lines, 1) if not line.is_blank), default=0)
    number, screen = 0, lines[:end]
    height = _height(screen)
    for each, line in enumerate(page.wider, 1):
        wider = _height(screen, line / page.line)
        if height >= page.height - page.most_blank or wider > page.height:
            break
        number, height = each, wider
    return number


def _spaced(nodes: Nodes, spacing: int) -> Nodes:
    """The nodes of a screen whose lines are spaced wider."""
    return (Element("div", f'<div class="wide{spacing}">', nodes),) if spacing else nodes
