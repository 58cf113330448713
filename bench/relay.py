"""What the relay costs, beside other relays, in one run.

    python -m bench.relay [--n 100 --n 1000] [--systems node,streamed,…] [--workers 1] [--markdown]
                          [--ramp-s 4] [--rounds 3] [--json FILE] [--install]

The first table has, for each system of bench/systems.py, the CPU time of the server's processes per event,
the delay added to the first word (compared with readers who read the upstream directly), the memory per
open stream, and how many replies came complete. In each round every system has its turn, and the table has
the medians of the rounds: other work on the machine then meets all of them, and one slow moment decides
nothing. The second (`html` among the systems) has the CPU time of an update for readers who get HTML, at 50
and at 200 of them. The bench fails when a bar is missed. Our server has everything on: limits, storage.
`--install` puts the others' packages below .tools/; a system that is not installed is left out. `--json`
adds the results to a list in a file, for bench/plots.py.
"""

import argparse
import asyncio
import json
import os
import sys
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench.crowd import Crowd, allow_descriptors
from bench.drip import EVENTS, INTERVAL_S
from bench.packages import install
from bench.systems import SYSTEMS, drip
from harness.processes import family_of

REPLY_S = EVENTS * INTERVAL_S
RAMP_S = 0.8 * REPLY_S
ROUNDS = 3
WARM_UP = 20
SAMPLE_S = 0.1

TABLES = "node,streamed,polled,html"
"""What is measured where nothing else is asked for; `html` is the second table."""

CPU_BARS = {
    ("streamed", 100): 0.55,
    ("streamed", 1000): 0.65,
    ("html streamed", 1000): 0.9,
    ("html polled", 1000): 1.5,
}
"""CPU time per event: ours to Node's, by system and number of readers."""

FIRST_WORD_BAR_MS = 4.0
"""The 99th percentile of what is added to the first word of a stream of text, at 100 readers."""

MEMORY_BAR_KB = 50.0
"""Of a stream of text, at 1,000 readers of one worker: each worker's own growth comes on top."""

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
    workers: int
    markdown: bool
    cpu_us_per_event: float
    first_word_p50_ms: float
    first_word_p99_ms: float
    kb_per_stream: float
    most_open: int
    complete: int


MEASURED = ("cpu_us_per_event", "first_word_p50_ms", "first_word_p99_ms", "kb_per_stream")


def middle_of(rounds: list[Result]) -> Result:
    """The medians of what some rounds of a system measured. Of replies the least that came complete count."""
    medians = {name: median(getattr(each, name) for each in rounds) for name in MEASURED}
    return replace(rounds[0], **medians, complete=min(each.complete for each in rounds))


@dataclass
class HtmlResult:
    """What one run of readers in HTML measured."""

    way: str
    n: int
    updates: int
    cpu_us_per_update: float
    complete: int


def cpu_s(pid: int) -> float:
    """User and system time of a process and all below it, in seconds."""
    ticks = 0
    for each in family_of(pid):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_kb(pid: int) -> int:
    """Resident memory of a process and all below it."""
    pages = sum(int(Path(f"/proc/{p}/statm").read_text().split()[1]) for p in family_of(pid))
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


