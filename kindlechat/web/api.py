"""The API: ask, poll, stream, stop, continue, ask again."""

import time
from collections.abc import Iterator
from functools import partial

from flask import Blueprint, Response, make_response, request, url_for

from kindlechat.conversation import Outline
from kindlechat.errors import NotContinuable, StoreUnavailable, UnknownReply
from kindlechat.reply import Depth, Progress, parse_cursor
from kindlechat.web import gate, intake
from kindlechat.web.access import name_to_write, outline_to_write
from kindlechat.web.conversation.polls import html_poll, html_stream, text_poll
from kindlechat.web.conversation.streams import (
    EventId,
    plain_text,
    server_sent_events,
)
from kindlechat.web.conversation.turns import describe
from kindlechat.web.intake import Accepted
from kindlechat.web.me.forgetting import forget
from kindlechat.web.reader.current import asker
from kindlechat.web.reader.identity import bearer_token, reader_in
from kindlechat.web.reader.settings import keep_depth
from kindlechat.web.refusal import Refusal
from kindlechat.web.request.validation import (
    check_body,
    check_conversation,
    check_depth,
    check_history,
    check_message,
    check_optional_body,
    check_seen,
)
from kindlechat.web.responses import NDJSON, NOT_STORED, streamed
from kindlechat.web.services import current_templates, services
from kindlechat.web.taps import as_task

Created = tuple[dict[str, str], int, dict[str, str]]

api = Blueprint("api", __name__)


@api.post("/api/chat")
def chat() -> Response:
    """Ask, and get the answer's text as it comes."""
    accepted, _ = _ask()
    response = _text_response(services().relay.follow(accepted.reply))
    response.headers["X-Reply-Id"] = accepted.reply
    return response


@api.post("/api/replies")
def create() -> Response:
    """Ask, and get the addresses at which to follow the reply."""
    accepted, depth = _ask()
    response = make_response(_created(accepted))
    if depth:
        keep_depth(response, depth)
    return response


@api.get("/api/replies/<reply_id>")
def poll(reply_id: str) -> tuple[dict[str, object], dict[str, str]]:
    """What came after the cursor, as text or as changes to a page. See `middleware/polls.py`, too."""
    if _wants_html():
        return html_poll(services(), asker, reply_id, _cursor()), NOT_STORED
    return text_poll(services(), current_templates(), reply_id, _cursor()), NOT_STORED


@api.get("/api/replies/<reply_id>/stream")
def stream(reply_id: str) -> Response:
    """What comes after the cursor: plain text, server-sent events, or changes to a page. See
    `middleware/polls.py`, too."""
    if _wants_html():
        parts = html_stream(services(), asker, reply_id, _cursor())
        return streamed(parts, NDJSON)
    if "text/event-stream" in request.headers.get("Accept", ""):
        return _stream_events(reply_id)
    return _text_response(services().relay.follow(reply_id, _cursor()))


def _stream_events(reply_id: str) -> Response:
    last_id = request.headers.get("Last-Event-ID")
    last = EventId.parse(last_id) if last_id else EventId(_cursor())
    progress, _ = services().relay.progress(reply_id, last.cursor)
    if progress.state.ended and last.tells(progress):
        return Response(status=204)  # tells an EventSource to come back no more
    progresses = services().relay.follow(reply_id, last.cursor)
    # The templates are those of this request, which is over when the last events are made.
    told = partial(describe, current_templates())
    return streamed(server_sent_events(progresses, told, last), "text/event-stream")


@api.post("/api/replies/<reply_id>/stop")
def stop(reply_id: str) -> tuple[str, int]:
    """End the reply; what came of it stays."""
    gate.check_allowed()
    services().relay.stop(reply_id)
    return "", 204


@api.post("/api/replies/<reply_id>/continue")
def go_on(reply_id: str) -> Created:
    """Go on with a reply that is cut, stopped or interrupted."""
    gate.check_allowed()
    seen = check_seen(check_optional_body().get("seen"))
    outline = _outline_of(reply_id)
    if outline.replies[-1].id != reply_id:
        raise NotContinuable
    return _created(intake.go_on(outline, seen))


@api.post("/api/replies/<reply_id>/again")
def again(reply_id: str) -> Created:
    """Ask the same question anew, or an edited one in its place."""
    gate.check_allowed()
    body = check_optional_body()
    message = None if body.get("message") is None else check_message(body["message"])
    depth = check_depth(body.get("depth"))
    return _created(intake.ask_again(_outline_of(reply_id), reply_id, message, depth))


@api.delete("/api/reader")
def forget_reader() -> tuple[str, int]:
    """Delete all that is kept of the reader whose token this is: a cookie alone does not do."""
    reader_id = reader_in(bearer_token())
    if reader_id is None:
        raise Refusal(403, "no_reader")
    forget(reader_id)
    return "", 204


@api.get("/healthz")
def health() -> Response:
    """Whether this process can take questions. Why not is the operator's matter, and in the log."""
    is_well = not services().relay.draining
    try:
        services().store.check()
    except StoreUnavailable:  # which the store itself told the log
        is_well = False
    status, text = (200, "ok") if is_well else (503, "trouble")
    return Response(text, status, NOT_STORED, mimetype="text/plain")


def _ask() -> tuple[Accepted, Depth | None]:
    """The reply to what the body asks, and how long an answer it wants, where it says that."""
    gate.check_allowed()
    body = check_body()
    conversation = check_conversation(body.get("conversation"))
    history = check_history(body.get("history"))
    if conversation and history:
        raise Refusal(400, "bad_history")
    message = check_message(body.get("message"))
    question, prompt = as_task(body.get("task") or "", message)
    accepted = intake.ask(
        question,
        outline=outline_to_write(conversation) if conversation else None,
        history=history,
        idempotency_key=request.headers.get("Idempotency-Key"),
        depth=(depth := check_depth(body.get("depth"))),
        prompt=prompt,
    )
    return accepted, depth


def _created(accepted: Accepted) -> Created:
    name = name_to_write(accepted.conversation)
    location = url_for("api.poll", reply_id=accepted.reply)
    body = {
        "id": accepted.reply,
        "conversation": name,
        "poll": location,
        "stream": url_for("api.stream", reply_id=accepted.reply),
        "page": url_for("conversations.show", name=name),
    }
    return body, 201, {"Location": location, **NOT_STORED}


def _outline_of(reply_id: str) -> Outline:
    """The conversation of a reply. Its asker may write it: nobody else knows the reply's id."""
    conversation = services().store.conversation_of(reply_id)
    outline = services().store.outline(conversation) if conversation else None
    if outline is None or not outline.replies:
        raise UnknownReply
    return outline


def _wants_html() -> bool:
    return request.args.get("format") == "html"


def _cursor() -> int:
    after = request.args.get("after")
    return 0 if after is None else parse_cursor(after)


def _text_response(progresses: Iterator[Progress]) -> Response:
    """A plain text stream, or the Refusal for trouble that is known before the first byte."""
    first = _first_news(progresses, services().timings.status_wait_s)
    if first.state.broken and not first.text:
        raise Refusal(502, "upstream_refused", reason=first.reason)
    return streamed(plain_text(first, progresses), "text/plain")


def _first_news(progresses: Iterator[Progress], wait_s: float) -> Progress:
    """The first progress with text or an end, or whatever there is after `wait_s` seconds."""
    until = time.monotonic() + wait_s
    for progress in progresses:
        if progress.text or progress.state.ended or time.monotonic() >= until:
            return progress
    raise AssertionError("a followed reply always ends with an ended progress")
