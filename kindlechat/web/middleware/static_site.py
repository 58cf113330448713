"""Serves the files of the built site, and finds those that a new build has changed while the server runs."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from wsgiref.headers import Headers

from whitenoise import WhiteNoise

from kindlechat.rendering.ui.assets import FINGERPRINTED
from kindlechat.web.middleware.language import HINT_VARIES
from kindlechat.web.middleware.security import SECURITY_HEADERS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

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
        if self._built_at() != self._known:
            self._look()
        response: Iterable[bytes] = self._files(environ, start_response)
        return response

    def _look(self) -> None:
        self._known = self._built_at()
        self._files = _Files(
            self._application,
            root=self._public,
            index_file=True,
            allow_all_origins=False,
            immutable_file_test=lambda path, url: bool(FINGERPRINTED.fullmatch(url)),
            mimetypes={".atom": "application/atom+xml"},
            add_headers_function=_add_headers,
        )

    def _built_at(self) -> int:
        try:
            return self._public.stat().st_mtime_ns
        except OSError:
            return 0  # somebody took the site away; the rest goes on


class _Files(WhiteNoise):  # type: ignore[misc]  # it has no types
    """The files of a folder, but for hidden ones and links that lead out of it."""

    def add_file_to_dictionary(self, url: str, path: str, **options: Any) -> None:
        if is_public(Path(path), Path(path.removesuffix(url[1:]))):
            super().add_file_to_dictionary(url, path, **options)


def is_public(file: Path, folder: Path) -> bool:
    """Whether a file of the folder may be served: neither hidden, nor a link that leads out of it."""
    hidden = any(name.startswith(".") for name in file.relative_to(folder).parts)
    return not hidden and file.resolve().is_relative_to(folder.resolve())


def _add_headers(headers: Headers, path: str, url: str) -> None:
    for name, value in SECURITY_HEADERS.items():
        headers[name] = value
    media_type = headers["Content-Type"] or ""
    headers["Content-Type"] = media_type.replace('"', "")  # the oldest browsers know none
    if not FINGERPRINTED.fullmatch(url):
        headers["Cache-Control"] = "no-cache"  # a page is another one after the next build
    if url == "/":
        headers["Vary"] = HINT_VARIES
