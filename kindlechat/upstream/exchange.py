"""A request to the upstream, and the head of what it answers, over a connection that urllib3 makes and keeps.

urllib3's own way, through http.client and the parser of mails, costs 0.2 ms more for each question.
It is still taken by way of a proxy, and it reads whatever is not quite the answer that all models give:
HTTP/1.1 and 200, chunked, in one coding, and with nothing that could be understood in two ways.
"""

import io
import queue
import re
import select
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from http.client import HTTPException, HTTPResponse
from types import SimpleNamespace
from typing import Any, cast
from weakref import WeakKeyDictionary

import urllib3
from gevent.monkey import get_original
from urllib3.connection import HTTPConnection
from urllib3.exceptions import ProtocolError, ReadTimeoutError, SSLError
from urllib3.util.ssl_match_hostname import CertificateError

from kindlechat.upstream.chunked import BadChunk, ChunkedDecoder

unpatched_poll = get_original("select", "poll")

READ_BYTES = 65536
BUFFER = memoryview(bytearray(READ_BYTES))
"""Where all connections put what they read: it is taken from there before another greenlet runs."""

MAX_HEAD_BYTES = 65536

END = re.compile(rb"\n\r?\n")
INTERIM = re.compile(rb"HTTP/1\.1 1(?!01)[0-9]{2}[ \r\n]")
"""A head that another one follows. http.client knows the 100 alone."""

COMMON = re.compile(rb"HTTP/1\.1 200 [^\r\n\0]*\r\n(?:[\w!#$%&'*+.^`|~-]+:[^\r\n\0]*\r\n)*\r\n")
FRAMING = re.compile(
    rb"^(connection|content-encoding|content-length|transfer-encoding|upgrade):[ \t]*(.*?)[ \t]*\r$",
    re.MULTILINE,
)
CHUNKED = (b"transfer-encoding", b"chunked")
KEPT = ([CHUNKED], [(b"connection", b"keep-alive"), CHUNKED])
CLOSED = ([(b"connection", b"close"), CHUNKED],)
"""What a common head says of how its body comes, in the order of the alphabet: whether the connection may
serve another request after it."""

MAX_REST_S = 120.0
"""A kept connection on which nothing was asked for longer is made anew: routers forget silent ones after some
four minutes and tell nobody. A question sent on one waits in vain, or fails on one after the other."""

LENGTHS = (b"content-length", b"transfer-encoding")
"""What says where a body ends. Where a head has several, others might understand another end."""

NO_RETRIES = urllib3.Retry(False, redirect=False)
"""What urllib3 would make of `retries=False` for each request anew."""


