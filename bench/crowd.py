"""The bench's readers: many at once in one process, each reading a whole reply and checking it.

Raw asyncio protocols: a well-behaved HTTP client would cost more than what is measured.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from bench.drip import EVENTS, TEXT_CHARS

TIMEOUT_S = 60.0


@dataclass
class Reading:
    """What one reader saw: its text, and how long its first word was on the way, in seconds."""

    text: str = ""
    first_delay_s: float | None = None

    def take(self, text: str) -> None:
        """Take text as it comes."""
        if self.first_delay_s is None and (shown := text.lstrip(" ")):
            # Sent by the upstream at the time that stands in the text.
            self.first_delay_s = time.monotonic() - float(shown.split(" ", 2)[1])
        self.text += text

    @property
    def complete(self) -> bool:
        """Whether every event is there, once and in order."""
        text = self.text.lstrip(" ")
        numbers = [text[n : n + 4] for n in range(0, len(text), TEXT_CHARS)]
        return numbers == [f"#{number:03d}" for number in range(EVENTS)]


class Connection(asyncio.Protocol):
    """An HTTP/1.1 client connection that hands out the bytes of response bodies."""

    def __init__(self) -> None:
        self._data = b""
        self._more = asyncio.Event()
        self._ended = False
        self._transport: asyncio.Transport

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

    def request(self, method: str, path: str, body: object = None) -> None:
        """Send a request, with a JSON body where one is given."""
        data = b"" if body is None else json.dumps(body).encode()
        kind = b"" if body is None else b"Content-Type: application/json\r\n"
        head = f"{method} {path} HTTP/1.1\r\nHost: bench\r\nContent-Length: {len(data)}\r\n"
        self._transport.write(head.encode() + kind + b"\r\n" + data)

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

    async def json(self) -> dict[str, object]:
        """The JSON object of a response that tells its length."""
        head = await self.head()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        found: dict[str, object] = json.loads(await self._exactly(length))
        return found


@dataclass
class Crowd:
    """N readers, started evenly over `ramp_s` seconds.

    `way` is streamed or polled; direct reads the upstream itself, with no server between.
    """

    port: int
    way: str
    open_now: int = 0
    readings: list[Reading] = field(default_factory=list)

    async def read(self, count: int, ramp_s: float) -> None:
        """Read `count` replies."""
        async with asyncio.timeout(ramp_s + TIMEOUT_S):
            await asyncio.gather(*(self._one(n * ramp_s / count) for n in range(count)))

    async def _one(self, start_s: float) -> None:
        await asyncio.sleep(start_s)
        reading = Reading()
        self.readings.append(reading)
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(Connection, "127.0.0.1", self.port)
        self.open_now += 1
        try:
            follow = {"streamed": self._stream, "polled": self._poll, "direct": self._read_events}
            await follow[self.way](connection, reading)
        except (ConnectionError, ValueError, KeyError):
            pass  # counts as incomplete
        finally:
            self.open_now -= 1
            connection.close()

    async def _stream(self, connection: Connection, reading: Reading) -> None:
        connection.request("POST", "/api/chat", {"message": "Why?"})
        await connection.head()
        async for chunk in connection.chunks():
            reading.take(chunk.decode())

    async def _read_events(self, connection: Connection, reading: Reading) -> None:
        connection.request("POST", "/", {"contents": []})
        await connection.head()
        async for event in connection.chunks():
            candidate = json.loads(event.removeprefix(b"data: "))["candidates"][0]
            reading.take(candidate["content"]["parts"][0]["text"])

    async def _poll(self, connection: Connection, reading: Reading) -> None:
        connection.request("POST", "/api/replies", {"message": "Why?"})
        path = str((await connection.json())["poll"])
        after = ""
        while True:
            connection.request("GET", path + after)
            answer = await connection.json()
            if answer["text"]:
                reading.take(str(answer["text"]))
            if not answer["next_ms"]:
                return
            after = f"?after={answer['cursor']}"
            await asyncio.sleep(float(str(answer["next_ms"])) / 1000)
