"""The bytes and the requests that a device pays for one answer, in each way in which an answer arrives.

`python -m bench.bytes [--words 2000]` asks one question in each way, and counts what goes over the wire,
with all heads, once the first page is there. The answer is Markdown of so many words, which comes at 2,000
characters a second. The bar is for an answer of 10 kB of plain words that is polled as HTML: 12.6 kB in 12
polls, without the buttons that come with its end.
"""

from gevent import monkey

monkey.patch_all()

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests

from bench import drip
from harness.behaviours import answer, in_pieces
from harness.forwarder import Forwarder
from harness.servers import AppServer
from harness.upstream import Upstream

PIECE_CHARS = 100
PIECE_DELAY_S = 0.05

BAR_BYTES = 12_600
BAR_POLLS = 12

TIMEOUT_S = 120

KINDLE = (
    "Mozilla/5.0 (Linux; U; en-US) AppleWebKit/528.5+ (KHTML, like Gecko, Safari/528.5+) Version/4.0"
    " Kindle/3.0 (screen 600x800; rotate)"
)

REFRESH = re.compile(r'<meta http-equiv="refresh" content="(\d+)')


@dataclass
class Device:
    """A browser at the site, which keeps its connection open: how many requests it sent, and what the
    bodies of the responses weigh together."""

    url: str
    count: int = 0
    bodies: int = 0
    _session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self._session.headers.update({"User-Agent": KINDLE, "Accept-Encoding": "identity"})

    def get(self, address: str, **headers: str) -> requests.Response:
        """Load an address."""
        return self._took(
            self._session.get(urljoin(self.url, address), headers=headers, timeout=TIMEOUT_S)
        )

    def post(self, address: str, **what: Any) -> requests.Response:
        """Send a form (`data`) or JSON (`json`), and go where that leads."""
        response = self._session.post(urljoin(self.url, address), timeout=TIMEOUT_S, **what)
        for earlier in response.history:
            self._took(earlier)
        return self._took(response)

    def _took(self, response: requests.Response) -> requests.Response:
        response.raise_for_status()
        self.count += 1
        self.bodies += len(response.content)
        return response


def ask(device: Device) -> dict[str, str]:
    """Ask as a script does."""
    asked: dict[str, str] = device.post("/api/replies", json={"message": "Why?"}).json()
    return asked


def poll(device: Device, query: str) -> dict[str, Any]:
    """Ask, and poll as often as the server says. Returns what the last poll was told."""
    path, after = ask(device)["poll"], ""
    while True:
        told: dict[str, Any] = device.get(f"{path}?{query}{after}").json()
        if not told["next_ms"]:
            return told
        after = f"after={told['cursor']}"
        time.sleep(told["next_ms"] / 1000)


def refresh(device: Device) -> None:
    """Ask by a form, and load the page again as often as it says."""
    page = device.post("/ask", data={"message": "Why?"})
    while wait := REFRESH.search(page.text):
        time.sleep(int(wait[1]))
        page = device.get(page.url)


WAYS: dict[str, Callable[[Device], object]] = {
    "streamed, text": lambda device: device.post("/api/chat", json={"message": "Why?"}),
    "streamed, HTML": lambda device: device.get(f"{ask(device)['stream']}?format=html"),
    "events": lambda device: device.get(ask(device)["stream"], Accept="text/event-stream"),
    "polled, text": lambda device: poll(device, ""),
    "polled, HTML": lambda device: poll(device, "format=html&"),
    "growing": lambda device: device.post("/ask", data={"message": "Why?", "mode": "live"}),
    "refreshing": refresh,
}
"""How a device follows an answer. The last two load pages, with a question box and all."""


@dataclass(frozen=True)
class Cost:
    """What one answer cost a device."""

    requests: int
    bodies: int
    received: int
    sent: int


def measure(way: str, port: int) -> Cost:
    """Ask one question in this way."""
    with Forwarder(port) as between:
        device = Device(between.url)
        WAYS[way](device)
        return Cost(device.count, device.bodies, between.received, between.sent)


def main() -> int:
    """Measure, print the table, and return the exit status."""
    parser = argparse.ArgumentParser(description="Count what a device pays for an answer.")
    parser.add_argument("--words", type=int, default=2_000, help="of the answer")
    arguments = parser.parse_args()
    words = re.findall(r"\S+\s+", drip.MARKDOWN)
    text = "".join((words * (arguments.words // len(words) + 1))[: arguments.words])
    plain = [drip.text_of(number, 0.0).replace("*", " ") for number in range(drip.EVENTS)]
    with (
        tempfile.TemporaryDirectory() as folder,
        Upstream() as upstream,
        AppServer(Path(folder), GEMINI_BASE_URL=upstream.base_url) as server,
    ):
        upstream.script(answer(pieces=in_pieces(text, PIECE_CHARS), delay_s=PIECE_DELAY_S))
        print(f"{arguments.words} words in {len(text.encode())} bytes of Markdown:\n")
        print("| way | requests | bodies, bytes | received in all | sent in all |")
        print("|---|---:|---:|---:|---:|")
        for way in WAYS:
            cost = measure(way, server.port)
            print(
                f"| {way} | {cost.requests} | {cost.bodies} | {cost.received} | {cost.sent} |",
                flush=True,
            )
        upstream.script(answer(pieces=plain, delay_s=PIECE_DELAY_S))
        device = Device(server.url)
        last = poll(device, "format=html&")
    polls, in_all = device.count - 1, device.bodies
    without = in_all - len(last["actions"].encode())
    met = without <= BAR_BYTES and polls <= BAR_POLLS
    print(
        f"\n10 kB polled as HTML: {in_all} bytes of bodies, {without} without the buttons, in {polls} polls"
        f" (at most {BAR_BYTES} in {BAR_POLLS}){'' if met else '  MISSED'}"
    )
    return int(not met)


if __name__ == "__main__":
    sys.exit(main())
