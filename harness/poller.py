"""A reader in a process of its own, who polls an answer: `python -m harness.poller URL`.

For each line that comes it prints how long the longest poll since the line before took, in milliseconds.
"""

import select
import sys
import time
from http.client import HTTPConnection
from urllib.parse import urlsplit

POLL_EVERY_S = 0.02


def main() -> None:
    """Poll until there is nothing more to read."""
    url = urlsplit(sys.argv[1])
    connection = HTTPConnection(url.netloc, timeout=120)
    longest_s = 0.0
    while True:
        began = time.monotonic()
        connection.request("GET", url.path)
        connection.getresponse().read()
        longest_s = max(longest_s, time.monotonic() - began)
        if select.select([sys.stdin], [], [], POLL_EVERY_S)[0]:
            if not sys.stdin.readline():
                return
            print(longest_s * 1000, flush=True)
            longest_s = 0.0


if __name__ == "__main__":
    main()
