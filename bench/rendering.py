"""What rendering a growing answer costs as it gets longer. It must stay in proportion, up to 100 kB.

The bench reads whole replies of several kinds and lengths, and looks at each every 100 characters, as a
reader of a fast model does twice a second. It prints the time for a character, compared with the shortest
reply, and the bytes of all polls, compared with the finished HTML.
"""

import sys
import time
from pathlib import Path

from harness.hostile import PATTERNS, repeated
from kindlechat.rendering.answer.growing import Growing, released_chars
from kindlechat.rendering.answer.tree import to_html

SAMPLE = (Path(__file__).parents[1] / "tests/fixtures/answer.md").read_text()

KINDS = {
    "answer": repeated(SAMPLE),
    "table": PATTERNS["table of two, long cells"],
    "nested list": repeated("  - an item of a list in a list\n", before="- An item\n"),
    "lines": PATTERNS["lines of words"],
    "quote": repeated("> A line of text that is quoted,\n"),
}
"""Texts of any length. All but the first are one block that ends only with the answer."""

LENGTHS = (6_250, 12_500, 25_000, 50_000, 100_000)
LOOK_EVERY_CHARS = 100

MOST_PER_CHARACTER = 1.5
"""The bar: how much more a character of the longest answer may cost than one of the shortest."""

MOST_SENT = 1.5


def follow(text: str) -> tuple[float, float]:
    """The seconds that a reply takes, and the bytes of its changes to each byte of the finished HTML."""
    growing, cursor, sent = Growing(), 0, 0
    began = time.process_time()
    for length in range(LOOK_EVERY_CHARS, len(text), LOOK_EVERY_CHARS):
        end = max(cursor, released_chars(text[:length]))
        sent += _bytes(growing.changes(text[:cursor], text[:end], ended=False))
        cursor = end
    sent += _bytes(growing.changes(text[:cursor], text, ended=True))
    took_s = time.process_time() - began
    return took_s, sent / len(to_html(growing.nodes(text, ended=True)).encode())


def _bytes(changes: list[tuple[int, int, str]]) -> int:
    return sum(len(html.encode()) for _, _, html in changes)


def measure(kind: str) -> bool:
    """Print the rows of one kind. Returns whether all bars are met."""
    first, met = 0.0, True
    for length in LENGTHS:
        text = KINDS[kind](length)
        took_s, sent = min(follow(text) for _ in range(3))
        per_character = took_s / length
        first = first or per_character
        ratio = per_character / first
        met &= ratio <= MOST_PER_CHARACTER and sent <= MOST_SENT
        print(
            f"{kind:<11} {length:>7} characters: {took_s:.3f} s, {ratio:.2f} × per character,"
            f" {sent:.2f} × the final HTML sent"
        )
    return met


def main() -> int:
    """Print the table, and return 1 where a bar is missed."""
    follow(SAMPLE)  # load and warm everything
    missed = [kind for kind in KINDS if not measure(kind)]
    print(f"FAIL: {', '.join(missed)}" if missed else "PASS")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
