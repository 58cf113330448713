"""A crowd of readers in one process: each asks a question, reads the whole reply and checks it.

The readers are raw asyncio protocols, because an ordinary HTTP client costs more than what is measured.
"""

import asyncio
import json
import re
import resource
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

from bench.drip import EVENTS

TIMEOUT_S = 60.0
TIMEOUT_FOR_EACH_S = 0.2
"""So much longer readers wait for each of them: a thousand on a busy machine take minutes."""

DESCRIPTORS = 20_000
"""A reader takes one here, and two in a server."""

EVENT = re.compile(r"#(\d{3}) (\d+\.\d{6})")
"""The beginning of an event's text: its number, and when the upstream sent it."""


def is_complete(text: str, *, repeats: bool) -> bool:
    """Whether every event is in the text, in order; once each, unless `repeats` allows for more."""
    numbers = [int(number) for number, _ in EVENT.findall(text)]
    return (sorted(set(numbers)) if repeats else numbers) == [*range(EVENTS)]


@dataclass
class Reading:
    """What one reader saw: all that came, how long the first word was on the way, and in how many answers
    of the server. The last block of an answer in HTML may come several times (`repeats`)."""

    repeats: bool = False
    text: str = ""
    first_delay_s: float | None = None
    updates: int = 0

    def take(self, text: str) -> None:
        """Take text as it comes."""
        self.updates += 1
        self.text += text
        if self.first_delay_s is None and (event := EVENT.search(self.text)):
            self.first_delay_s = time.monotonic() - float(event[2])

    @property
    def complete(self) -> bool:
        """Whether the whole reply came."""
        return is_complete(self.text, repeats=self.repeats)


def allow_descriptors() -> None:
    """Let this process, and what it starts, have a connection for each of thousands of readers."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, DESCRIPTORS)), hard))


class Connection(asyncio.Protocol):
    """An HTTP/1.1 client connection that hands out the bytes of response bodies."""

    def __init__(self) -> None:
        self._data = b""
        self._more = asyncio.Event()
        self._ended = False
        self._transport: asyncio.Transport

    @classmethod
    async def to(cls, port: int) -> Self:
        """A new connection to a loopback port."""
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(cls, "127.0.0.1", port)
        return connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        self._more.set()

    def connection_lost(self, _: Exception | None) -> None:
        self._ended = True
        self._more.set()

    def close(self) -> None:
        """Leave."""
        self._transport.close()

    def request(self, method: str, path: str, body: object = None, accept: str = "") -> None:
        """Send a request, with a JSON body where one is given; `accept` is the media type that is wanted."""
        data = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: bench\r\nContent-Length: {len(data)}\r\n"
        head += "" if body is None else "Content-Type: application/json\r\n"
        head += f"Accept: {accept}\r\n" if accept else ""
        self._transport.write(head.encode() + b"\r\n" + data)

    async def ask(self) -> dict[str, Any]:
        """Ask the server a question. Returns the addresses at which its reply is followed."""
        self.request("POST", "/api/replies", {"message": "Why?"})
        return await self.json()

    async def _until(self, separator: bytes) -> bytes:
        while separator not in self._data:
            await self._wait()
        found, _, self._data = self._data.partition(separator)
        return found

    async def _wait(self) -> None:
        if self._ended:
            raise ConnectionError("the server closed the connection")
        self._more.clear()
        await self._more.wait()

    async def _exactly(self, size: int) -> bytes:
        while len(self._data) < size:
            await self._wait()
        found, self._data = self._data[:size], self._data[size:]
        return found

    async def head(self) -> bytes:
        """The response's head, in lower case."""
        return (await self._until(b"\r\n\r\n")).lower()

    async def chunks(self) -> AsyncIterator[bytes]:
        """The chunks of a chunked body."""
        while size := int(await self._until(b"\r\n"), 16):
            yield (await self._exactly(size + 2))[:-2]
        await self._exactly(2)

    async def body(self) -> bytes:
        """The body of a response that tells its length."""
        head = await self.head()
        return await self._exactly(int(head.partition(b"content-length:")[2].partition(b"\r\n")[0]))

    async def json(self) -> dict[str, Any]:
        """The JSON object of a response that tells its length."""
        found: dict[str, Any] = json.loads(await self.body())
        return found


