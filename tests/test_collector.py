"""Full collections of garbage come when nobody works long, or at last all the same."""

import gc

import gevent
import gevent.event
import pytest

from kindlechat.web import collector


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    thresholds = gc.get_threshold()
    monkeypatch.setattr(collector, "COLLECT_EVERY_S", 0)
    monkeypatch.setattr(collector, "LOOK_EVERY_S", 0)
    yield
    gc.set_threshold(*thresholds)


def looks_until_collected(monkeypatch, answers):
    """How often it was asked whether nobody works before the first full collection."""
    asked = iter(answers)
    looks, collected = [], gevent.event.AsyncResult()

    def is_quiet():
        looks.append(next(asked))
        return looks[-1]

    collecting = collector.collect_when_quiet(is_quiet)
    monkeypatch.setattr(gc, "collect", lambda: collected.ready() or collected.set(len(looks)))
    try:
        return collected.get(timeout=5)
    finally:
        collecting.kill()


def test_a_collection_waits_for_a_quiet_moment(monkeypatch):
    assert looks_until_collected(monkeypatch, [False, False, True, True]) == 3


def test_it_does_not_wait_for_ever(monkeypatch):
    assert looks_until_collected(monkeypatch, [False] * 1000) == collector.MOST_LOOKS


def test_no_full_collection_comes_by_itself():
    collector.collect_when_quiet(lambda: True).kill()
    assert gc.get_threshold()[2] == collector.NEVER
    assert gc.get_freeze_count() > 1000, "what is loaded by now is not looked at again"
