"""Serves the files of the built site, and finds those that a new build has changed while the server runs."""

import copy
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import unescape
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any
from wsgiref.headers import Headers

from whitenoise import WhiteNoise
from whitenoise.responders import Redirect, StaticFile

from kindlechat.rendering.ui.assets import FINGERPRINTED
from kindlechat.rendering.ui.sources import is_hidden
from kindlechat.web.middleware.language import HINT_VARIES
from kindlechat.web.middleware.security import SECURITY_HEADERS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ETAG_CHARS = 16

MOVED = re.compile(r'<meta http-equiv="refresh" content="0; url=([^"]+)">')
"""What the page at a former address says to browsers on servers that do not read it."""

MOST_OF_MOVED_BYTES = 4096

FOR_EVER = "max-age=315360000, public, immutable"


class StaticSite:
    """Serves the files in `public`, and leaves other addresses to the application.

    WhiteNoise knows files by the sizes that they had when it was made; a build that changes any says
    so by the folder's own time.
    """

    def __init__(self, application: "WSGIApplication", public: Path) -> None:
        self._application = application
        self._public = public
        self._look()

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in ("GET", "HEAD") and self._built_at() != self._known:
            self._look()
        response: Iterable[bytes] = self._files(environ, start_response)
        return response

    def _look(self) -> None:
        self._known = self._built_at()
        self._files = copy.copy(_known_files(self._public, self._known))
        self._files.application = self._application

    def _built_at(self) -> int:
        try:
            return self._public.stat().st_mtime_ns
        except OSError:
            return 0  # somebody took the site away; the rest goes on


class _Files(WhiteNoise):  # type: ignore[misc]  # it has no types
    """The files of a folder, but for hidden ones and links that lead out of it.

    A packed file is sent for the one beside it. A page that has moved is a redirect.
    """

    def update_files_dictionary(self, root: str, prefix: str) -> None:
        stats = dict(_scan(root, Path(root)))
        for path in stats:
            self.add_file_to_dictionary(prefix + path.removeprefix(root), path, stats)

    def add_file_to_dictionary(
        self, url: str, path: str, stat_cache: dict[str, os.stat_result]
    ) -> None:
        super().add_file_to_dictionary(url, path, stat_cache)
        if path.endswith(".html") and stat_cache[path].st_size <= MOST_OF_MOVED_BYTES:
            to = moved_to(Path(path).read_text("utf-8"))
            if to:
                self.files[url.removesuffix(self.index_file)] = _Moved(to)

    def get_static_file(self, path: str, url: str, **options: Any) -> StaticFile:
        file = super().get_static_file(path, url, **options)
        if url == "/":  # beside the header that WhiteNoise writes where there is a packed file
            for _, _, headers in file.alternatives:
                headers.append(("Vary", HINT_VARIES))
            file.not_modified_response.headers.append(("Vary", HINT_VARIES))
        return file


@lru_cache(maxsize=1)
def _known_files(public: Path, built_at: int) -> _Files:
    """The files of a build, before an application is put behind them: the same for all of a process."""
    return _Files(
        None,
        root=public,
        index_file=True,
        allow_all_origins=False,
        immutable_file_test=lambda path, url: bool(FINGERPRINTED.fullmatch(url)),
        mimetypes={".atom": "application/atom+xml"},
        add_headers_function=_add_headers,
    )


def _scan(folder: str, public: Path) -> Iterator[tuple[str, os.stat_result]]:
    """The path and the status of each file that may be served; only links have to be followed."""
    for entry in os.scandir(folder):
        if is_hidden(entry.name):
            continue
        if entry.is_symlink() and not is_public(Path(entry.path), public):
            continue
        if entry.is_dir():
            yield from _scan(entry.path, public)
        else:
            yield entry.path, entry.stat()


class _Moved(Redirect):  # type: ignore[misc]
    """The response at a former address of a page."""

    def __init__(self, address: str) -> None:
        super().__init__(address, {**SECURITY_HEADERS, "Cache-Control": "no-cache"})
        self.response.status = HTTPStatus.MOVED_PERMANENTLY


def moved_to(html: str) -> str:
    """Where a page that stands at a former address leads; "" for any other page."""
    moved = MOVED.search(html)
    return unescape(moved[1]) if moved else ""


def is_public(file: Path, folder: Path) -> bool:
    """Whether a file of the folder may be served: neither hidden, nor a link that leads out of it."""
    hidden = any(map(is_hidden, file.relative_to(folder).parts))
    return not hidden and file.resolve().is_relative_to(folder.resolve())


def _add_headers(headers: Headers, path: str, url: str) -> None:
    for name, value in SECURITY_HEADERS.items():
        headers[name] = value
    # The same on every instance, and for the packed file too: it is weak, since those are other bytes.
    headers["ETag"] = f'W/"{hashlib.sha256(Path(path).read_bytes()).hexdigest()[:ETAG_CHARS]}"'
    media_type = headers["Content-Type"] or ""
    headers["Content-Type"] = media_type.replace('"', "")  # the oldest browsers know none
    if not FINGERPRINTED.fullmatch(url):
        headers["Cache-Control"] = "no-cache"  # a page is another one after the next build
