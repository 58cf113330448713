"""The application, the faulty upstream and Redis as separate processes on loopback ports."""

import itertools
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Self

import gevent
import requests

from harness.orphans import end_with_parent
from harness.waiting import at_most, eventually
from kindlechat.rendering.ui.assets import load_assets

ROOT = Path(__file__).parents[1]
ASSETS = load_assets(ROOT / "site/assets")

READY_WITHIN_S = 60
ENDED_WITHIN_S = 20
READY_POLL_S = 0.05

PORTS = (12_000, 32_000)
"""The range of our ports, below those that Linux gives to connections and to servers on port 0."""

OURS = (
    "GEMINI_",
    "KINDLECHAT_",
    "REDIS_URL",
    "SECRET_KEY",
    "WEB_CONCURRENCY",
    "PORT",
    "BIND_ADDRESS",
)
"""Prefixes of variables that a server gets only from its test, never from this process."""


NO_LIMITS = {
    "KINDLECHAT_RATE_LIMIT": "off",
    "KINDLECHAT_DAILY_LIMIT": "off",
    "KINDLECHAT_REPLIES_AT_ONCE": "off",
    "KINDLECHAT_CONNECTIONS": "off",
    "KINDLECHAT_GRACE_S": "1",
}
"""The settings that applications of tests have where a test says nothing else."""


class ServerProcess:
    """A server process that runs in the checkout and writes to `log_file`.

    A context manager that ends it.
    """

    ready_within_s = READY_WITHIN_S

    def __init__(self, command: list[str], log_file: Path, environment: dict[str, str]) -> None:
        self._log_file = log_file
        self._is_over = False
        with log_file.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=clean_environment() | environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        """The id of the process, which leads its own process group."""
        return self._process.pid

    @property
    def log(self) -> str:
        """What it has written so far to its output and its error stream."""
        return self._log_file.read_text(errors="replace")

    @property
    def running(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def stop(self) -> int:
        """Send SIGTERM as a platform does, wait, and return the exit status."""
        self._process.terminate()
        return self.wait()

    def wait(self) -> int:
        """Wait for its end, kill what it may have left, and return the exit status."""
        try:
            return self._process.wait(ENDED_WITHIN_S)
        finally:
            self.kill()

    def kill(self) -> None:
        """Kill it and its workers, once: later, another server's group may have its id."""
        if self._is_over:
            return
        self._is_over = True
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait(ENDED_WITHIN_S)

    def wait_until_ready(self) -> None:
        """Return when `ready()` holds. Raises RuntimeError with the log when it ends or takes too long."""
        with ExitStack() as failing:
            failing.callback(self.kill)
            with at_most(self.ready_within_s):
                while self.running:
                    if self.ready():
                        failing.pop_all()
                        return
                    gevent.sleep(READY_POLL_S)
        raise RuntimeError(f"the server did not start:\n{self.log}")

    def ready(self) -> bool:
        """Whether it answers requests."""
        raise NotImplementedError


class AppServer(ServerProcess):
    """The application under gunicorn, as the Procfile starts it, but on loopback only.

    `folder` holds its data and its log. `environment` and the keywords are its settings; limits are
    off unless they say otherwise. The site must be built. `haste` divides its time-outs and
    heartbeats, see harness/haste.py. `application` is another one that is served.
    """

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        *,
        port: int | None = None,
        haste: float = 1,
        application: str | None = None,
        **settings: str,
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        defaults = NO_LIMITS | {
            "PORT": str(self.port),
            "KINDLECHAT_DATA": str(folder / "data"),
            "TEST_HASTE": str(haste),
        }
        gunicorn = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"]
        application = application or ("app:app" if haste == 1 else "harness.quick_app:app")
        super().__init__(
            [*gunicorn, "--bind", f"127.0.0.1:{self.port}", application],
            folder / "app.log",
            defaults | dict(environment or {}) | settings,
        )
        self.wait_until_ready()

    def ready(self) -> bool:
        return is_up(self.url)


class AnnouncedServer(ServerProcess):
    """A server that says in the first line of its output where it is, once it listens."""

    def __init__(self, command: list[str], log_file: Path) -> None:
        super().__init__(command, log_file, {})
        self.wait_until_ready()

    @property
    def place(self) -> str:
        """What it says: its address, or its port."""
        return self.log.partition("\n")[0]

    def ready(self) -> bool:
        return "\n" in self.log


class UpstreamProcess(AnnouncedServer):
    """The faulty upstream as a process. The question picks its behaviour, see harness/behaviours.py."""

    def __init__(self, folder: Path) -> None:
        super().__init__([sys.executable, "-m", "harness.upstream"], folder / "upstream.log")
        self.url = self.place


class RedisServer:
    """A redis-server that keeps nothing on disk unless `options` say so; a context manager that ends it."""

    def __init__(
        self, folder: Path, *options: str, tls: bool = False, port: int | None = None
    ) -> None:
        self.port = port or free_port()
        self.url = f"{'rediss' if tls else 'redis'}://127.0.0.1:{self.port}/0"
        listen = ("--port", "0", "--tls-port") if tls else ("--port",)
        self._command = [
            *("redis-server", *listen, str(self.port), "--bind", "127.0.0.1"),
            *("--save", "", "--appendonly", "no", "--dir", str(folder), *options),
        ]
        self.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        """The id of its process."""
        return self._process.pid

    def start(self) -> None:
        """Start it, or start it again on the same port."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        eventually(self._listens)

    def _listens(self) -> bool:
        if self._process.poll() is not None:
            raise RuntimeError("redis-server ended")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.wait()

    def pause(self) -> None:
        """Let it hang: connections stay open, requests get no answer."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """End a pause."""
        self._process.send_signal(signal.SIGCONT)


def clean_environment() -> dict[str, str]:
    """This process's environment, without any setting of ours."""
    return {name: value for name, value in os.environ.items() if not name.startswith(OURS)}


def is_up(url: str, path: str = "/healthz") -> bool:
    """Whether the server at `url` answers at a path, and the application is well.

    A late answer counts as none: the port listens before the worker behind it has started.
    """
    try:
        return requests.get(url + path, timeout=5).ok
    except (requests.ConnectionError, requests.Timeout):
        return False


def free_port(host: str = "127.0.0.1") -> int:
    """A loopback port where nothing listens, and that Linux gives to nobody who asks for any port.

    Otherwise a connection of another test could take the port before it is bound or while a server
    restarts, and a connection that should be refused there could connect to itself.
    """
    ports = range(*PORTS)
    start = secrets.randbelow(len(ports))  # not `random`: all workers of xdist seed it alike
    for port in itertools.chain(ports[start:], ports[:start]):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    raise RuntimeError("no port is free")
