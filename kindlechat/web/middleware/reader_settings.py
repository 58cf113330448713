"""Which pages of the built site the application serves, as a reader's settings change them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from kindlechat.rendering.device.dressing import PARAMETER
from kindlechat.web.middleware.language import CHOICE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

COOKIE = "reading"
"""The cookie that keeps a reader's settings."""


class ReaderSettingsRouter:
    """Sends requests for static pages with settings to the application, all others to the static site."""

    def __init__(self, static_site: "WSGIApplication", application: "WSGIApplication") -> None:
        self._static_site = static_site
        self._application = application

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        is_page = environ["PATH_INFO"].endswith("/")
        chosen = self._application if is_page and _has_settings(environ) else self._static_site
        return chosen(environ, start_response)


def _has_settings(environ: "WSGIEnvironment") -> bool:
    asked = parse_qs(environ.get("QUERY_STRING", ""))
    return PARAMETER in asked or CHOICE in asked or COOKIE in environ.get("HTTP_COOKIE", "")
