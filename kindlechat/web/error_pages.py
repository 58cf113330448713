"""How refusals and errors are told: as JSON under /api, as a readable page elsewhere."""

import logging
from pathlib import Path

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from kindlechat.rendering.ui.languages import Language
from kindlechat.rendering.ui.templates import LocalizedTemplates, Templates
from kindlechat.web.intake import MAX_BODY_BYTES
from kindlechat.web.middleware.language import current_templates
from kindlechat.web.refusal import OURS, Refusal, refusal_of

log = logging.getLogger(__name__)

HTTP_CODES = {404: "not_found", 405: "method", 415: "unsupported_type"}


def register_errors(app: Flask, templates: Templates, public: Path) -> None:
    """Have the application tell every error in this way."""
    static_pages = {
        (language.code, status): _static_page(public, language, status)
        for language in templates.languages
        for status in (404, 500)
    }

    def tell(refusal: Refusal) -> Response:
        localized = current_templates(templates)
        sentence = localized.sentence(refusal.sentence_key, **refusal.values)
        if request.path.startswith("/api/"):
            response = Response(mimetype="application/json")
            response.set_data(
                app.json.dumps({"error": {"code": refusal.code, "message": sentence}})
            )
        else:
            response = Response(_page(refusal, sentence, localized), mimetype="text/html")
        response.status_code = refusal.status
        response.headers.extend(refusal.headers)
        return response

    def _page(refusal: Refusal, sentence: str, localized: LocalizedTemplates) -> str:
        kept = {name: _form_value(name) for name in ("message", "conversation", "mode")}
        if refusal.code in ("not_found", "internal") and not kept["message"]:
            return static_pages[localized.language.code, refusal.status]
        kept["conversation"] = kept["conversation"] or _conversation()
        if refusal.code.startswith("passcode_"):
            return localized.render("passcode.html", wrong=refusal.code == "passcode_wrong", **kept)
        if refusal.code == "unknown_conversation":
            kept["conversation"] = ""
        elif request.endpoint == "pages.edited" and refusal.code != "replaced_meanwhile":
            values = {**kept, "reply": _form_value("reply"), "sentence": sentence}
            return localized.render("edit.html", **values)
        here = request.script_root + request.path
        return localized.render(
            "message.html",
            title=localized.sentence("ui.not_done"),
            sentence=sentence,
            # A page that refreshes itself must not end at a trouble that passes.
            again=here if request.method == "GET" and refusal.retry_after_s else "",
            back=localized.language.root
            + (f"/c/{kept['conversation']}" if kept["conversation"] else "/"),
            retry_after_s=refusal.retry_after_s,
            **kept,
        )

    def tell_ours(error: Exception) -> Response:
        log.info("%s %s refused: %s", request.method, request.url_rule, type(error).__name__)
        return tell(refusal_of(error))

    def tell_http(error: HTTPException) -> Response:
        if isinstance(error, RequestEntityTooLarge):
            return tell(Refusal(413, "too_large", limit_kib=MAX_BODY_BYTES // 1024))
        if error.code in HTTP_CODES:
            response = tell(Refusal(error.code, HTTP_CODES[error.code]))
            allow = getattr(error, "valid_methods", None)
            if allow:
                response.headers["Allow"] = ", ".join(sorted(allow))
            return response
        if error.code is not None and error.code < 500:
            return tell(Refusal(error.code, "bad_request"))
        return tell(Refusal(500, "internal"))

    def tell_unexpected(error: Exception) -> Response:
        log.error("%s %s failed", request.method, request.url_rule, exc_info=error)
        return tell(Refusal(500, "internal"))

    app.register_error_handler(Refusal, tell)
    for ours in OURS:
        app.register_error_handler(ours, tell_ours)
    app.register_error_handler(HTTPException, tell_http)
    app.register_error_handler(Exception, tell_unexpected)


def _static_page(public: Path, language: Language, status: int) -> str:
    page = public / language.root[1:] / f"{status}.html"
    return (page if page.is_file() else public / f"{status}.html").read_text("utf-8")


def _conversation() -> str:
    """The conversation that the address names, so that a reader finds back to it."""
    return str((request.view_args or {}).get("conversation_id", ""))


def _form_value(name: str) -> str:
    """A field of the form that was sent, so that nothing the reader typed is lost."""
    try:
        return request.form.get(name, "") if request.method == "POST" else ""
    except HTTPException:
        return ""  # the body was too large to be read
