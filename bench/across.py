"""How much later a reader at another instance sees a word: `python -m bench.across`.

For each store, two instances run on it. The first writes 20 replies, and each is followed at both. The
bench prints how many milliseconds the second is later (p50, p99, largest), and fails above 500.
"""

from gevent import monkey

monkey.patch_all()

import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import gevent
import requests

from harness.behaviours import counting
from harness.servers import AppServer, RedisServer
from harness.upstream import Upstream
from kindlechat.upstream.sse import Decoder

REPLIES = 20
WORDS = 50
WORD_EVERY_S = 0.1
BAR_MS = 500
TIMEOUT_S = 30


def arrivals(url: str) -> list[float]:
    """Follow a reply, and return when each word came, in seconds of this process's clock."""
    came: list[float] = []
    decoder = Decoder()
    headers = {"Accept": "text/event-stream"}
    with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT_S) as response:
        for part in response.iter_content(None):
            now = time.monotonic()
            for event in decoder.feed(part):
                if event.event == "message":
                    came += [now] * len(event.data.split())
    return came


def measure(store: str) -> list[float]:
    """How many milliseconds later each word came at the other instance, sorted."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        upstream = stack.enter_context(Upstream())
        upstream.script(counting(WORDS, WORD_EVERY_S))
        environment = {
            "GEMINI_BASE_URL": upstream.base_url,
            "KINDLECHAT_DATA": str(folder / "data"),
            "KINDLECHAT_GRACE_S": "0",
        }
        if store == "redis":
            environment["REDIS_URL"] = stack.enter_context(RedisServer(folder)).url
            environment["SECRET_KEY"] = "a secret that both instances share"
        apps = []
        for name in ("here", "there"):
            (folder / name).mkdir()
            apps.append(stack.enter_context(AppServer(folder / name, environment)))
        jobs = []
        for _ in range(REPLIES):
            asked = requests.post(
                f"{apps[0].url}/api/replies", json={"message": "Count."}, timeout=TIMEOUT_S
            ).json()
            jobs.append([gevent.spawn(arrivals, app.url + asked["stream"]) for app in apps])
        later = []
        for here, there in jobs:
            pairs = zip(here.get(), there.get(), strict=True)
            later += [(second - first) * 1000 for first, second in pairs]
    assert len(later) == REPLIES * WORDS, "words are missing"
    return sorted(later)


def main() -> int:
    """Measure both stores, print a line each, and return the exit status."""
    largest = 0.0
    for store in ("sqlite", "redis"):
        later = measure(store)
        largest = max(largest, later[-1])
        p50, p99 = later[len(later) // 2], later[len(later) * 99 // 100]
        print(
            f"{store}: {len(later)} words, later at the other instance by"
            f" p50 {p50:.0f} ms, p99 {p99:.0f} ms, at most {later[-1]:.0f} ms (bar {BAR_MS})"
        )
    return int(largest > BAR_MS)


if __name__ == "__main__":
    sys.exit(main())
