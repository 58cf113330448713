"""Counts lost words: many replies under random kills, cuts, restarts and lost followers.

`python -m bench.faults [--replies 200] [--store sqlite|redis] [--seed 1]` runs two instances of the
server on one store. Every reply counts words. Its reader follows it in a random way, goes on at the
other instance when it loses its connection, and presses Continue when the answer is interrupted. In
the end both the stored text and what the reader saw must be word1 … wordN, each once. A response
without cursors must be a piece of that text. The bench fails otherwise.
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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gevent
import requests
from gevent.pool import Pool

from harness import behaviours as up
from harness.connection import Behaviour, Connection, Request
from harness.processes import children_of
from harness.readers import Seen, at, live
from harness.servers import AppServer, RedisServer, free_port
from harness.upstream import Upstream
from kindlechat.upstream.sse import Decoder

WORDS = 40
WORD_EVERY_S = 0.08
STARTS_OVER_S = 40.0
FAULT_EVERY_S = 2.0
UPSTREAM_FAULT_SHARE = 0.15
LEAVE_SHARE = 0.3
"""The share of readers who leave once in the middle and come back."""

DEADLINE_S = 150.0
CALL_TIMEOUT_S = 20.0
ENDED = {"done", "cut", "stopped", "interrupted", "failed"}


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
    """The two instances, and the faults that happen to them."""

    def __init__(
        self, folder: Path, chance: random.Random, faults: Counter[str], **env: str
    ) -> None:
        self._folder = folder
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
        """Kill a worker, or restart an instance as a platform would."""
        number = self._chance.randrange(2)
        server = self._servers[number]
        if self._chance.random() < 0.6:
            workers = children_of(server.pid)
            for worker in workers:
                os.kill(worker, signal.SIGKILL)
            self._faults["kill -9"] += len(workers)
        else:
            self.restart(number)

    def restart(self, number: int) -> None:
        """End an instance as a platform does, and start its successor."""
        self._servers[number].stop()
        self._servers[number] = self._start(number)
        self._faults["restart"] += 1

    def stop(self) -> None:
        """End both instances."""
        for server in self._servers:
            server.stop()


@dataclass(frozen=True)
class Streamed:
    """The text of a response without cursors, from character `start` of the answer on."""

    start: int
    text: str
    complete: bool

    def wanted(self, whole: str) -> str:
        """The part of the whole text that it should have: the rest, or its beginning if it broke off."""
        rest = whole[self.start :].lstrip(" ")
        return rest if self.complete else rest[: len(self.text)]


class Reader:
    """Asks one question, and reads the answer to its end whatever happens."""

    def __init__(self, instances: Instances, chance: random.Random, faults: Counter[str]) -> None:
        self._instances = instances
        self._chance = chance
        self._faults = faults
        self._leaves = chance.random() < LEAVE_SHARE
        self.seen = ""
        self.stored = ""
        self.state = ""
        self.streamed: list[Streamed] = []
        self._mode = self._poll
        self._cursor = ""
        self._last_event_id = ""

    def run(self, number: int) -> None:
        """Ask question `number` and read."""
        key = {"Idempotency-Key": f"{number}"}
        body = {"message": f"Count, reader {number}."}
        reply = self._call("POST", "/api/replies", json=body, headers=key).json()
        self._mode = self._chance.choice([self._stream, self._events, self._live, self._poll])
        while True:
            self._follow(reply)
            if self.state == "done":
                break
            # An interrupted answer goes on; one with no text at all is asked for again.
            button = "again" if self.state == "failed" else "continue"
            pressed = self._call("POST", f"{reply['poll']}/{button}", refused=(409,))
            if pressed.ok:  # otherwise an earlier press counted whose response was lost: look again
                reply = pressed.json()
        self.stored = self._stored(reply)

    def _follow(self, reply: dict[str, str]) -> None:
        self.state = ""
        while self.state not in ENDED:
            try:
                self._mode(reply)
            except (requests.RequestException, KeyError, ValueError):
                gevent.sleep(
                    0.2
                )  # the connection is lost: go on from the cursor at another instance

    def _stored(self, reply: dict[str, str]) -> str:
        """The whole stored text. An instance that does not write the reply learns of its end later."""
        while True:
            answer = self._call("GET", reply["poll"]).json()
            if answer["state"] in ENDED:
                return str(answer["text"])
            gevent.sleep(answer["next_ms"] / 1000)

    def _poll(self, reply: dict[str, str]) -> None:
        after = {"after": self._cursor} if self._cursor else {}
        answer = self._call("GET", reply["poll"], params=after).json()
        self.seen += answer["text"]
        self._cursor = answer["cursor"]
        self.state = answer["state"]
        gevent.sleep(answer["next_ms"] / 1000)

    def _stream(self, reply: dict[str, str]) -> None:
        """Read plain text. It has no cursors, so a poll from the last one finds out where the reader is."""
        after = {"after": self._cursor} if self._cursor else {}
        start, text, complete = len(self.seen), "", False
        try:
            with self._open(reply, after, {}) as response:
                response.raise_for_status()
                for part in response.iter_content(None):
                    text += part.decode()
                    self._perhaps_leave()
            complete = True
        finally:
            self.streamed.append(Streamed(start, text.lstrip(" "), complete))
            self._poll(reply)

    def _live(self, reply: dict[str, str]) -> None:
        """Read the page that grows: from the first word, to a proper end even of a broken answer."""
        seen = Seen()
        try:
            for seen in live(at(self._instances.urls()[0]), reply):  # noqa: B007
                self._perhaps_leave()
        finally:
            self.streamed.append(Streamed(0, seen.text, complete=False))
            self._poll(reply)

    def _events(self, reply: dict[str, str]) -> None:
        headers = {"Accept": "text/event-stream"}
        if self._last_event_id:
            headers["Last-Event-ID"] = self._last_event_id
        decoder = Decoder()
        with self._open(reply, {}, headers) as response:
            if response.status_code == 204:
                self._poll(reply)
                return
            for part in response.iter_content(None):
                for event in decoder.feed(part):
                    self._last_event_id = event.id or self._last_event_id
                    if event.event == "message":
                        self._cursor = event.id  # of other events it is no cursor that a poll takes
                        self.seen += event.data
                    elif event.event == "end":
                        self.state = event.data.split('"state": "')[1].split('"')[0]
                        return
                self._perhaps_leave()

    def _perhaps_leave(self) -> None:
        if self._leaves and self._chance.random() < 0.1:
            self._leaves = False
            self._faults["lost follower"] += 1
            raise requests.ConnectionError("the reader left")

    def _open(
        self, reply: dict[str, str], params: dict[str, str], headers: dict[str, str]
    ) -> requests.Response:
        url = self._instances.urls()[0] + reply["stream"]
        return requests.get(
            url, params=params, headers=headers, stream=True, timeout=CALL_TIMEOUT_S
        )

    def _call(
        self, method: str, path: str, refused: tuple[int, ...] = (), **more: Any
    ) -> requests.Response:
        """Send a request until an instance takes it, or refuses it with a status in `refused`."""
        while True:
            for url in self._instances.urls():
                try:
                    response = requests.request(method, url + path, timeout=CALL_TIMEOUT_S, **more)
                except requests.RequestException:
                    continue
                if response.ok or response.status_code in refused:
                    return response
            gevent.sleep(0.3)


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
        if store == "redis":
            environment["REDIS_URL"] = stack.enter_context(RedisServer(folder)).url
            environment["SECRET_KEY"] = "a secret that both instances share"
        instances = Instances(folder, chance, faults, **environment)
        stack.callback(instances.stop)
        yield instances


def run(replies: int, store: str, seed: int) -> tuple[list[Reader], Counter[str]]:
    """Run `replies` readers under faults. Returns them, and the number of faults by kind."""
    chance = random.Random(seed)
    faults: Counter[str] = Counter()
    with (
        tempfile.TemporaryDirectory() as folder,
        stage(Path(folder), store, chance, faults) as instances,
    ):
        readers = [Reader(instances, chance, faults) for _ in range(replies)]
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


def tally(readers: list[Reader]) -> tuple[int, int, int]:
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
