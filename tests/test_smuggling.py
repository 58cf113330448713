"""No request hides another: where a proxy and the server could disagree about the end of a body.

Each case is a request whose length can be read in two ways, with a second request inside of what only
one reading calls its body. The server must refuse the first and close the connection.
"""

import re
import socket
from types import SimpleNamespace
from urllib.parse import urlsplit

import gevent
import pytest

from harness.servers import AppServer
from kindlechat.web.middleware.body import MOST_LEFT_BYTES, read_rest
from tests.cases import cases

TIMEOUT_S = 20
HIDDEN = b"GET /healthz HTTP/1.1\r\nHost: hidden\r\n\r\n"
CHUNKS = b"0\r\n\r\n" + HIDDEN

TWO_READINGS = {
    "a length beside chunks": [b"Content-Length: 5", b"Transfer-Encoding: chunked"],
    "chunks beside a length": [b"Transfer-Encoding: chunked", b"Content-Length: 5"],
    "two lengths": [b"Content-Length: 0", b"Content-Length: %d" % len(HIDDEN)],
    "two lengths in one line": [b"Content-Length: 0, %d" % len(HIDDEN)],
    "a length with a sign": [b"Content-Length: +0"],
    "a negative length": [b"Content-Length: -1"],
    "a length in hexadecimal": [b"Content-Length: 0x0"],
    "a length with an underscore": [b"Content-Length: 0_0"],
    "a length in other digits": ["Content-Length: \u0660".encode()],
    "an empty length": [b"Content-Length: "],
    "an unknown coding": [b"Transfer-Encoding: xchunked", b"Content-Length: 0"],
    "chunks that are not last": [b"Transfer-Encoding: chunked, identity", b"Content-Length: 0"],
    "chunks twice": [b"Transfer-Encoding: chunked, chunked"],
    "two codings in two lines": [b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity"],
    "a coding after a vertical tab": [b"Transfer-Encoding: \x0bchunked", b"Content-Length: 0"],
    "a coding in quotes": [b'Transfer-Encoding: "chunked"', b"Content-Length: 0"],
    "a blank before the colon": [b"Transfer-Encoding : chunked", b"Content-Length: 0"],
    "a blank before a length's colon": [b"Content-Length : %d" % len(HIDDEN)],
    "a folded line": [b"Transfer-Encoding:\r\n chunked", b"Content-Length: 0"],
    "a line that begins with a blank": [b" Transfer-Encoding: chunked", b"Content-Length: 0"],
    "a NUL in a name": [b"Transfer-Encoding\x00: chunked", b"Content-Length: 0"],
    "a NUL in a value": [b"Transfer-Encoding: chunked\x00", b"Content-Length: 0"],
    "a bare CR in a value": [b"X: a\rTransfer-Encoding: chunked", b"Content-Length: 0"],
    "a name with a line end": [b"X\nTransfer-Encoding: chunked", b"Content-Length: 0"],
    "no colon": [b"Transfer-Encoding chunked", b"Content-Length: 0"],
}

BAD_CHUNKS = {
    "a size with a sign": b"+0\r\n\r\n",
    "a size with 0x": b"0x0\r\n\r\n",
    "a size with an underscore": b"0_0\r\n\r\n",
    "a size with a blank before it": b" 0\r\n\r\n",
    "no size": b"\r\n\r\n",
    "a size that ends with LF": b"1\nA\r\n0\r\n\r\n",
    "data that ends late": b"1\r\nAB\r\n0\r\n\r\n",
    "a NUL in an extension": b"0;a=\x00\r\n\r\n",
}

BAD_FIRST_LINES = {
    "no version": b"POST /ask",
    "a blank in the path": b"POST /a sk HTTP/1.1",
    "an unknown version": b"POST /ask HTTP/1.2x",
    "a control character": b"POST /a\x01sk HTTP/1.1",
    "a line end in the method": b"PO\nST /ask HTTP/1.1",
    "another protocol": b"POST /ask ICAP/1.0",
}


@pytest.fixture(scope="module")
def server(site, upstream, tmp_path_factory):
    with AppServer(tmp_path_factory.mktemp("app"), GEMINI_BASE_URL=upstream.base_url) as server:
        yield server


def statuses(server, data):
    """The statuses of all answers on one connection, until the server closes it."""
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), TIMEOUT_S) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        answers = b"".join(iter(lambda: connection.recv(65536), b""))
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", answers)]


