"""Chromium, old or new, driven by its DevTools protocol."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import requests
from websocket import WebSocket, create_connection

from harness.browsers.programs import CENTRE, NotThere, installed, until
from harness.servers import ServerProcess, free_port

FLAGS = """
    --headless --no-sandbox --disable-gpu --disable-quic --disable-dev-shm-usage --no-first-run
    --no-proxy-server --disable-background-networking --disable-component-update --disable-sync
    --hide-scrollbars
"""
AS_ON_KINDLE = "--single-process --no-zygote --js-flags=--jitless --enable-low-end-device-mode"
"""The flags of a Kindle's Chromium, and those that the headless build needs."""

ANSWER_WITHIN_S = 20

KEYS = {"PageUp": 33, "PageDown": 34, "ArrowLeft": 37, "ArrowRight": 39}
"""Keys that turn pages, and their codes."""


class Chromium(ServerProcess):
    """The browser with an empty profile; a context manager that ends it."""

    def __init__(
        self,
        program: str | Path,
        folder: Path,
        screen: tuple[int, int],
        *,
        scripts: bool = True,
        flags: str = "",
    ) -> None:
        self._url = f"http://127.0.0.1:{(port := free_port())}/json"
        self._screen = screen
        self._scripts = scripts
        options = [f"--remote-debugging-port={port}", f"--user-data-dir={folder / 'profile'}"]
        # It leaves a socket there when it is killed; the path of a socket has to be short.
        self._temporary = TemporaryDirectory()
        super().__init__(
            [installed(program), *FLAGS.split(), *flags.split(), *options],
            folder / "chromium.log",
            {"HOME": str(folder), "TMPDIR": self._temporary.name},
        )
        self.wait_until_ready()

    def __exit__(self, *exception: object) -> None:
        super().__exit__(*exception)
        self._temporary.cleanup()

    def ready(self) -> bool:
        try:
            return self._ask("GET", "version").ok
        except requests.ConnectionError:
            return False

    @contextmanager
    def page(self) -> Iterator["ChromiumPage"]:
        tab = self._ask("PUT", "new?about:blank").json()
        socket = create_connection(
            tab["webSocketDebuggerUrl"],
            timeout=ANSWER_WITHIN_S,
            suppress_origin=True,
            http_no_proxy=["*"],
        )
        try:
            yield ChromiumPage(socket, self._screen, scripts=self._scripts)
        finally:
            socket.close()

    def _ask(self, method: str, what: str) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            return session.request(method, f"{self._url}/{what}", timeout=ANSWER_WITHIN_S)


class ChromiumPage:
    """A tab, driven by mouse and keyboard events."""

    refreshes = True
    keeps_pages = False

    def __init__(self, socket: WebSocket, screen: tuple[int, int], *, scripts: bool) -> None:
        self._socket = socket
        self._calls = 0
        self._complaints: list[str] = []
        for domain in ("Page", "Runtime", "Log"):
            self._call(f"{domain}.enable")
        self._call("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.resize(*screen)

    def resize(self, width: int, height: int, device: tuple[int, int] | None = None) -> None:
        """Give the page this size, on a screen that is as large or has the size of a device's."""
        screen_width, screen_height = device or (width, height)
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            screenWidth=screen_width,
            screenHeight=screen_height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def open(self, url: str) -> None:
        self._call("Page.navigate", url=url)
        until(lambda: self.run("location.href") == url and self.loaded(), url)

    def loaded(self) -> bool:
        """Whether the whole page is loaded."""
        return bool(self.run("document.readyState") == "complete")

    def text(self) -> str:
        return " ".join(self.run("document.body.innerText").split())

    def fill(self, element: str, text: str) -> None:
        """Type the text in place of what the field holds."""
        self.press(element)
        self.run("document.activeElement.select()")
        self._call("Input.insertText", text=text)

    def press(self, element: str) -> None:
        find = f"({CENTRE})({json.dumps(element)})"
        # A page that is still loading may move the element.
        x, y = until(lambda: self.loaded() and self.run(find), f"#{element}")
        for event in ("mousePressed", "mouseReleased"):
            self._call(
                "Input.dispatchMouseEvent", type=event, x=x, y=y, button="left", clickCount=1
            )

    def reload(self) -> None:
        self._call("Page.reload")

    def key(self, name: str) -> None:
        """Press one of KEYS."""
        for event in ("keyDown", "keyUp"):
            code = KEYS[name]
            self._call(
                "Input.dispatchKeyEvent",
                type=event,
                key=name,
                code=name,
                windowsVirtualKeyCode=code,
            )

    def complaints(self) -> list[str]:
        """What the console said since the last call: errors of scripts, refused loads."""
        self.run("0")  # everything that came before its answer is read by then
        said, self._complaints = self._complaints, []
        return said

    def run(self, script: str) -> Any:
        """The value of an expression in the page, whether its own scripts are on or off. Raises NotThere."""
        answer = self._call("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in answer:
            raise NotThere(answer["exceptionDetails"])
        return answer["result"].get("value")

    def _call(self, method: str, **params: object) -> dict[str, Any]:
        self._calls += 1
        self._socket.send(json.dumps({"id": self._calls, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == self._calls:
                break
            self._note(message)
        if "error" in message:
            raise NotThere(message["error"])
        result: dict[str, Any] = message["result"]
        return result

    def _note(self, event: dict[str, Any]) -> None:
        if event["method"] == "Runtime.exceptionThrown":
            self._complaints.append(str(event["params"]["exceptionDetails"]))
        entry = event["params"].get("entry", {})
        if event["method"] == "Log.entryAdded" and entry["level"] == "error":
            self._complaints.append(f"{entry['text']} {entry.get('url')}")
