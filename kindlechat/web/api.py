"""The API: ask, poll, stream, stop."""

import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import gevent
from flask import Blueprint, Response, request, url_for

from kindlechat.errors import NotContinuable, StoreUnavailable, UnknownReply
from kindlechat.relay import Relay
from kindlechat.rendering.device.dressing import dress
from kindlechat.rendering.ui.templates import LocalizedTemplates, Templates
from kindlechat.reply import Progress, Reply, next_poll_ms, parse_cursor, sound_text
from kindlechat.stores.contract import Store
from kindlechat.timings import Timings
from kindlechat.web.conversation.live_answers import Answers
from kindlechat.web.conversation.streams import html_updates, plain_text, server_sent_events
from kindlechat.web.conversation.turns import Turns
from kindlechat.web.conversation.updates import Updates
from kindlechat.web.intake import Asked, Desk, check_body, check_history, check_message
from kindlechat.web.middleware.language import current_templates
from kindlechat.web.reader_settings import carried_code, current_reading
from kindlechat.web.refusal import Refusal

NOT_STORED = {"Cache-Control": "no-store"}
STREAM_HEADERS = {**NOT_STORED, "X-Accel-Buffering": "no"}
NDJSON = "application/x-ndjson"


def streamed(parts: Iterator[bytes], mimetype: str) -> Response:
    """A response whose parts go out as they come, through as few hands as can be."""
    return Response(parts, mimetype=mimetype, headers=STREAM_HEADERS, direct_passthrough=True)


Created = tuple[dict[str, str], int, dict[str, str]]


def create_api(
    relay: Relay,
    store: Store,
    desk: Desk,
    templates: Templates,
    answers: Answers,
    timings: Timings,
) -> Blueprint:
    """The blueprint of everything under /api, and of /healthz."""
    api = Blueprint("api", __name__)

    @api.post("/api/chat")
    def chat() -> Response:
        asked = _ask(desk)
        response = _text_response(relay.follow(asked.reply), timings.status_wait_s)
        response.headers["X-Reply-Id"] = asked.reply
        return response

    @api.post("/api/replies")
    def create() -> Created:
        return _created(_ask(desk))

    @api.get("/api/replies/<reply_id>")
    def poll(reply_id: str) -> tuple[dict[str, Any], dict[str, str]]:
        if _wants_html():
            return poll_html(reply_id), NOT_STORED
        progress, silent_s = relay.progress(reply_id, _cursor())
        body = {
            **_describe(current_templates(templates), progress),
            "text": progress.text,
            "cursor": str(progress.cursor),
            "next_ms": next_poll_ms(progress.state, silent_s),
        }
        return body, NOT_STORED

    def poll_html(reply_id: str) -> dict[str, Any]:
        progress, silent_s = relay.progress(reply_id, 0)
        next_ms = next_poll_ms(progress.state, silent_s)
        return {
            **updates(reply_id).tell(progress.text, progress, silent_s >= timings.still_after_s),
            "next_ms": next_ms and max(next_ms, current_reading().pace_ms),
        }

    def updates(reply_id: str) -> Updates:
        reading, carried = current_reading(), carried_code()
        localized = current_templates(templates)

        # Known from the beginning: at the end of a stream the store may be away.
        conversation = relay.conversation_of(reply_id)

        def actions(text: str, progress: Progress) -> str:
            ended = Reply(reply_id, conversation, "", text, progress.state, progress.reason)
            return dress(Turns(answers, localized).actions(ended), reading, carried)

        describe = partial(_describe, localized)
        return Updates(answers, reply_id, _cursor(), reading, describe=describe, actions=actions)

    @api.get("/api/replies/<reply_id>/stream")
    def stream(reply_id: str) -> Response:
        if _wants_html():
            pause = partial(gevent.sleep, current_reading().pace_ms / 1000)
            progresses = relay.follow(reply_id)
            return streamed(html_updates(progresses, updates(reply_id).news, pause), NDJSON)
        if "text/event-stream" not in request.headers.get("Accept", ""):
            return _text_response(relay.follow(reply_id, _cursor()), timings.status_wait_s)
        last_id = request.headers.get("Last-Event-ID")
        cursor = parse_cursor(last_id) if last_id else _cursor()
        if last_id and _all_read(relay, reply_id, cursor):
            return Response(status=204)  # tells an EventSource to come back no more
        describe = partial(_describe, current_templates(templates))
        events = server_sent_events(relay.follow(reply_id, cursor), describe)
        return streamed(events, "text/event-stream")

    @api.post("/api/replies/<reply_id>/stop")
    def stop(reply_id: str) -> tuple[str, int]:
        relay.stop(reply_id)
        return "", 204

    @api.post("/api/replies/<reply_id>/continue")
    def go_on(reply_id: str) -> Created:
        desk.check_allowed()
        seen = _check_seen(check_body().get("seen")) if request.get_data() else None
        return _created(desk.go_on(_last_reply(reply_id).conversation, seen))

    @api.post("/api/replies/<reply_id>/again")
    def again(reply_id: str) -> Created:
        desk.check_allowed()
        message = check_body().get("message") if request.get_data() else None
        return _created(
            desk.ask_again(
                _reply(reply_id).conversation,
                reply_id,
                None if message is None else check_message(message),
            )
        )

    def _reply(reply_id: str) -> Reply:
        reply = store.reply(reply_id)
        if reply is None:
            raise UnknownReply
        return reply

    def _last_reply(reply_id: str) -> Reply:
        """The reply, which must be the last one of its conversation."""
        reply = _reply(reply_id)
        found = store.conversation(reply.conversation)
        if found is None or found.replies[-1].id != reply_id:
            raise NotContinuable
        return reply

    @api.get("/healthz")
    def health() -> Response:
        status, text = 200, "ok"
        try:
            store.check()
        except StoreUnavailable as error:
            status, text = 503, str(error)
        if relay.draining:
            status, text = 503, "shutting down"
        return Response(text, status, {"Cache-Control": "no-store"}, mimetype="text/plain")

    return api