def request(headers, body, first=b"POST /ask HTTP/1.1"):
    return b"\r\n".join([first, b"Host: x", *headers, b"", b""]) + body


@cases("headers", TWO_READINGS.values(), ids=TWO_READINGS)
def test_a_length_with_two_readings_is_refused(server, headers):
    body = CHUNKS if any(b"chunked" in header for header in headers) else HIDDEN
    told = statuses(server, request(headers, body))
    assert len(told) == 1, "one answer, and nothing for the hidden request"
    assert told[0] in (400, 501)


@cases("chunks", BAD_CHUNKS.values(), ids=BAD_CHUNKS)
def test_chunks_with_two_readings_are_refused(server, chunks):
    headers = [b"Transfer-Encoding: chunked", b"Content-Type: application/x-www-form-urlencoded"]
    assert statuses(server, request(headers, chunks + HIDDEN)) == [400]


@cases("first", BAD_FIRST_LINES.values(), ids=BAD_FIRST_LINES)
def test_a_first_line_with_two_readings_is_refused(server, first):
    told = statuses(server, request([b"Content-Length: 0"], HIDDEN, first))
    assert len(told) == 1
    assert 400 <= told[0] <= 505


def test_two_plain_requests_on_one_connection_are_two(server):
    """So that the tests above can fail: a request after a well-formed one is answered."""
    first = request([b"Content-Length: 0"], b"")
    assert statuses(server, first + HIDDEN) == [400, 200]


def test_an_unread_body_is_not_taken_for_a_request(server):
    """What is refused before its body is read leaves nothing that could pass for the next request."""
    head = [b"Content-Length: %d" % len(HIDDEN), b"Sec-Fetch-Site: cross-site"]
    assert statuses(server, request(head, HIDDEN)) == [403]
    assert statuses(server, request(head, HIDDEN, b"POST /nothing HTTP/1.1")) in ([403], [404])


def test_of_a_body_that_nobody_wants_a_part_is_read_and_then_the_connection_closes(server):
    """Whoever sends on and on would have a server that reads on and on, and answers nobody else."""
    address = urlsplit(server.url)
    length, piece = 10 * MOST_LEFT_BYTES, bytes(2**20)
    with socket.create_connection((address.hostname, address.port), TIMEOUT_S) as connection:
        connection.sendall(request([b"Content-Length: %d" % length], b"", b"POST /x HTTP/1.1"))
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            for _ in range(length // len(piece)):
                connection.sendall(piece)


def test_others_go_first_while_a_body_is_dropped():
    """Also where it comes faster than it is read, so that no read ever waits."""
    served = gevent.spawn(lambda: None)
    body = SimpleNamespace(read=lambda size: bytes(0 if served.dead else size))
    assert read_rest(body)


NO_REQUESTS = {
    "a first line in no letters of ours": (b"GET /ask?message=a-secret\xff HTTP/1.1\r\n\r\n", 400),
    "a header that is none": (b"GET / HTTP/1.1\r\na-secret header\r\n\r\n", 400),
    "an expectation": (b"GET / HTTP/1.1\r\nExpect: a-secret\r\nContent-Length: 0\r\n\r\n", 417),
    "a long first line": (b"GET /" + b"a-secret" * 1000 + b" HTTP/1.1\r\n\r\n", 414),
    "a long header": (b"GET / HTTP/1.1\r\nX: " + b"a-secret" * 3000 + b"\r\n\r\n", 431),
}


@cases("name", NO_REQUESTS)
def test_what_is_no_request_is_answered_and_the_log_says_so_without_a_word_of_it(server, name):
    sent, status = NO_REQUESTS[name]
    begun = len(server.log)
    assert statuses(server, sent) == [status]
    told = server.log[begun:]
    assert "what came was no request" in told
    assert "secret" not in told
    assert "127.0.0.1" not in told
