"""The application in this process: it starts in a tenth of the time that a server of its own takes."""

import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from gevent.pywsgi import WSGIServer

from harness.haste import hastened
from harness.quick_start import start_app
from harness.servers import NO_LIMITS
from kindlechat.timings import Timings


class LocalApp:
    """The application on a loopback port, for tests of what it says and not of how gunicorn serves it.

    It is made as AppServer is. A context manager that ends it.
    """

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        *,
        haste: float = 1,
        **settings: str,
    ) -> None:
        asked = NO_LIMITS | {"KINDLECHAT_DATA": str(folder / "data")} | dict(environment or {})
        self.app = start_app(asked | settings, hastened(Timings(), haste))
        self._server = WSGIServer(("127.0.0.1", 0), self.app, log=None, error_log=None)
        self._server.start()
        # As gunicorn does. Otherwise each answer to a browser that stays connected waits 40 ms for an ACK.
        self._server.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port = int(self._server.server_port or 0)
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End what runs, as gunicorn's worker does."""
        self.app.drain()
        self._server.stop()
        self.app.close()
