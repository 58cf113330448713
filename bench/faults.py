"""Counts lost words: many replies under random kills, cuts, restarts and lost followers.

`python -m bench.faults [--replies 200] [--store sqlite|redis] [--seed 1]` runs two instances of the server
on one store. A Redis hangs and dies, too, but forgets nothing. Every reply counts words. Its reader follows
it in a random way, goes on at the other instance when it loses its connection, and presses Continue when
the answer is interrupted. In the end both the stored text and what the reader saw must be word1 … wordN,
each once. A response without cursors must be a piece of that text. The bench fails otherwise.
"""

from gevent import monkey

monkey.patch_all()

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import gevent
from gevent.pool import Pool

from bench.persistent_readers import PersistentReader
from harness import behaviours as up
from harness.connection import Behaviour, Connection, Request
from harness.processes import children_of
from harness.servers import AppServer, RedisServer, free_port
from harness.upstream import Upstream

WORDS = 40
WORD_EVERY_S = 0.08
STARTS_OVER_S = 40.0
FAULT_EVERY_S = 2.0
UPSTREAM_FAULT_SHARE = 0.15
REDIS_FAULT_SHARE = 0.4
REDIS_AWAY_S = 4.0
"""So long a Redis that hangs or died is away at most."""

DEADLINE_S = 150.0


def expected() -> str:
    """The text that every answer must have in the end."""
    return "".join(f"word{n} " for n in range(1, WORDS + 1))


class Model:
    """A model that counts words from the end of the text it is shown, and breaks off now and then."""

    def __init__(self, chance: random.Random, faults: Counter[str]) -> None:
        self._chance = chance
        self._faults = faults

    def __call__(self, request: Request) -> Behaviour:
        contents = request.body["contents"]
        said = contents[-2]["parts"][0]["text"] if len(contents) > 1 else ""
        first = len(said.split()) + 1
        # Some models begin a continuation with the words before it.
        first = max(1, first - 3) if self._chance.random() < 0.3 else first
        last = WORDS
        do = up.send_and_end(up.STOP)
        if self._chance.random() < UPSTREAM_FAULT_SHARE:
            last = self._chance.randint(first - 1, WORDS)
            name, do = self._chance.choice([("cut", up.cut_mid_event), ("reset", up.reset)])
            self._faults[f"upstream {name}"] += 1

        def behave(connection: Connection) -> None:
            connection.head()
            for number in range(first, last + 1):
                connection.send(up.text_event(f"word{number} "))
                gevent.sleep(WORD_EVERY_S)
            do(connection)

        return behave


class Instances:
    """The two instances and their Redis, where they have one, and the faults that happen to them."""

    def __init__(
        self,
        folder: Path,
        chance: random.Random,
        faults: Counter[str],
        redis: RedisServer | None,
        **env: str,
    ) -> None:
        self._folder = folder
        self._redis = redis
        self._chance = chance
        self._faults = faults
        self._environment = env
        self._ports = [free_port(), free_port()]
        self._servers = [self._start(0), self._start(1)]

    def _start(self, number: int) -> AppServer:
        folder = self._folder / f"instance{number}"
        folder.mkdir(exist_ok=True)
        return AppServer(folder, self._environment, port=self._ports[number])

    def urls(self) -> list[str]:
        """Both base URLs, in random order."""
        urls = [f"http://127.0.0.1:{port}" for port in self._ports]
        self._chance.shuffle(urls)
        return urls

    def break_something(self) -> None:
        """Kill a worker, or restart an instance as a platform would, or harm Redis."""
        if self._redis and self._chance.random() < REDIS_FAULT_SHARE:
            self._break_redis(self._redis)
            return
        number = self._chance.randrange(2)
        server = self._servers[number]
        if self._chance.random() < 0.6:
            workers = children_of(server.pid)
            for worker in workers:
                os.kill(worker, signal.SIGKILL)
            self._faults["kill -9"] += len(workers)
        else:
            self.restart(number)

    def _break_redis(self, redis: RedisServer) -> None:
        away_s = self._chance.uniform(0, REDIS_AWAY_S)
        if self._chance.random() < 0.5:
            redis.pause()
            gevent.sleep(away_s)
            redis.go_on()
            self._faults["Redis hung"] += 1
        else:
            redis.kill()
            gevent.sleep(away_s)
            redis.start()
            self._faults["Redis killed"] += 1

    def restart(self, number: int) -> None:
        """End an instance as a platform does, and start its successor."""
        self._servers[number].stop()
        self._servers[number] = self._start(number)
        self._faults["restart"] += 1

    def stop(self) -> None:
        """End both instances."""
        for server in self._servers:
            server.stop()


