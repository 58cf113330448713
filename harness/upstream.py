"""An upstream that speaks Gemini's wire format and can do every fault, on a real port.

In a test: `with Upstream() as upstream: upstream.script(answer("Yes."), cut())`; each request takes
the next behaviour, and the last one repeats. Without a script the question picks its behaviour:
`fault:NAME` from FAULTS, `count:N:DELAY_MS` counts words, anything else gets ANSWER.

As a process: `python -m harness.upstream [--port PORT]` prints its base URL and serves until killed.
"""

from gevent import monkey

monkey.patch_all()

import argparse
import gzip
import json
import re
import socket
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import gevent
from gevent.event import Event
from gevent.server import StreamServer

from harness.servers import free_port
from kindlechat.upstream.demo import encode_event, error_object, events, split_pieces

ANSWER = (
    "Sunlight is a mix of **all** colours. Air scatters the short waves more than the long ones, so"
    " blue comes to us from every side. Небо синее потому же. In the evening the light has a longer"
    " way to go, most of the blue is lost on it, and what is left is red.\n\n"
    "- noon: blue\n- evening: red\n\nC'est déjà tout."
)
PIECE_DELAY_S = 0.1


@dataclass
class Request:
    """A request as it came, and what became of its connection."""

    path: str
    headers: dict[str, str]
    body: Any
    closed: Event = field(default_factory=Event)  # set when the client is seen to have closed

    @property
    def question(self) -> str:
        """The text of the last message."""
        text: str = self.body["contents"][-1]["parts"][-1]["text"]
        return text


class Connection:
    """One request's connection, with the means to break it."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._chunked = True

    def head(
        self,
        status: int = 200,
        content_type: str = "text/event-stream",
        *,
        chunked: bool = True,
        encoding: str = "",
    ) -> None:
        """Send the response's head; a body that is not chunked ends with the connection."""
        headers = {"Content-Type": content_type, "Connection": "close"}
        if encoding:
            headers["Content-Encoding"] = encoding
        self._chunked = chunked
        if chunked:
            headers["Transfer-Encoding"] = "chunked"
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.raw(f"HTTP/1.1 {status} Whatever\r\n{lines}\r\n".encode())

    def raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._sock.sendall(data)

    def send(self, data: bytes) -> None:
        """Send a part of the body."""
        self.raw(b"%x\r\n%s\r\n" % (len(data), data) if self._chunked else data)

    def end(self) -> None:
        """End the body as it should be."""
        if self._chunked:
            self.raw(b"0\r\n\r\n")

    def reset(self) -> None:
        """Break the connection with a RST."""
        linger = struct.pack("ii", 1, 0)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._sock.close()


Behaviour = Callable[[Connection], None]


