"""The pages of a conversation, which need no script: one that refreshes, one that grows, their buttons."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import gevent
from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as BaseResponse

from kindlechat.conversation import Excerpt, Outline
from kindlechat.errors import NotContinuable, UnknownConversation
from kindlechat.rendering.device.reading import Reading
from kindlechat.web import gate, intake
from kindlechat.web.conversation.growing_page import GrowingPage
from kindlechat.web.conversation.page import ConversationPage, shown_beside
from kindlechat.web.conversation.screens import ConversationScreens
from kindlechat.web.conversation.streams import growing_html
from kindlechat.web.current_reader import current_reader
from kindlechat.web.reader_settings import current_reading
from kindlechat.web.refusal import Refusal
from kindlechat.web.responses import html_page, see_conversation, streamed
from kindlechat.web.services import current_templates, services
from kindlechat.web.validation import check_message

STOPPED_WITHIN_S = 1.0
"""So long Stop waits for the reply to end, so that the page which follows shows it stopped."""

conversations = Blueprint("conversations", __name__)


@conversations.get("/c/<conversation_id>")
def show(conversation_id: str) -> Response:
    """The conversation as a page; where it comes for news, it waits a while for the answer's end."""
    outline = _outline(conversation_id)
    number = _number("turn", len(outline.replies))
    newest = number == len(outline.replies)
    if newest and _comes_for_news() and not outline.replies[-1].state.ended:
        services().relay.wait_for_end(outline.replies[-1].id, services().timings.page_wait_s)
        outline = _outline(conversation_id)
    return _turn(outline, number)


@conversations.get("/c/<conversation_id>/live")
def live(conversation_id: str) -> Response:
    """The conversation as a page that grows for as long as its answer does."""
    outline = _outline(conversation_id)
    last = outline.replies[-1]
    if last.state.ended:
        return _turn(outline, len(outline.replies))
    excerpt = _read(outline, len(outline.replies))
    page = GrowingPage(services().live_answers, current_reader(), excerpt)
    progresses = services().relay.follow(last.id)
    pause = _pause(current_reading())
    parts = growing_html(page.head(), progresses, page.show, page.tail, pause)
    return streamed(parts, "text/html")


@conversations.post("/c/<conversation_id>/stop")
def stop(conversation_id: str) -> BaseResponse:
    """End the answer that the page shows; what came of it stays."""
    last = _outline(conversation_id).replies[-1]
    meant = request.form.get("reply") in (None, "", last.id)  # else it is another tab's
    if meant and not last.state.ended:
        services().relay.stop(last.id)
        services().relay.wait_for_end(last.id, STOPPED_WITHIN_S)
    return see_conversation(conversation_id)


@conversations.post("/c/<conversation_id>/continue")
def go_on(conversation_id: str) -> BaseResponse:
    """Go on with the last answer."""
    gate.check_allowed()
    with suppress(NotContinuable):  # pressed twice: it went on and has ended since
        intake.go_on(conversation_id, request.form.get("seen", type=int))
    return see_conversation(conversation_id)


@conversations.post("/c/<conversation_id>/again")
def again(conversation_id: str) -> BaseResponse:
    """Ask the last question anew."""
    gate.check_allowed()
    intake.ask_again(conversation_id, request.form.get("reply", ""))
    return see_conversation(conversation_id)


@conversations.get("/c/<conversation_id>/edit")
def edit(conversation_id: str) -> Response:
    """The form in which the last question can be edited."""
    last = _outline(conversation_id).replies[-1]
    return html_page(
        current_templates().render(
            "edit.html", conversation=conversation_id, reply=last.id, message=last.question
        )
    )


@conversations.post("/c/<conversation_id>/edit")
def edited(conversation_id: str) -> BaseResponse:
    """Ask the edited question in the place of the last one."""
    gate.check_allowed()
    message = check_message(request.form.get("message", ""))
    intake.ask_again(conversation_id, request.form.get("reply", ""), message)
    return see_conversation(conversation_id)


def _turn(outline: Outline, number: int) -> Response:
    """A turn as one page, or one of its screens where it has several."""
    excerpt = _read(outline, number)
    asking = "ask" in request.args
    cutter = ConversationScreens(services().live_answers, current_reader())
    screens = [] if asking else cutter.cut(excerpt.reply(number))
    if screens:
        shown = _number("screen", len(screens), default=1)
        return html_page(cutter.render(excerpt, number, screens, shown))
    page = ConversationPage(services().live_answers, current_reader())
    return html_page(page.render(excerpt, number, asking=asking))


def _outline(conversation_id: str) -> Outline:
    outline = services().store.outline(conversation_id)
    if outline is None or not outline.replies:
        raise UnknownConversation
    return outline


def _read(outline: Outline, number: int) -> Excerpt:
    """The turn, and the earlier ones that may fit on its page. Raises UnknownConversation."""
    shown = outline.replies[number - 1]
    replies = services().store.replies([shown.id, *shown_beside(outline, number)])
    if shown.id not in replies:
        raise UnknownConversation  # deleted since its outline was read
    return Excerpt(outline, replies)


def _number(name: str, total: int, default: int | None = None) -> int:
    """A number from 1 to `total` of the address, the last one unless something else is the default."""
    value = request.args.get(name, str(default or total))
    if not (value.isascii() and value.isdigit() and len(value) < 6 and 1 <= int(value) <= total):
        raise Refusal(404, "not_found")
    return int(value)


def _comes_for_news() -> bool:
    """Whether a page is to wait for more of the answer: not one that is asked for to write on it, or
    to turn to."""
    turns = "screen" in request.args and "seen" not in request.args
    return not turns and "ask" not in request.args


def _pause(reading: Reading) -> Callable[[], None]:
    """Text comes every quarter of a second at most anyway; readers may want it less often."""
    slower = reading.pace_ms > Reading().pace_ms
    return partial(gevent.sleep, reading.pace_ms / 1000 if slower else 0)
