"""The pages that need no script: a conversation that refreshes, one that grows, and their buttons."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

import gevent
from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from kindlechat.errors import NotContinuable, UnknownConversation
from kindlechat.relay import Relay, new_id
from kindlechat.rendering.device.dressing import dress, with_code
from kindlechat.rendering.device.glyphs import fit_html
from kindlechat.rendering.device.reading import CHOICES, Reading
from kindlechat.rendering.ui.languages import Language
from kindlechat.rendering.ui.templates import LocalizedTemplates, Templates
from kindlechat.reply import Progress
from kindlechat.stores.contract import Conversation, Store
from kindlechat.timings import Timings
from kindlechat.web.api import streamed
from kindlechat.web.conversation.live_answers import Answers
from kindlechat.web.conversation.page import ConversationView
from kindlechat.web.conversation.streams import growing_html
from kindlechat.web.intake import Desk, check_message
from kindlechat.web.middleware.language import current_templates
from kindlechat.web.passcode import Passcode
from kindlechat.web.reader_settings import carried_code, current_reading, set_cookie
from kindlechat.web.refusal import Refusal

OWN_PATH = re.compile(r"/(?!/)[\w/.-]*")

ANSWER_END = "<!--/answer-->"


def create_pages(
    relay: Relay,
    store: Store,
    desk: Desk,
    passcode: Passcode,
    templates: Templates,
    answers: Answers,
    timings: Timings,
) -> Blueprint:
    """The blueprint of /ask, /c/…, /settings and /passcode."""
    pages = Blueprint("pages", __name__)

    def localized() -> LocalizedTemplates:
        return current_templates(templates)

    def view() -> ConversationView:
        return ConversationView(answers, localized(), current_reading())

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
        return localized().render(
            "passcode.html", wrong=False, message="", conversation="", mode=""
        )

    @pages.post("/passcode")
    def enter() -> BaseResponse:
        desk.check_guess(request.form.get("passcode", ""))
        # The question that was held up goes through with the passcode, cookies or not.
        asked = request.form.get("message", "").strip()
        response = _ask() if asked else redirect(f"{request.script_root}/", 303)
        passcode.set_cookie(response)
        return response

    @pages.get("/settings")
    def settings() -> Response:
        return _html(
            localized().render(
                "settings.html",
                reading=current_reading(),
                choices=CHOICES,
                back=_back(),
                translations=_elsewhere(templates.languages, "/settings"),
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
        newest = number == len(found.replies)
        if newest and _comes_for_news() and not found.replies[-1].state.ended:
            relay.wait_for_end(found.replies[-1].id, timings.page_wait_s)
            found = _found(conversation_id)
        return _turn(found, number)

    def _turn(found: Conversation, number: int) -> Response:
        asking = "ask" in request.args
        screens = [] if asking else view().screens(found.replies[number - 1])
        if screens:
            shown = _number("screen", len(screens), default=1)
            return _html(view().screen(found, number, screens, shown))
        return _html(view().page(found, number, new_id(), asking=asking))

    @pages.get("/c/<conversation_id>/live")
    def live(conversation_id: str) -> Response:
        found = _found(conversation_id)
        last = found.replies[-1]
        reading, carried, seen = current_reading(), carried_code(), view()
        if last.state.ended:
            return _turn(found, len(found.replies))

        def page(found: Conversation, *, blank: bool = False) -> tuple[str, str, str]:
            html = seen.page(found, len(found.replies), new_id(), live=True, blank=blank)
            return dress(html, reading, carried).partition(ANSWER_END)

        cursor = 0

        def show(text: str, progress: Progress) -> str:
            nonlocal cursor
            ended, still = progress.state.ended, not progress.text
            html, cursor = answers.open_html(
                last.id, text, cursor, reading, ended=ended, still=still
            )
            return fit_html(html, reading.glyphs)

        def tail(text: str, progress: Progress) -> str:
            # Of what is known here: at the end the store may be away.
            ended = replace(last, text=text, state=progress.state, reason=progress.reason)
            return "".join(page(replace(found, replies=(*found.replies[:-1], ended)))[1:])

        body = growing_html(
            page(found, blank=True)[0], relay.follow(last.id), show, tail, _pause(reading)
        )
        return streamed(body, "text/html")

    @pages.post("/c/<conversation_id>/stop")
    def stop(conversation_id: str) -> BaseResponse:
        last = _found(conversation_id).replies[-1]
        meant = request.form.get("reply") in (None, "", last.id)  # else it is another tab's
        if meant and not last.state.ended:
            relay.stop(last.id)
            relay.wait_for_end(last.id, 1.0)
        return _see(conversation_id)

    @pages.post("/c/<conversation_id>/continue")
    def go_on(conversation_id: str) -> BaseResponse:
        desk.check_allowed()
        with suppress(NotContinuable):  # pressed twice: it went on and has ended since
            desk.go_on(conversation_id, request.form.get("seen", type=int))
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
            localized().render(
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

    return pages


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


def _back() -> str:
    """The page of ours that the reader came from, as the address or the form says."""
    back = request.values.get("back", "")
    return back if OWN_PATH.fullmatch(back) else f"{request.script_root}/"


def _elsewhere(languages: Sequence[Language], path: str) -> list[dict[str, str]]:
    """A page that there is in every language, and the way back from it, for the list of languages."""
    here, back = request.script_root, _back()
    # A conversation can be read in every language, another page perhaps not.
    rest = back[len(here) :] if back.startswith(f"{here}/c/") else "/"
    return [
        {
            "lang": language.code,
            "name": language.own_name,
            "address": f"{language.root}{path}?back={language.root}{rest}",
        }
        for language in languages
    ]


def _pause(reading: Reading) -> Callable[[], None]:
    """Text comes every quarter of a second at most anyway; readers may want it less often."""
    slower = reading.pace_ms > Reading().pace_ms
    return partial(gevent.sleep, reading.pace_ms / 1000 if slower else 0)


def _see(conversation_id: str, *, live: bool = False) -> BaseResponse:
    endpoint = "pages.live" if live else "pages.conversation"
    return redirect(url_for(endpoint, conversation_id=conversation_id), 303)


def _html(page: str) -> Response:
    return Response(page, mimetype="text/html", headers={"Cache-Control": "no-store"})
