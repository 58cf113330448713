"""How many polls of a reply under way a core answers in a second, beside the least that a server can do.

`python -m bench.poll [--seconds 3] [--rounds 3]` lets wrk poll one reply over twenty connections: as text,
and as HTML, from the newest cursor (no news, mostly) and from the one before it (always news). Beside them
wrk asks a bare WSGI application on the same kind of worker. The processor time of the server's processes
counts, as wrk has the rest of the machine. Of several rounds the best one counts, for all alike. The bars
are shares of the bare application's requests: 0.5 for text, 0.35 for HTML with news, 0.45 for HTML
without.
"""

from gevent import monkey

monkey.patch_all()

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import requests

from bench.drip import MARKDOWN
from bench.relay import cpu_s
from bench.systems import Proxy
from harness.behaviours import answer, in_pieces
from harness.servers import AppServer, free_port
from harness.upstream import Upstream
from harness.waiting import eventually

CONNECTIONS = 20
PIECE_CHARS = 25
PIECE_DELAY_S = 0.05
"""Between two pieces of the reply, which so grows by 500 characters a second."""

BEGUN_CHARS = 1_000
"""So much of the reply is there when the polls begin."""

TIMEOUT_S = 30

SENT = re.compile(r"(\d+) requests in")
FAILED = re.compile(r"Socket errors.*|Non-2xx.*")


class Poll(NamedTuple):
    """How a reply is polled. `bar` is the least share of the bare application's requests."""

    query: str
    news: bool
    bar: float


POLLS = {
    "text": Poll("", news=False, bar=0.5),
    "HTML, no news": Poll("format=html&", news=False, bar=0.45),
    "HTML, news": Poll("format=html&", news=True, bar=0.35),
}

HELLO = "hello"


def ask_all(url: str, seconds: int, pid: int, *polled: str) -> float:
    """How many requests a second of its processor time a server answers: for its first page, or what
    bench/poll.lua asks for with the arguments `polled`."""
    before = cpu_s(pid)
    script = ["-s", "bench/poll.lua"] if polled else []
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", *script, url, "--", *polled]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    spent_s = cpu_s(pid) - before
    if failed := FAILED.search(told):
        raise RuntimeError(f"wrk: {failed[0]}")
    sent = SENT.search(told)
    assert sent is not None, told
    return int(sent[1]) / spent_s


@contextmanager
def hello(folder: Path) -> Iterator[Proxy]:
    """The bare application, on gunicorn's gevent worker with keep-alive as long as ours."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-k", "gevent", "--keep-alive=20"]
    command += ["--log-level=error", f"--bind=127.0.0.1:{port}", "bench.hello:app"]
    with Proxy(command, {}, folder, port, "/") as server:
        yield server


def begin_reply(url: str) -> str:
    """Ask, and return the address of the polls once there is something to read."""
    reply = requests.post(f"{url}/api/replies", json={"message": "Why?"}, timeout=TIMEOUT_S).json()
    poll: str = reply["poll"]
    eventually(
        lambda: len(requests.get(url + poll, timeout=TIMEOUT_S).json()["text"]) > BEGUN_CHARS
    )
    return poll


def measure(seconds: int, rounds: int) -> dict[str, float]:
    """The best of several rounds for the bare application and for each way of polling."""
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryDirectory() as bare_folder,
        Upstream() as upstream,
        AppServer(Path(folder), GEMINI_BASE_URL=upstream.base_url) as server,
        hello(Path(bare_folder)) as bare,
    ):
        chars = int((seconds + 1) * len(POLLS) * PIECE_CHARS / PIECE_DELAY_S) + 2 * BEGUN_CHARS
        text = MARKDOWN * (chars // len(MARKDOWN) + 1)
        pieces = in_pieces(text, PIECE_CHARS)
        upstream.script(answer(pieces=pieces, delay_s=PIECE_DELAY_S))
        found: dict[str, float] = {}
        for _ in range(rounds):
            each = {HELLO: ask_all(bare.url, seconds, bare.pid)}
            path = begin_reply(server.url)
            for name, poll in POLLS.items():
                how = ["news"] if poll.news else []
                polled = (f"{path}?{poll.query}after=", *how)
                each[name] = ask_all(server.url, seconds, server.pid, *polled)
            found = {name: max(value, found.get(name, 0)) for name, value in each.items()}
    return found


def main() -> int:
    """Measure, print a row each, and return the exit status."""
    parser = argparse.ArgumentParser(description="Count the polls that a core answers.")
    parser.add_argument("--seconds", type=int, default=3, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is missing: apt-get install wrk")
    found = measure(arguments.seconds, arguments.rounds)
    print(f"{HELLO:14} {found[HELLO]:6.0f} requests a second and core")
    missed = 0
    for name, poll in POLLS.items():
        share = found[name] / found[HELLO]
        met = share >= poll.bar
        missed += not met
        note = "" if met else "  MISSED"
        print(f"{name:14} {found[name]:6.0f}  {share:.2f} × (at least {poll.bar}){note}")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