class Upstream:
    """The upstream; a context manager. `requests` holds what came, oldest first."""

    def __init__(self, port: int = 0, choose: Callable[[Request], Behaviour] | None = None) -> None:
        self._choose = choose or (lambda request: behaviour_for(request.question))
        self.requests: list[Request] = []
        self._script: list[Behaviour] = []
        self._about: set[str] = set()
        self._server = StreamServer(("127.0.0.1", port), self._handle)

    def __enter__(self) -> "Upstream":
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop(timeout=0.1)

    @property
    def base_url(self) -> str:
        """What GEMINI_BASE_URL has to be."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def script(self, *behaviours: Behaviour, about: Iterable[str] = ()) -> None:
        """Set what the next requests get; the last behaviour repeats.

        With `about` only requests whose first message is one of these take from the script: late
        ones of another test do not disturb it.
        """
        self._script = list(behaviours)
        self._about = set(about)

    def _handle(self, sock: socket.socket, _: object) -> None:
        request = _read_request(sock)
        if request is None:
            return
        self.requests.append(request)
        behaviour = self._next(request)
        job = gevent.spawn(_behave, behaviour, Connection(sock))
        _wait(sock, job)
        request.closed.set()
        job.kill()

    def _next(self, request: Request) -> Behaviour:
        first = request.body["contents"][0]["parts"][0]["text"] if request.body else ""
        if self._script and (not self._about or first in self._about):
            return self._script.pop(0) if len(self._script) > 1 else self._script[0]
        return self._choose(request)


def _wait(sock: socket.socket, job: "gevent.Greenlet[..., None]") -> None:
    """Return when the behaviour is done, or the client has closed the connection.

    Looks instead of waiting: a watcher would hold the socket open, and delay a RST.
    """
    while not job.ready():
        try:
            inner = sock._sock  # type: ignore[attr-defined]  # gevent's own attribute
            if not inner.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT):
                return
        except BlockingIOError:
            pass
        except (OSError, AttributeError):  # an AttributeError: the behaviour has closed it
            return
        gevent.sleep(0.02)


def _behave(behaviour: Behaviour, connection: Connection) -> None:
    with suppress(OSError):  # the client left, or the behaviour broke the connection
        behaviour(connection)


def _read_request(sock: socket.socket) -> Request | None:
    data = b""
    while b"\r\n\r\n" not in data:
        more = sock.recv(65536)
        if not more:
            return None
        data += more
    head, body = data.split(b"\r\n\r\n", 1)
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += sock.recv(65536)
    return Request(first.split()[1], headers, json.loads(body) if body else None)


# Behaviours


def text_event(text: str) -> bytes:
    """One event of a stream that carries this text."""
    return encode_event({"candidates": [{"content": {"parts": [{"text": text}]}}]})


def answer(
    text: str = ANSWER,
    *,
    finish: str | None = "STOP",
    pieces: Iterable[str] | None = None,
    delay_s: float = 0.0,
    silent_s: float = 0.0,
    unchunked: bool = False,
    compressed: bool = False,
    byte_by_byte: bool = False,
) -> Behaviour:
    """A whole answer, in `pieces` (or a few words each), `delay_s` apart, after `silent_s`."""

    def behave(connection: Connection) -> None:
        connection.head(chunked=not unchunked, encoding="gzip" if compressed else "")
        gevent.sleep(silent_s)
        responses = events(
            split_pieces(text) if pieces is None else pieces, finish=finish or "STOP"
        )
        data = [encode_event(response) for response in responses]
        if finish is None:
            data.pop()
        if compressed:
            data = [gzip.compress(b"".join(data))]
        if byte_by_byte:
            data = [bytes([byte]) for byte in b"".join(data)]
        for part in data:
            connection.send(part)
            gevent.sleep(delay_s)
        connection.end()

    return behave


def counting(count: int, delay_s: float, first: int = 1) -> Behaviour:
    """`word1 word2 … `, one word an event."""
    return answer(pieces=[f"word{n} " for n in range(first, first + count)], delay_s=delay_s)


class Gate:
    """An answer of `word1 word2 … `, whose words come when the test gives them."""

    def __init__(self, count: int) -> None:
        self._go = [Event() for _ in range(count)]

    def __call__(self, connection: Connection) -> None:
        connection.head()
        for number, go in enumerate(self._go, 1):
            go.wait()
            connection.send(text_event(f"word{number} "))
        send_and_end(STOP)(connection)

    def give(self, up_to: int) -> None:
        """Let all words up to this one come."""
        for go in self._go[:up_to]:
            go.set()


def http_error(
    status: int,
    name: str = "",
    *details: dict[str, Any],
    message: str = "The upstream's own words.",
    in_array: bool = False,
    body: bytes = b"",
) -> Behaviour:
    """An HTTP error with Gemini's error object, or with `body`."""
    error: Any = error_object(status, name, message, *details)

    def behave(connection: Connection) -> None:
        connection.head(status, "application/json; charset=UTF-8")
        connection.send(body or json.dumps([error] if in_array else error, indent=2).encode())
        connection.end()

    return behave


def some_text_then(do: Callable[[Connection], None], text: str = "Half an ans") -> Behaviour:
    """The beginning of an answer, in two events, and then something else."""

    def behave(connection: Connection) -> None:
        connection.head()
        for piece in (text[:4], text[4:]):
            connection.send(text_event(piece))
            gevent.sleep(0.05)
        do(connection)

    return behave


