"""Polls and streams of changes to a page, answered ahead of Flask: Flask would take most of their time.

Each reader sends two polls a second, or asks for one such stream. What is not quite what our pages and
programs send goes on to the application, and so does what is refused: the application says why. Both find
what is told in `web/conversation/polls.py`.
"""

import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from werkzeug.sansio.http import parse_cookie

from kindlechat.rendering.device.dressing import PARAMETER
from kindlechat.web.conversation.polls import html_poll, html_stream, text_poll
from kindlechat.web.conversation.reader import Reader
from kindlechat.web.middleware.language import language_code_in
from kindlechat.web.middleware.reader_settings import COOKIE
from kindlechat.web.middleware.security import SECURITY_HEADERS
from kindlechat.web.reader.current import asker_with
from kindlechat.web.reader.settings import SCREEN_COOKIE, carried_by, reading_of
from kindlechat.web.responses import NDJSON, NOT_STORED, STREAM_HEADERS
from kindlechat.web.services import Services

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ADDRESS = re.compile(r"/api/replies/([\w-]+)(/stream)?", re.ASCII)
QUERY = re.compile(
    rf"(?:(?P<html>format=html)(?:&|\Z))?(?:after=(?P<after>[0-9]{{1,9}})(?:&|\Z))?"
    rf"(?:{PARAMETER}=(?P<code>[0-9a-z]*))?"
)

HEAD = [("Content-Type", "application/json"), *NOT_STORED.items(), *SECURITY_HEADERS.items()]
STREAM_HEAD = [("Content-Type", NDJSON), *STREAM_HEADERS.items(), *SECURITY_HEADERS.items()]

READERS = 1024
"""So many readers' settings are kept with the conversation that each follows: all who poll, on most days."""

to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


HeadAndBody = tuple[list[tuple[str, str]], Iterable[bytes]]
"""The headers and the body of what is told."""


class Polls:
    """Answers polls and streams of changes, and leaves all other requests to the application."""

    def __init__(self, application: "WSGIApplication", services: Services) -> None:
        self._application = application
        self._services = services
        self._reader = lru_cache(READERS)(self._make_reader)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        answer = self._answer(environ) if environ["REQUEST_METHOD"] == "GET" else None
        if answer is None:
            return self._application(environ, start_response)
        headers, body = answer
        start_response("200 OK", headers)
        return body

    def _answer(self, environ: "WSGIEnvironment") -> HeadAndBody | None:
        """What is told; None for another request, and for one that is refused."""
        address = ADDRESS.fullmatch(environ["PATH_INFO"])
        asked = QUERY.fullmatch(environ.get("QUERY_STRING", "")) if address else None
        if address is None or asked is None:
            return None
        reply_id, is_stream = address.groups()
        if is_stream and not asked["html"]:
            return None
        cursor = int(asked["after"] or 0)
        try:
            if not asked["html"]:
                templates = self._services.templates.localized(language_code_in(environ))
                return _poll(text_poll(self._services, templates, reply_id, cursor))
            reader_of = partial(self._reader, *_who_asks(environ, asked["code"] or ""))
            place = self._services, reader_of, reply_id, cursor
            return _stream(html_stream(*place)) if is_stream else _poll(html_poll(*place))
        except Exception:  # noqa: BLE001 - it comes again there, where it is told and logged
            return None

    def _make_reader(
        self, language: str, root: str, cookies: str, code: str, browser: str, conversation: str
    ) -> Reader:
        """The reader who polls a reply of this conversation; see asker_with."""
        kept = parse_cookie(cookies)
        return asker_with(
            self._services,
            conversation,
            self._services.templates.localized(language),
            root,
            reading_of(kept.get(COOKIE, code), browser, kept.get(SCREEN_COOKIE, "")),
            carried_by(code, is_kept=COOKIE in kept),
        )


def _poll(told: dict[str, object]) -> HeadAndBody:
    body = (to_json(told) + "\n").encode()
    return [*HEAD, ("Content-Length", str(len(body)))], [body]


def _stream(parts: Iterator[bytes]) -> HeadAndBody:
    return [*STREAM_HEAD], parts


def _who_asks(environ: "WSGIEnvironment", code: str) -> tuple[str, str, str, str, str]:
    """All of a request that says who its reader is, and on which device; `code` is in its address."""
    return (
        language_code_in(environ),
        environ.get("SCRIPT_NAME", ""),
        environ.get("HTTP_COOKIE", ""),
        code,
        environ.get("HTTP_USER_AGENT", ""),
    )
