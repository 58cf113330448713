"""The pages that need no script: a conversation that refreshes, one that grows, and their buttons."""

import re
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import gevent
from flask import Blueprint, Response, redirect, request, url_for
from markupsafe import Markup, escape
from werkzeug.wrappers import Response as BaseResponse

from kindlechat.errors import NotContinuable, UnknownConversation
from kindlechat.relay import Relay, new_id
from kindlechat.rendering import Pages
from kindlechat.rendering.dressing import dress, with_code
from kindlechat.rendering.glyphs import fit_html
from kindlechat.rendering.reading import CHOICES, Order, Reading, View
from kindlechat.rendering.screens import Page, cut_into_screens
from kindlechat.rendering.tree import element, to_html
from kindlechat.reply import Progress, Reply
from kindlechat.stores import Conversation, Store
from kindlechat.web.answers import Answers
from kindlechat.web.api import streamed
from kindlechat.web.desk import Desk, check_message
from kindlechat.web.following import growing_html
from kindlechat.web.passcode import Passcode
from kindlechat.web.readings import carried_code, present_reading, set_cookie
from kindlechat.web.refusal import Refusal
from kindlechat.web.turns import Turns

PAGE_WAIT_S = 5.0
"""How long a page waits for the reply's end before it shows what there is."""

EARLIER_BYTES = 16_000
"""Earlier turns are shown in full up to this much text, so that a page stays under 30 kB."""

REFRESH_S = 5
"""One e-reader of 2016 loops where a page refreshes itself every 2 s."""

FURNITURE_LINES = 4.5
LEAST_SCREEN_LINES = 5
"""In page view: what stands around the text, and what is left for it on any screen."""

OWN_PATH = re.compile(r"/(?!/)[\w/.-]*")

ANSWER_END = "<!--/answer-->"


