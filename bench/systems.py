"""The servers that the relay's benchmark compares: ours, and those that others would take.

Those in Python run on packages of their own (bench/packages.py), and none of the others stores or limits
anything.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

from bench.packages import BIN
from harness.nginx import Nginx
from harness.servers import ROOT, AnnouncedServer, AppServer, ServerProcess, free_port, is_up

NGINX_PASSES_ON = """
        location / {{
            proxy_pass {upstream};
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffering off;
        }}"""

LITELLM_CONFIGURATION = """
model_list:
  - model_name: bench
    litellm_params:
      model: gemini/bench
      api_key: bench
      api_base: {upstream}/v1beta/models/bench
"""


class Running(NamedTuple):
    """A server under way: the process above all of its own, and its port."""

    pid: int
    port: int


class System(NamedTuple):
    """A server, and how its readers read: one of bench.crowd.WAYS.

    `run` takes the upstream's address and the number of workers.
    """

    run: Callable[[str, int], AbstractContextManager[Running]]
    way: str

    @property
    def is_installed(self) -> bool:
        """Whether what it runs on is here."""
        return self.run not in (starlette, litellm) or (BIN / "litellm").exists()


class Proxy(ServerProcess):
    """One of the others, which listens at `port` and answers at `path` once it is ready."""

    ready_within_s = 180  # LiteLLM's start takes 20 s of processor time

    def __init__(
        self, command: list[str], environment: dict[str, str], folder: Path, port: int, path: str
    ) -> None:
        self.url, self._path = f"http://127.0.0.1:{port}", path
        super().__init__(command, folder / "proxy.log", environment)
        self.wait_until_ready()

    def ready(self) -> bool:
        return is_up(self.url, self._path)


@contextmanager
def drip(*options: str) -> Iterator[str]:
    """The upstream's address (bench/drip.py)."""
    command = [sys.executable, "-m", "bench.drip", *options]
    with (
        tempfile.TemporaryDirectory() as folder,
        AnnouncedServer(command, Path(folder) / "log") as upstream,
    ):
        yield upstream.place


@contextmanager
def ours(upstream: str, workers: int) -> Iterator[Running]:
    """Our server as the Procfile starts it, with limits and storage."""
    with (
        tempfile.TemporaryDirectory() as folder,
        AppServer(
            Path(folder),
            GEMINI_BASE_URL=upstream,
            GEMINI_API_KEY="bench",
            WEB_CONCURRENCY=str(workers),
            KINDLECHAT_RATE_LIMIT="1000000/minute",
            KINDLECHAT_DAILY_LIMIT="1000000",
            KINDLECHAT_REPLIES_AT_ONCE="100000",
        ) as server,
    ):
        yield Running(server.pid, server.port)


@contextmanager
def node(upstream: str, _: int) -> Iterator[Running]:
    """The pipeline of Kindle-ChatGPT in Node, one process."""
    command = ["node", "bench/reference.mjs", upstream]
    with (
        tempfile.TemporaryDirectory() as folder,
        AnnouncedServer(command, Path(folder) / "log") as server,
    ):
        yield Running(server.pid, int(server.place))


@contextmanager
def flask(upstream: str, workers: int) -> Iterator[Running]:
    """Flask, requests and `iter_lines` on gunicorn's gevent worker."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-k", "gevent", f"--workers={workers}"]
    command += ["--worker-connections=10000", "--log-level=error", f"--bind=127.0.0.1:{port}"]
    with _proxy([*command, "bench.proxy_flask:app"], {"UPSTREAM": upstream}, port) as running:
        yield running


@contextmanager
def starlette(upstream: str, workers: int) -> Iterator[Running]:
    """Starlette and httpx on uvicorn."""
    port = free_port()
    command = [str(BIN / "uvicorn"), "bench.proxy_starlette:app", f"--port={port}"]
    command += ["--log-level=error", f"--workers={workers}"]
    with _proxy(command, {"UPSTREAM": upstream, "PYTHONPATH": str(ROOT)}, port) as running:
        yield running


@contextmanager
def litellm(upstream: str, workers: int) -> Iterator[Running]:
    """LiteLLM's proxy, which speaks OpenAI's format to its readers."""
    port = free_port()
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as configuration:
        configuration.write(LITELLM_CONFIGURATION.format(upstream=upstream))
        configuration.flush()
        command = [str(BIN / "litellm"), f"--config={configuration.name}", f"--port={port}"]
        command += ["--host=127.0.0.1", f"--num_workers={workers}", "--telemetry=False"]
        environment = {"LITELLM_LOG": "ERROR", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
        environment["LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY"] = "true"
        with _proxy(command, environment, port, path="/health/liveliness") as running:
            yield running


@contextmanager
def nginx(upstream: str, _: int) -> Iterator[Running]:
    """nginx passing bytes on: the least that a relay can cost."""
    with tempfile.TemporaryDirectory() as folder:
        places = {"all": NGINX_PASSES_ON.format(upstream=upstream)}
        with Nginx(Path(folder), places) as server:
            yield Running(server.pid, int(server.urls["all"].rpartition(":")[2]))


@contextmanager
def _proxy(
    command: list[str], environment: dict[str, str], port: int, path: str = "/healthz"
) -> Iterator[Running]:
    with (
        tempfile.TemporaryDirectory() as folder,
        Proxy(command, environment, Path(folder), port, path) as server,
    ):
        yield Running(server.pid, port)


SYSTEMS = {
    "node": System(node, "streamed"),
    "streamed": System(ours, "streamed"),
    "polled": System(ours, "polled"),
    "html streamed": System(ours, "html streamed"),
    "html polled": System(ours, "html polled"),
    "growing": System(ours, "growing"),
    "flask": System(flask, "streamed"),
    "starlette": System(starlette, "streamed"),
    "litellm": System(litellm, "openai"),
    "nginx": System(nginx, "direct"),
}
"""All of them, by the names that the tables have."""
