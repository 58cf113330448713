"""The bench's upstream: drips events that carry the time at which they were sent.

`python -m bench.drip [--interval-s 0.05]` prints its base URL and serves until killed. Each request gets
EVENTS events of TEXT_CHARS characters, an interval apart, in Gemini's wire format. One timer sends to all
connections of a tick, so that the upstream costs little beside what is measured.
"""

import argparse
import asyncio
import json
import time

EVENTS = 100
INTERVAL_S = 0.05
TEXT_CHARS = 100
EVENTS_PER_PARAGRAPH = 10
WORDS = "is an event of a **plain** paragraph, whose words give a renderer little to do."
"""What an event says besides its number and its time."""

TICKS_PER_INTERVAL = 50
"""Connections are spread over these, as real ones would be."""

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def text_of(number: int, now_s: float) -> str:
    """What event `number` says: its number and the time (CLOCK_MONOTONIC), then words to fill it."""
    end = "\n\n" if (number + 1) % EVENTS_PER_PARAGRAPH == 0 else " "
    return (
        f"#{number:03d} {now_s:.6f} {WORDS}"[: TEXT_CHARS - len(end)].ljust(TEXT_CHARS - len(end))
        + end
    )


def encode(number: int, now_s: float) -> bytes:
    """Event `number` as one chunk of HTTP."""
    candidate = {"content": {"parts": [{"text": text_of(number, now_s)}], "role": "model"}}
    response = {
        "candidates": [candidate | ({"finishReason": "STOP"} if number == EVENTS - 1 else {})],
        "usageMetadata": {"promptTokenCount": 8, "totalTokenCount": 8 + 25 * number},
        "modelVersion": "bench",
    }
    data = b"data: " + json.dumps(response).encode() + b"\r\n\r\n"
    return b"%x\r\n%s\r\n" % (len(data), data)


class Drip(asyncio.Protocol):
    """One request after another on a kept-alive connection."""

    def __init__(self, wheel: "Wheel") -> None:
        self._wheel = wheel
        self._received = b""
        self.transport: asyncio.Transport
        self.sent = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        if end and len(body) >= int(length or 0):
            self._received = b""
            self.sent = 0
            self.transport.write(HEAD)
            self._wheel.add(self)

    def send_next(self) -> bool:
        """Send one event; whether there are more to come."""
        if self.transport.is_closing():
            return False
        last = self.sent == EVENTS - 1
        data = encode(self.sent, time.monotonic())
        self.transport.write(data + b"0\r\n\r\n" if last else data)
        self.sent += 1
        return not last


class Wheel:
    """A timer wheel: each slot's connections get their next event once an interval."""

    def __init__(self, interval_s: float) -> None:
        self._tick_s = interval_s / TICKS_PER_INTERVAL
        self._slots: list[list[Drip]] = [[] for _ in range(TICKS_PER_INTERVAL)]
        self._next = 0

    def add(self, drip: Drip) -> None:
        """Begin with the next tick."""
        self._slots[self._next].append(drip)

    async def turn(self) -> None:
        """Turn for ever."""
        due = time.monotonic()
        while True:
            slot = self._next
            self._next = (slot + 1) % TICKS_PER_INTERVAL
            going, self._slots[slot] = self._slots[slot], []
            self._slots[slot] += [drip for drip in going if drip.send_next()]
            due += self._tick_s
            await asyncio.sleep(max(0.0, due - time.monotonic()))


async def main(interval_s: float) -> None:
    """Serve until killed."""
    wheel = Wheel(interval_s)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Drip(wheel), "127.0.0.1", 0, backlog=4096)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await wheel.turn()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--interval-s", type=float, default=INTERVAL_S)
    asyncio.run(main(parser.parse_args().interval_s))
