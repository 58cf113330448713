"""Fills screens, one after the other."""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import pairwise

from kindlechat.rendering.answer.tree import Element, Nodes
from kindlechat.rendering.device.screens.blocks import Blocks
from kindlechat.rendering.device.screens.page import Line, Page, Place, beginning
from kindlechat.rendering.device.screens.parts import part_of
from kindlechat.rendering.safety.guard import guarded


def cut_into_screens(nodes: Nodes, page: Page, tail: float = 0) -> list[Nodes]:
    """The nodes of each screen; at least one. No text is lost or doubled.

    `tail` is the height of what is to stand on the last screen below the text, in em. What cannot be cut
    for a fault of ours is one screen, which has to be scrolled.
    """
    return guarded(partial(_cut, nodes, page, tail), lambda: [nodes])


def _cut(nodes: Nodes, page: Page, tail: float) -> list[Nodes]:
    whole = Element("", "", nodes)
    lines = Blocks(page).lines(whole)
    places = [(), *_starts(_with_tail(lines, min(tail, page.height / 2)), page.height), ()]
    return [part_of(whole, start, stop).children for start, stop in pairwise(places)]


def _with_tail(lines: Iterable[Line], height: float) -> Iterator[Line]:
    yield from lines
    if height:
        yield Line((), height, may_begin=False)


def _starts(lines: Iterable[Line], height: float) -> Iterator[Place]:
    """The start of each screen but the first."""
    screen: list[Line] = []
    used, last = 0.0, 0
    for line in lines:
        if screen and line.may_begin:
            last = len(screen)
        used += line.height + (line.gap if screen else line.top)
        screen.append(line)
        while used > height and len(screen) > 1:
            # What nothing may part is parted before what does not fit any more.
            begin = last or max(1, len(screen) - (1 if line.place else 2))
            if not screen[begin].place:
                break
            yield beginning(screen[begin].place)
            screen = screen[begin:]
            last = max((n for n, each in enumerate(screen) if n and each.may_begin), default=0)
            used = screen[0].top - screen[0].gap + sum(each.height + each.gap for each in screen)
