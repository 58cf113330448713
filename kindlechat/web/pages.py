"""The pages that need no script: a conversation that refreshes, one that grows, and their buttons."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from flask import Blueprint, Response, redirect, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from kindlechat.errors import NotContinuable, UnknownConversation
from kindlechat.relay import Relay, new_id
from kindlechat.rendering import Pages, render_markdown
from kindlechat.reply import TRANSITIONS, Reply, Signal, State
from kindlechat.stores import Conversation, Store
from kindlechat.web.api import streamed
from kindlechat.web.desk import Desk, check_message
from kindlechat.web.following import growing_html
from kindlechat.web.passcode import Passcode
from kindlechat.web.refusal import Refusal

PAGE_WAIT_S = 5.0
"""How long a page waits for the reply's end before it shows what there is."""

EARLIER_CHARS = 12_000
"""Earlier turns are shown in full up to this much text, so that a page stays under 30 kB."""

ANSWER_END = "<!--/answer-->"


@dataclass(frozen=True)
class Turn:
    """A question and its answer as a page shows them."""

    id: str
    number: int
    question: str
    answer: Markup
    state: State
    status: str
    under_way: bool
    can_continue: bool


def create_pages(
    relay: Relay, store: Store, desk: Desk, passcode: Passcode, templates: Pages
) -> Blueprint:
    """The blueprint of /ask, /c/… and /passcode."""
    pages = Blueprint("pages", __name__)

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

    @pages.get("/c/<conversation_id>")
    def conversation(conversation_id: str) -> Response:
        found = _found(conversation_id)
        number = _turn_number(len(found.replies))
        if number == len(found.replies) and not found.replies[-1].state.ended:
            relay.wait_for_end(found.replies[-1].id, PAGE_WAIT_S)
            found = _found(conversation_id)
        return _html(render(found, number))

    @pages.get("/c/<conversation_id>/live")
    def live(conversation_id: str) -> Response:
        found = _found(conversation_id)
        last = found.replies[-1]
        if last.state.ended:
            return _html(render(found, len(found.replies)))

        def tail(state: State) -> str:
            ended = _found(conversation_id)
            page = render(ended, len(found.replies), live=True)
            return ANSWER_END + page.partition(ANSWER_END)[2]

        head = render(found, len(found.replies), live=True, blank=True).split(ANSWER_END, 1)[0]
        body: Iterator[bytes] = growing_html(head, relay.follow(last.id), tail)
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

    def render(found: Conversation, number: int, *, live: bool = False, blank: bool = False) -> str:
        """The page with one turn large and, under the newest, as many earlier ones as fit."""
        newest = number == len(found.replies)
        first_shown = _first_shown(found.replies) if newest else len(found.replies)
        turns = [_turn(reply, n) for n, reply in enumerate(found.replies, 1) if n > first_shown]
        turn = _turn(found.replies[number - 1], number, blank=blank)
        return templates.render(
            "conversation.html",
            conversation=found.id,
            turn=turn,
            earlier=turns[:-1] if newest else [],
            older=[
                (n, reply.question)
                for n, reply in enumerate(found.replies, 1)
                if n != number and n <= first_shown
            ],
            total=len(found.replies),
            newest=newest,
            live=live,
            once=new_id(),
        )

    def _turn(reply: Reply, number: int, *, blank: bool = False) -> Turn:
        return Turn(
            id=reply.id,
            number=number,
            question=reply.question,
            answer=Markup() if blank else render_markdown(reply.text),
            state=reply.state,
            status=_status(reply),
            under_way=not reply.state.ended,
            can_continue=(reply.state, Signal.CONTINUE) in TRANSITIONS,
        )

    def _status(reply: Reply) -> str:
        """The one quiet line under an answer."""
        reason = templates.sentence(f"reason.{reply.reason}") if reply.reason else ""
        if reason and reply.state in (State.WAITING, State.FAILED):
            return reason
        return f"{templates.sentence(f'state.{reply.state}')} {reason}".strip()

    return pages


def _first_shown(replies: tuple[Reply, ...]) -> int:
    """How many of the oldest turns do not fit under the newest one."""
    room = EARLIER_CHARS - len(replies[-1].text)
    for number in range(len(replies) - 1, 0, -1):
        room -= len(replies[number - 1].text) + len(replies[number - 1].question)
        if room < 0:
            return number
    return 0


def _turn_number(total: int) -> int:
    value = request.args.get("turn", str(total))
    if not (value.isascii() and value.isdigit() and len(value) < 6 and 1 <= int(value) <= total):
        raise Refusal(404, "not_found")
    return int(value)


def _see(conversation_id: str, *, live: bool = False) -> BaseResponse:
    endpoint = "pages.live" if live else "pages.conversation"
    return redirect(url_for(endpoint, conversation_id=conversation_id), 303)


def _html(page: str) -> Response:
    return Response(page, mimetype="text/html", headers={"Cache-Control": "no-store"})
