"""What the relay costs, beside a reference pipeline in Node, in one run.

`python -m bench.relay [--n 100 --n 1000] [--systems node,streamed,polled,html] [--json]` prints two
tables. The first has, for each system, the CPU time of the server's processes per event, the delay added
to the first word (compared with readers who read the upstream directly), the memory per open stream, and
how many replies came complete. The second has the CPU time of an update for readers who get HTML, at 50
and at 200 of them. The bench fails when a bar is missed. The server has everything on: limits, storage.
"""

import argparse
import asyncio
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import NamedTuple

from bench.crowd import Crowd
from bench.drip import EVENTS, INTERVAL_S

ROOT = Path(__file__).parents[1]
REPLY_S = EVENTS * INTERVAL_S
RAMP_S = 0.8 * REPLY_S
WARM_UP = 20
SAMPLE_S = 0.1

CPU_BAR = 0.8
"""Ours to Node's, CPU per event, streamed."""

FIRST_WORD_BAR_MS = 1.0
MEMORY_BAR_KB = 70.0

HTML_WAYS = ("html polled", "html streamed")
HTML_INTERVAL_S = 0.2
"""Between two events of these replies: some 50 updates each, so that asking costs little beside them."""

FEW, MANY = 50, 200
MANY_BAR = 1.2
"""CPU of an update in HTML: at MANY readers, each of a reply of its own, to that at FEW."""


@dataclass
class Result:
    """What one run of a system measured."""

    system: str
    n: int
    cpu_us_per_event: float
    first_word_p50_ms: float
    first_word_p99_ms: float
    kb_per_stream: float
    most_open: int
    complete: int


@dataclass
class HtmlResult:
    """What one run of readers in HTML measured."""

    way: str
    n: int
    updates: int
    cpu_us_per_update: float
    complete: int


def processes(pid: int) -> list[int]:
    """A process and all below it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(below for child in children for below in processes(int(child)))]


def cpu_s(pid: int) -> float:
    """User and system time of a process and all below it, in seconds."""
    ticks = 0
    for each in processes(pid):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_kb(pid: int) -> int:
    """Resident memory of a process and all below it."""
    pages = sum(int(Path(f"/proc/{p}/statm").read_text().split()[1]) for p in processes(pid))
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


@contextmanager
def process(command: list[str], **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A process of ours, ended with the context."""
    started = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield started
    finally:
        started.terminate()
        started.wait(20)


def first_line(started: subprocess.Popen[str]) -> str:
    """What a process says once it is ready."""
    assert started.stdout
    return started.stdout.readline().strip()


@contextmanager
def node(upstream_url: str) -> Iterator[tuple[int, int]]:
    """The reference: its pid and port."""
    with process(["node", "bench/reference.mjs", upstream_url]) as started:
        yield started.pid, int(first_line(started))


@contextmanager
def ours(upstream_url: str) -> Iterator[tuple[int, int]]:
    """Our server, as the Procfile starts it: its pid and port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "app:app"]
    with tempfile.TemporaryDirectory() as data:
        environment = {
            "PORT": str(port),
            "GEMINI_BASE_URL": upstream_url,
            "GEMINI_API_KEY": "bench",
            "WEB_CONCURRENCY": "1",
            "KINDLECHAT_DATA": data,
            "KINDLECHAT_RATE_LIMIT": "1000000/minute",
            "KINDLECHAT_DAILY_LIMIT": "1000000",
            "KINDLECHAT_REPLIES_AT_ONCE": "100000",
            "KINDLECHAT_CONNECTIONS": "off",
            "KINDLECHAT_GRACE_S": "1",
            "GUNICORN_CMD_ARGS": "--log-level error",
        }
        with process(gunicorn, **environment) as started:
            wait_until_healthy(started, port)
            yield started.pid, port


def wait_until_healthy(started: subprocess.Popen[str], port: int) -> None:
    """Return when the server answers. Raises TimeoutError where it has ended, or after a minute."""
    until = time.monotonic() + 60
    while started.poll() is None and time.monotonic() < until:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5)
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError("the server did not start")


async def measure_direct_s(n: int, port: int) -> float:
    """How long the first word is on the way with no server between: the median of `n` readers."""
    crowd = Crowd(port, "direct")
    await crowd.read(n, RAMP_S)
    return delays_of(crowd)[n // 2]


def delays_of(crowd: Crowd) -> list[float]:
    """How long the readers' first words were on the way, in order, in seconds."""
    return sorted(r.first_delay_s for r in crowd.readings if r.first_delay_s is not None)


