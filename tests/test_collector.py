"""Full collections of garbage come when nobody works long, or at last all the same."""

import gc
from pathlib import Path

import gevent
import gevent.event
import pytest

from kindlechat.rendering.answer.markdown import parse_blocks
from kindlechat.rendering.safety.checkpoint import aside_by, at_checkpoints
from kindlechat.rendering.ui.templates import Templates
from kindlechat.timings import Timings
from kindlechat.web.serving import collector

SITE = Path(__file__).parents[1] / "site"


TIMINGS = Timings(collect_interval_s=0, collect_look_s=0)


@pytest.fixture(autouse=True)
def thresholds():
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)


@pytest.fixture
def uncollected():
    """What only a full collection would free since the last call, which then is free."""

    def collect():
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        gc.set_debug(0)
        found = list(map(type, gc.garbage))
        gc.garbage.clear()
        gc.collect()  # or the next call would find it again
        return found

    # A server that an earlier test made would let its greenlets run within the work.
    at_checkpoints(lambda: None)
    aside_by(lambda work: work())
    gc.disable()
    yield collect
    gc.enable()


def looks_until_collected(monkeypatch, answers):
    """How often it was asked whether nobody works before the first full collection."""
    asked = iter(answers)
    looks, collected = [], gevent.event.AsyncResult()

    def is_quiet():
        looks.append(next(asked))
        return looks[-1]

    collecting = collector.collect_when_quiet(is_quiet, TIMINGS)
    monkeypatch.setattr(gc, "collect", lambda: collected.ready() or collected.set(len(looks)))
    try:
        return collected.get(timeout=20)
    finally:
        collecting.kill()


def test_a_collection_waits_for_a_quiet_moment(monkeypatch):
    assert looks_until_collected(monkeypatch, [False, False, True, True]) == 3


def test_it_does_not_wait_for_ever(monkeypatch):
    assert looks_until_collected(monkeypatch, [False] * 1000) == collector.MOST_LOOKS


def test_it_does_not_wait_while_memory_grows(monkeypatch):
    peaks = iter([1000, 1000, 1000 + collector.MOST_GROWTH_KB, 1001 + collector.MOST_GROWTH_KB])
    monkeypatch.setattr(collector, "_peak_kb", lambda: next(peaks))
    assert looks_until_collected(monkeypatch, [False] * 1000) == 3


def least_left(uncollected, work):
    """What work leaves each time; what another thread leaves meanwhile comes but once."""
    work()  # which also loads and makes what it needs
    uncollected()
    found = []
    for _ in range(3):
        work()
        found.append(uncollected())
    return min(found, key=len)


def test_a_paragraph_leaves_nothing_to_collect(uncollected):
    text = "*One*, **two**, ~~three~~, [four](http://example.org) and `five`, $x^2$."
    assert least_left(uncollected, lambda: list(parse_blocks(text))) == []


def test_what_leaves_a_cycle_is_seen(uncollected):
    def leave_one():
        cycle = []
        cycle.append(cycle)

    assert least_left(uncollected, leave_one) == [list]


def test_a_page_leaves_nothing_to_collect(uncollected):
    """Macros know the values of the page that has them, as an answer."""
    page = Templates.load(SITE, demo=False).localized()
    values = {"rows": [], "ids": [], "token": ""}
    assert least_left(uncollected, lambda: page.render("discarded.html", **values)) == []


def test_no_full_collection_comes_by_itself():
    collector.collect_when_quiet(lambda: True, TIMINGS).kill()
    assert gc.get_threshold()[2] == collector.NEVER
    assert gc.get_freeze_count() > 1000, "what is loaded by now is not looked at again"
