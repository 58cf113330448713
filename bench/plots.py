"""The document of the relay's figures: a table, and a plot of each, from results that bench/relay.py wrote.

`python -m bench.plots RESULTS` writes into docs/performance.md and beside it. It runs itself on the Python of
.tools/relay-bench, where `python -m bench.relay --install` has put matplotlib.
"""

import json
import os
import platform
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.packages import BIN, ROOT

DOCS = ROOT / "docs"
DOCUMENT = DOCS / "performance.md"
TABLE = re.compile(r"(?<=<!-- table -->\n).*?(?=<!-- /table -->)", re.DOTALL)
PLOTS = {
    "cpu": ("cpu_us_per_event", "CPU time per event (µs)"),
    "first-word": ("first_word_p99_ms", "added to the first word, 99th percentile (ms)"),
}
"""The plots, by the names of their files: which figure, and what it says at its axis."""

GREYS = ("black", "0.35", "0.6")
LINES = ("-", "--", ":", "-.")
SIGNS = "osD^vx+*"


def machine() -> str:
    """What the figures were measured on, in one line."""
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    name = cpu[1] if cpu else platform.machine()
    return f"{os.cpu_count()} processors ({name}), Python {platform.python_version()}"


def table(results: list[dict[str, Any]]) -> str:
    """All results in Markdown, with Node's of the same run as the measure."""
    nodes = {_run_of(r): r["cpu_us_per_event"] for r in results if r["system"] == "node"}
    head = ["system", "readers", "workers", "text", "CPU µs/event", "× Node"]
    head += ["first word p50/p99 ms", "kB/stream", "complete"]
    lines = [head, ["---"] * len(head)]
    for r in results:
        cpu, node = r["cpu_us_per_event"], nodes.get(_run_of(r))
        text = "Markdown" if r["markdown"] else "words"
        line = [r["system"], f"{r['n']}", f"{r['workers']}", text, f"{cpu:.0f}"]
        line += [f"{cpu / node:.2f}" if node else "–"]
        line += [f"{r['first_word_p50_ms']:.1f}/{r['first_word_p99_ms']:.1f}"]
        lines.append([*line, f"{r['kb_per_stream']:.0f}", f"{r['complete']}/{r['n']}"])
    rows = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    return f"{machine()}, {datetime.now(UTC):%d %B %Y}:\n\n{rows}"


def _run_of(result: dict[str, Any]) -> tuple[int, int, bool]:
    """What tells the runs apart whose figures can be compared."""
    return result["n"], result["workers"], result["markdown"]


def plot(results: list[dict[str, Any]]) -> None:
    """Draw the systems on plain words with one worker, as SVG and as PNG."""
    from matplotlib import pyplot  # only where it is installed

    shown = [r for r in results if not r["markdown"] and r["workers"] == 1]
    for file, (figure, label) in PLOTS.items():
        canvas, axes = pyplot.subplots(figsize=(7, 4.5))
        for number, system in enumerate(dict.fromkeys(r["system"] for r in shown)):
            here = [r for r in shown if r["system"] == system]
            points = sorted((r["n"], r[figure]) for r in here if r[figure] > 0)  # axes of logs
            style = {"color": GREYS[number % 3], "linestyle": LINES[number % 4]}
            axes.plot(*zip(*points, strict=True), marker=SIGNS[number % 8], label=system, **style)
        axes.set(xscale="log", yscale="log", xlabel="readers at once", ylabel=label)
        numbers = sorted({r["n"] for r in shown})
        axes.set_xticks(numbers, map(str, numbers))
        axes.set_xticks([], minor=True)
        axes.legend(fontsize="small", frameon=False, bbox_to_anchor=(1, 1))
        canvas.tight_layout()
        canvas.savefig(DOCS / f"performance-{file}.svg", metadata={"Date": None})
        canvas.savefig(DOCS / f"performance-{file}.png", dpi=100)


def main() -> int:
    """Write the document, and return the exit status of the Python that can draw."""
    file = Path(sys.argv[1])
    if Path(sys.executable).parent != BIN:
        command = [str(BIN / "python"), "-m", "bench.plots", str(file)]
        return subprocess.run(command, cwd=ROOT, check=False).returncode
    results = json.loads(file.read_text())
    DOCUMENT.write_text(TABLE.sub(lambda _: table(results), DOCUMENT.read_text()))
    plot(results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
