"""The bench's upstream: drips events that carry the time at which they were sent.

`python -m bench.drip [--interval-s 0.05] [--markdown]` prints its base URL and serves until killed. Each
request gets EVENTS events of TEXT_CHARS characters, an interval apart, in Gemini's wire format: plain words,
or such Markdown as models write. One timer sends to all connections of a tick, so that the upstream costs
little beside what is measured.
"""

import argparse
import asyncio
import json
import re
import time
from collections.abc import Callable

EVENTS = 100
INTERVAL_S = 0.05
TEXT_CHARS = 100
EVENTS_PER_PARAGRAPH = 10
WORDS = "is an event of a **plain** paragraph, whose words give a renderer little to do."
"""What an event says besides its number and its time."""

MARKDOWN = """\
## What the light does

The sky is blue because of **Rayleigh scattering**: small molecules send *short* waves aside far more often
than long ones, by about the fourth power of $1/\\lambda$.

1. Sunlight comes in with all colours.
2. Blue is scattered about `5.5` times as much as red.
3. What is left of it looks yellow, and in the evening red.

| Colour | Wavelength | Share |
|--------|-----------:|------:|
| blue   |     450 nm |  high |
| red    |     700 nm |   low |

```python
def scattered(nm):
    return (550 / nm) ** 4
```

- At noon the way through the air is short.
- At dusk it is *some forty times* as long.

> Violet is scattered even more, but our eyes see it badly.

"""
"""An answer's parts as models write them; it is repeated."""

BETWEEN_WORDS = re.compile(r"[a-z,] [a-z| ]")  # in a table, behind a word too

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


def markdown_of(number: int, now_s: float) -> str:
    """The same with a piece of MARKDOWN, in which number and time stand behind its first word."""
    mark = f"#{number:03d} {now_s:.6f} "
    chars = TEXT_CHARS - len(mark)
    start = number * chars % len(MARKDOWN)
    piece = (MARKDOWN * 2)[start : start + chars]
    word = BETWEEN_WORDS.search(piece)
    place = word.end() - 1 if word else chars
    return piece[:place] + mark + piece[place:]


def encode(number: int, text: str) -> bytes:
    """The text of event `number` as one chunk of HTTP."""
    candidate = {"content": {"parts": [{"text": text}], "role": "model"}}
    response = {
        "candidates": [candidate | ({"finishReason": "STOP"} if number == EVENTS - 1 else {})],
        "usageMetadata": {"promptTokenCount": 8, "totalTokenCount": 8 + 25 * number},
        "modelVersion": "bench",
    }
    data = b"data: " + json.dumps(response).encode() + b"\r\n\r\n"
    return b"%x\r\n%s\r\n" % (len(data), data)


class Drip(asyncio.Protocol):
    """One request after another on a kept-alive connection."""

    def __init__(self, wheel: "Wheel", text_of: Callable[[int, float], str]) -> None:
        self._wheel = wheel
        self._text_of = text_of
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
        data = encode(self.sent, self._text_of(self.sent, time.monotonic()))
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


async def main(interval_s: float, text_of: Callable[[int, float], str]) -> None:
    """Serve until killed."""
    wheel = Wheel(interval_s)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Drip(wheel, text_of), "127.0.0.1", 0, backlog=4096)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await wheel.turn()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--interval-s", type=float, default=INTERVAL_S)
    parser.add_argument("--markdown", action="store_true")
    arguments = parser.parse_args()
    asyncio.run(main(arguments.interval_s, markdown_of if arguments.markdown else text_of))