def body_of(*parts: bytes, ended: bool = True) -> Behaviour:
    """A 200 with just these parts as its body."""

    def behave(connection: Connection) -> None:
        connection.head()
        for part in parts:
            connection.send(part)
        if ended:
            connection.end()

    return behave


def send_and_end(*parts: bytes) -> Callable[[Connection], None]:
    """To be used with `some_text_then`."""

    def do(connection: Connection) -> None:
        for part in parts:
            connection.send(part)
        connection.end()

    return do


def drip(data: bytes, every_s: float = 0.05) -> Callable[[Connection], None]:
    """The same bytes again and again, for as long as the client stays."""

    def do(connection: Connection) -> None:
        while True:
            connection.send(data)
            gevent.sleep(every_s)

    return do


def stall(connection: Connection) -> None:
    """Silence, for as long as the client stays."""
    gevent.sleep(3600)


def think(connection: Connection) -> None:
    """Thoughts for a while, then the words."""
    for _ in range(5):
        connection.send(encode_event(THOUGHT))
        gevent.sleep(0.05)
    send_and_end(*map(encode_event, events(["A whole ", "answer."])))(connection)


def reset(connection: Connection) -> None:
    """A broken connection."""
    connection.reset()


def stop_then(do: Callable[[Connection], None]) -> Callable[[Connection], None]:
    """A finish reason, and then something other than the end of the body."""

    def behave(connection: Connection) -> None:
        connection.send(STOP)
        gevent.sleep(0.05)
        do(connection)

    return behave


def cut_mid_event(connection: Connection) -> None:
    """The connection ends in the middle of an event."""
    connection.send(b'data: {"candidates": [{"content": {"par')


def blocked(reason: str) -> Behaviour:
    """The prompt was blocked."""
    return body_of(encode_event({"promptFeedback": {"blockReason": reason}}))


def encode_halves(text: str) -> Iterator[bytes]:
    """An event for each UTF-16 unit of a text, as some servers cut it."""
    units = text.encode("utf-16-be")
    for start in range(0, len(units), 2):
        unit = int.from_bytes(units[start : start + 2], "big")
        parts = [{"text": chr(unit)}]
        data = json.dumps({"candidates": [{"content": {"parts": parts}}]})
        yield f"data: {data}\r\n\r\n".encode()


def finished(reason: str, text: str = "Half an ans") -> Behaviour:
    """An answer that ends for `reason`."""
    return answer(text, finish=reason)


def refused_url() -> str:
    """A base URL where nothing listens."""
    return f"http://127.0.0.1:{free_port()}"


