"""HTTPS only, where the operator asks for it: old Kindles cannot follow."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request

from kindlechat.web.middleware.plain import HEALTH, refuse

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HSTS_MAX_AGE_S = 31_536_000


class ForceHttps:
    """Redirects plain HTTP to HTTPS, and has browsers remember it."""

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        secure = environ["wsgi.url_scheme"] == "https"
        if not secure and environ["PATH_INFO"] != HEALTH:
            return _redirect(environ, start_response)

        def start(status, headers, exc_info=None):  # type: ignore[no-untyped-def]
            headers.append(("Strict-Transport-Security", f"max-age={HSTS_MAX_AGE_S}"))
            return start_response(status, headers, exc_info)

        return self._application(environ, start if secure else start_response)


def _redirect(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    asked = Request(environ)
    if not asked.host:  # none, or one that cannot be
        return refuse(start_response, "400 Bad Request", "Expected the name of a host.")
    url = asked.url.replace("http://", "https://", 1)
    start_response("308 Permanent Redirect", [("Location", url), ("Content-Length", "0")])
    return []