async def measure(system: str, n: int, pid: int, port: int, direct_s: float) -> Result:
    """Let `n` readers read at once, and measure."""
    way = "polled" if system == "polled" else "streamed"
    await Crowd(port, way).read(WARM_UP, 0.5)
    crowd = Crowd(port, way)
    memory_before, cpu_before = memory_kb(pid), cpu_s(pid)
    samples: list[Sample] = []
    watch = asyncio.create_task(watch_memory(crowd, pid, samples))
    await crowd.read(n, RAMP_S)
    cpu = cpu_s(pid) - cpu_before
    watch.cancel()
    plateau = max(while_most_were_open(samples), default=Sample(0, 1))
    added = [delay - direct_s for delay in delays_of(crowd)]
    return Result(
        system=system,
        n=n,
        cpu_us_per_event=1e6 * cpu / (n * EVENTS),
        first_word_p50_ms=1000 * added[len(added) // 2],
        first_word_p99_ms=1000 * added[int(0.99 * len(added))],
        kb_per_stream=(plateau.memory_kb - memory_before) / plateau.open_streams,
        most_open=plateau.open_streams,
        complete=sum(reading.complete for reading in crowd.readings),
    )


async def measure_html(way: str, n: int, pid: int, port: int) -> HtmlResult:
    """Let `n` readers follow a reply each in HTML, and measure."""
    await Crowd(port, way).read(1, 0)
    crowd = Crowd(port, way)
    cpu_before = cpu_s(pid)
    await crowd.read(n, RAMP_S)
    cpu = cpu_s(pid) - cpu_before
    updates = sum(reading.updates for reading in crowd.readings)
    return HtmlResult(
        way=way,
        n=n,
        updates=updates,
        cpu_us_per_update=1e6 * cpu / max(1, updates),
        complete=sum(reading.complete for reading in crowd.readings),
    )


class Sample(NamedTuple):
    """The server's memory at one moment, and how many streams were open."""

    memory_kb: int
    open_streams: int


async def watch_memory(crowd: Crowd, pid: int, samples: list[Sample]) -> None:
    """Take samples until cancelled."""
    while True:
        samples.append(Sample(memory_kb(pid), crowd.open_now))
        await asyncio.sleep(SAMPLE_S)


def while_most_were_open(samples: list[Sample]) -> list[Sample]:
    """The samples that were taken while nearly as many streams were open as ever."""
    most = max((sample.open_streams for sample in samples), default=0)
    return [sample for sample in samples if most and sample.open_streams >= 0.98 * most]


def judge(results: list[Result]) -> list[str]:
    """The bars that were missed."""
    missed = [
        f"{r.system}, N = {r.n}: {r.n - r.complete} replies incomplete"
        for r in results
        if r.complete < r.n
    ]
    by_name = {(r.system, r.n): r for r in results}
    for (system, n), r in by_name.items():
        if system != "streamed":
            continue
        reference = by_name.get(("node", n))
        if reference and r.cpu_us_per_event > CPU_BAR * reference.cpu_us_per_event:
            missed.append(f"N = {n}: CPU per event above {CPU_BAR} × Node's")
        if n == 100 and r.first_word_p50_ms > FIRST_WORD_BAR_MS:
            missed.append(f"N = {n}: first word p50 above {FIRST_WORD_BAR_MS} ms")
        if n == 1000 and r.kb_per_stream > MEMORY_BAR_KB:
            missed.append(f"N = {n}: above {MEMORY_BAR_KB} kB a stream")
    return missed


def judge_html(results: list[HtmlResult]) -> list[str]:
    """The bars that were missed."""
    missed = [
        f"{r.way}, N = {r.n}: {r.n - r.complete} replies incomplete"
        for r in results
        if r.complete < r.n
    ]
    cost = {(r.way, r.n): r.cpu_us_per_update for r in results}
    missed += [
        f"{way}: an update at {MANY} readers costs above {MANY_BAR} × one at {FEW}"
        for way in HTML_WAYS
        if cost and cost[way, MANY] > MANY_BAR * cost[way, FEW]
    ]
    return missed


def show(results: list[Result]) -> None:
    """Print the table."""
    reference = {r.n: r.cpu_us_per_event for r in results if r.system == "node"}
    print("system      N  CPU µs/event  × Node  added p50/p99 ms  kB/stream (open)  complete")
    for r in results:
        ratio = f"{r.cpu_us_per_event / reference[r.n]:6.2f}" if r.n in reference else "     –"
        delay = f"{r.first_word_p50_ms:.2f}/{r.first_word_p99_ms:.1f}"
        memory = f"{r.kb_per_stream:.0f} ({r.most_open})"
        print(
            f"{r.system:8} {r.n:4}  {r.cpu_us_per_event:12.1f}  {ratio}  {delay:>16}  {memory:>16}"
            f"  {r.complete}/{r.n}"
        )


def show_html(results: list[HtmlResult]) -> None:
    """Print the table of the readers in HTML."""
    few = {r.way: r.cpu_us_per_update for r in results if r.n == FEW}
    print(f"way               N  updates  CPU µs/update  × N = {FEW}  complete")
    for r in results:
        ratio = r.cpu_us_per_update / few[r.way]
        print(
            f"{r.way:13} {r.n:5}  {r.updates:7}  {r.cpu_us_per_update:13.1f}  {ratio:8.2f}"
            f"  {r.complete}/{r.n}"
        )


def main() -> int:
    """Run, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, action="append", help="readers at once (100 and 1000)")
    parser.add_argument(
        "--systems",
        default="node,streamed,polled,html",
        help="which to measure, with commas between (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    arguments = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 20_000)), hard))
    systems = arguments.systems.split(",")
    results: list[Result] = []
    html_results: list[HtmlResult] = []
    with process([sys.executable, "-m", "bench.drip"]) as upstream:
        url = first_line(upstream)
        for n in arguments.n or [100, 1000]:
            direct_s = asyncio.run(measure_direct_s(n, int(url.rpartition(":")[2])))
            if not arguments.json:
                print(f"N = {n}: read directly, the first word takes {1000 * direct_s:.2f} ms")
            for system in systems:
                if system != "html":
                    with (node if system == "node" else ours)(url) as (pid, port):
                        results.append(asyncio.run(measure(system, n, pid, port, direct_s)))
    with process(
        [sys.executable, "-m", "bench.drip", f"--interval-s={HTML_INTERVAL_S}"]
    ) as upstream:
        url = first_line(upstream)
        for way, n in product(HTML_WAYS, (FEW, MANY) if "html" in systems else ()):
            with ours(url) as (pid, port):
                html_results.append(asyncio.run(measure_html(way, n, pid, port)))
    missed = judge(results) + judge_html(html_results)
    if arguments.json:
        everything = [*map(asdict, results), *map(asdict, html_results)]
        print(json.dumps({"results": everything, "missed": missed}, indent=2))
    else:
        show(results)
        show_html(html_results)
        print("\n".join(f"FAIL {each}" for each in missed) or "PASS every bar")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
