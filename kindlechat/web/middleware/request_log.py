"""The id of each request, in and out, and where the operator wants it a line for each in the log."""

import logging
import random
import re
from collections.abc import Iterable
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from werkzeug.wsgi import ClosingIterator

from kindlechat.logging import log_event, request_id

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

logger = logging.getLogger(__name__)

HEADER = "X-Request-Id"
ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""What a router's id may look like; others are replaced, as they go into the log."""

SECRET_SEGMENT = re.compile(r"(?<=/)([\w-]{6})[\w-]{12,}(\.[\w-]{12,})?")
"""Ids and keys of conversations: whoever knows one may read or write, so the log has only the beginning."""

READER_SECRET = re.compile(r"((?<=/me/)|(?<=/pair/)|(?<=/pair/at/))[\w-]{20,}|(?<=/opds/)[^/]+")
"""Readers' keys, and those of their phones: who knows one may do what its reader may, so the log has nothing
of it."""


class RequestLog:
    """Gives each request an id, its router's or a new one, and sends it back.

    With `lines` each request is logged when its response has ended, without its query, which may hold what
    a reader wrote.
    """

    def __init__(self, application: "WSGIApplication", *, lines: bool) -> None:
        self._application = application
        self._lines = lines

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        given = environ.get("HTTP_X_REQUEST_ID", "")
        own_id = given if ID.fullmatch(given) else _new_id()
        request_id.set(own_id)
        began, status = monotonic(), ""

        def start(code: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            nonlocal status
            status = code[:3]
            return start_response(code, [*headers, (HEADER, own_id)], *more)

        if not self._lines:
            return self._application(environ, start)
        method, path = environ["REQUEST_METHOD"], shown(environ)

        def tell() -> None:
            log_event(
                logger,
                "request",
                method=method,
                path=path,
                status=status,
                seconds=round(monotonic() - began, 3),
            )

        return ClosingIterator(self._application(environ, start), tell)


def _new_id() -> str:
    """A new id: it is no secret."""
    return f"{random.getrandbits(64):016x}"


def shown(environ: "WSGIEnvironment") -> str:
    """The path as the log may have it."""
    path = (environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"]).encode("latin-1", "replace")
    return SECRET_SEGMENT.sub(r"\1…", READER_SECRET.sub("…", quote(path)))
