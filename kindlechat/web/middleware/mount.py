"""The site below a path, such as /chat. Inside, only code that shows an address as text knows the path.

The path is taken off each request, and put before the addresses in each response: those in pages and in
changes to pages, in redirects and in the paths of cookies. The words of answers are not touched.
"""

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request
from werkzeug.wsgi import ClosingIterator

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ROOT = re.compile(r"(/[A-Za-z0-9._~-]+)+")
"""A path that a site may lie at."""

IN_TAG = re.compile(
    rb"""(<[a-z][^<>]*?\s(?:href|src|action|data-[a-z]+)=\\?"|<meta[^<>]*?;\s*url=)(?=/(?!/))"""
)
"""Before an address of ours in a tag, in HTML or in HTML within JSON. Text has no tags: it is escaped."""

IN_JSON = re.compile(rb"""("(?:poll|stream|page)":\s*")(?=/(?!/))""")
"""Before the addresses of a reply that was created."""

HTML = ("text/html", "application/xhtml+xml")
CHANGES = "application/x-ndjson"

MOUNTED_AT = "kindlechat.mounted_at"
"""In the environment: the path, for an address that is shown as text."""

Headers = list[tuple[str, str]]


def own_address(request: Request) -> str:
    """The site's own address, as its reader types it, without a slash at the end."""
    return request.host_url.rstrip("/") + str(request.environ.get(MOUNTED_AT, ""))


class Mount:
    """Puts the site below `root`, or the path that the nearest of trusted proxies names.

    A router may leave the path in the address or take it away.
    """

    def __init__(self, application: "WSGIApplication", root: str, *, trusted_proxies: int) -> None:
        self._application = application
        self._root = root
        self._trusted_proxies = trusted_proxies

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        root = self._told(environ) or self._root
        if not root:
            return self._application(environ, start_response)
        environ[MOUNTED_AT] = root
        path = environ["PATH_INFO"]
        if path == root:
            start_response(
                "308 Permanent Redirect", [("Location", f"{root}/"), ("Content-Length", "0")]
            )
            return []
        if path.startswith(f"{root}/"):
            environ["PATH_INFO"] = path.removeprefix(root)
        environ.pop("HTTP_RANGE", None)  # of bytes that are others here
        environ.pop("HTTP_ACCEPT_ENCODING", None)  # addresses cannot be changed in packed files
        return _Outgoing(root, environ, start_response).answer(self._application)

    def _told(self, environ: "WSGIEnvironment") -> str:
        """The path in the `X-Forwarded-Prefix` of the proxy that is as far away as is trusted."""
        told = environ.get("HTTP_X_FORWARDED_PREFIX", "").split(",")
        if not self._trusted_proxies or len(told) < self._trusted_proxies:
            return ""
        prefix = told[-self._trusted_proxies].strip().rstrip("/")
        return prefix if ROOT.fullmatch(prefix) else ""


class _Outgoing:
    """One response on its way out."""

    def __init__(
        self, root: str, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> None:
        self._root = root
        self._environ = environ
        self._start_response = start_response
        self._change: Callable[[bytes], bytes] | None = None
        self._is_whole = False

    def answer(self, application: "WSGIApplication") -> Iterable[bytes]:
        """The application's response, changed. A page of known length is sent with its new one."""
        started: list[Any] = []

        def start(status: str, headers: Headers, *more: Any) -> Callable[[bytes], object]:
            started[:] = [status, self._outward(status, headers), *more]
            if not self._is_whole:
                return self._start_response(*started)
            return lambda _: None

        parts = application(self._environ, start)
        close = getattr(parts, "close", lambda: None)
        if not self._is_whole:
            return ClosingIterator(map(self._changed, parts), close)
        try:
            body = self._changed(b"".join(parts))  # a file comes in blocks that end anywhere
        finally:
            close()
        started[1].append(("Content-Length", str(len(body))))
        self._start_response(*started)
        return [body]

    def _changed(self, part: bytes) -> bytes:
        return self._change(part) if self._change else part

    def _outward(self, status: str, headers: Headers) -> Headers:
        names = {name.lower(): value for name, value in headers}
        self._change = self._change_of(status, names.get("content-type", "").partition(";")[0])
        is_head = self._environ["REQUEST_METHOD"] == "HEAD"
        self._is_whole = bool(self._change) and "content-length" in names and not is_head
        changed = [(name, self._header(name.lower(), value)) for name, value in headers]
        if not self._change:
            return changed
        return [(name, value) for name, value in changed if name.lower() != "content-length"]

    def _change_of(self, status: str, kind: str) -> Callable[[bytes], bytes] | None:
        root = self._root.encode()
        of_page = "format=html" in self._environ.get("QUERY_STRING", "")
        if kind in (*HTML, CHANGES) or (kind == "application/json" and of_page):
            return lambda part: IN_TAG.sub(rb"\1" + root, part)
        if kind == "application/json" and status.startswith("201"):
            return lambda part: IN_JSON.sub(rb"\1" + root, part)
        return None

    def _header(self, name: str, value: str) -> str:
        if name == "location":
            own = re.escape(f"//{self._environ.get('HTTP_HOST', '')}")
            return re.sub(rf"^((?:https?:{own})?)(?=/(?!/))", rf"\g<1>{self._root}", value)
        if name == "set-cookie":
            return re.sub(r"; Path=/(?=;|$)", f"; Path={self._root}", value)
        return value
