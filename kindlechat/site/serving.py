"""Serves a site while it is being written: every change builds it again and reloads the browser.

The site is built into a temporary folder, and the script that asks for changes is added to pages as they
are served, so neither can get into a real site.
"""

import contextlib
import re
import tempfile
import threading
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from markupsafe import escape
from watchfiles import watch

from kindlechat.site.building import build
from kindlechat.site.mistakes import BuildError
from kindlechat.site.options import Options

BUILD_ADDRESS = "/.build"

SCRIPT = """<script>
(function () {
var seen;
function ask() {
  var xhr = new XMLHttpRequest();
  xhr.onreadystatechange = function () {
    if (xhr.readyState !== 4) { return; }
    if (xhr.status === 200) {
      if (seen && seen !== xhr.responseText) { location.reload(); return; }
      seen = xhr.responseText;
    }
    setTimeout(ask, 1000);
  };
  xhr.open("GET", "/.build?" + new Date().getTime(), true);
  xhr.send(null);
}
ask();
})();
</script>
"""

LOOK_EVERY_MS = 100

LOOPBACK = "127.0.0.1"
EVERYWHERE = "0.0.0.0"  # noqa: S104 (only where an author asks for it)

MISSING = "404.html"

BODY_END = re.compile(rb"</body>")


class Site:
    """A site that is built again when its sources change."""

    def __init__(
        self, source: Path, target: Path, options: Options, say: Callable[[str], None]
    ) -> None:
        self._source = source
        self._target = target
        self._options = options
        self._say = say
        self.number = 0
        """How often it was built, with or without success."""
        self.mistakes = ""

    def build(self) -> None:
        """Build the site and say what happened. A failed build leaves the site as it was."""
        try:
            result = build(self._source, self._target, self._options)
            self.mistakes = ""
            self._say(f"{len(result.written)} written, {len(result.removed)} removed")
        except (BuildError, OSError) as error:
            self._fail(str(error))
        except Exception as error:  # noqa: BLE001 (the author will save again, and should see this too)
            self._fail(f"{type(error).__name__}: {error}")
        self.number += 1

    def _fail(self, mistakes: str) -> None:
        self.mistakes = mistakes
        self._say(mistakes)

    def build_on_change(self, ready: Callable[[], None]) -> None:
        """Watch the sources for ever. Calls `ready` as soon as every change will be seen."""
        looks = watch(self._source, rust_timeout=LOOK_EVERY_MS, yield_on_timeout=True)
        changes = next(looks)
        ready()
        while True:
            if changes:
                self.build()
            changes = next(looks)


class _Handler(SimpleHTTPRequestHandler):
    """Serves the files. A page also gets the script that reloads it, and the mistakes if there are any."""

    def __init__(self, site: Site, *arguments: object, **more: object) -> None:
        self._site = site
        super().__init__(*arguments, **more)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if self.path.startswith(BUILD_ADDRESS):
            self._send(str(self._site.number).encode(), "text/plain")
        elif path.is_dir() and not self.path.partition("?")[0].endswith("/"):
            super().do_GET()  # it redirects to the address with a slash
        else:
            page = path / "index.html" if path.is_dir() else path
            if page.suffix == ".html" and page.is_file():
                self._send(self._with_script(page.read_bytes()), "text/html")
            else:
                super().do_GET()

    def send_error(self, code: int, *arguments: Any, **more: Any) -> None:
        """Show the site's own page for an address that leads nowhere, as the server does."""
        page = self._missing_page()
        if code == HTTPStatus.NOT_FOUND and page.is_file():
            self._send(self._with_script(page.read_bytes()), "text/html", code)
        else:
            super().send_error(code, *arguments, **more)

    def _missing_page(self) -> Path:
        public = Path(self.directory)
        translated = public / self.path.split("/")[1] / MISSING
        return translated if translated.is_file() else public / MISSING

    def _with_script(self, page: bytes) -> bytes:
        mistakes = self._site.mistakes
        notice = f"<pre>{escape(mistakes)}</pre>\n" if mistakes else ""
        added = (notice + SCRIPT).encode()
        return BODY_END.sub(lambda match: added + match[0], page, count=1)

    def _send(self, data: bytes, mimetype: str, status: int = HTTPStatus.OK) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{mimetype}; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, format: str, *arguments: object) -> None:
        """Log nothing, because only the builds matter here."""


def serve(source: Path, options: Options, host: str, port: int, say: Callable[[str], None]) -> int:
    """Serve the site until Ctrl-C. Returns the exit status.

    Raises BuildError where the first build fails, and OSError where it cannot listen there.
    """
    with tempfile.TemporaryDirectory(prefix="site-") as folder:
        target = Path(folder) / "public"
        build(source, target, options)
        site = Site(source, target, options, say)
        handler = partial(_Handler, site, directory=str(target))
        with _listen(host, port, handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            name = "localhost" if host in (LOOPBACK, EVERYWHERE) else host
            where = f"The site is at http://{name}:{server.server_port}/ (Ctrl-C ends it)"
            with contextlib.suppress(KeyboardInterrupt):
                site.build_on_change(lambda: say(where))
            server.shutdown()
    return 0


def _listen(host: str, port: int, handler: Callable[..., _Handler]) -> ThreadingHTTPServer:
    try:
        return ThreadingHTTPServer((host, port), handler)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise OSError(f"cannot serve at {host}, port {port}: {why}") from error
