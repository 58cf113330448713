"""One reader polls a quiet answer while another one's hostile text is rendered, cut, polled and grown."""

import subprocess
import sys
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import gevent
import requests

from harness.behaviours import FAULTS, answer, in_pieces
from harness.servers import ROOT, AppServer
from harness.upstream import Upstream
from kindlechat.export.formats import FORMATS
from kindlechat.rendering.device.reading import Reading, View

TIMEOUT_S = 120
LOOK_EVERY_S = 0.1
PIECES = 20
PIECE_DELAY_S = 0.05

IN_PAGES = Reading(view=View.PAGES).code


@dataclass(frozen=True)
class Harm:
    """How long one greenlet held the hub at most, and how late the other reader's polls were, in ms."""

    hold_ms: float
    delay_ms: float


class Neighbours:
    """Two readers of a server that runs harness/traced_app.py; a context manager."""

    def __init__(self, server: AppServer, upstream: Upstream) -> None:
        self._url = server.url
        self._upstream = upstream

    def __enter__(self) -> Self:
        self._upstream.script(FAULTS["stall"])
        quiet = self._ask("A quiet one?")
        self._poller = subprocess.Popen(
            [sys.executable, "-m", "harness.poller", self._url + quiet["poll"]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._poller.kill()
        self._poller.communicate()

    def idle(self) -> Harm:
        """What the polls take when nothing else happens."""
        self._take()
        gevent.sleep(1)
        return self._take()

    def show(self, text: str) -> Harm:
        """What an answer of this text does to the other reader."""
        pieces = in_pieces(text, max(1, -(-len(text) // PIECES)))
        self._upstream.script(answer(pieces=pieces, delay_s=PIECE_DELAY_S))
        self._take()
        reply = self._ask(f"A hostile one of {len(text)}: {text[:20]!r}, {time.monotonic()}?")
        growing = gevent.spawn(self._get, f"{reply['page']}/live")
        self._poll(reply["poll"])
        growing.get()
        for view in ("", f"&r={IN_PAGES}"):
            self._get(f"{reply['page']}?screen=1{view}", (200, 404))  # a short one has no screens
            self._get(f"{reply['page']}?turn=1{view}")
        return self._take()

    def load(self, conversation: str) -> Harm:
        """What a kept conversation does to the other reader: its pages, its files, one more question."""
        self._upstream.script(answer("Because of the air."))
        self._take()
        for query in ("", f"?r={IN_PAGES}", f"?turn=1&r={IN_PAGES}", "/live"):
            self._get(f"/c/{conversation}{query}")
        for ending in FORMATS:
            self._get(f"/c/{conversation}.{ending}")
        self._poll(self._ask("Once more?", conversation=conversation)["poll"])
        return self._take()

    def _poll(self, address: str) -> None:
        """Follow an answer as the script of a page does, from what it shows on."""
        cursor, state = "0", ""
        while state in ("", "waiting", "streaming"):
            told = self._get(f"{address}?format=html&after={cursor}").json()
            cursor, state = told["cursor"], told["state"]
            gevent.sleep(LOOK_EVERY_S)

    def _ask(self, message: str, **more: str) -> dict[str, str]:
        asked = requests.post(
            f"{self._url}/api/replies", json={"message": message, **more}, timeout=TIMEOUT_S
        )
        asked.raise_for_status()
        reply: dict[str, str] = asked.json()
        return reply

    def _get(self, address: str, expected: tuple[int, ...] = (200,)) -> requests.Response:
        got = requests.get(self._url + address, timeout=TIMEOUT_S)
        if got.status_code not in expected:
            raise RuntimeError(f"{address}: expected {expected}, got {got.status_code}")
        return got

    def _take(self) -> Harm:
        """What happened since the last time."""
        assert self._poller.stdin is not None
        assert self._poller.stdout is not None
        self._poller.stdin.write("\n")
        self._poller.stdin.flush()
        delay_ms = float(self._poller.stdout.readline())
        held = requests.get(f"{self._url}/holds", timeout=TIMEOUT_S).json()
        return Harm(held["ms"], delay_ms)
