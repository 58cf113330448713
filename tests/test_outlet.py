"""What gunicorn sends: the same bytes as before, the head with the first part."""

from types import SimpleNamespace

import pytest
from gunicorn.http import wsgi

from kindlechat.web.serving.outlet import JoinedResponse, Outlet
from kindlechat.web.serving.worker import do_once
from tests.cases import cases
from tests.test_worker import cfg  # noqa: F401 - a fixture

CHUNKED = ("200 OK", [("Content-Type", "text/plain")])
KNOWN = ("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "7")])


class Wire:
    """A socket that keeps what was sent, each call apart, and takes `most` bytes at once."""

    def __init__(self, most=1 << 20):
        self.calls, self._most = [], most

    def send(self, data):
        self.calls.append(bytes(data[: self._most]))
        return len(self.calls[-1])

    def sendall(self, data):
        self.calls.append(bytes(data))


def answered(kind, begun, parts, wire, method="GET", version=(1, 1)):
    request = SimpleNamespace(
        method=method, version=version, headers=[], should_close=lambda: False
    )
    response = kind(request, wire, SimpleNamespace(sendfile=None, is_ssl=False))
    response.start_response(*begun)
    for part in parts:
        response.write(part)
    response.close()
    return wire.calls


ANSWERS = {
    "in chunks": (CHUNKED, [b"one", b"two"]),
    "an empty part first": (CHUNKED, [b"", b"one"]),
    "no part": (CHUNKED, []),
    "of a known length": (KNOWN, [b"one", b"four"]),
    "longer than it said": (KNOWN, [b"one", b"four and more"]),
    "no body": (("204 No Content", []), []),
    "not modified": (("304 Not Modified", []), [b""]),
}


@pytest.fixture(autouse=True)
def date(monkeypatch):
    monkeypatch.setattr("gunicorn.util.http_date", lambda: "Thu, 01 Jan 1970 00:00:00 GMT")


@cases(("begun", "parts"), ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("version", [(1, 1), (1, 0)])
def test_the_bytes_are_gunicorns_own(begun, parts, method, version):
    asked = {"method": method, "version": version}
    ours = answered(JoinedResponse, begun, parts, Wire(), **asked)
    theirs = answered(wsgi.Response, begun, parts, Wire(), **asked)
    assert b"".join(ours) == b"".join(theirs)


@cases(
    ("begun", "parts", "calls"),
    [
        (CHUNKED, [b"one", b"two"], 3),
        (CHUNKED, [b"", b"one"], 3),  # who sends nothing first wants the head to go
        (CHUNKED, [], 1),
        (KNOWN, [b"the one"], 1),
    ],
)
def test_the_head_goes_with_what_comes_first(begun, parts, calls):
    sent = answered(JoinedResponse, begun, parts, Wire())
    assert len(sent) == calls
    assert sent[0].startswith(b"HTTP/1.1 200 OK\r\n")


def test_what_the_system_does_not_take_at_once_follows():
    wire = Wire(most=3)
    Outlet(wire).sendall(b"one two three")
    assert wire.calls == [b"one", b" two three"]


def test_a_part_that_is_no_bytes_is_refused_and_the_head_is_out():
    wire = Wire()
    with pytest.raises(TypeError):
        answered(JoinedResponse, CHUNKED, ["text"], wire)
    assert wire.calls[0].startswith(b"HTTP/1.1 200 OK\r\n")


def test_files_are_sent_as_before(tmp_path):
    (tmp_path / "file").write_bytes(b"the one")
    with (tmp_path / "file").open("rb") as file:
        wire = Wire()
        wire.sendfile = lambda file, offset, count: wire.sendall(file.read(count))
        request = SimpleNamespace(method="GET", version=(1, 1), headers=[])
        request.should_close = lambda: False
        response = JoinedResponse(request, wire, SimpleNamespace(sendfile=None, is_ssl=False))
        response.start_response(*KNOWN)
        response.write_file(wsgi.FileWrapper(file))
        response.close()
    assert wire.calls[-1] == b"the one"
    assert wire.calls[0].endswith(b"Content-Length: 7\r\n\r\n")


def test_the_worker_has_gunicorn_answer_so(cfg):  # noqa: F811
    do_once(cfg)
    assert wsgi.Response is JoinedResponse
