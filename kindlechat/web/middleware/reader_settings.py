"""Sends requests for pages of the built site that depend on the reader or the server to the application."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from werkzeug.sansio.http import parse_cookie

from kindlechat.rendering.device.dressing import PARAMETER
from kindlechat.rendering.ui.languages import Language
from kindlechat.web.middleware.language import CHOICE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

COOKIE = "reading"
"""The cookie that keeps a reader's settings."""

READER_COOKIE = "reader"
"""The cookie that tells who a reader is, whose conversations the first page lists."""


class ReaderSettingsRouter:
    """Sends requests for static pages with settings to the application, all others to the static site.

    The first page goes there for who has conversations, too, and `every_page` where each is to be told
    something of this server's.
    """

    def __init__(
        self,
        static_site: "WSGIApplication",
        application: "WSGIApplication",
        languages: Sequence[Language],
        *,
        every_page: bool = False,
    ) -> None:
        self._static_site = static_site
        self._application = application
        self._homes = {f"{language.root}/" for language in languages}
        self._every_page = every_page

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        is_page = environ["PATH_INFO"].endswith("/")
        chosen = self._application if is_page and self._is_own(environ) else self._static_site
        return chosen(environ, start_response)

    def _is_own(self, environ: "WSGIEnvironment") -> bool:
        asked = parse_qs(environ.get("QUERY_STRING", ""))
        # Werkzeug's function for an environment raises where a cookie is not UTF-8.
        cookies = parse_cookie(environ.get("HTTP_COOKIE"))
        return (
            self._every_page
            or PARAMETER in asked
            or CHOICE in asked
            or COOKIE in cookies
            or (READER_COOKIE in cookies and environ["PATH_INFO"] in self._homes)
        )
