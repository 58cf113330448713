"""WebKitGTK's MiniBrowser, driven by mouse and keys; its web inspector's protocol tells what a page holds."""

import json
import re
from pathlib import Path
from typing import Any

import gevent
import requests
from websocket import WebSocket, create_connection

from harness.browsers.display import Display
from harness.browsers.programs import CENTRE, LOOK_EVERY_S, MINIBROWSER, NotThere, until
from harness.servers import free_port
from harness.waiting import at_most

ANSWER_WITHIN_S = 20
ARRIVED_WITHIN_S = 8


class WebKitPage:
    """A screen with MiniBrowser on it."""

    refreshes = True
    keeps_pages = False

    def __init__(self, display: Display, home: Path, screen: tuple[int, int]) -> None:
        self._display = display
        self._width, self._height = screen
        self._calls = 0
        self._target = ""
        self._complaints: list[str] = []
        address = f"127.0.0.1:{free_port()}"
        options = ("--private", "about:blank")
        display.start(MINIBROWSER, *options, WEBKIT_INSPECTOR_HTTP_SERVER=address)
        socket: WebSocket = until(lambda: _inspector(address), "inspector")
        self._socket = socket
        until(self._fills_the_screen, "window as large as the screen")

    def close(self) -> None:
        self._socket.close()

    def open(self, url: str) -> None:
        until(lambda: self._arrives_at(url), url)

    def loaded(self) -> bool:
        """Whether the whole page is loaded."""
        return bool(self.run("document.readyState") == "complete")

    def text(self) -> str:
        return " ".join(self.run("document.body.innerText").split())

    def fill(self, element: str, text: str) -> None:
        self.press(element)
        self.run("document.activeElement.select()")
        self._display.type(text)

    def press(self, element: str) -> None:
        find = f"({CENTRE})({json.dumps(element)})"
        # A page that is still loading may move the element.
        x, y = until(lambda: self.loaded() and self.run(find), f"#{element}")
        bar = self._height - self.run("innerHeight")
        self._display.click(round(x), round(bar + y))

    def reload(self) -> None:
        self._display.press("ctrl+r")

    def complaints(self) -> list[str]:
        """What the console said since the last call: errors of scripts, refused loads."""
        self.run("0")  # everything that came before its answer is read by then
        said, self._complaints = self._complaints, []
        return said

    def run(self, script: str) -> Any:
        """The value of an expression in the page. Raises NotThere."""
        answer = self._call("Runtime.evaluate", expression=script, returnByValue=True)
        if answer.get("wasThrown"):
            raise NotThere(answer["result"])
        return answer["result"].get("value")

    def _arrives_at(self, url: str) -> bool:
        """Set out; where a reload that was under way took the place of that, it tells so after a while."""
        self.run(f"location.href = {json.dumps(url)}")
        with at_most(ARRIVED_WITHIN_S):
            while not (self.run("location.href") == url and self.loaded()):
                gevent.sleep(LOOK_EVERY_S)
            return True
        return False

    def _fills_the_screen(self) -> bool:
        self._display.fill("MiniBrowser")
        return bool(self.run("innerWidth") == self._width)

    def _call(self, method: str, **params: object) -> dict[str, Any]:
        """Ask the process that shows the page; another one may show the next page."""
        while not self._target:
            self._read()
        number = self._send(method, params)
        while True:
            message = self._read()
            if message.get("id") == number:
                break
        if "error" in message:
            raise NotThere(message["error"])
        result: dict[str, Any] = message["result"]
        return result

    def _send(self, method: str, params: dict[str, object]) -> int:
        """Send a call to the process, in an envelope of the same number; returns that number."""
        self._calls += 1
        call = {"id": self._calls, "method": method, "params": params}
        letter = {"targetId": self._target, "message": json.dumps(call)}
        envelope = {"id": self._calls, "method": "Target.sendMessageToTarget", "params": letter}
        self._socket.send(json.dumps(envelope))
        return self._calls

    def _read(self) -> dict[str, Any]:
        """The next message, out of its envelope; notes what it tells. An envelope that came says nothing."""
        message: dict[str, Any] = json.loads(self._socket.recv())
        method, params = message.get("method"), message.get("params", {})
        if method == "Target.targetCreated" and not params["targetInfo"].get("isProvisional"):
            self._attach(params["targetInfo"]["targetId"])
        elif method == "Target.didCommitProvisionalTarget":
            self._attach(params["newTargetId"])
        elif method == "Target.dispatchMessageFromTarget":
            message = json.loads(params["message"])
            said = message.get("params", {}).get("message", {})
            if message.get("method") == "Console.messageAdded" and said["level"] == "error":
                self._complaints.append(f"{said['text']} {said.get('url')}")
        elif "result" in message:
            return {}
        return message

    def _attach(self, target: str) -> None:
        self._target = target
        self._send("Console.enable", {})


def _inspector(address: str) -> WebSocket:
    """A connection to the only page there is. Raises NotThere."""
    with requests.Session() as session:
        session.trust_env = False
        try:
            pages = session.get(f"http://{address}/", timeout=ANSWER_WITHIN_S).text
        except requests.ConnectionError as error:
            raise NotThere(address) from error
    if not (path := re.search(r"/socket/\d+/\d+/WebPage", pages)):
        raise NotThere(pages)
    return create_connection(
        f"ws://{address}{path[0]}",
        timeout=ANSWER_WITHIN_S,
        suppress_origin=True,
        http_no_proxy=["*"],
    )