def create_pages(
    relay: Relay, store: Store, desk: Desk, passcode: Passcode, templates: Pages, answers: Answers
) -> Blueprint:
    """The blueprint of /ask, /c/…, /settings and /passcode."""
    pages = Blueprint("pages", __name__)
    turns = Turns(answers, templates)

    @pages.post("/ask")
    def ask() -> BaseResponse:
        desk.check_allowed()
        return _ask()

    def _ask() -> BaseResponse:
        asked = desk.ask(
            check_message(request.form.get("message", "")),
            conversation=request.form.get("conversation", ""),
            once=request.form.get("once", ""),
        )
        live = request.form.get("mode") == "live"
        return _see(asked.conversation, live=live)

    @pages.get("/favicon.ico")
    def icon() -> Response:
        """None: browsers ask for it by themselves, and a page that says so would cost more."""
        return Response(status=204, headers={"Cache-Control": "max-age=86400"})

    @pages.get("/passcode")
    def passcode_page() -> str:
        return templates.render("passcode.html", wrong=False, message="", conversation="", mode="")

    @pages.post("/passcode")
    def enter() -> BaseResponse:
        desk.check_guess(request.form.get("passcode", ""))
        # The question that was held up goes through with the passcode, cookies or not.
        response = _ask() if request.form.get("message", "").strip() else redirect("/", 303)
        passcode.set_cookie(response)
        return response

    @pages.get("/settings")
    def settings() -> Response:
        return _html(
            templates.render(
                "settings.html", reading=present_reading(), choices=CHOICES, back=_back()
            )
        )

    @pages.post("/settings")
    def save() -> BaseResponse:
        reading = Reading() if "reset" in request.form else Reading.from_form(request.form)
        response = redirect(with_code(_back(), reading.code), 303)
        set_cookie(response, reading)
        return response

    @pages.get("/c/<conversation_id>")
    def conversation(conversation_id: str) -> Response:
        found = _found(conversation_id)
        number = _number("turn", len(found.replies))
        if number == len(found.replies) and not found.replies[-1].state.ended:
            relay.wait_for_end(found.replies[-1].id, PAGE_WAIT_S)
            found = _found(conversation_id)
        reading = present_reading()
        asking = "ask" in request.args
        if reading.view is View.PAGES and not asking:
            return _html(render_screen(found, number, reading))
        return _html(render(found, number, reading, asking=asking))

    @pages.get("/c/<conversation_id>/live")
    def live(conversation_id: str) -> Response:
        found = _found(conversation_id)
        last = found.replies[-1]
        reading, carried = present_reading(), carried_code()
        if last.state.ended:
            return _html(render(found, len(found.replies), reading))

        def page(found: Conversation, *, blank: bool = False) -> tuple[str, str, str]:
            html = render(found, len(found.replies), reading, live=True, blank=blank)
            return dress(html, reading, carried).partition(ANSWER_END)

        def show(text: str, progress: Progress) -> str:
            ended, still = progress.state.ended, not progress.text
            html = answers.open_html(last.id, text, reading, ended=ended, still=still)
            return fit_html(html, reading.glyphs)

        def tail() -> str:
            return "".join(page(_found(conversation_id))[1:])

        body = growing_html(
            page(found, blank=True)[0], relay.follow(last.id), show, tail, _pause(reading)
        )
        return streamed(body, "text/html")

    @pages.post("/c/<conversation_id>/stop")
    def stop(conversation_id: str) -> BaseResponse:
        last = _found(conversation_id).replies[-1]
        if not last.state.ended:
            relay.stop(last.id)
            relay.wait_for_end(last.id, 1.0)
        return _see(conversation_id)

    @pages.post("/c/<conversation_id>/continue")
    def go_on(conversation_id: str) -> BaseResponse:
        desk.check_allowed()
        with suppress(NotContinuable):  # pressed twice: it went on and has ended since
            desk.go_on(conversation_id)
        return _see(conversation_id)

    @pages.post("/c/<conversation_id>/again")
    def again(conversation_id: str) -> BaseResponse:
        desk.check_allowed()
        desk.ask_again(conversation_id, request.form.get("reply", ""))
        return _see(conversation_id)

    @pages.get("/c/<conversation_id>/edit")
    def edit(conversation_id: str) -> Response:
        last = _found(conversation_id).replies[-1]
        return _html(
            templates.render(
                "edit.html", conversation=conversation_id, reply=last.id, message=last.question
            )
        )

    @pages.post("/c/<conversation_id>/edit")
    def edited(conversation_id: str) -> BaseResponse:
        desk.check_allowed()
        desk.ask_again(
            conversation_id,
            request.form.get("reply", ""),
            check_message(request.form.get("message", "")),
        )
        return _see(conversation_id)

    def _found(conversation_id: str) -> Conversation:
        found = store.conversation(conversation_id)
        if found is None or not found.replies:
            raise UnknownConversation
        return found

    def render(
        found: Conversation,
        number: int,
        reading: Reading,
        *,
        asking: bool = False,
        live: bool = False,
        blank: bool = False,
    ) -> str:
        """The page with one turn large and, beside the newest, as many earlier ones as fit.

        `asking` shows the question box whatever the reader wants hidden otherwise.
        """
        newest = number == len(found.replies)
        first_shown = _first_shown(found.replies) if newest else len(found.replies)
        earlier = [
            turns.turn(reply, n, reading)
            for n, reply in enumerate(found.replies[:-1], 1)
            if n > first_shown
        ]
        return templates.render(
            "conversation.html",
            conversation=found.id,
            turn=turns.turn(found.replies[number - 1], number, reading, blank=blank),
            earlier=earlier,
            older=[
                (n, reply.question)
                for n, reply in enumerate(found.replies, 1)
                if n != number and n <= first_shown
            ],
            total=len(found.replies),
            newest=newest,
            newest_last=reading.order is Order.LAST,
            refresh_s=max(REFRESH_S, reading.pace_ms // 1000),
            asking=asking,
            live=live,
            once=new_id(),
        )

    def render_screen(found: Conversation, number: int, reading: Reading) -> str:
        """One screen of a turn; its question is at the beginning of the first one."""
        reply = found.replies[number - 1]
        asked = element("strong", templates.sentence("ui.you_asked"))
        question = element("p", asked, f" {escape(reply.question)}")
        nodes = (question, element("hr"), *turns.nodes(reply, reading))
        page = Page(reading.columns, max(LEAST_SCREEN_LINES, reading.lines - FURNITURE_LINES))
        screens = cut_into_screens(nodes, page)
        screen = _number("screen", len(screens), default=1)
        return templates.render(
            "screen.html",
            conversation=found.id,
            turn=turns.turn(reply, number, reading, blank=True),
            nodes=Markup(to_html(screens[screen - 1])),  # noqa: S704 (sanitised, or escaped above)
            screen=screen,
            screens=len(screens),
            total=len(found.replies),
            newest=number == len(found.replies),
            refresh_s=max(REFRESH_S, reading.pace_ms // 1000),
            live=False,
        )

    return pages


def _first_shown(replies: tuple[Reply, ...]) -> int:
    """How many of the oldest turns do not fit under the newest one."""
    room = EARLIER_BYTES - len(replies[-1].text.encode())
    for number in range(len(replies) - 1, 0, -1):
        reply = replies[number - 1]
        room -= len((reply.text + reply.question).encode())
        if room < 0:
            return number
    return 0


def _number(name: str, total: int, default: int | None = None) -> int:
    """A number from 1 to `total` of the address, the last one unless something else is the default."""
    value = request.args.get(name, str(default or total))
    if not (value.isascii() and value.isdigit() and len(value) < 6 and 1 <= int(value) <= total):
        raise Refusal(404, "not_found")
    return int(value)


def _back() -> str:
    """The page of ours that the reader came from, as the address or the form says."""
    back = request.values.get("back", "")
    return back if OWN_PATH.fullmatch(back) else "/"


def _pause(reading: Reading) -> Callable[[], None]:
    """Text comes every quarter of a second at most anyway; readers may want it less often."""
    slower = reading.pace_ms > Reading().pace_ms
    return partial(gevent.sleep, reading.pace_ms / 1000 if slower else 0)


def _see(conversation_id: str, *, live: bool = False) -> BaseResponse:
    endpoint = "pages.live" if live else "pages.conversation"
    return redirect(url_for(endpoint, conversation_id=conversation_id), 303)


def _html(page: str) -> Response:
    return Response(page, mimetype="text/html", headers={"Cache-Control": "no-store"})