def _describe(localized: LocalizedTemplates, progress: Progress) -> dict[str, object]:
    """A progress' state and the sentence that explains it."""
    reason = progress.reason
    return {
        "state": progress.state,
        "reason": localized.sentence(f"reason.{reason}") if reason else None,
    }


def _created(asked: Asked) -> Created:
    location = url_for("api.poll", reply_id=asked.reply)
    body = {
        "id": asked.reply,
        "conversation": asked.conversation,
        "poll": location,
        "stream": url_for("api.stream", reply_id=asked.reply),
        "page": url_for("pages.conversation", conversation_id=asked.conversation),
    }
    return body, 201, {"Location": location, "Cache-Control": "no-store"}


def _ask(desk: Desk) -> Asked:
    desk.check_allowed()
    body = check_body()
    conversation = body.get("conversation") or ""
    if not isinstance(conversation, str):
        raise Refusal(400, "bad_type", field="conversation")
    history = check_history(body.get("history"))
    if conversation and history:
        raise Refusal(400, "bad_history")
    return desk.ask(
        check_message(body.get("message")),
        conversation=sound_text(conversation),
        history=history,
        once=request.headers.get("Idempotency-Key"),
    )


def _check_seen(value: object) -> int | None:
    """How many characters a client says it has: a number, or the cursor. Raises Refusal and BadCursor."""
    if isinstance(value, str):
        return parse_cursor(value)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise Refusal(400, "bad_type", field="seen")


def _wants_html() -> bool:
    return request.args.get("format") == "html"


def _cursor() -> int:
    after = request.args.get("after")
    return 0 if after is None else parse_cursor(after)


def _all_read(relay: Relay, reply_id: str, cursor: int) -> bool:
    progress, _ = relay.progress(reply_id, cursor)
    return progress.state.ended and not progress.text


def _text_response(progresses: Iterator[Progress], status_wait_s: float) -> Response:
    """A plain text stream, or the Refusal for trouble that is known before the first byte."""
    first = _first_news(progresses, status_wait_s)
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