KEY_INVALID = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
KEY_BLOCKED = {**KEY_INVALID, "reason": "API_KEY_SERVICE_BLOCKED"}
BILLING_DISABLED = {**KEY_INVALID, "reason": "BILLING_DISABLED"}
PER_DAY = {"violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}
PER_MINUTE = {"violations": [{"quotaId": "GenerateRequestsPerMinutePerProjectPerModel"}]}
USAGE = encode_event({"usageMetadata": {"totalTokenCount": 40}})
THOUGHT = {"candidates": [{"content": {"parts": [{"text": "Hmm.", "thought": True}]}}]}
LATE_ERROR = error_object(503, "UNAVAILABLE", "The upstream's own words.")
STOP = encode_event({"candidates": [{"finishReason": "STOP"}]})


def retry_info(delay: str) -> dict[str, Any]:
    """The detail that says when to come back."""
    return {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}


FAULTS: dict[str, Behaviour] = {
    "bad_key": http_error(400, "INVALID_ARGUMENT", KEY_INVALID),
    "unauthenticated": http_error(401, "UNAUTHENTICATED"),
    "bad_request": http_error(400, "INVALID_ARGUMENT"),
    "leaked_key": http_error(
        403, "PERMISSION_DENIED", message="Your API key was reported as leaked."
    ),
    "blocked_key": http_error(403, "PERMISSION_DENIED", KEY_BLOCKED),
    "credits": http_error(
        429, "RESOURCE_EXHAUSTED", message="Your prepayment credits are depleted."
    ),
    "billing": http_error(403, "PERMISSION_DENIED", BILLING_DISABLED),
    "country": http_error(400, "FAILED_PRECONDITION"),
    "permission": http_error(403, "PERMISSION_DENIED"),
    "model_gone": http_error(404, "NOT_FOUND"),
    "quota_day": http_error(429, "RESOURCE_EXHAUSTED", PER_DAY),
    "quota_minute": http_error(429, "RESOURCE_EXHAUSTED", PER_MINUTE),
    "quota_wait": http_error(429, "RESOURCE_EXHAUSTED", PER_MINUTE, retry_info("60s")),
    "cancelled": http_error(499, "CANCELLED"),
    "internal": http_error(500, "INTERNAL"),
    "bad_gateway": http_error(502, body=b"<html>Bad gateway</html>"),
    "busy": http_error(503, "UNAVAILABLE"),
    "busy_array": http_error(503, "UNAVAILABLE", in_array=True),
    "deadline": http_error(504, "DEADLINE_EXCEEDED"),
    "cut": some_text_then(cut_mid_event),
    "reset": some_text_then(reset),
    "reset_early": reset,
    "stall": some_text_then(stall),
    "stall_early": stall,
    "drip": some_text_then(drip(USAGE)),
    "drip_early": some_text_then(drip(USAGE), text=""),
    "no_finish": answer("Half an ans", finish=None),
    "stall_after_stop": some_text_then(stop_then(stall)),
    "drip_after_stop": some_text_then(stop_then(drip(USAGE))),
    "reset_after_stop": some_text_then(stop_then(reset)),
    "cut_after_stop": some_text_then(stop_then(cut_mid_event)),
    "error_after_stop": some_text_then(send_and_end(STOP, encode_event(LATE_ERROR))),
    "bare_error_after_stop": some_text_then(
        send_and_end(STOP, json.dumps(LATE_ERROR, indent=2).encode())
    ),
    "error_event": body_of(encode_event(LATE_ERROR)),
    "bare_json": body_of(json.dumps(LATE_ERROR, indent=2).encode()),
    "array": body_of(json.dumps(list(events(["A whole ", "answer."])), indent=2).encode()),
    "not_an_object": some_text_then(send_and_end(b'data: "text"\r\n\r\ndata: 42\r\n\r\n', STOP)),
    "malformed": some_text_then(send_and_end(b'data: {"candidates": [\r\n\r\n', STOP)),
    "huge": some_text_then(drip(b"x" * 65536, every_s=0)),
    "gzip": answer("A whole answer.", compressed=True),
    "bytes": answer("A whole answer.", byte_by_byte=True),
    "unchunked": answer("A whole answer.", unchunked=True),
    "empty": answer("", pieces=[]),
    "blank": answer("", pieces=["\n", " \n"]),
    "error_null": body_of(
        *(encode_event({"error": None, **event}) for event in events(["A whole ", "answer."]))
    ),
    "thought_out": answer("", pieces=[], finish="MAX_TOKENS"),
    "length": finished("MAX_TOKENS"),
    "safety": finished("SAFETY"),
    "recitation": finished("RECITATION"),
    "prohibited": finished("PROHIBITED_CONTENT"),
    "unknown_end": finished("NEWLY_INVENTED"),
    "blocked": blocked("PROHIBITED_CONTENT"),
    "thinking": some_text_then(think, text=""),
}
"""Every fault, by the name that a question can ask for."""


def behaviour_for(question: str) -> Behaviour:
    """What a question asks for; see the module's docstring."""
    if match := re.search(r"fault:(\w+)", question):
        return FAULTS[match[1]]
    if match := re.search(r"count:(\d+):(\d+)", question):
        return counting(int(match[1]), int(match[2]) / 1000)
    if match := re.search(r"silent:(\d+)", question):
        return answer(silent_s=int(match[1]))
    return answer(delay_s=PIECE_DELAY_S)


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description="Serve a faulty Gemini on a loopback port.")
    parser.add_argument("--port", type=int, default=0)
    with Upstream(parser.parse_args().port) as upstream:
        print(upstream.base_url, flush=True)
        gevent.get_hub().join()


if __name__ == "__main__":
    main()
