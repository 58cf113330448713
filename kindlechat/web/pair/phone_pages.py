"""The phone's side of a pair: the page that takes the code, and the one that is typed on."""

import logging
from collections.abc import Callable

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from kindlechat.errors import KindlechatError
from kindlechat.pairing.codes import typed_code
from kindlechat.picture import SentPicture
from kindlechat.web import gate, intake
from kindlechat.web.pair.sides import (
    OFFERED_COOKIE,
    PHONE_COOKIE,
    check_phone_token,
    count_guess,
    join_offered,
    keep_in_cookie,
    phone_pair,
    phone_token,
    wanted_pair,
)
from kindlechat.web.pair.uploads import expect_upload, read_upload, sent_picture
from kindlechat.web.reader.settings import current_depth
from kindlechat.web.refusal import OURS, Refusal, refusal_of
from kindlechat.web.request.validation import check_message
from kindlechat.web.responses import lead_to, unlisted_page
from kindlechat.web.services import current_templates, services

logger = logging.getLogger(__name__)

MOST_SECRET_CHARS = 100
"""Several times what a secret of ours has."""

phone_side = Blueprint("phone_side", __name__)


@phone_side.get("/pair")
def show() -> Response:
    """The page to type on; without a pair a form for a code, or the button that a QR code leads to."""
    if phone_pair() is not None:
        return _typing(sent="sent" in request.args)
    return _joining()


@phone_side.get("/pair/<secret>")
def scanned(secret: str) -> BaseResponse:
    """Where a QR code leads. The secret leaves the address at once, and no page opened from here learns it.

    Nothing is paired yet, as programs that look at an address first do not press the button that follows.
    """
    response = lead_to(url_for("phone_side.show"))
    if len(secret) <= MOST_SECRET_CHARS:  # browsers keep no long cookies
        keep_in_cookie(response, OFFERED_COOKIE, secret)
    return response


@phone_side.post("/pair")
def join() -> BaseResponse:
    """Pair this phone with the reader whose code was typed, or whose QR code led here."""
    gate.check_allowed()
    check_phone_token(request.form.get("token", ""))
    offered = request.cookies.get(OFFERED_COOKIE, "")
    typed = request.form.get("code", "")
    try:
        if typed or not offered:
            count_guess()
            offered = typed_code(typed)
        secret = join_offered(offered)
    except Refusal as refusal:
        return _refused(refusal, _joining, typed=typed)
    response = lead_to(url_for("phone_side.show"))
    keep_in_cookie(response, PHONE_COOKIE, secret)
    keep_in_cookie(response, OFFERED_COOKIE, "")
    return response


@phone_side.post("/pair/ask")
def ask() -> BaseResponse:
    """Ask in the reader's name, where the pair has asked last or in a new conversation."""
    pair = wanted_pair()
    expect_upload()
    gate.check_allowed()
    try:
        read_upload()
    except Refusal as refusal:
        return _refused(refusal, _typing)
    check_phone_token(request.form.get("token", ""))
    message, is_new = request.form.get("message", ""), "new" in request.form
    try:
        outline = services().store.outline(pair.conversation) if not is_new else None
        picture = sent_picture()
        accepted = intake.ask(
            check_message(message.strip() or _question_about(picture)),
            outline=outline,
            idempotency_key=request.form.get("idempotency_key", ""),
            depth=current_depth(),
            owner=pair.owner_hash,
            picture=picture,
        )
    except (Refusal, KindlechatError) as error:
        return _refused(_as_refusal(error), _typing, message=message, is_new=is_new)
    services().store.note_asked(pair, accepted.conversation, accepted.reply)
    return lead_to(url_for("phone_side.show", sent=1))


@phone_side.post("/pair/end")
def end() -> BaseResponse:
    """End the pair."""
    check_phone_token(request.form.get("token", ""))
    pair = phone_pair()
    if pair is not None:
        services().store.end_pair(pair)
    response = lead_to(url_for("phone_side.show"))
    keep_in_cookie(response, PHONE_COOKIE, "")
    return response


def _question_about(picture: SentPicture | None) -> str:
    """What is asked about a picture where nothing was typed."""
    return current_templates().sentence("picture.question") if picture else ""


def _as_refusal(error: Refusal | KindlechatError) -> Refusal:
    """How an error is told; raises what is no reader's matter again."""
    if isinstance(error, Refusal):
        return error
    if type(error) not in OURS:
        raise error
    return refusal_of(error)


def _refused(refusal: Refusal, page: Callable[..., Response], **values: object) -> Response:
    """The page again with why it did not work, and with what was typed."""
    logger.info("%s refused: %d %s", request.url_rule, refusal.status, refusal.code)
    notice = current_templates().sentence(refusal.sentence_key, **refusal.values)
    response = page(notice=notice, **values)
    response.status_code = refusal.status
    response.headers.extend(refusal.headers)
    return response


def _joining(notice: str = "", typed: str = "") -> Response:
    return _page(
        "join.html",
        notice=notice,
        typed=typed,
        scanned=OFFERED_COOKIE in request.cookies and not notice,
        lets_in=services().passcode.is_set,
    )


def _typing(
    notice: str = "", message: str = "", *, sent: bool = False, is_new: bool = False
) -> Response:
    return _page(
        "typing.html",
        notice=notice,
        message=message,
        sent=sent,
        is_new=is_new,
        formats=",".join(services().cleaner.formats),
    )


def _page(template: str, **values: object) -> Response:
    return unlisted_page(current_templates().render(template, token=phone_token(), **values))