@contextmanager
def stage(
    folder: Path, store: str, chance: random.Random, faults: Counter[str]
) -> Iterator[Instances]:
    """Run two instances on one store in `folder`, in front of a model that counts."""
    with ExitStack() as stack:
        upstream = stack.enter_context(Upstream(choose=Model(chance, faults)))
        environment = {
            "GEMINI_BASE_URL": upstream.base_url,
            "GEMINI_API_KEY": "bench",
            "KINDLECHAT_DATA": str(folder / "data"),
        }
        redis = None
        if store == "redis":
            redis = stack.enter_context(RedisServer(folder, "--appendonly", "yes"))
            environment["REDIS_URL"] = redis.url
            environment["SECRET_KEY"] = "a secret that both instances share"
        instances = Instances(folder, chance, faults, redis, **environment)
        stack.callback(instances.stop)
        yield instances


def run(replies: int, store: str, seed: int) -> tuple[list[PersistentReader], Counter[str]]:
    """Run `replies` readers under faults. Returns them, and the number of faults by kind."""
    chance = random.Random(seed)
    faults: Counter[str] = Counter()
    with (
        tempfile.TemporaryDirectory() as folder,
        stage(Path(folder), store, chance, faults) as instances,
    ):
        readers = [PersistentReader(instances.urls, chance, faults) for _ in range(replies)]
        crowd = Pool()
        until = time.monotonic() + DEADLINE_S
        breaker = gevent.spawn(_break_now_and_then, instances, STARTS_OVER_S)
        for number, reader in enumerate(readers):
            crowd.spawn(reader.run, number)
            gevent.sleep(STARTS_OVER_S / replies)
        breaker.join()
        crowd.join(timeout=until - time.monotonic())
        crowd.kill()
    return readers, faults


def _break_now_and_then(instances: Instances, for_s: float) -> None:
    until = time.monotonic() + for_s
    while time.monotonic() < until:
        gevent.sleep(FAULT_EVERY_S)
        instances.break_something()


def tally(readers: list[PersistentReader]) -> tuple[int, int, int]:
    """The numbers of words lost, words doubled and replies stuck."""
    lost = doubled = stuck = 0
    for reader in readers:
        if not reader.stored:
            stuck += 1
            continue
        texts = [("stored", reader.stored, expected()), ("seen", reader.seen, expected())]
        texts += [("streamed", each.text, each.wanted(expected())) for each in reader.streamed]
        for kind, text, wanted in texts:
            if text != wanted:
                missing, more = _difference(text, wanted)
                lost += missing
                doubled += more
                print(f"{kind} for a reader of {reader._mode.__name__}: {text!r}", file=sys.stderr)
    return lost, doubled, stuck


def _difference(text: str, wanted: str) -> tuple[int, int]:
    """How many words a wrong text lacks and how many it has too often: together at least one."""
    found, right = Counter(text.split()), Counter(wanted.split())
    missing, more = (right - found).total(), (found - right).total()
    return (missing, more) if missing or more else (1, 0)


def main() -> int:
    """Run, print one line, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replies", type=int, default=200)
    parser.add_argument("--store", choices=["sqlite", "redis"], default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    readers, faults = run(arguments.replies, arguments.store, arguments.seed)
    lost, doubled, stuck = tally(readers)
    injected = ", ".join(f"{count} {kind}" for kind, count in sorted(faults.items()))
    print(
        f"{arguments.store}: {len(readers)} replies, {injected};"
        f" {lost} words lost, {doubled} words doubled, {stuck} replies stuck"
    )
    return bool(lost or doubled or stuck)


if __name__ == "__main__":
    sys.exit(main())
