"""What the faulty upstream can do: whole answers, and every fault. FAULTS has each fault under its name."""

import gzip
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import gevent
from gevent.event import Event

from harness.connection import Behaviour, Connection
from harness.servers import free_port
from kindlechat.upstream.demo import encode_event, error_object, events, split_pieces

ANSWER = (
    "Sunlight is a mix of **all** colours. Air scatters the short waves more than the long ones, so"
    " blue comes to us from every side. Небо синее потому же. In the evening the light has a longer"
    " way to go, most of the blue is lost on it, and what is left is red.\n\n"
    "- noon: blue\n- evening: red\n\nC'est déjà tout."
)
PIECE_DELAY_S = 0.1


def text_event(text: str) -> bytes:
    """One event of a stream that carries this text."""
    return encode_event({"candidates": [{"content": {"parts": [{"text": text}]}}]})


def in_pieces(text: str, chars: int) -> list[str]:
    """A text in pieces of so many characters."""
    return [text[start : start + chars] for start in range(0, len(text), chars)]


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
    """A whole answer in `pieces` (by default a few words each), `delay_s` apart, after `silent_s`."""

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
    """An answer of `word1 word2 … `, one word an event."""
    return answer(pieces=[f"word{n} " for n in range(first, first + count)], delay_s=delay_s)


class Gate:
    """An answer of `word1 word2 … ` whose words wait until the test lets them come."""

    def __init__(self, count: int) -> None:
        self._go = [Event() for _ in range(count)]

    def __call__(self, connection: Connection) -> None:
        connection.head()
        for number, go in enumerate(self._go, 1):
            go.wait()
            connection.send(text_event(f"word{number} "))
        send_and_end(STOP)(connection)

    def give(self, up_to: int) -> None:
        """Let all words up to this number come."""
        for go in self._go[:up_to]:
            go.set()


def http_error(
    status: int,
    name: str = "",
    *details: dict[str, Any],
    message: str = "The upstream's own words.",
    in_array: bool = False,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> Behaviour:
    """An HTTP error with an error object like Gemini's, or with `body`."""
    error: Any = error_object(status, name, message, *details)

    def behave(connection: Connection) -> None:
        connection.head(status, "application/json; charset=UTF-8", headers=headers)
        connection.send(body or json.dumps([error] if in_array else error, indent=2).encode())
        connection.end()

    return behave


def some_text_then(do: Callable[[Connection], None], text: str = "Half an ans") -> Behaviour:
    """The beginning of an answer in two events, then what `do` does."""

    def behave(connection: Connection) -> None:
        connection.head()
        for piece in (text[:4], text[4:]):
            connection.send(text_event(piece))
            gevent.sleep(0.05)
        do(connection)

    return behave


def body_of(*parts: bytes, ended: bool = True) -> Behaviour:
    """A 200 whose body is just these parts."""

    def behave(connection: Connection) -> None:
        connection.head()
        for part in parts:
            connection.send(part)
        if ended:
            connection.end()

    return behave


def send_and_end(*parts: bytes) -> Callable[[Connection], None]:
    """For `some_text_then`: these parts, then the end of the body."""

    def do(connection: Connection) -> None:
        for part in parts:
            connection.send(part)
        connection.end()

    return do


def drip(data: bytes, every_s: float = 0.05) -> Callable[[Connection], None]:
    """For `some_text_then`: the same bytes again and again, as long as the client stays."""

    def do(connection: Connection) -> None:
        while True:
            connection.send(data)
            gevent.sleep(every_s)

    return do


def stall(connection: Connection) -> None:
    """Stay silent as long as the client stays."""
    gevent.sleep(3600)


def think(connection: Connection) -> None:
    """Send thoughts for a while, then the words."""
    for _ in range(5):
        connection.send(encode_event(THOUGHT))
        gevent.sleep(0.05)
    send_and_end(*map(encode_event, events(["A whole ", "answer."])))(connection)


def ponder(connection: Connection) -> None:
    """Send thoughts without end."""
    for tokens in itertools.count(1):
        connection.send(encode_event({**THOUGHT, "usageMetadata": {"totalTokenCount": tokens}}))
        gevent.sleep(0.2)


def reset(connection: Connection) -> None:
    """Break the connection with a RST."""
    connection.reset()


def stop_then(do: Callable[[Connection], None]) -> Callable[[Connection], None]:
    """A finish reason, then what `do` does instead of the end of the body."""

    def behave(connection: Connection) -> None:
        connection.send(STOP)
        gevent.sleep(0.05)
        do(connection)

    return behave


def cut_mid_event(connection: Connection) -> None:
    """Close the connection in the middle of an event."""
    connection.send(b'data: {"candidates": [{"content": {"par')


def blocked(reason: str) -> Behaviour:
    """An answer that says that the prompt was blocked."""
    return body_of(encode_event({"promptFeedback": {"blockReason": reason}}))


def encode_halves(text: str) -> Iterator[bytes]:
    """One event for each UTF-16 unit of a text, as some servers cut it."""
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
    """The error detail that says when to come back."""
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
    "model_gone": http_error(
        404, "NOT_FOUND", message="models/a-model is not found for API version v1beta."
    ),
    "not_found": http_error(404, body=b"404 page not found"),
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
    """What a question asks for.

    `fault:NAME` is one of FAULTS, `count:N:DELAY_MS` counts words, `silent:SECONDS` is silent before it
    answers, `ponder` falls silent in mid-answer to think; any other question gets ANSWER.
    """
    if match := re.search(r"fault:(\w+)", question):
        return FAULTS[match[1]]
    if match := re.search(r"count:(\d+):(\d+)", question):
        return counting(int(match[1]), int(match[2]) / 1000)
    if match := re.search(r"silent:(\d+)", question):
        return answer(silent_s=int(match[1]))
    if question == "ponder":
        return some_text_then(ponder)
    return answer(delay_s=PIECE_DELAY_S)
