"""The pages of a conversation, which need no script: one that refreshes, one that grows, their buttons."""

from collections.abc import Callable, Sequence
from contextlib import suppress

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from kindlechat.conversation import Excerpt, Outline
from kindlechat.errors import NotContinuable, UnknownConversation
from kindlechat.web import gate, intake
from kindlechat.web.access import (
    Access,
    access_to,
    access_to_change,
    name_to_write,
    outline_to_write,
)
from kindlechat.web.conversation.growing_page import GrowingPage
from kindlechat.web.conversation.page import ConversationPage, shown_beside
from kindlechat.web.conversation.screens import ConversationScreens, screen_at
from kindlechat.web.conversation.streams import growing_html
from kindlechat.web.pair.sides import asked_since
from kindlechat.web.reader.current import current_reader
from kindlechat.web.reader.settings import NEWEST, current_depth, current_reading, newest_place
from kindlechat.web.request.shown_version import with_version
from kindlechat.web.request.validation import check_message, number_asked
from kindlechat.web.responses import html_page, lead_to, see_conversation, streamed
from kindlechat.web.services import current_templates, services

MOST_SCREENS = 99_999

LED = {"ask", "at", "look", "more", "screen"}
"""What an address has that leads to a place of a conversation's page."""

conversations = Blueprint("conversations", __name__)


@conversations.get("/c/<name>")
def show(name: str) -> BaseResponse:
    """The conversation as a page, unless the phone beside it has asked something since."""
    if "after" in request.args and (asked := asked_since(request.args["after"])):
        return redirect(asked, 303)
    return conversation_page(lambda: access_to(name))


def conversation_page(find: Callable[[], Access]) -> BaseResponse:
    """The conversation that `find` finds; a page that comes for news waits a while for the answer's end."""
    access = find()
    last, total = access.outline.replies[-1], len(access.outline.replies)
    number = number_asked("turn", total, default=total)
    newest = number == total
    if newest and (place := _newest_below(total)):
        return lead_to(place)
    if newest and _comes_for_news() and not last.state.ended:
        services().relay.wait_for_end(last.id, services().timings.page_wait_s)
        access = find()
    return _turn(access, number)


@conversations.get("/c/<name>/live")
def live(name: str) -> BaseResponse:
    """The conversation as a page that grows for as long as its answer does."""
    access = access_to(name)
    number, last = len(access.outline.replies), access.outline.replies[-1]
    if place := _newest_below(number):
        return lead_to(place)
    if last.state.ended or "ask" in request.args:
        return _turn(access, number, live=True)
    excerpt = _read(access.outline, number)
    page = GrowingPage(services().live_answers, current_reader(access), excerpt)
    progresses = services().relay.follow(last.id, rest_s=current_reading().rest_s)
    parts = growing_html(page.head(), progresses, page.show, page.tail)
    return streamed(parts, "text/html")


@conversations.post("/c/<name>/stop")
def stop(name: str) -> BaseResponse:
    """End the answer that the page shows; what came of it stays."""
    outline = _to_write(name)
    last = outline.replies[-1]
    meant = request.form.get("reply") in (None, "", last.id)  # else it is another tab's
    if meant and not last.state.ended:
        services().relay.stop(last.id)
        services().relay.wait_for_end(last.id, services().timings.stopped_within_s)
    return _see(outline)


@conversations.post("/c/<name>/continue")
def go_on(name: str) -> BaseResponse:
    """Go on with the last answer."""
    outline = _to_write(name)
    with suppress(NotContinuable):  # pressed twice: it went on and has ended since
        intake.go_on(outline, request.form.get("seen", type=int), current_depth())
    return _see(outline)


@conversations.post("/c/<name>/again")
def again(name: str) -> BaseResponse:
    """Ask the last question anew."""
    outline = _to_write(name)
    intake.ask_again(outline, request.form.get("reply", ""), depth=current_depth())
    return _see(outline)


@conversations.get("/c/<name>/edit")
def edit(name: str) -> BaseResponse:
    """The form in which the last question can be edited."""
    access = access_to_change(name)
    last = access.outline.replies[-1]
    return html_page(
        current_templates().render(
            "edit.html", conversation=access.name, reply=last.id, message=last.question
        )
    )


@conversations.post("/c/<name>/edit")
def edited(name: str) -> BaseResponse:
    """Ask the edited question in the place of the last one."""
    gate.check_allowed()
    message = check_message(request.form.get("message", ""))
    outline = outline_to_write(name)
    intake.ask_again(outline, request.form.get("reply", ""), message, current_depth())
    return _see(outline)


@conversations.post("/c/<name>/copy")
def copy(name: str) -> BaseResponse:
    """Make a copy that belongs to this reader, and go on in it."""
    gate.check_allowed()
    copied = intake.copy(access_to(name).outline, request.form.get("idempotency_key", ""))
    return see_conversation(name_to_write(copied))


def _to_write(name: str) -> Outline:
    """The conversation that this request changes. Raises Refusal."""
    gate.check_allowed()
    return outline_to_write(name)


def _see(outline: Outline) -> BaseResponse:
    return see_conversation(name_to_write(outline.id))


def _turn(access: Access, number: int, *, live: bool = False) -> Response:
    """A turn as one page, or one of its screens where it has several, or what can be done with it. What is
    asked on a `live` one is answered on a page that grows, too."""
    excerpt, reader = _read(_as_asked(access.outline, number), number), current_reader(access)
    asking = "ask" in request.args and access.may_write
    cutter = ConversationScreens(services().live_answers, reader)
    screens = [] if asking else cutter.cut(excerpt, number)
    if screens and "more" in request.args:
        return html_page(cutter.render_more(excerpt, number))
    if screens:
        shown = _screen_asked(screens)
        return html_page(cutter.render(excerpt, number, screens, shown))
    page = ConversationPage(services().live_answers, reader)
    look = int(request.args.get("look") != "1")
    return html_page(page.render(excerpt, number, asking=asking, live=live, look=look))


def _screen_asked(screens: Sequence[str]) -> int:
    """The number of the screen that is meant. An answer has fewer on a larger device, or in another size of
    type; a page that was cut anew says what it began with."""
    at = request.args.get("at", type=int)
    if at is not None:
        return screen_at(screens, at)
    return min(number_asked("screen", MOST_SCREENS), len(screens))


def _newest_below(total: int) -> str:
    """The address of this page at its newest turn, where others stand above that and the address does not
    lead to a place yet."""
    if total == 1 or not newest_place() or LED & set(request.args):
        return ""
    query = request.query_string.decode("ascii", "ignore")
    return f"{request.script_root}{request.path}?{query}{'&' if query else ''}{NEWEST}"


def _as_asked(outline: Outline, number: int) -> Outline:
    """The conversation with the version of a turn that the address asks for. Raises UnknownConversation."""
    turn = outline.replies[number - 1]
    version = number_asked("version", len(turn.versions) or 1, default=turn.version)
    return with_version(outline, number, version)


def _read(outline: Outline, number: int) -> Excerpt:
    """The turn, and the earlier ones that may fit on its page. Raises UnknownConversation."""
    shown = outline.replies[number - 1]
    replies = services().store.replies([shown.id, *shown_beside(outline, number)])
    if shown.id not in replies:
        raise UnknownConversation  # deleted since its outline was read
    return Excerpt(outline, replies)


def _comes_for_news() -> bool:
    """Whether a page is to wait for more of the answer: not one that is asked for to write on it, or
    to turn to."""
    turns = {"at", "screen"} & set(request.args) and "seen" not in request.args
    return not turns and not {"ask", "more", "version"} & set(request.args)
