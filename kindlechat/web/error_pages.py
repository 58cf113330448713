"""Error responses: JSON under /api, a readable page elsewhere, on which nothing the reader typed is lost."""

import logging
from collections.abc import Mapping
from pathlib import Path

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from kindlechat.rendering.ui.languages import Language
from kindlechat.rendering.ui.templates import LocalizedTemplates, Templates
from kindlechat.web.gate import HELD_UP
from kindlechat.web.middleware.descriptors import is_shortage, shortage
from kindlechat.web.middleware.language import current_language
from kindlechat.web.refusal import OURS, RETRY_SOON_S, Refusal, refusal_of
from kindlechat.web.request.forms import pressed
from kindlechat.web.request.validation import MAX_BODY_BYTES

logger = logging.getLogger(__name__)

HTTP_CODES = {404: "not_found", 405: "method", 408: "too_slow", 415: "unsupported_type"}

WITH_BOX = frozenset({"unknown_conversation", "unknown_link", "read_only"})
"""Refusals after which the way on is another question, whatever was asked for."""

STATIC_STATUSES = (404, 500)
"""Errors whose pages the generator builds."""


class ErrorPages:
    """Turns refusals and errors into responses."""

    def __init__(self, templates: Templates, public: Path) -> None:
        """`public` is the folder of the built site. Raises OSError where an error page is missing."""
        self._templates = templates
        self._static_pages = {
            (language.code, status): _read_static_page(public, language, status)
            for language in templates.languages
            for status in STATIC_STATUSES
        }

    def register(self, app: Flask) -> None:
        """Have the application answer every error in this way."""
        app.register_error_handler(Refusal, self._respond_to_refusal)
        for ours in OURS:
            app.register_error_handler(ours, self._respond_to_ours)
        app.register_error_handler(HTTPException, self._respond_to_http)
        app.register_error_handler(Exception, self._respond_to_unexpected)

    def respond(self, refusal: Refusal) -> Response:
        """The response for a refusal."""
        templates = self._templates.localized(current_language().code)
        sentence = templates.sentence(refusal.sentence_key, **refusal.values)
        if request.path.startswith("/api/"):
            error = {"code": refusal.code, "message": sentence}
            response = Response(
                current_app.json.dumps({"error": error}), mimetype="application/json"
            )
        else:
            response = Response(self._page(refusal, sentence, templates), mimetype="text/html")
        response.status_code = refusal.status
        response.headers.extend(refusal.headers)
        return response

    def _respond_to_refusal(self, refusal: Refusal) -> Response:
        what = (request.method, request.url_rule, refusal.status, refusal.code)
        logger.info("%s %s refused: %d %s", *what)
        return self.respond(refusal)

    def _respond_to_ours(self, error: Exception) -> Response:
        return self._respond_to_refusal(refusal_of(error))

    def _respond_to_http(self, error: HTTPException) -> Response:
        response = self.respond(_refusal_of_http(error))
        allow = getattr(error, "valid_methods", None)
        if allow:
            response.headers["Allow"] = ", ".join(sorted(allow))
        return response

    def _respond_to_unexpected(self, error: Exception) -> Response:
        if is_shortage(error):
            shortage.tell()
            return self.respond(Refusal(503, "store_down", retry_after_s=RETRY_SOON_S))
        logger.error("%s %s failed", request.method, request.url_rule, exc_info=error)
        return self.respond(Refusal(500, "internal"))

    def _page(self, refusal: Refusal, sentence: str, templates: LocalizedTemplates) -> str:
        kept = {name: _form_value(name) for name in ("message", "conversation", "mode")}
        kept["task"] = pressed("task", _form())
        if refusal.code in ("not_found", "internal") and not kept["message"]:
            return templates.complete(self._static_pages[templates.language.code, refusal.status])
        kept["conversation"] = kept["conversation"] or _conversation()
        if refusal.code.startswith("passcode_"):
            wrong = refusal.code == "passcode_wrong"
            return templates.render(
                "passcode.html", wrong=wrong, press=_press(), fields=_form_fields(), **kept
            )
        if refusal.code in WITH_BOX:
            back = f"/c/{kept['conversation']}" if refusal.code == "read_only" else ""
            kept["conversation"] = ""  # what was typed can be asked in a new one
        else:
            back = f"/c/{kept['conversation']}" if kept["conversation"] else "/"
            if _is_edit() and refusal.code != "replaced_meanwhile":
                reply = _form_value("reply")
                return templates.render("edit.html", reply=reply, sentence=sentence, **kept)
        return _message_page(refusal, sentence, templates, kept, back)


def _message_page(
    refusal: Refusal, sentence: str, templates: LocalizedTemplates, kept: dict[str, str], back: str
) -> str:
    """The page with the sentence, what the reader typed, the way on, and the way back."""
    here = request.script_root + request.path
    asks = (request.endpoint or "").endswith(".ask") or refusal.code in WITH_BOX
    transient = refusal.retry_after_s is not None or refusal.status >= 500
    keeps_all = _is_branch() or not (asks or kept["message"])
    repeats = transient and request.method == "POST" and keeps_all
    return templates.render(
        "message.html",
        title=sentence,
        box=not repeats and (asks or bool(kept["message"])),
        transient=transient,
        # A page that refreshes itself must not end at a trouble that passes.
        again=here if request.method == "GET" and refusal.retry_after_s else "",
        press=here if repeats else "",
        fields=list(_form().items()) if repeats else [],
        back=back and templates.language.root + back,
        retry_after_s=refusal.retry_after_s,
        **kept,
    )


def _refusal_of_http(error: HTTPException) -> Refusal:
    if isinstance(error, RequestEntityTooLarge):
        return Refusal(413, "too_large", limit_kib=MAX_BODY_BYTES // 1024)
    if error.code in HTTP_CODES:
        return Refusal(error.code, HTTP_CODES[error.code])
    if error.code is not None and error.code < 500:
        return Refusal(error.code, "bad_request")
    return Refusal(500, "internal")


def _read_static_page(public: Path, language: Language, status: int) -> str:
    page = public / language.root[1:] / f"{status}.html"
    return (page if page.is_file() else public / f"{status}.html").read_text("utf-8")


def _conversation() -> str:
    """The conversation that the address names, so that a reader finds back to it."""
    return str((request.view_args or {}).get("name", ""))


def _press() -> str:
    """The address of a conversation's form that was sent, be it before the passcode was asked for."""
    if (request.endpoint or "").partition(".")[0] in HELD_UP:
        return request.path
    return _form_value("press")


def _is_edit() -> bool:
    """Whether an edited question was sent, be it by way of the passcode's page."""
    return request.method == "POST" and _press().endswith("/edit")


def _is_branch() -> bool:
    """Whether a question was sent that is asked in another conversation than its form's."""
    return _press().endswith("/branch")


def _form_value(name: str) -> str:
    """A field of the form that was sent, so that nothing the reader typed is lost."""
    return _form().get(name, "")


def _form_fields() -> dict[str, str]:
    """The other fields of the form that was sent, for when it is pressed again."""
    own = {"message", "conversation", "mode", "press", "passcode", "idempotency_key"}
    return {name: value for name, value in _form().items() if name not in own}


def _form() -> Mapping[str, str]:
    """The form that was sent; empty where there is none, or where it cannot be read."""
    try:
        return request.form if request.method == "POST" else {}
    except HTTPException:
        return {}  # it is too large, or breaks off
