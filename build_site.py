"""Build the static site, check whether it is up to date, or serve it while it is being written."""

import gc
import os
import sys

COLLECT_EVERY = 100_000
"""Objects between two collections. A build makes many objects and little garbage to look for."""

gc.set_threshold(COLLECT_EVERY)

# Python keeps a module compiled, but not the file that it is asked to run.
from kindlechat.site.command import build_or_serve
from kindlechat.site.memory import keep_memory

if __name__ == "__main__":
    keep_memory()
    status = build_or_serve()
    sys.stdout.flush()
    # The system takes all memory back at once. Python would free thousands of objects one by one.
    os._exit(status)
