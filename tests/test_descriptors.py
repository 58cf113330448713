"""When file descriptors run out, requests are refused in good order, and the log says so once."""

import errno
import logging
import os
import resource
import socket

import pytest
import requests

from harness.processes import children_of
from harness.servers import AppServer
from harness.waiting import eventually
from kindlechat.web.middleware.descriptors import (
    LEAST_RESERVE,
    LOOK_SHARE,
    TELL_AGAIN_S,
    Descriptors,
    Shortage,
    is_shortage,
    lowest_free,
)


@pytest.fixture(scope="module")
def server(site, upstream_process, tmp_path_factory):
    with AppServer(
        tmp_path_factory.mktemp("descriptors"), GEMINI_BASE_URL=upstream_process.url
    ) as server:
        yield server


def worker_of(server):
    return children_of(server.pid)[0]


def open_files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


@pytest.mark.long
def test_out_of_descriptors_a_request_gets_503_and_the_log_one_line(server):
    worker = worker_of(server)
    before = resource.prlimit(worker, resource.RLIMIT_NOFILE)
    resource.prlimit(worker, resource.RLIMIT_NOFILE, (open_files(worker) + 12, before[1]))
    try:
        refused = [
            requests.get(f"{server.url}/help/", headers={"Connection": "close"}, timeout=10)
            for _ in range(3)
        ]
        assert {(answer.status_code, answer.headers["Retry-After"]) for answer in refused} == {
            (503, "5")
        }
        crowd = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(30)]
        eventually(
            lambda: open_files(worker) >= resource.prlimit(worker, resource.RLIMIT_NOFILE)[0]
        )
        for each in crowd:
            each.close()
    finally:
        resource.prlimit(worker, resource.RLIMIT_NOFILE, before)
    eventually(lambda: requests.get(f"{server.url}/help/", timeout=10).ok)
    assert server.log.count("file descriptors") == 1
    assert "Traceback" not in server.log


def test_health_is_told_all_the_same():
    def application(environ, start_response):
        return [b"ok"]

    crowded = Descriptors(application, used=lambda: 1 << 30)
    answered = []
    for path in ("/healthz", "/"):
        crowded({"PATH_INFO": path}, lambda status, headers: answered.append(status))
    assert answered == ["503 Service Unavailable"]


def test_a_look_holds_for_several_requests_where_there_is_room_and_for_one_where_there_is_none():
    looks = []

    def looks_of(room, times=10):
        limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        looks.clear()
        guarded = Descriptors(
            lambda *_: [b"ok"],
            used=lambda: looks.append(1) or limit - max(LEAST_RESERVE, limit // 8) - room,
        )
        for _ in range(times):
            guarded({"PATH_INFO": "/"}, lambda status, headers: None)
        return len(looks)

    assert looks_of(room=20 * LOOK_SHARE) < looks_of(room=LOOK_SHARE) < 10
    assert looks_of(room=5) == looks_of(room=-5) == 10


def test_what_is_in_use_is_about_the_lowest_number_that_is_free():
    before = lowest_free()
    with open(os.devnull):
        assert lowest_free() > before


def test_only_a_shortage_is_one():
    assert is_shortage(OSError(errno.EMFILE, "Too many open files"))
    assert not is_shortage(OSError(errno.ENOENT, "No such file"))
    assert not is_shortage(None)


def test_it_is_told_once_a_minute(caplog):
    caplog.set_level(logging.WARNING, "kindlechat")
    now = iter([0, 1, TELL_AGAIN_S - 1, TELL_AGAIN_S])
    shortage = Shortage(lambda: next(now))
    for _ in range(4):
        shortage.tell()
    assert len(caplog.records) == 2
