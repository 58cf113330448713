"""Long work in slices: others go first at its checkpoints."""

import gevent
import gevent.socket
import pytest

from kindlechat.rendering.safety.checkpoint import at_checkpoints, checkpoint
from kindlechat.web.serving.slices import SLICE_S, Slices


class Clock:
    """A clock that goes on by a quarter of a slice whenever it is looked at."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        self.now += SLICE_S / 4
        return self.now


@pytest.fixture
def sliced():
    at_checkpoints(Slices(Clock()).give_way)
    yield
    at_checkpoints(lambda: None)


def work(name, log, steps):
    for _ in range(steps):
        log.append(name)
        checkpoint()


def test_two_that_work_long_hold_runs(sliced):
    log = []
    gevent.joinall([gevent.spawn(work, name, log, 40) for name in "ab"])
    assert log.count("a") == log.count("b") == 40
    turns = "".join(log).replace("aa", "a").replace("bb", "b")
    assert turns.count("ab") >= 8
    assert (
        max(len(run) for run in "".join(log).replace("ab", "a b").replace("ba", "b a").split()) < 8
    )


def test_what_is_short_waits_for_one_slice_only(sliced):
    log = []
    long = [gevent.spawn(work, "long", log, 100) for _ in range(5)]
    gevent.sleep(0)
    gevent.spawn(work, "short", log, 2).join()
    done = log.index("short")
    gevent.joinall(long)
    assert log.count("long") == 500
    assert done < 50


def test_work_goes_on_after_one_that_waited_was_killed(sliced):
    log = []
    first, second = (gevent.spawn(work, name, log, 100) for name in "ab")
    gevent.sleep(0)
    first.kill()
    second.join(timeout=20)
    assert log.count("b") == 100
    assert log.count("a") < 100


def test_sockets_and_clocks_are_looked_at_between_two_slices(sliced):
    log = []
    here, there = gevent.socket.socketpair()
    there.send(b"x")

    def look():
        while True:
            gevent.socket.wait_read(here.fileno())  # what was sent is never read
            log.append("socket")

    def tick():
        while True:
            gevent.sleep(0.000001)
            log.append("clock")

    others = [gevent.spawn(look), gevent.spawn(tick)]
    gevent.spawn(work, "long", log, 200).join()
    gevent.killall(others)
    here.close()
    there.close()
    for other in ("socket", "clock"):
        assert log.count(other) >= 20, log.count("long")
