"""Requests to the upstream: what is sent and what is read, beside urllib3's own way."""

import gzip
import re
import ssl
import subprocess
from contextlib import closing, contextmanager, suppress

import gevent
import pytest
import urllib3
from gevent.server import StreamServer

from kindlechat.upstream.connections import BUNDLES, connections_to
from kindlechat.upstream.exchange import (
    MAX_HEAD_BYTES,
    MAX_REST_S,
    CommonBody,
    Exchange,
    pieces_of,
)
from tests.cases import cases

HEADERS = {"Content-Type": "application/json", "Accept-Encoding": "identity", "User-Agent": "us"}
WITHIN_S = 20
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
BODY = b"5\r\nHello\r\n7\r\n, world\r\n0\r\n\r\n"


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", *BUNDLES):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


class Scripted:
    """A server that answers each request with the same bytes, `byte_by_byte` if asked, and keeps what came.

    It closes the connection after an answer unless it `stays`.
    """

    def __init__(self, answer, *, stays=True, byte_by_byte=False, tls=None):
        self.answer, self.stays, self.byte_by_byte = answer, stays, byte_by_byte
        self.requests, self.connections, self.left = [], 0, gevent.event.Event()
        options = {"ssl_context": tls} if tls else {}
        self.server = StreamServer(("127.0.0.1", 0), self._serve, **options)

    def __enter__(self):
        self.server.start()
        return self

    def __exit__(self, *_):
        self.server.stop(timeout=0.1)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/a?b"

    def _serve(self, sock, _):
        self.connections += 1
        with suppress(OSError):  # the client left while something was on its way
            while request := self._request(sock):
                self.requests.append(request)
                for part in map(bytes, zip(self.answer)) if self.byte_by_byte else [self.answer]:
                    sock.sendall(part)
                if not self.stays:
                    return
        self.left.set()

    def _request(self, sock):
        data = b""
        while more := sock.recv(65536):
            data += more
            head, end, body = data.partition(b"\r\n\r\n")
            if end and len(body) == int(re.search(rb"(?i)content-length: (\d+)", head)[1]):
                return data
        return b""


def exchange_with(url, **options):
    connections, target = connections_to(url)
    return Exchange(connections, target, HEADERS, **{"connect_timeout_s": 5, **options})


def by_urllib3(url):
    """The same request sent in urllib3's own way."""
    connections, target = connections_to(url)

    def send(body):
        return connections.urlopen(
            "POST",
            target,
            body=body,
            headers=HEADERS,
            redirect=False,
            retries=urllib3.Retry(False, redirect=False),
            preload_content=False,
            decode_content=False,
        )

    return send


def read(send, body=b"{}"):
    """The status and the whole body of an answer, or the kinds of the error."""
    try:
        with gevent.Timeout(WITHIN_S), closing(send(body)) as raw:
            return getattr(raw, "status", 200), b"".join(pieces_of(raw))
    except urllib3.exceptions.HTTPError as error:
        return type(error)


# The request


def test_the_request_is_the_one_that_urllib3_would_send():
    with Scripted(HEAD + CHUNKED + b"\r\n" + BODY) as server:
        read(exchange_with(server.url).send, b'{"a": "\xc3\xa4"}')
        read(by_urllib3(server.url), b'{"a": "\xc3\xa4"}')
    ours, theirs = server.requests
    assert sorted(ours.split(b"\r\n")) == sorted(theirs.split(b"\r\n"))
    assert ours.startswith(b"POST /a?b HTTP/1.1\r\nHost: 127.0.0.1:")