class Exchange:
    """Sends requests to one address. Safe to share between greenlets."""

    def __init__(
        self,
        connections: urllib3.HTTPConnectionPool,
        target: str,
        headers: Mapping[str, str],
        *,
        connect_timeout_s: float,
    ) -> None:
        self._connections = connections
        self._target = target
        self._headers = headers
        self._connect_timeout_s = connect_timeout_s
        self._asked_at: WeakKeyDictionary[HTTPConnection, float] = WeakKeyDictionary()
        lines = [f"POST {target} HTTP/1.1", f"Host: {_host(connections)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._head = "\r\n".join(lines).encode("latin-1")

    def send(self, body: bytes) -> "RawBody":
        """The answer to a request with this body. Raises urllib3's errors and OSError."""
        if self._connections.proxy is not None:
            return self._send_by_proxy(body)
        connection = self._kept() or cast(HTTPConnection, self._connections._new_conn())
        try:
            self._connect(connection)
            received = self._ask(connection, body)
            end = END.search(received)
            head = received[: end.end()] if end else received
            framing = sorted(FRAMING.findall(head.lower()))
            if framing in (*KEPT, *CLOSED) and COMMON.fullmatch(head):
                pool = self._connections if framing in KEPT else None
                return CommonBody(connection, pool, received[len(head) :])
            may_stay = sum(name in LENGTHS for name, _ in framing) == 1
            return self._read_by_urllib3(connection, received, may_stay=may_stay)
        except BaseException as error:
            connection.close()
            if isinstance(error, OSError | HTTPException):
                raise ProtocolError("Connection aborted.", error) from None
            raise

    def _kept(self) -> HTTPConnection | None:
        """A connection that is kept, if there is one. If its other end has closed it, it is closed here, too.

        urllib3 would look by way of gevent, which makes a timer to wait for no time at all.
        """
        pool = cast("queue.LifoQueue[HTTPConnection | None]", self._connections.pool)
        with suppress(queue.Empty):
            connection = pool.get(block=False)
            if connection is not None and not connection.is_closed and _has_come(connection.sock):
                connection.close()
            return connection
        return None

    def _connect(self, connection: HTTPConnection) -> None:
        """Have a connection that is open, and that does not hang while the request is sent."""
        connection.timeout = self._connect_timeout_s
        now = time.monotonic()
        if now - self._asked_at.get(connection, now) > MAX_REST_S:
            connection.close()
        self._asked_at[connection] = now
        if not connection.is_closed:
            connection.sock.settimeout(self._connect_timeout_s)
            return
        try:
            connection.connect()
        except TimeoutError as error:  # of TLS: others are told as urllib3's own
            raise ReadTimeoutError(self._connections, self._target, "Read timed out.") from error
        except (ssl.SSLError, CertificateError) as error:
            raise SSLError(error) from error

    def _ask(self, connection: HTTPConnection, body: bytes) -> bytes:
        """Send a request; returns what came up to the end of the final answer's head, and behind it."""
        sock = connection.sock
        with suppress(
            BrokenPipeError, ConnectionResetError
        ):  # it may have answered before it read all
            sock.sendall(b"%s\r\nContent-Length: %d\r\n\r\n%s" % (self._head, len(body), body))
        sock.settimeout(None)
        received = b""
        while True:
            count = sock.recv_into(BUFFER)
            seen = max(0, len(received) - 2)
            received += BUFFER[:count].tobytes()
            while (end := END.search(received, seen)) and INTERIM.match(received):
                received, seen = received[end.end() :], 0
            if end or not count:
                return received
            if len(received) > MAX_HEAD_BYTES:
                raise HTTPException("got a head without an end")

    def _read_by_urllib3(
        self, connection: HTTPConnection, received: bytes, *, may_stay: bool
    ) -> urllib3.BaseHTTPResponse:
        """An answer whose beginning is here already. The connection is kept where its head says so, too."""
        rest = connection.sock.makefile("rb", buffering=0)
        replayed = io.BufferedReader(_Replayed(received, rest))
        original = HTTPResponse(
            cast(Any, SimpleNamespace(makefile=lambda _: replayed)), method="POST"
        )
        original.begin()
        if original.will_close or not may_stay:
            connection.close()  # `rest` holds the socket until the body is read
        return urllib3.HTTPResponse(
            original,
            urllib3.HTTPHeaderDict(original.msg.items()),
            original.status,
            preload_content=False,
            decode_content=False,
            original_response=original,
            pool=self._connections,
            connection=cast(Any, connection),
            request_method="POST",
        )

    def _send_by_proxy(self, body: bytes) -> urllib3.BaseHTTPResponse:
        return self._connections.urlopen(
            "POST",
            self._target,
            body=body,
            headers=self._headers,
            redirect=False,
            assert_same_host=False,  # the proxy's address is another one
            retries=NO_RETRIES,
            timeout=urllib3.Timeout(connect=self._connect_timeout_s, read=None),
            preload_content=False,
            decode_content=False,
        )


class CommonBody:
    """The chunked body of a common answer."""

    __slots__ = ("_connection", "_pool", "_received")

    def __init__(
        self,
        connection: HTTPConnection,
        pool: urllib3.HTTPConnectionPool | None,
        received: bytes,
    ) -> None:
        """`received` came with the head. `pool` keeps the connection once all is read; None closes it."""
        self._connection: HTTPConnection | None = connection
        self._pool = pool
        self._received = received

    def fileno(self) -> int:
        """The socket's descriptor."""
        return int(self._connection.sock.fileno()) if self._connection else -1

    def pieces(self) -> Iterator[bytes]:
        """See `pieces_of`."""
        return filter(None, self._pieces())

    def _pieces(self) -> Iterator[bytes]:
        decoder = ChunkedDecoder()
        received, self._received = self._received, b""
        sock = cast(HTTPConnection, self._connection).sock
        yield from _unchunked(decoder, received, sock.recv_into)
        if self._pool is not None and not decoder.has_surplus:
            connection, self._connection = self._connection, None
            self._pool._put_conn(cast(Any, connection))

    def close(self) -> None:
        """Close the connection, unless it is kept."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


RawBody = CommonBody | urllib3.BaseHTTPResponse


def pieces_of(body: RawBody) -> Iterator[bytes]:
    """The pieces of a body, none of them waited for longer than it takes to come; those together that came
    together, but for packed ones. Raises urllib3's errors and OSError."""
    if isinstance(body, CommonBody):
        return body.pieces()
    if not body.chunked:
        return iter(lambda: body.read1(READ_BYTES, decode_content=True), b"")
    response: HTTPResponse | None = getattr(body, "_original_response", None)
    if response is None or "content-encoding" in body.headers:
        return body.read_chunked(READ_BYTES, decode_content=True)
    return filter(None, _pieces_below(body, response))


def _pieces_below(body: urllib3.BaseHTTPResponse, response: HTTPResponse) -> Iterator[bytes]:
    """The pieces of a chunked body, read below urllib3, which would read one chunk at a time."""
    # What came with the head is in the file's own buffer, which takes 8 kB for as long as it is there.
    received = response.fp.read1(len(response.fp.peek()))
    response.fp = file = response.fp.detach()  # type: ignore[assignment]
    yield from _unchunked(ChunkedDecoder(), received, file.readinto)
    response.close()
    body.release_conn()


def _unchunked(
    decoder: ChunkedDecoder, received: bytes, read_into: Callable[[memoryview], int]
) -> Iterator[bytes]:
    """What a decoder makes of what came already, and of what is read then. Raises ProtocolError."""
    try:
        if received:
            yield decoder.feed(received)
        del received  # not to be held while more is waited for
        while not decoder.ended:
            yield decoder.feed(BUFFER[: read_into(BUFFER)].tobytes())
    except BadChunk as error:
        raise ProtocolError(str(error)) from None


class _Replayed(io.RawIOBase):
    """A connection as it was before its first bytes were read."""

    def __init__(self, received: bytes, rest: Any) -> None:
        self._received = received
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if not self._received:
            count: int | None = self._rest.readinto(buffer)
            return count
        count = min(len(buffer), len(self._received))
        buffer[:count], self._received = self._received[:count], self._received[count:]
        return count

    def fileno(self) -> int:
        return int(self._rest.fileno())

    def close(self) -> None:
        self._rest.close()
        super().close()


def _has_come(sock: Any) -> bool:
    """Whether there is something to read on a socket, an end too."""
    looked = unpatched_poll()
    looked.register(sock, select.POLLIN)
    return bool(looked.poll(0))


def _host(connections: urllib3.HTTPConnectionPool) -> str:
    """The value of `Host` for an address, as http.client writes it."""
    name = str(connections.host).partition("%")[0]  # an interface is this machine's own matter
    name = f"[{name}]" if ":" in name else name
    default = connections.ConnectionCls.default_port
    return name if connections.port in (None, default) else f"{name}:{connections.port}"
