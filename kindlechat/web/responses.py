"""Responses of the shapes that handlers share: pages, streams, and redirects to a conversation."""

from collections.abc import Iterable, Iterator

from flask import Response, redirect, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from kindlechat.actions.action import Action, ActionPlace
from kindlechat.relay import new_id
from kindlechat.rendering.ui.markers import PRESETS_PLACE, with_key
from kindlechat.web.reader.settings import newest_place
from kindlechat.web.services import label_of, services

NOT_STORED = {"Cache-Control": "no-store"}
NDJSON = "application/x-ndjson"
STREAM_HEADERS = {**NOT_STORED, "X-Accel-Buffering": "no"}


def html_page(html: str) -> Response:
    """A page that no cache keeps."""
    return Response(html, mimetype="text/html", headers=NOT_STORED)


def unlisted_page(html: str) -> Response:
    """The same, for a page whose address no other page is to learn."""
    response = html_page(html)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def lead_to(address: str) -> BaseResponse:
    """A redirect that no cache keeps."""
    response = redirect(address, 303)
    response.headers.extend(NOT_STORED)
    return response


def complete_box(response: Response) -> Response:
    """Give the question box on a page an idempotency key, as the page is made for one reader, and the
    operator's own buttons."""
    if response.mimetype == "text/html" and not response.direct_passthrough:
        html = with_key(response.get_data(as_text=True), new_id())
        if PRESETS_PLACE in html:
            presets = [action for action in services().actions.at(ActionPlace.BOX) if action.names]
            html = html.replace(PRESETS_PLACE, _buttons(presets))
        response.set_data(html)
    return response


def _buttons(presets: Iterable[Action]) -> str:
    button = Markup('<span hidden>| </span><button type="submit" name="task.{}">{}</button> ')
    return "".join(button.format(each.name, label_of(each)) for each in presets)


def streamed(parts: Iterator[bytes], mimetype: str) -> Response:
    """A response whose parts go out as they come, through as few hands as can be."""
    return Response(parts, mimetype=mimetype, headers=STREAM_HEADERS, direct_passthrough=True)


def see_conversation(name: str, *, live: bool = False) -> BaseResponse:
    """Lead the reader to the page of the conversation of this name, or to the one that grows."""
    endpoint = "conversations.live" if live else "conversations.show"
    return redirect(url_for(endpoint, name=name) + newest_place(), 303)
