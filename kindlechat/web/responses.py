"""Responses of the shapes that handlers share: pages, streams, and redirects to a conversation."""

from collections.abc import Iterator

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as BaseResponse

from kindlechat.relay import new_id
from kindlechat.rendering.ui.markers import with_key

NOT_STORED = {"Cache-Control": "no-store"}
STREAM_HEADERS = {**NOT_STORED, "X-Accel-Buffering": "no"}


def html_page(html: str) -> Response:
    """A page that no cache keeps."""
    return Response(html, mimetype="text/html", headers=NOT_STORED)


def give_key(response: Response) -> Response:
    """Give the question box on a page an idempotency key: the page is made for one reader."""
    if response.mimetype == "text/html" and not response.direct_passthrough:
        response.set_data(with_key(response.get_data(as_text=True), new_id()))
    return response


def streamed(parts: Iterator[bytes], mimetype: str) -> Response:
    """A response whose parts go out as they come, through as few hands as can be."""
    return Response(parts, mimetype=mimetype, headers=STREAM_HEADERS, direct_passthrough=True)


def see_conversation(name: str, *, live: bool = False) -> BaseResponse:
    """Lead the reader to the page of the conversation of this name, or to the one that grows."""
    endpoint = "conversations.live" if live else "conversations.show"
    return redirect(url_for(endpoint, name=name), 303)
