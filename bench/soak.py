"""Whether a server stays as small as it is, and closes what it opens.

`python -m bench.soak [--minutes 15] [--readers 200] [--store sqlite|redis]` lets readers of all ways come
and go: as soon as one is through with its reply, or has left in the middle of it, another one comes. The
bars: resident memory at the end is at most 1.1 times that after two minutes, and once all readers have
left and the last replies have ended, the server has no more descriptors open than before.
"""

import argparse
import asyncio
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from pathlib import Path
from statistics import median_high
from typing import Any

from bench.crowd import (
    TIMEOUT_S,
    Connection,
    Reading,
    allow_descriptors,
    poll_html,
    poll_text,
    read_growing,
    read_stream,
    stream_html,
)
from bench.drip import EVENTS
from bench.relay import memory_kb
from bench.systems import drip
from harness.processes import family_of
from harness.servers import AppServer, RedisServer

MINUTES = 15.0
READERS = 200
INTERVAL_S = 0.4
"""Between two events of a reply, which so takes forty seconds."""

REPLY_S = EVENTS * INTERVAL_S

STAYS = 0.5
"""So large a part of the readers reads a reply to its end; the others leave at any moment."""

SETTLED_S = 120.0
SAMPLE_S = 2.0
SAMPLES = 10
"""So many samples of the memory make a figure: their median."""

MEMORY_BAR = 1.1

CLOSED_WITHIN_S = 3 * REPLY_S

REFRESH = re.compile(rb'http-equiv="refresh"')
REFRESH_S = 5

Read = Callable[[Connection, Reading], Coroutine[Any, Any, None]]


async def read_events(connection: Connection, reading: Reading) -> None:
    """Ask, and read server-sent events."""
    path = str((await connection.ask())["stream"])
    connection.request("GET", path, accept="text/event-stream")
    await connection.head()
    async for chunk in connection.chunks():
        reading.take(chunk.decode())


async def read_pages(connection: Connection, reading: Reading) -> None:
    """Ask, and load the page again as long as it refreshes."""
    path = str((await connection.ask())["page"])
    while True:
        connection.request("GET", path, accept="text/html")
        page = await connection.body()
        reading.take(page.decode())
        if not REFRESH.search(page):
            return
        await asyncio.sleep(REFRESH_S)


WAYS: dict[str, Read] = {
    "streamed": read_stream,
    "events": read_events,
    "polled": poll_text,
    "html streamed": stream_html,
    "html polled": poll_html,
    "growing": read_growing,
    "refreshing": read_pages,
}


class Soak:
    """The readers of a server; `seen` counts them by how it went."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.seen = Counter[str]()

    async def run(self, readers: int, until: float) -> None:
        """Let so many readers come and go until a moment of the monotonic clock."""
        await asyncio.gather(*(self._come(n * REPLY_S / readers, until) for n in range(readers)))

    async def _come(self, start_s: float, until: float) -> None:
        await asyncio.sleep(start_s)
        while time.monotonic() < until:
            stays = random.random() < STAYS
            patience_s = TIMEOUT_S if stays else random.uniform(0, REPLY_S)
            await self.read(random.choice([*WAYS]), patience_s, stays=stays)

    async def read(self, way: str, patience_s: float, *, stays: bool) -> None:
        """Read one reply, for so many seconds at most."""
        connection = await Connection.to(self._port)
        reading = Reading(repeats=True)
        try:
            async with asyncio.timeout(patience_s):
                await WAYS[way](connection, reading)
            self.seen["complete" if reading.complete else f"{way}: incomplete"] += 1
        except TimeoutError:
            self.seen[f"{way}: stuck" if stays else "left"] += 1
        except (ConnectionError, ValueError, KeyError) as error:
            self.seen[f"{way}: {error!r}"] += 1
        finally:
            connection.close()


def descriptors(pid: int) -> int:
    """How many descriptors a process and all below it have open."""
    return sum(len(os.listdir(f"/proc/{each}/fd")) for each in family_of(pid))


async def watch(pid: int, soaking: "asyncio.Task[None]", samples: list[tuple[float, int]]) -> None:
    """Take a sample of the memory now and then, and print one a minute."""
    began, minute = time.monotonic(), 1
    while not soaking.done():
        now_s = time.monotonic() - began
        samples.append((now_s, memory_kb(pid)))
        if now_s >= 60 * minute:
            minute += 1
            print(
                f"{now_s / 60:4.1f} min {samples[-1][1] / 1000:7.1f} MB {descriptors(pid):5} descriptors",
                flush=True,
            )
        await asyncio.sleep(SAMPLE_S)


async def soak(server: AppServer, readers: int, minutes: float) -> list[str]:
    """Run, print, and return what was missed.

    A first crowd opens what stays open: connections to the upstream, of which some are kept.
    """
    crowd = Soak(server.port)
    await crowd.run(readers, time.monotonic() + REPLY_S)
    await asyncio.sleep(REPLY_S)  # of those who left, too, the replies have ended
    before = descriptors(server.pid)
    samples: list[tuple[float, int]] = []
    until = time.monotonic() + 60 * minutes
    soaking = asyncio.create_task(crowd.run(readers, until))
    await watch(server.pid, soaking, samples)
    await soaking
    end_s = 60 * minutes
    early = median_high([kb for s, kb in samples if s >= min(SETTLED_S, end_s / 2)][:SAMPLES])
    late = median_high([kb for s, kb in samples if s <= end_s][-SAMPLES:])
    until = time.monotonic() + CLOSED_WITHIN_S
    while (left := descriptors(server.pid) - before) > 0 and time.monotonic() < until:
        await asyncio.sleep(SAMPLE_S)
    print(f"{early / 1000:.1f} MB early, {late / 1000:.1f} MB late: {late / early:.3f} ×")
    print(
        f"{max(0, left)} descriptors left; " + ", ".join(f"{n} {k}" for k, n in crowd.seen.items())
    )
    missed = ["memory"] if late > MEMORY_BAR * early else []
    missed += ["descriptors"] if left > 0 else []
    return missed + [how for how in crowd.seen if how not in ("complete", "left")]


def main() -> int:
    """Run, and return the exit status."""
    parser = argparse.ArgumentParser(description="Let readers come and go for a while.")
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--readers", type=int, default=READERS)
    parser.add_argument("--store", choices=("sqlite", "redis"), default="sqlite")
    arguments = parser.parse_args()
    allow_descriptors()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment = {"GEMINI_BASE_URL": stack.enter_context(drip(f"--interval-s={INTERVAL_S}"))}
        if arguments.store == "redis":
            environment["REDIS_URL"] = stack.enter_context(RedisServer(folder)).url
            environment["SECRET_KEY"] = "a secret of the bench's " * 2
            environment["KINDLECHAT_REDIS_CONNECTIONS"] = "4"  # the first crowd opens them all
        server = stack.enter_context(AppServer(folder, environment))
        missed = asyncio.run(soak(server, arguments.readers, arguments.minutes))
    print(f"FAIL: {', '.join(missed)}" if missed else "PASS")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
