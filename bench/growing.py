"""Whether what grows ends as the finished page reads, over many answers and in all three ways.

    python -m bench.growing [FILE] [--only FIRST:END] [--show]

FILE holds a JSON object a line, with an answer as its `text`; without it the answers are those of
`tests/fixtures/answers`. Each is cut at every tenth character and at random, and followed as a page that
grows, by polls, and by a stream of changes. Prints how many answers end with exactly the words, list
numbers and order of the finished page, how many bytes each way takes in ratio to the finished HTML, and
how far the page that grows lags behind. Exits with 1 where a bar is missed. `--only 50:100` takes a part
of the answers, `--show` names each that misses a bar as soon as it is found.
"""

import argparse
import json
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from harness.growing import changed, finished, growing, polled, reader, streamed, words
from harness.servers import ROOT
from kindlechat.rendering.ui.templates import Templates
from kindlechat.web.conversation.reader import Reader

ANSWERS = ROOT / "tests/fixtures/answers"

EVERY_CHARS = 10
MOST_RANDOM_CHARS = 60
WAYS = ("growing HTML", "HTML poll", "HTML stream")

MOST_SENT = 1.5
"""The bar: bytes on the wire, all in all, to those of the finished HTML."""


@dataclass
class Tally:
    """What was seen of one way, over all answers so far."""

    failed: list[int] = field(default_factory=list)
    sent: int = 0
    final: int = 0
    worst: float = 0.0

    def count(self, number: int, same: bool, sent: int, final: int) -> bool:
        """One run over the answer of this number: whether it met the bars, by its end and its bytes."""
        if not same and number not in self.failed:
            self.failed.append(number)
        self.sent += sent
        self.final += final
        ratio = sent / max(final, 1)
        self.worst = max(self.worst, ratio)
        return same and ratio <= MOST_SENT


def read(file: Path | None) -> list[str]:
    """The answers of a file, or our own."""
    if file is None:
        return [path.read_text() for path in sorted(ANSWERS.glob("*.md"))]
    return [json.loads(line)["text"] for line in file.read_text().splitlines()]


def cuts(text: str, seed: int) -> Iterator[list[str]]:
    """The answer in pieces of ten characters, and in pieces of random length."""
    yield [text[start : start + EVERY_CHARS] for start in range(0, len(text), EVERY_CHARS)]
    chance, pieces, start = random.Random(seed), [], 0
    while start < len(text):
        end = start + chance.randint(1, MOST_RANDOM_CHARS)
        pieces.append(text[start:end])
        start = end
    yield pieces


def follow(way: str, pieces: list[str], reader: Reader) -> tuple[str, int]:
    """What a page shows at the end of one way, and the bytes of HTML that were sent."""
    if way == "growing HTML":
        sent = b"".join(growing(pieces, reader))
        return sent.decode(), len(sent)
    looks = list((polled if way == "HTML poll" else streamed)(pieces, reader))
    return changed(looks), sum(len(html.encode()) for look in looks for _, _, html in look)


def part(words: str) -> slice:
    """What `--only` says: "50:100"."""
    first, _, end = words.partition(":")
    return slice(int(first or 0), int(end) if end else None)


def run(answers: list[str], numbers: range, *, show: bool) -> dict[str, Tally]:
    """Follow the answers of these numbers in all ways."""
    someone = reader(Templates.load(ROOT / "site", demo=True).localized())
    tallies = {way: Tally() for way in WAYS}
    for number in numbers:
        final = finished(answers[number], someone)
        expected, size = words(final), len(final.encode())
        for pieces in cuts(answers[number], number):
            for way, tally in tallies.items():
                html, sent = follow(way, pieces, someone)
                same = words(html) == expected
                if not tally.count(number, same, sent, size) and show:
                    print(
                        f"{number}: {way}, {'same' if same else 'other'} words, {sent / size:.2f} ×"
                    )
    return tallies


def main() -> int:
    """Run over all answers and print the table; 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--only", type=part, default=slice(None), metavar="FIRST:END")
    parser.add_argument("--show", action="store_true", help="name each that misses a bar")
    arguments = parser.parse_args()
    answers = read(arguments.file)
    numbers = range(len(answers))[arguments.only]
    tallies = run(answers, numbers, show=arguments.show)
    for way, tally in tallies.items():
        print(
            f"{way:<12} {len(numbers) - len(tally.failed)} of {len(numbers)} end as the finished page,"
            f" {tally.sent / max(tally.final, 1):.2f} × its HTML sent, {tally.worst:.2f} × at most"
        )
    good = all(not tally.failed and tally.worst <= MOST_SENT for tally in tallies.values())
    print("PASS" if good else "FAIL")
    return not good


if __name__ == "__main__":
    sys.exit(main())
