"""How much later a reader at another instance sees a word, and what that costs Redis.

`python -m bench.across [--replies 1000] [--seconds 20] [--store sqlite|redis]` runs two instances on one
store. The first one writes the replies, an event of 100 characters every other second, and each is
followed at both. The bench prints how many milliseconds later the same event comes at the second one (p50,
p99, largest), and fails where p99 is above 250. Of Redis it tells the round trips, the bytes and the
processor time that a reply took in a second.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import redis

from bench.crowd import EVENT, TIMEOUT_S, Connection, allow_descriptors
from bench.relay import cpu_s
from bench.systems import drip
from harness.servers import AppServer, RedisServer

REPLIES = 1000
SECONDS = 20
INTERVAL_S = 2.0
BAR_MS = 250

ASKED_A_SECOND = 20
"""So fast the questions come, which cost much more than an event. What comes once all are followed counts."""

WARM_UP = 5

Arrivals = dict[int, float]
"""When the event of each number came, in seconds of this process's clock."""

ROUND_TRIPS = ("evalsha", "eval", "xread")
"""What the store sends to Redis while replies are written; all else runs within scripts."""


async def follow(port: int, path: str, came: Arrivals) -> None:
    """Read a reply's text, and note when each event came."""
    connection, text = await Connection.to(port), ""
    connection.request("GET", path)
    await connection.head()
    async for chunk in connection.chunks():
        text += chunk.decode()
        for event in EVENT.finditer(text):
            came.setdefault(int(event[1]), time.monotonic())
        text = text[-100:]


async def read_all(
    here: int, there: int, count: int, seconds: float, look: Callable[[], None]
) -> list[float]:
    """Ask `count` questions at the port `here`, follow each reply at both ports, and leave in the end.

    `look` is called when all are followed, and in the end. Returns how many milliseconds later each event
    came at the other instance, sorted.
    """
    followed: list[tuple[Arrivals, Arrivals]] = []

    async def one(start_s: float) -> None:
        await asyncio.sleep(start_s)
        asking = await Connection.to(here)
        asked = await asking.ask()
        if "stream" not in asked:
            raise RuntimeError(f"a question was refused: {asked}")
        path = str(asked["stream"])
        asking.close()
        followed.append(({}, {}))
        ways = zip((here, there), followed[-1], strict=True)
        await asyncio.gather(*(follow(port, path, came) for port, came in ways))

    readers = [asyncio.create_task(one(n / ASKED_A_SECOND)) for n in range(count)]
    async with asyncio.timeout(count / ASKED_A_SECOND + TIMEOUT_S):
        while len(followed) < count or not all(map(all, followed)):
            await asyncio.sleep(INTERVAL_S)
            for reader in readers:
                if reader.done():
                    reader.result()  # raises what went wrong
    begun = time.monotonic()
    look()
    await asyncio.sleep(seconds)
    look()
    for reader in readers:
        reader.cancel()
    return sorted(
        1000 * (second[number] - first[number])
        for first, second in followed
        for number in first.keys() & second.keys()
        if first[number] >= begun
    )


@dataclass(frozen=True)
class RedisUse:
    """What a Redis has done so far."""

    round_trips: int
    bytes: int
    cpu_s: float

    @classmethod
    def now(cls, server: RedisServer) -> "RedisUse":
        """As Redis and Linux tell it at this moment."""
        with redis.Redis.from_url(server.url) as client:
            commands, stats = client.info("commandstats"), client.info("stats")
        calls = (commands.get(f"cmdstat_{name}", {"calls": 0})["calls"] for name in ROUND_TRIPS)
        moved = stats["total_net_input_bytes"] + stats["total_net_output_bytes"]
        return cls(sum(calls), moved, cpu_s(server.pid))

    def tell(self, since: "RedisUse", replies: int, seconds: float) -> str:
        """What a reply took in a second."""
        share = replies * seconds
        return (
            f"a reply took in a second {(self.round_trips - since.round_trips) / share:.2f} round trips,"
            f" {(self.bytes - since.bytes) / share:.0f} bytes and"
            f" {1e6 * (self.cpu_s - since.cpu_s) / share:.0f} µs of Redis's processor"
        )


def measure(store: str, count: int, seconds: float) -> list[float]:
    """How many milliseconds later each event came at the other instance, sorted."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment = {
            "GEMINI_BASE_URL": stack.enter_context(drip(f"--interval-s={INTERVAL_S}")),
            "KINDLECHAT_DATA": str(folder / "data"),
            "KINDLECHAT_GRACE_S": "0",
        }
        server = None
        if store == "redis":
            server = stack.enter_context(RedisServer(folder))
            environment["REDIS_URL"] = server.url
            environment["SECRET_KEY"] = "a secret that both instances share"
        ports: list[int] = []
        for name in ("here", "there"):
            (folder / name).mkdir()
            ports.append(stack.enter_context(AppServer(folder / name, environment)).port)
        asyncio.run(read_all(ports[0], ports[1], WARM_UP, 3, lambda: None))
        uses: list[RedisUse] = []
        note_use = (lambda: uses.append(RedisUse.now(server))) if server else (lambda: None)
        later = asyncio.run(read_all(ports[0], ports[1], count, seconds, note_use))
        if uses:
            print(f"redis: {uses[1].tell(uses[0], count, seconds)}")
    return later


def main() -> int:
    """Measure, print a line for each store, and return the exit status."""
    parser = argparse.ArgumentParser(description="Measure readers at another instance.")
    parser.add_argument("--replies", type=int, default=REPLIES)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="after the last question")
    parser.add_argument("--store", choices=("sqlite", "redis"), help="one of them alone")
    arguments = parser.parse_args()
    allow_descriptors()
    missed = False
    for store in [arguments.store] if arguments.store else ["sqlite", "redis"]:
        later = measure(store, arguments.replies, arguments.seconds)
        p50, p99 = later[len(later) // 2], later[len(later) * 99 // 100]
        missed = missed or p99 > BAR_MS
        print(
            f"{store}: {arguments.replies} replies, {len(later)} events, later at the other instance by"
            f" p50 {p50:.0f} ms, p99 {p99:.0f} ms, at most {later[-1]:.0f} ms (p99 at most {BAR_MS})",
            flush=True,
        )
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
