"""How long one reader's hostile answer holds up another reader: 25 ms at most.

A real server answers a long text (200,000 characters, a table of 2,000 rows, 5,000 items) and a hostile
text of each pattern of harness/hostile.py in twenty pieces. One reader follows it by polls and on a page
that grows, loads the finished page and its screens. Another one polls a quiet answer all the while. A
conversation of 300 turns is loaded, saved and gone on with, too. The bar is for the longest time that the
server's hub was held, in processor time, since the machine may be busy; the delays of the polls are
printed beside those of an idle server.

`python -m bench.hub [--chars 20000] [--long] [PATTERN …]` tries all patterns, or some; `--long` the long
texts alone.
"""

from gevent import monkey

monkey.patch_all()

import argparse
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench.rendering import SAMPLE
from harness.behaviours import ANSWER
from harness.conversations import keep_conversation
from harness.hostile import PATTERNS
from harness.neighbours import Harm, Neighbours
from harness.servers import AppServer
from harness.upstream import Upstream
from kindlechat.conversation import UNCLAIMED
from kindlechat.stores.sqlite import SqliteStore

CHARS = 20_000
MOST_MS = 25

TRIES = 4
"""How often at most a text is shown: what the machine did meanwhile does not come again."""

LONG = {
    "200,000 characters": SAMPLE * (200_000 // len(SAMPLE)),
    "a table of 2,000 rows": "| Colour | Wavelength | Share |\n|---|---:|---:|\n"
    + "".join(f"| number {row} | {row} nm | {row % 100} % |\n" for row in range(2_000)),
    "5,000 items": "".join(f"- Item {item} of a *long* list\n" for item in range(5_000)),
}
"""Answers of the length that the largest ones have."""

TURNS = 300


def measure(name: str, show: Callable[[], Harm]) -> bool:
    """Print the row of what `show` shows. Returns whether the bar is met."""
    harm = show()
    for _ in range(TRIES - 1):
        if harm.hold_ms <= MOST_MS:
            break
        harm = min(harm, show(), key=lambda each: each.hold_ms)
    met = harm.hold_ms <= MOST_MS
    note = "" if met else "  MISSED"
    print(
        f"{name}: held {harm.hold_ms:.0f} ms, polls up to {harm.delay_ms:.0f} ms{note}", flush=True
    )
    return met


def keep(data: Path) -> str:
    """Put a conversation of many turns into the store of a server under way; returns its id."""
    store = SqliteStore(data)
    conversation = keep_conversation(store, [SAMPLE] * TURNS, UNCLAIMED)
    store.close()
    return conversation


def main() -> int:
    """Print a row for each pattern, and return 1 where the bar is missed."""
    parser = argparse.ArgumentParser(description="Measure how hostile answers hold up others.")
    parser.add_argument("--chars", type=int, default=CHARS)
    parser.add_argument("--long", action="store_true", help="long texts alone")
    parser.add_argument("patterns", nargs="*")
    arguments = parser.parse_args()
    patterns = arguments.patterns or ([] if arguments.long else PATTERNS)
    texts = {name: PATTERNS[name](arguments.chars) for name in patterns}
    texts = texts if arguments.patterns else LONG | texts
    with (
        tempfile.TemporaryDirectory() as folder,
        Upstream() as upstream,
        AppServer(
            Path(folder), application="harness.traced_app:app", GEMINI_BASE_URL=upstream.base_url
        ) as server,
        Neighbours(server, upstream) as neighbours,
    ):
        neighbours.show(ANSWER)  # load and warm everything
        idle = neighbours.idle()
        print(f"idle: held {idle.hold_ms:.0f} ms, polls up to {idle.delay_ms:.0f} ms")
        shows = {name: partial(neighbours.show, text) for name, text in texts.items()}
        if not arguments.patterns:
            kept = keep(Path(folder) / "data")
            shows[f"a conversation of {TURNS} turns"] = partial(neighbours.load, kept)
        missed = [name for name, show in shows.items() if not measure(name, show)]
    print(f"FAIL: {', '.join(missed)}" if missed else "PASS")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
