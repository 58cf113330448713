"""One tap: an action on an answer, a question that the model proposed, a task for what is in the box."""

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as BaseResponse

from kindlechat.actions.action import ActionPlace
from kindlechat.conversation import Outline, title_of
from kindlechat.rendering.ui.languages import TARGETS, Language
from kindlechat.web import gate, intake
from kindlechat.web.access import access_to_change, name_to_write, outline_to_write
from kindlechat.web.middleware.language import current_language
from kindlechat.web.reader.settings import current_depth
from kindlechat.web.refusal import Refusal
from kindlechat.web.request.forms import pressed
from kindlechat.web.request.validation import check_number
from kindlechat.web.responses import html_page, see_conversation
from kindlechat.web.services import current_templates, label_of, services

TRANSLATE = "translate"

taps = Blueprint("taps", __name__)


@taps.post("/c/<name>/tap")
def tap(name: str) -> BaseResponse:
    """Ask what the button says, as a question of its own, and lead to the conversation."""
    gate.check_allowed()
    outline, shown = outline_to_write(name), request.form.get("reply", "")
    number = _turn_with(outline, shown)
    outline = intake.choose_version(outline, shown)
    question, prompt = _follow_up(shown) or _action(outline, number)
    accepted = intake.ask(
        question,
        outline=outline,
        idempotency_key=" ".join((shown, question)),
        depth=current_depth(),
        prompt=prompt,
    )
    live = request.form.get("mode") == "live"
    return see_conversation(name_to_write(accepted.conversation), live=live)


@taps.get("/c/<name>/translate")
def translate(name: str) -> Response:
    """The page on which a reader says into which language."""
    access, shown = access_to_change(name), request.args.get("reply", "")
    number = _turn_with(access.outline, shown)
    own = current_language()
    others = [Language.of(code) for code in TARGETS if code != own.code]
    newest = number == len(access.outline.replies)
    return html_page(
        current_templates().render(
            "translate.html",
            page=f"/c/{access.name}",
            back="" if newest else f"?turn={number}",
            reply=shown,
            newest=newest,
            languages=[own, *others],
        )
    )


def as_task(name: object, text: str) -> tuple[str, str]:
    """A message as a page tells it and as the model is asked it ("": the same), where a task is named."""
    if name == "":
        return text, ""
    action = services().actions.named(str(name), ActionPlace.BOX)
    if action is None:
        raise Refusal(400, "bad_task", choices=", ".join(_names(ActionPlace.BOX)))
    return f"{label_of(action)}: {text}", action.asked_of(text, current_language().english_name)


def _turn_with(outline: Outline, reply_id: str) -> int:
    """The number of the turn that a reply is a version of. Raises Refusal."""
    for number, turn in enumerate(outline.replies, 1):
        if reply_id in (turn.id, *turn.versions):
            return number
    raise Refusal(404, "unknown_reply")


def _follow_up(reply_id: str) -> tuple[str, str] | None:
    """The question that the model proposed and the reader tapped on, if it was that."""
    value = pressed("follow_up", request.form)
    if not value:
        return None
    reply = services().store.reply(reply_id)
    proposed = reply.follow_ups if reply else ()
    return proposed[check_number(value, len(proposed)) - 1], ""


def _action(outline: Outline, number: int) -> tuple[str, str]:
    """The action that the reader tapped on, as a page tells it and as the model is asked it."""
    action = services().actions.named(pressed("action", request.form), ActionPlace.ANSWER)
    if action is None:
        raise Refusal(400, "bad_task", choices=", ".join(_names(ActionPlace.ANSWER)))
    about, newest = title_of(outline.replies[number - 1].question), number == len(outline.replies)
    told, language = label_of(action), current_language()
    if action.name == TRANSLATE:
        language = _target()
        told = f"{told}: {language.own_name}"
    if "earlier" in request.form:  # by the page, so that a second press tells the same
        told = f"{told} ({about})"
    return told, action.asked_about(about, language.english_name, newest=newest)


def _target() -> Language:
    """The language to translate into. Raises Refusal."""
    code = pressed("language", request.form) or current_language().code
    if code not in (current_language().code, *TARGETS):
        raise Refusal(400, "bad_task", choices=", ".join(TARGETS))
    return Language.of(code)


def _names(place: ActionPlace) -> list[str]:
    return [action.name for action in services().actions.at(place)]
