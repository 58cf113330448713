"""What a server costs that nobody asks anything.

`python -m bench.idle [--seconds 30] [--starts 5] [--store sqlite|redis]` starts the server as a platform
does, with a site that is built, and asks for the first page until it comes. Then it leaves the server
alone, and counts how often its worker wakes up. The bars: 1.2 s from the start to the first answer (the
best of several, as other work delays it), 60 MB of resident memory, and one wake-up a second.
"""

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from bench.judge import Judge
from bench.relay import cpu_s
from harness.processes import children_of
from harness.servers import AppServer, RedisServer, is_up

START_BAR_S = 1.2
MEMORY_BAR_MB = 60.0
WAKE_UP_BAR = 1.0
"""Wake-ups of the worker a second."""

SETTLED_S = 5
"""After its start a worker has still something to do for so long."""

MOMENT_S = 0.1

LOOK_EVERY_S = 0.01
"""How often the bench looks whether the server answers."""


class EagerServer(AppServer):
    """A server that is asked for its first page all the time from its start on."""

    def wait_until_ready(self) -> None:
        """Return with the first answer. `start_s` is how long that took, `start_cpu_s` on a processor."""
        began = time.monotonic()
        while not self.ready():
            if not self.running:
                raise RuntimeError(f"the server did not start:\n{self.log}")
            time.sleep(LOOK_EVERY_S)
        self.start_s, self.start_cpu_s = time.monotonic() - began, cpu_s(self.pid)

    def ready(self) -> bool:
        return is_up(self.url, "/")

    @property
    def worker(self) -> int:
        """The process that answers."""
        (pid,) = children_of(self.pid)
        return pid


def status_of(process: Path, name: str) -> int:
    """A number in a process's or a thread's status, as Linux tells it."""
    lines = (process / "status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def waits(pid: int) -> int:
    """How often the threads of a process have waited for something so far."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(status_of(thread, "voluntary_ctxt_switches") for thread in threads)


def wake_ups(pid: int, seconds: float) -> int:
    """How often a process wakes up in so many seconds; what its threads do within a moment is one."""
    woken, before, until = 0, waits(pid), time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(MOMENT_S)
        now = waits(pid)
        woken, before = woken + (now != before), now
    return woken


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(description="Measure what an idle server costs.")
    parser.add_argument("--seconds", type=float, default=30, help="how long to look at it")
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--store", choices=("sqlite", "redis"), default="sqlite")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment = {"GEMINI_API_KEY": "bench"}
        if arguments.store == "redis":
            environment["REDIS_URL"] = stack.enter_context(RedisServer(folder)).url
            environment["SECRET_KEY"] = "a secret of the bench's " * 2
        starts = []
        for _ in range(arguments.starts - 1):
            with EagerServer(folder, environment) as server:
                starts.append((server.start_s, server.start_cpu_s))
        server = stack.enter_context(EagerServer(folder, environment))
        starts.append((server.start_s, server.start_cpu_s))
        time.sleep(SETTLED_S)
        woken = wake_ups(server.worker, arguments.seconds) / arguments.seconds
        worker = Path(f"/proc/{server.worker}")
        memory_mb = status_of(worker, "VmRSS") / 1000
        for start_s, start_cpu_s in sorted(starts):
            print(f"start: {start_s:.2f} s, of which {start_cpu_s:.2f} s on a processor")
        print(f"memory of the worker without files: {status_of(worker, 'RssAnon') / 1000:.2f} MB")
        judge = Judge()
        judge.bar("start to first answer, at best", min(starts)[0], START_BAR_S, " s")
        judge.bar("memory of the worker", memory_mb, MEMORY_BAR_MB, " MB")
        judge.bar("wake-ups of the worker", woken, WAKE_UP_BAR, " a second")
    return bool(judge.missed)


if __name__ == "__main__":
    sys.exit(main())
