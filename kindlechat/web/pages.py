"""The pages around a conversation: the question's form, the passcode, the reading settings."""

import re
from collections.abc import Callable, Sequence

from flask import Blueprint, Response, current_app, redirect, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from kindlechat.rendering.device.devices import SCREENS
from kindlechat.rendering.device.dressing import with_code
from kindlechat.rendering.device.reading import CHOICES, Reading
from kindlechat.rendering.ui.languages import Language
from kindlechat.web import gate, intake
from kindlechat.web.access import name_to_write, outline_to_write
from kindlechat.web.conversation.outside_links import OUT, real_host
from kindlechat.web.reader.current import outside_links
from kindlechat.web.reader.settings import (
    current_depth,
    current_reading,
    keep_depth,
    set_cookie,
)
from kindlechat.web.refusal import Refusal
from kindlechat.web.request.form_token import check_form_token, form_token
from kindlechat.web.request.forms import pressed
from kindlechat.web.request.validation import check_message
from kindlechat.web.responses import html_page, see_conversation
from kindlechat.web.services import current_templates, services
from kindlechat.web.taps import as_task

OWN_PATH = re.compile(r"/(?!/)[\w/.-]*")

FIRST = ("size", "view", "dark")
"""The settings that most readers look for."""

pages = Blueprint("pages", __name__)


@pages.post("/ask")
def ask() -> BaseResponse:
    """Take a question, and lead to its conversation."""
    gate.check_allowed()
    return _ask()


@pages.get("/ask")
def ask_page() -> Response:
    """A question box, with the question of an example: only a press of its button asks."""
    return html_page(
        current_templates().render("ask.html", message=request.args.get("message", "").strip())
    )


@pages.get("/favicon.ico")
def icon() -> Response:
    """None: browsers ask for it by themselves, and a page that says so would cost more."""
    return Response(status=204, headers={"Cache-Control": "max-age=86400"})


@pages.get(OUT)
def leave() -> Response:
    """The page between an answer and another site: it names the host, and has no id in its address."""
    address = request.args.get("to", "")
    host = real_host(address)
    if not host or not outside_links().accepts(address, request.args.get("s", "")):
        raise Refusal(400, "bad_link")
    return html_page(current_templates().render("out.html", address=address, host=host))


@pages.get("/passcode")
def passcode() -> Response:
    """The form that asks for the passcode."""
    return html_page(
        current_templates().render(
            "passcode.html", wrong=False, message="", conversation="", mode=""
        )
    )


@pages.post("/passcode")
def enter() -> BaseResponse:
    """Let the browser in; the press that was held up goes through, cookies or not."""
    gate.await_guess()
    gate.check_guess(request.form.get("passcode", ""))
    response = _press_again()
    services().passcode.set_cookie(response)
    return response


@pages.get("/settings")
def settings() -> Response:
    """The form of the reading settings."""
    reading = current_reading()
    return html_page(
        current_templates().render(
            "settings.html",
            reading=reading,
            choices=CHOICES,
            screens=SCREENS,
            first=FIRST,
            more_chosen=_differs_in_more(reading),
            back=_back(),
            token=form_token(),
            translations=_translations(services().templates.languages, "/settings"),
        )
    )


@pages.post("/settings")
def save() -> BaseResponse:
    """Keep the settings, and lead back to the page that the reader came from."""
    check_form_token()
    reading = Reading() if "reset" in request.form else Reading.from_form(request.form)
    response = redirect(with_code(_back(), reading.code), 303)
    set_cookie(response, reading)
    return response


def _differs_in_more(reading: Reading) -> bool:
    """Whether a setting is chosen that the page would not show at once."""
    return any(
        getattr(reading, name) != getattr(Reading(), name) for name in set(CHOICES) - {*FIRST}
    )


def _press_again() -> BaseResponse:
    """Do what the form was to do that the passcode was wanted for."""
    press = request.form.get("press", "")
    if not press:
        asked = request.form.get("message", "").strip()
        return _ask() if asked else redirect(f"{request.script_root}/", 303)
    try:
        endpoint, values = current_app.url_map.bind("").match(press, method="POST")
    except HTTPException:
        raise Refusal(404, "not_found") from None
    if endpoint.partition(".")[0] not in gate.HELD_UP:
        raise Refusal(404, "not_found")
    handle: Callable[..., BaseResponse] = current_app.view_functions[endpoint]  # type: ignore[assignment]
    return handle(**values)


def _ask() -> BaseResponse:
    name, version = request.form.get("conversation", ""), request.form.get("version", "")
    message, depth = check_message(request.form.get("message", "")), current_depth()
    question, prompt = as_task(pressed("task", request.form), message)
    outline = outline_to_write(name) if name else None
    accepted = intake.ask(
        question,
        outline=intake.choose_version(outline, version) if outline and version else outline,
        idempotency_key=request.form.get("idempotency_key", ""),
        depth=depth,
        prompt=prompt,
    )
    live = request.form.get("mode") == "live"
    response = see_conversation(name_to_write(accepted.conversation), live=live)
    keep_depth(response, depth)
    return response


def _back() -> str:
    """The page of ours that the reader came from, as the address or the form says."""
    back = request.values.get("back", "")
    return back if OWN_PATH.fullmatch(back) else f"{request.script_root}/"


def _translations(languages: Sequence[Language], path: str) -> list[dict[str, str]]:
    """A page in every language, and the way back from it, for the list of languages."""
    here, back = request.script_root, _back()
    # A conversation can be read in every language, another page perhaps not.
    rest = back[len(here) :] if back.startswith((f"{here}/c/", f"{here}/s/")) else "/"
    return [
        {
            "lang": language.code,
            "name": language.own_name,
            "address": f"{language.root}{path}?back={language.root}{rest}",
        }
        for language in languages
    ]
