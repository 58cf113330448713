"""What protects every page and endpoint: headers, and the refusal of cross-site posts."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Response, request
from werkzeug.wrappers import Request as WsgiRequest

from kindlechat.web.refusal import Refusal

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: browsers would send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
}

HSTS_MAX_AGE_S = 31_536_000


def set_security_headers(response: Response) -> Response:
    """Add the headers that every answer carries."""
    for name, value in SECURITY_HEADERS.items():
        response.headers[name] = value
    return response


def refuse_cross_site() -> None:
    """Refuse a state-changing request that another site's page makes a browser send.

    Old browsers send none of the three headers; neither do text browsers and API clients. They carry
    no ambient authority worth forging except the passcode's cookie, which is SameSite.
    """
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    fetch_site = request.headers.get("Sec-Fetch-Site")
    if fetch_site is not None:
        same = fetch_site in ("same-origin", "none")
    else:
        source = request.headers.get("Origin") or request.headers.get("Referer")
        try:
            same = source is None or urlsplit(source).netloc.lower() == request.host.lower()
        except ValueError:
            same = False
    if not same:
        raise Refusal(403, "cross_site")


class HttpsOnly:
    """Redirects plain HTTP, where the operator asks for it: old Kindles cannot follow."""

    def __init__(self, wsgi: "WSGIApplication") -> None:
        self._wsgi = wsgi

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        secure = environ["wsgi.url_scheme"] == "https"
        if not secure and environ["PATH_INFO"] != "/healthz":
            asked = WsgiRequest(environ)
            if not asked.host:  # none, or one that cannot be
                start_response("400 Bad Request", [("Content-Length", "0")])
                return []
            url = asked.url.replace("http://", "https://", 1)
            start_response("308 Permanent Redirect", [("Location", url), ("Content-Length", "0")])
            return []

        def start(status, headers, exc_info=None):  # type: ignore[no-untyped-def]
            headers.append(("Strict-Transport-Security", f"max-age={HSTS_MAX_AGE_S}"))
            return start_response(status, headers, exc_info)

        return self._wsgi(environ, start if secure else start_response)
