"""The pace: those who wait go on together, one after another, and let others between."""

import time

import gevent
import pytest

from kindlechat.upstream.pace import SLICE_S, Pace

INTERVAL_S = 0.05
WITHIN_S = 20


@pytest.fixture
def pace():
    return Pace(INTERVAL_S)


def moment_of(seconds):
    return int(seconds / INTERVAL_S)


def run(*functions):
    with gevent.Timeout(WITHIN_S):
        return [each.get() for each in [gevent.spawn(function) for function in functions]]


def test_whoever_waits_goes_on_in_a_later_moment(pace):
    def waited():
        asked = time.monotonic()
        pace.wait()
        return moment_of(time.monotonic()) - moment_of(asked)

    assert min(run(waited, waited, waited)) >= 1


def test_who_waits_longest_goes_first_and_may_wait_again(pace):
    went = []

    def wait_twice(name):
        for _ in range(2):
            pace.wait()
            went.append(name)

    run(*(lambda name=name: wait_twice(name) for name in "abc"))
    assert went == [*"abcabc"]


def test_sockets_and_clocks_are_looked_at_between_two_slices(pace):
    """A first word that comes meanwhile waits for one slice and not for everybody."""
    went = []

    def work(name):
        pace.wait()
        if name == "first":
            gevent.get_hub().loop.timer(0).start(went.append, "clock")
        until = time.monotonic() + SLICE_S
        while time.monotonic() < until:
            pass
        went.append(name)

    run(*(lambda name=name: work(name) for name in ("first", "second", "third", "fourth")))
    assert went.index("clock") <= 2


def test_one_that_is_killed_holds_nobody_up(pace):
    killed = gevent.spawn(pace.wait)
    others = [gevent.spawn(pace.wait) for _ in range(3)]
    gevent.sleep(0)
    killed.kill()
    with gevent.Timeout(WITHIN_S):
        gevent.joinall(others, raise_error=True)
        pace.wait()  # and there is a next moment