@cases(
    ("url", "host"),
    [
        ("http://model.example/a", "model.example"),
        ("http://model.example:80/a", "model.example"),
        ("http://model.example:443/a", "model.example:443"),
        ("https://model.example/a", "model.example"),
        ("https://model.example:8443/a", "model.example:8443"),
        ("http://[::1]/a", "[::1]"),
        ("http://[::1]:8000/a", "[::1]:8000"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
    ],
)
def test_the_host_is_named_as_http_wants_it(url, host):
    assert f"\r\nHost: {host}\r\n".encode() in exchange_with(url)._head + b"\r\n"


# The answer

COMMON = {
    "plain": HEAD + CHUNKED,
    "more headers": HEAD + b"Server: X\r\nVary: A\r\nVary: B\r\n" + CHUNKED + b"X-Empty:\r\n",
    "kept alive": HEAD + b"Connection: keep-alive\r\n" + CHUNKED,
    "in capitals": HEAD + b"CONNECTION: Keep-Alive\r\nTRANSFER-ENCODING:Chunked\r\n",
    "closed": HEAD + CHUNKED + b"Connection: close\r\n",
}

UNCOMMON = {
    "an error": b"HTTP/1.1 503 Busy\r\n" + CHUNKED,
    "no reason": b"HTTP/1.1 200\r\n" + CHUNKED,
    "old HTTP": b"HTTP/1.0 200 OK\r\n" + CHUNKED,
    "newer HTTP": b"HTTP/1.2 200 OK\r\n" + CHUNKED,
    "another protocol": b"HTTP/1.1 101 Switching\r\n" + CHUNKED,
    "line feeds": b"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n",
    "a folded line": HEAD + b"X: a\r\n b\r\n" + CHUNKED,
    "a blank name": HEAD + b"X : a\r\n" + CHUNKED,
    "no name": HEAD + CHUNKED + b"nonsense\r\n",
    "a length, too": HEAD + b"Content-Length: 3\r\n" + CHUNKED,
    "two codings": HEAD + b"Transfer-Encoding: gzip, chunked\r\n",
    "chunked twice": HEAD + CHUNKED + CHUNKED,
    "two connections": HEAD + b"Connection: close\r\nConnection: keep-alive\r\n" + CHUNKED,
}


@cases("head", COMMON.values(), ids=COMMON)
@pytest.mark.parametrize("byte_by_byte", [False, True])
def test_the_answer_that_all_give_is_read_without_urllib3(head, byte_by_byte):
    with Scripted(head + b"\r\n" + BODY, byte_by_byte=byte_by_byte) as server:
        with closing(exchange_with(server.url).send(b"{}")) as raw:
            assert isinstance(raw, CommonBody)
            assert b"".join(pieces_of(raw)) == b"Hello, world"
        assert read(by_urllib3(server.url)) == (200, b"Hello, world")


@cases("head", UNCOMMON.values(), ids=UNCOMMON)
@pytest.mark.parametrize("byte_by_byte", [False, True])
def test_any_other_answer_is_read_as_urllib3_reads_it(head, byte_by_byte):
    end = b"\n" if b"\r\n" not in head else b"\r\n"
    with Scripted(head + end + BODY, stays=False, byte_by_byte=byte_by_byte) as server:
        with closing(exchange_with(server.url).send(b"{}")) as raw:
            assert not isinstance(raw, CommonBody)
        assert read(exchange_with(server.url).send) == read(by_urllib3(server.url))


@cases(
    "interim",
    [
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
        b"HTTP/1.1 199\r\nContent-Length: 5\r\n\r\n",
    ],
)
@pytest.mark.parametrize("byte_by_byte", [False, True])
def test_heads_that_come_before_the_final_one_are_skipped(interim, byte_by_byte):
    with Scripted(interim + HEAD + CHUNKED + b"\r\n" + BODY, byte_by_byte=byte_by_byte) as server:
        send = exchange_with(server.url).send
        assert [read(send), read(send)] == [(200, b"Hello, world")] * 2
        assert server.connections == 1


@cases("rest", [b"", b"HTTP/1.1 2", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_who_sends_nothing_final_has_not_answered(rest):
    with Scripted(b"HTTP/1.1 103 Early Hints\r\n\r\n" + rest, stays=False) as server:
        assert read(exchange_with(server.url).send) is urllib3.exceptions.ProtocolError


PACKED = gzip.compress(b"Hello, world")


@cases(
    "answer",
    [
        HEAD + b"Content-Length: 5\r\n\r\nHello",
        HEAD + b"Content-Length: 50\r\n\r\nHello",
        HEAD + b"Content-Length: 5\r\nContent-Length: 3\r\n\r\nHello",
        HEAD + b"\r\nHello",
        HEAD + b"Content-Encoding: gzip\r\n\r\n" + PACKED,
        HEAD
        + CHUNKED
        + b"Content-Encoding: gzip\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(PACKED), PACKED),
        b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 204 Nothing\r\n\r\n",
        HEAD + CHUNKED,  # and no more
        b"HTTP/1.1 2",
        b"",
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/1.1 two hundred\r\n\r\n",
        HEAD + CHUNKED + b"\r\nnonsense\r\n",
        HEAD + CHUNKED + b"\r\n5\r\nHel",
    ],
    ids=repr,
)
def test_what_ends_otherwise_or_not_at_all_ends_as_with_urllib3(answer):
    with Scripted(answer, stays=False) as server:
        ours, theirs = read(exchange_with(server.url).send), read(by_urllib3(server.url))
    if theirs is urllib3.exceptions.InvalidChunkLength:  # by our decoder
        theirs = urllib3.exceptions.ProtocolError
    assert ours == theirs


def test_a_head_without_an_end_is_not_read_for_ever():
    with Scripted(HEAD + b"X: %s\r\n" % (b"y" * 100) * (2 * MAX_HEAD_BYTES // 100)) as server:
        assert read(exchange_with(server.url).send) is urllib3.exceptions.ProtocolError
        assert server.left.wait(WITHIN_S)


# The connection


def asked_twice(answer, **options):
    """How many connections two requests in turn take."""
    with Scripted(answer, **options) as server:
        send = exchange_with(server.url).send
        first, second = read(send), read(send)
        assert first == second
        return server.connections


@cases(
    "answer",
    [
        HEAD + CHUNKED + b"\r\n" + BODY,
        HEAD + CHUNKED + b"Connection: keep-alive\r\n\r\n" + BODY,
        HEAD + CHUNKED + b"Keep-Alive: timeout=5\r\n\r\n" + BODY,
        HEAD + b"Content-Length: 5\r\n\r\nHello",
        b"HTTP/1.1 503 Busy\r\n" + CHUNKED + b"\r\n" + BODY,
    ],
    ids=repr,
)
def test_a_connection_is_kept_for_the_next_request(answer):
    assert asked_twice(answer) == 1


@cases(
    "answer",
    [
        HEAD + CHUNKED + b"Connection: close\r\n\r\n" + BODY,
        HEAD + CHUNKED + b"\r\n" + BODY + b"more",
        HEAD + CHUNKED + b"\r\n" + BODY + HEAD + CHUNKED + b"\r\n" + BODY,
        HEAD + b"Content-Length: 3\r\n" + CHUNKED + b"\r\n" + BODY,
        HEAD + b"Content-Length: 5\r\nContent-Length: 3\r\n\r\nHello",
        b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nHello",
    ],
    ids=repr,
)
def test_a_connection_whose_answers_end_is_in_doubt_is_closed(answer):
    assert asked_twice(answer) == 2


def test_a_kept_connection_that_was_closed_meanwhile_is_made_anew():
    with Scripted(HEAD + CHUNKED + b"\r\n" + BODY, stays=False) as server:
        send = exchange_with(server.url).send
        assert read(send) == (200, b"Hello, world")
        gevent.sleep(0.05)
        assert read(send) == (200, b"Hello, world")


@cases(("rest_s", "connections"), [(MAX_REST_S, 1), (MAX_REST_S + 1, 2)])
def test_a_kept_connection_that_was_silent_for_long_is_made_anew(monkeypatch, rest_s, connections):
    now = [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    with Scripted(HEAD + CHUNKED + b"\r\n" + BODY) as server:
        send = exchange_with(server.url).send
        assert read(send) == (200, b"Hello, world")
        now[0] += rest_s
        assert read(send) == (200, b"Hello, world")
        assert server.connections == connections


def test_whoever_is_ended_while_it_waits_for_the_head_closes_the_connection():
    with Scripted(HEAD) as server:
        waiting = gevent.spawn(read, exchange_with(server.url).send)
        while not server.requests:
            gevent.sleep(0.01)
        waiting.kill()
        assert server.left.wait(WITHIN_S)


def test_a_body_that_is_not_read_to_its_end_closes_the_connection():
    with Scripted(HEAD + CHUNKED + b"\r\n5\r\nHello\r\n") as server:
        raw = exchange_with(server.url).send(b"{}")
        assert next(pieces_of(raw)) == b"Hello"
        raw.close()
        assert server.left.wait(WITHIN_S)


def test_an_answer_is_read_though_the_request_could_not_be_sent_whole():
    def refuse(sock, _):
        sock.recv(1000)
        sock.sendall(b"HTTP/1.1 413 Large\r\nContent-Length: 5\r\nConnection: close\r\n\r\nHello")
        sock.shutdown(1)
        gevent.sleep(1)

    with closing(StreamServer(("127.0.0.1", 0), refuse)) as server:
        server.start()
        send = exchange_with(f"http://127.0.0.1:{server.server_port}/").send
        assert read(send, b"x" * 1000) == (413, b"Hello")


# TLS and proxies


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """The files of a certificate that no authority of the system has signed, and of its key."""
    folder = tmp_path_factory.mktemp("tls")
    files = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "1", "-subj", "/CN=model.test", "-keyout", files[1]),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-out", files[0]),
        ],
        check=True,
        capture_output=True,
    )
    return files


@contextmanager
def served_by_tls(certificate):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*certificate)
    with Scripted(HEAD + CHUNKED + b"\r\n" + BODY, tls=tls) as server:
        yield server, server.url.replace("http:", "https:")


def test_a_connection_by_tls_is_kept_too(certificate, environment):
    environment.setenv(BUNDLES[0], str(certificate[0]))
    with served_by_tls(certificate) as (server, url):
        send = exchange_with(url).send
        assert [read(send), read(send)] == [(200, b"Hello, world")] * 2
        assert server.connections == 1


def test_a_certificate_that_nobody_trusts_is_refused(certificate):
    with served_by_tls(certificate) as (server, url):
        assert read(exchange_with(url).send) is urllib3.exceptions.SSLError
        assert server.requests == []


def test_a_proxy_is_asked_by_urllib3(environment):
    with Scripted(HEAD + CHUNKED + b"\r\n" + BODY) as proxy:
        environment.setenv("HTTP_PROXY", proxy.url.removesuffix("/a?b"))
        send = exchange_with("http://model.example/a").send
        assert [read(send), read(send)] == [(200, b"Hello, world")] * 2
    assert proxy.requests[0].startswith(b"POST http://model.example/a HTTP/1.1\r\n")
    assert proxy.connections == 1
