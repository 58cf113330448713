"""A stack of its own: what is called there ends as if it had been called here."""

import gevent
import pytest
from gevent.event import Event

from kindlechat.logging import request_id
from kindlechat.own_stack import on_own_stack

WITHIN_S = 20


def test_what_is_returned_comes_back():
    assert on_own_stack(divmod, 7, 2) == (3, 1)


def test_what_is_raised_comes_back_and_is_not_printed(capfd):
    def fail():
        raise KeyError("of the caller")

    with pytest.raises(KeyError, match="of the caller"):
        on_own_stack(fail)
    assert capfd.readouterr().err == ""


def test_whoever_ends_the_caller_ends_the_function():
    begun, ended = Event(), Event()

    def wait():
        begun.set()
        try:
            Event().wait()
        finally:
            ended.set()

    caller = gevent.spawn(on_own_stack, wait)
    with gevent.Timeout(WITHIN_S):
        begun.wait()
        caller.kill()
        ended.wait()


def test_the_log_knows_the_request_there_too():
    token = request_id.set("of the request")
    try:
        assert on_own_stack(request_id.get) == "of the request"
    finally:
        request_id.reset(token)
