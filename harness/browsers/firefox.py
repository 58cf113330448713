"""Firefox, driven by WebDriver BiDi, the protocol that it speaks itself."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Self

from websocket import WebSocket, create_connection

from harness.browsers.programs import CENTRE, NotThere, installed, until
from harness.servers import ServerProcess, free_port

ANSWER_WITHIN_S = 30

SETTINGS = {
    "network.proxy.type": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
    "app.normandy.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
}
"""No proxy, and nothing that it does by itself."""


def _logged(entry: dict[str, Any]) -> tuple[str, str]:
    """The tab and the words of an error that a script, the console or a policy tells."""
    return entry["source"].get("context", ""), entry["text"] if entry["level"] == "error" else ""


def _refused(load: dict[str, Any]) -> tuple[str, str]:
    """The tab and the address of a load that the server refused."""
    status = load["response"]["status"]
    return load["context"], f"{status} {load['request']['url']}" if status >= 400 else ""


EVENTS = {"log.entryAdded": _logged, "network.responseCompleted": _refused}
"""What the browser tells by itself, and how to read a tab's complaint out of it."""


class Firefox(ServerProcess):
    """The browser with an empty profile; a context manager that ends it."""

    def __init__(self, folder: Path, screen: tuple[int, int]) -> None:
        self._screen = screen
        self._port = free_port()
        self._calls = 0
        self._lock = Lock()
        self._complaints: dict[str, list[str]] = {}
        profile = folder / "profile"
        profile.mkdir()
        lines = (
            f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
            for name, value in SETTINGS.items()
        )
        (profile / "user.js").write_text("".join(lines))
        super().__init__(
            [
                *(installed("firefox-esr"), "--headless", "--no-remote", "--profile", str(profile)),
                *("--remote-debugging-port", str(self._port), "about:blank"),
            ],
            folder / "firefox.log",
            {"HOME": str(folder)},
        )
        self.wait_until_ready()

    def __enter__(self) -> Self:
        with ExitStack() as ending:
            ending.push(super().__exit__)
            self._socket = ending.enter_context(closing(self._connect()))
            self._call("session.new", capabilities={})
            self._call("session.subscribe", events=[*EVENTS])
            self._ending = ending.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._ending.close()

    def ready(self) -> bool:
        return "WebDriver BiDi listening" in self.log

    @contextmanager
    def page(self) -> Iterator["FirefoxPage"]:
        tab = self._call("browsingContext.create", type="window")["context"]
        self._complaints[tab] = []
        page = FirefoxPage(self._call, tab, self._screen, self._complaints[tab])
        try:
            yield page
        finally:
            self._call("browsingContext.close", context=tab)

    def _connect(self) -> WebSocket:
        return create_connection(
            f"ws://127.0.0.1:{self._port}/session",
            timeout=ANSWER_WITHIN_S,
            suppress_origin=True,
            http_no_proxy=["*"],
        )

    def _call(self, method: str, **params: object) -> dict[str, Any]:
        with self._lock:  # all pages share one connection
            self._calls += 1
            call = {"id": self._calls, "method": method, "params": params}
            self._socket.send(json.dumps(call))
            while True:
                message = json.loads(self._socket.recv())
                if message.get("id") == self._calls:
                    break
                self._note(message)
        if message["type"] == "error":
            raise NotThere(message)
        result: dict[str, Any] = message["result"]
        return result

    def _note(self, event: dict[str, Any]) -> None:
        if tell := EVENTS.get(event.get("method", "")):
            tab, told = tell(event["params"])
            if told and tab in self._complaints:
                self._complaints[tab].append(told)


class FirefoxPage:
    """A tab, driven by mouse and keyboard events."""

    refreshes = True
    keeps_pages = False

    def __init__(self, call: Any, tab: str, screen: tuple[int, int], complaints: list[str]) -> None:
        """`complaints` is a list to which others append."""
        self._call = call
        self._complaints = complaints
        self._tab = tab
        size = {"width": screen[0], "height": screen[1]}
        call("browsingContext.setViewport", context=tab, viewport=size, devicePixelRatio=1)

    def open(self, url: str) -> None:
        self._call("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    def text(self) -> str:
        return " ".join(self.run("document.body.innerText").split())

    def fill(self, element: str, text: str) -> None:
        self.press(element)
        self.run("document.activeElement.select() || true")
        keys = [{"type": kind, "value": sign} for sign in text for kind in ("keyDown", "keyUp")]
        self._act({"type": "key", "id": "keyboard", "actions": keys})

    def press(self, element: str) -> None:
        find = f"document.readyState === 'complete' && ({CENTRE})({json.dumps(element)})"
        # A page that is still loading may move the element.
        x, y = until(lambda: self.run(find), f"#{element}")
        place = {"type": "pointerMove", "x": round(x), "y": round(y)}
        buttons = [{"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp")]
        self._act({"type": "pointer", "id": "mouse", "actions": [place, *buttons]})

    def reload(self) -> None:
        self._call("browsingContext.reload", context=self._tab)

    def complaints(self) -> list[str]:
        """Errors of scripts and the console, and loads that failed, since the last call."""
        self.run("0")  # everything that came before its answer is read by then
        said = self._complaints[:]
        self._complaints.clear()
        return said

    def run(self, script: str) -> Any:
        """The value of an expression in the page. Raises NotThere."""
        answer = self._call(
            "script.evaluate",
            expression=f"JSON.stringify({script})",
            target={"context": self._tab},
            awaitPromise=False,
        )
        if answer["type"] != "success":
            raise NotThere(answer)
        return json.loads(answer["result"].get("value", "null"))

    def _act(self, source: dict[str, object]) -> None:
        self._call("input.performActions", context=self._tab, actions=[source])
