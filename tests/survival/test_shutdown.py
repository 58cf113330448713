"""A worker that is told to end answers all that has come, and waits for nobody for ever."""

import socket
from contextlib import closing
from urllib.parse import urlsplit

import pytest
import requests

from harness.servers import AppServer, is_up
from harness.waiting import eventually
from kindlechat.timings import Timings

TIMEOUT_S = 20

PATIENCE_S = 15
"""How long these workers wait for answers: longer than any test takes, on a busy machine, too."""


class Server(AppServer):
    """The worker with harness/slow_app.py behind it."""

    def ready(self):
        return is_up(self.url, "/at-once")


def start(folder, **settings):
    return Server(folder, application="harness.slow_app:app", **settings)


@pytest.fixture
def server(tmp_path):
    """One that is patient, and so is its master."""
    settings = {"TEST_LAST_ANSWERS_S": str(PATIENCE_S), "KINDLECHAT_GRACE_S": str(PATIENCE_S)}
    with start(tmp_path, **settings) as server:
        yield server


def connect(server):
    sock = socket.create_connection(("127.0.0.1", urlsplit(server.url).port), TIMEOUT_S)
    return closing(sock)


def ask(sock, path="/at-once"):
    sock.sendall(f"GET {path} HTTP/1.1\r\nHost: kindlechat\r\n\r\n".encode())


def read_all(sock):
    """What comes until the server closes the connection."""
    return b"".join(iter(lambda: sock.recv(65536), b"")).decode()


def read_until(sock, end):
    data = b""
    while not data.endswith(end):
        data += sock.recv(65536)


def listens(server):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", urlsplit(server.url).port)) == 0


def end(server):
    """Tell it to end, and return when it takes no more connections."""
    server._process.terminate()
    eventually(lambda: not listens(server))


def test_what_has_come_is_answered_though_it_takes_a_while(server):
    timings = Timings()
    after_s = (
        timings.last_words_s + 1 + timings.last_requests_s + 0.5
    )  # all others have ended by then
    with connect(server) as begun:
        ask(begun, f"/after/{after_s}")
        read_until(begun, b"first \r\n")
        end(server)
        assert read_all(begun).endswith("last\r\n0\r\n\r\n")
    assert server.wait() == 0


def test_a_connection_that_was_taken_may_still_send_its_request(server):
    with connect(server) as sock:
        end(server)
        ask(sock)
        answer = read_all(sock)
        assert "Connection: close" in answer
        assert "last" in answer


def test_connections_between_two_requests_are_closed(server):
    with connect(server) as idle, connect(server) as other:
        ask(idle)
        read_until(idle, b"0\r\n\r\n")
        end(server)
        assert read_all(idle) == ""
        ask(other)
        assert "last" in read_all(other), "it closes them before it gives up the others"


def test_a_reader_that_never_reads_to_the_end_keeps_no_worker(tmp_path):
    with (
        start(tmp_path) as server,
        requests.get(f"{server.url}/never", stream=True, timeout=TIMEOUT_S) as answer,
    ):
        parts = answer.iter_content(None)
        assert next(parts) == b"word"
        server._process.terminate()
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            next(parts)
        assert server.wait() == 0
        assert "closed" in server.log, "the application closes its store"