async def measure_direct_s(n: int, port: int, ramp_s: float) -> float:
    """How long the first word is on the way with no server between: the median of `n` readers."""
    crowd = Crowd(port, "direct")
    await crowd.read(n, ramp_s)
    delays = delays_of(crowd)
    return delays[len(delays) // 2]


def delays_of(crowd: Crowd) -> list[float]:
    """How long the readers' first words were on the way, in order, in seconds."""
    return sorted(r.first_delay_s for r in crowd.readings if r.first_delay_s is not None)


def percentile(values: list[float], percent: int) -> float:
    """The least of sorted values that so many percent of them do not exceed (the nearest rank)."""
    return values[-(-percent * len(values) // 100) - 1]


@dataclass(frozen=True)
class Run:
    """How a system is measured."""

    n: int
    workers: int
    markdown: bool
    ramp_s: float
    direct_s: float


async def measure(system: str, run: Run, pid: int, port: int) -> Result:
    """Let readers read at once, and measure."""
    way = SYSTEMS[system].way
    await Crowd(port, way).read(WARM_UP, 0.5)
    crowd = Crowd(port, way)
    memory_before, cpu_before = memory_kb(pid), cpu_s(pid)
    samples: list[Sample] = []
    watch = asyncio.create_task(watch_memory(crowd, pid, samples))
    await crowd.read(run.n, run.ramp_s)
    cpu = cpu_s(pid) - cpu_before
    watch.cancel()
    plateau = max(while_most_were_open(samples), default=Sample(0, 1))
    added = [delay - run.direct_s for delay in delays_of(crowd)] or [float("inf")]
    return Result(
        system=system,
        n=run.n,
        workers=run.workers,
        markdown=run.markdown,
        cpu_us_per_event=1e6 * cpu / (run.n * EVENTS),
        first_word_p50_ms=1000 * percentile(added, 50),
        first_word_p99_ms=1000 * percentile(added, 99),
        kb_per_stream=(plateau.memory_kb - memory_before) / plateau.open_streams,
        most_open=plateau.open_streams,
        complete=sum(reading.complete for reading in crowd.readings),
    )


def measure_apart(system: str, run: Run, upstream: str) -> Result:
    """Start a system, measure it, and stop it."""
    with SYSTEMS[system].run(upstream, run.workers) as (pid, port):
        return asyncio.run(measure(system, run, pid, port))


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
    nodes = {r.n: r.cpu_us_per_event for r in results if r.system == "node"}
    for r in results:
        most = CPU_BARS.get((r.system, r.n))
        if most and r.n in nodes and r.cpu_us_per_event > most * nodes[r.n]:
            missed.append(f"{r.system}, N = {r.n}: CPU per event above {most} × Node's")
        if (r.system, r.n) == ("streamed", 100) and r.first_word_p99_ms > FIRST_WORD_BAR_MS:
            missed.append(f"N = {r.n}: first word p99 above {FIRST_WORD_BAR_MS} ms")
        if (r.system, r.n, r.workers) == ("streamed", 1000, 1) and r.kb_per_stream > MEMORY_BAR_KB:
            missed.append(f"N = {r.n}: above {MEMORY_BAR_KB} kB a stream")
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
    print("system            N  CPU µs/event  × Node  added p50/p99 ms  kB/stream (open)  complete")
    for r in results:
        ratio = f"{r.cpu_us_per_event / reference[r.n]:6.2f}" if r.n in reference else "     –"
        delay = f"{r.first_word_p50_ms:.2f}/{r.first_word_p99_ms:.1f}"
        memory = f"{r.kb_per_stream:.0f} ({r.most_open})"
        print(
            f"{r.system:13} {r.n:5}  {r.cpu_us_per_event:12.1f}  {ratio}  {delay:>16}  {memory:>16}"
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


def parse() -> argparse.Namespace:
    """The arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, action="append", help="readers at once (100 and 1000)")
    parser.add_argument(
        "--systems",
        default=TABLES,
        help="which to measure, with commas between, or all (default: %(default)s)",
    )
    parser.add_argument(
        "--workers", type=int, default=1, help="worker processes, where there are any"
    )
    parser.add_argument("--markdown", action="store_true", help="Markdown in place of plain words")
    parser.add_argument(
        "--ramp-s", type=float, default=RAMP_S, help="within which all readers come"
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="turns that each system has")
    parser.add_argument("--json", type=Path, help="a file for the results")
    parser.add_argument("--install", action="store_true", help="install the others first")
    return parser.parse_args()


def compare(arguments: argparse.Namespace) -> list[Result]:
    """Measure each system at each number of readers, on the same upstream."""
    asked = arguments.systems.split(",")
    systems = [name for name in SYSTEMS if name in asked or asked == ["all"]]
    for name in [name for name in systems if not SYSTEMS[name].is_installed]:
        print(f"{name} is not installed (--install)")
        systems.remove(name)
    results: list[Result] = []
    with drip(*["--markdown"] * arguments.markdown) as upstream:
        for n in arguments.n or [100, 1000]:
            port = int(upstream.rpartition(":")[2])
            direct_s = asyncio.run(measure_direct_s(n, port, arguments.ramp_s))
            print(
                f"N = {n}: read directly, the first word takes {1000 * direct_s:.2f} ms", flush=True
            )
            run = Run(n, arguments.workers, arguments.markdown, arguments.ramp_s, direct_s)
            rounds = [
                [measure_apart(name, run, upstream) for name in systems]
                for _ in range(arguments.rounds)
            ]
            results += map(middle_of, map(list, zip(*rounds, strict=True)))
    return results


def compare_html(arguments: argparse.Namespace) -> list[HtmlResult]:
    """Measure readers of HTML at both numbers, where the second table is wanted."""
    results: list[HtmlResult] = []
    with drip(f"--interval-s={HTML_INTERVAL_S}") as upstream:
        for way, n in product(
            HTML_WAYS, (FEW, MANY) if "html" in arguments.systems.split(",") else ()
        ):
            with SYSTEMS[way].run(upstream, arguments.workers) as (pid, port):
                results.append(asyncio.run(measure_html(way, n, pid, port)))
    return results


def main() -> int:
    """Run, print, and return the exit status."""
    arguments = parse()
    if arguments.install:
        install()
    allow_descriptors()
    results, html_results = compare(arguments), compare_html(arguments)
    missed = judge(results) + judge_html(html_results)
    show(results)
    show_html(html_results)
    print("\n".join(f"FAIL {each}" for each in missed) or "PASS every bar")
    if arguments.json:
        earlier = json.loads(arguments.json.read_text()) if arguments.json.exists() else []
        arguments.json.write_text(json.dumps([*earlier, *map(asdict, results)], indent=1))
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
