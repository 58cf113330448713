"""Readers who read an answer to its end whatever happens to the servers, and remember what they saw."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gevent
import requests

from harness.readers import Seen, at, live
from kindlechat.upstream.sse import Decoder

LEAVE_SHARE = 0.3
"""The share of readers who leave once in the middle and come back."""

CALL_TIMEOUT_S = 20.0
ENDED = {"done", "cut", "stopped", "interrupted", "failed"}


@dataclass(frozen=True)
class Streamed:
    """The text of a response without cursors, from character `start` of the answer on."""

    start: int
    text: str
    complete: bool

    def wanted(self, whole: str) -> str:
        """The part of the whole text that it should have: the rest, or its beginning if it broke off."""
        rest = whole[self.start :].lstrip(" ")
        return rest if self.complete else rest[: len(self.text)]


class PersistentReader:
    """Asks one question, and reads the answer to its end whatever happens.

    `urls` tells the base URLs of all instances, in the order in which they are to be tried.
    """

    def __init__(
        self, urls: Callable[[], list[str]], chance: random.Random, faults: Counter[str]
    ) -> None:
        self._urls = urls
        self._chance = chance
        self._faults = faults
        self._leaves = chance.random() < LEAVE_SHARE
        self.seen = ""
        self.stored = ""
        self.state = ""
        self.streamed: list[Streamed] = []
        self._mode = self._poll
        self._cursor = ""
        self._last_event_id = ""

    def run(self, number: int) -> None:
        """Ask question `number` and read."""
        key = {"Idempotency-Key": f"{number}"}
        body = {"message": f"Count, reader {number}."}
        reply = self._call("POST", "/api/replies", json=body, headers=key).json()
        self._mode = self._chance.choice([self._stream, self._events, self._live, self._poll])
        while True:
            self._follow(reply)
            if self.state == "done":
                break
            # An interrupted answer goes on; one with no text at all is asked for again.
            button = "again" if self.state == "failed" else "continue"
            pressed = self._call("POST", f"{reply['poll']}/{button}", refused=(409,))
            if pressed.ok:  # otherwise an earlier press counted whose response was lost: look again
                reply = pressed.json()
        self.stored = self._stored(reply)

    def _follow(self, reply: dict[str, str]) -> None:
        self.state = ""
        while self.state not in ENDED:
            try:
                self._mode(reply)
            except (requests.RequestException, KeyError, ValueError):
                gevent.sleep(0.2)  # the connection is lost: go on from the cursor elsewhere

    def _stored(self, reply: dict[str, str]) -> str:
        """The whole stored text. An instance that does not write the reply learns of its end later."""
        while True:
            answer = self._call("GET", reply["poll"]).json()
            if answer["state"] in ENDED:
                return str(answer["text"])
            gevent.sleep(answer["next_ms"] / 1000)

    def _poll(self, reply: dict[str, str]) -> None:
        after = {"after": self._cursor} if self._cursor else {}
        answer = self._call("GET", reply["poll"], params=after).json()
        self.seen += answer["text"]
        self._cursor = answer["cursor"]
        self.state = answer["state"]
        gevent.sleep(answer["next_ms"] / 1000)

    def _stream(self, reply: dict[str, str]) -> None:
        """Read plain text. It has no cursors, so a poll from the last one finds out where the reader is."""
        after = {"after": self._cursor} if self._cursor else {}
        start, text, complete = len(self.seen), "", False
        try:
            with self._open(reply, after, {}) as response:
                response.raise_for_status()
                for part in response.iter_content(None):
                    text += part.decode()
                    self._perhaps_leave()
            complete = True
        finally:
            self.streamed.append(Streamed(start, text.lstrip(" "), complete))
            self._poll(reply)

    def _live(self, reply: dict[str, str]) -> None:
        """Read the page that grows: from the first word, to a proper end even of a broken answer."""
        seen = Seen()
        try:
            for seen in live(at(self._urls()[0]), reply):  # noqa: B007
                self._perhaps_leave()
        finally:
            self.streamed.append(Streamed(0, seen.text, complete=False))
            self._poll(reply)

    def _events(self, reply: dict[str, str]) -> None:
        headers = {"Accept": "text/event-stream"}
        if self._last_event_id:
            headers["Last-Event-ID"] = self._last_event_id
        decoder = Decoder()
        with self._open(reply, {}, headers) as response:
            if response.status_code == 204:
                self._poll(reply)
                return
            for part in response.iter_content(None):
                for event in decoder.feed(part):
                    self._last_event_id = event.id or self._last_event_id
                    if event.event == "message":
                        self._cursor = event.id  # of other events it is no cursor that a poll takes
                        self.seen += event.data
                    elif event.event == "end":
                        self.state = event.data.split('"state": "')[1].split('"')[0]
                        return
                self._perhaps_leave()

    def _perhaps_leave(self) -> None:
        if self._leaves and self._chance.random() < 0.1:
            self._leaves = False
            self._faults["lost follower"] += 1
            raise requests.ConnectionError("the reader left")

    def _open(
        self, reply: dict[str, str], params: dict[str, str], headers: dict[str, str]
    ) -> requests.Response:
        url = self._urls()[0] + reply["stream"]
        return requests.get(
            url, params=params, headers=headers, stream=True, timeout=CALL_TIMEOUT_S
        )

    def _call(
        self, method: str, path: str, refused: tuple[int, ...] = (), **more: Any
    ) -> requests.Response:
        """Send a request until an instance takes it, or refuses it with a status in `refused`."""
        while True:
            for url in self._urls():
                try:
                    response = requests.request(method, url + path, timeout=CALL_TIMEOUT_S, **more)
                except requests.RequestException:
                    continue
                if response.ok or response.status_code in refused:
                    return response
            gevent.sleep(0.3)