@dataclass
class Crowd:
    """N readers, started evenly over `ramp_s` seconds.

    `way` is one of WAYS; "direct" reads the upstream itself, with no server between.
    """

    port: int
    way: str
    open_now: int = 0
    readings: list[Reading] = field(default_factory=list)

    async def read(self, count: int, ramp_s: float) -> None:
        """Read `count` replies. What has not come in good time counts as incomplete."""
        with suppress(TimeoutError):
            async with asyncio.timeout(ramp_s + TIMEOUT_S + TIMEOUT_FOR_EACH_S * count):
                await asyncio.gather(*(self._one(n * ramp_s / count) for n in range(count)))

    async def _one(self, start_s: float) -> None:
        await asyncio.sleep(start_s)
        reading = Reading(repeats=self.way.startswith("html"))
        self.readings.append(reading)
        connection = await Connection.to(self.port)
        self.open_now += 1
        try:
            await WAYS[self.way](connection, reading)
        except (ConnectionError, ValueError, KeyError):
            pass  # counts as incomplete
        finally:
            self.open_now -= 1
            connection.close()


async def read_stream(connection: Connection, reading: Reading) -> None:
    """Ask, and read plain text as it comes."""
    connection.request("POST", "/api/chat", {"message": "Why?"})
    await connection.head()
    async for chunk in connection.chunks():
        reading.take(chunk.decode())


async def read_events(connection: Connection, reading: Reading) -> None:
    """Read the upstream's own events."""
    connection.request("POST", "/", {"contents": []})
    await connection.head()
    async for event in _objects(connection, b"\r\n\r\n"):
        reading.take(event["candidates"][0]["content"]["parts"][0]["text"])


async def read_openai(connection: Connection, reading: Reading) -> None:
    """Ask as OpenAI's clients do, and read the events."""
    question = {"model": "bench", "messages": [{"role": "user", "content": "Why?"}], "stream": True}
    connection.request("POST", "/v1/chat/completions", question)
    await connection.head()
    async for event in _objects(connection, b"\n\n"):
        if choices := event["choices"]:
            reading.take(choices[0]["delta"].get("content") or "")


async def _objects(connection: Connection, end: bytes) -> AsyncIterator[dict[str, Any]]:
    """The JSON objects of the events in a chunked body, however they are cut; `end` ends an event."""
    rest = b""
    async for chunk in connection.chunks():
        *events, rest = (rest + chunk).split(end)
        for event in events:
            data = event.removeprefix(b"data: ")
            if data.startswith(b"{"):  # OpenAI's format ends with a word
                yield json.loads(data)


async def read_growing(connection: Connection, reading: Reading) -> None:
    """Ask, and read the page that grows."""
    connection.request("GET", f"{(await connection.ask())['page']}/live")
    await connection.head()
    async for chunk in connection.chunks():
        reading.take(chunk.decode())


async def poll_text(connection: Connection, reading: Reading) -> None:
    """Ask, and poll for the text after the cursor."""
    await _poll(connection, reading, "", lambda answer: str(answer["text"]))


async def poll_html(connection: Connection, reading: Reading) -> None:
    """Ask, and poll for what changes on a page, as an old Kindle does."""
    await _poll(connection, reading, "format=html&", html_of)


async def stream_html(connection: Connection, reading: Reading) -> None:
    """Ask, and read what changes on a page as it comes."""
    connection.request("GET", f"{(await connection.ask())['stream']}?format=html")
    await connection.head()
    rest = b""
    async for chunk in connection.chunks():
        *lines, rest = (rest + chunk).split(b"\n")
        for line in filter(None, lines):
            reading.take(html_of(json.loads(line)))


async def _poll(
    connection: Connection,
    reading: Reading,
    query: str,
    text_of: Callable[[dict[str, Any]], str],
) -> None:
    path = f"{(await connection.ask())['poll']}?{query}"
    after = ""
    while True:
        connection.request("GET", path + after)
        answer = await connection.json()
        reading.take(text_of(answer))
        if not answer["next_ms"]:
            return
        after = f"after={answer['cursor']}"
        await asyncio.sleep(answer["next_ms"] / 1000)


def html_of(answer: dict[str, Any]) -> str:
    """The HTML of all changes that an answer of the server brings."""
    return "".join(html for *_, html in answer["html"])


WAYS: dict[str, Callable[[Connection, Reading], Coroutine[Any, Any, None]]] = {
    "direct": read_events,
    "streamed": read_stream,
    "polled": poll_text,
    "html streamed": stream_html,
    "html polled": poll_html,
    "growing": read_growing,
    "openai": read_openai,
}
"""How a reader follows a reply."""
