"""Checks the Host header: the site answers to its own names alone, which prevents DNS rebinding."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from kindlechat.web.middleware.plain import HEALTH, refuse

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class HostNames:
    """Refuses requests that name another host than one of these."""

    def __init__(self, application: "WSGIApplication", names: Collection[str]) -> None:
        self._application = application
        self._names = frozenset(names)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        name = host_name(environ.get("HTTP_HOST", ""))
        if name not in self._names and environ["PATH_INFO"] != HEALTH:
            why = "This site does not answer to that name."
            return refuse(start_response, "421 Misdirected Request", why)
        return self._application(environ, start_response)


def host_name(host: str) -> str:
    """The name in a Host header, without its port and in lower case: [::1]:8000 is ::1."""
    name, bracket, _ = host.removeprefix("[").partition("]")
    if not bracket:
        name = host.partition(":")[0]
    return name.rstrip(".").lower()
