"""The reader's side of a pair: a page with the code, which leads on to what the phone asks."""

from flask import Blueprint, Response, request
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from kindlechat.pairing.codes import shown_code
from kindlechat.pairing.qr import qr_png, qr_text
from kindlechat.rendering.device.browsers import shows_text_alone
from kindlechat.stores.contract import Pair
from kindlechat.web.access import access_to_change, name_to_write
from kindlechat.web.conversation.turns import refresh_s
from kindlechat.web.pair.sides import (
    asked_address,
    begin_offer,
    let_in,
    mark_of,
    own_pair,
    pair_at,
    reader_address,
    site_address,
    was_let_in,
)
from kindlechat.web.reader.identity import keep_reader_id, owner_hash, reader_id_or_new
from kindlechat.web.reader.settings import current_reading
from kindlechat.web.refusal import Refusal
from kindlechat.web.responses import NOT_STORED, lead_to, unlisted_page
from kindlechat.web.services import current_templates, services

reader_side = Blueprint("reader_side", __name__)


@reader_side.get("/pair/keyboard")
def show_code() -> BaseResponse:
    """Lead the reader to a page with a code.

    To make one by a GET is harmless: a code that no phone takes is gone in ten minutes, and the page that it
    leads to makes no other when it is loaded again.
    """
    return _lead_to_code("")


@reader_side.get("/c/<name>/phone")
def show_code_here(name: str) -> BaseResponse:
    """The same, where the phone is to go on in this conversation."""
    return _lead_to_code(access_to_change(name).outline.id)


def _lead_to_code(conversation: str) -> BaseResponse:
    pair = own_pair()
    if pair is None or not pair.joined:
        reader_id = reader_id_or_new()
        pair = begin_offer(owner_hash(reader_id), conversation)
        keep_reader_id(reader_id)
    elif conversation and conversation != pair.conversation:
        services().store.note_asked(pair, conversation, pair.reply)
    return lead_to(reader_address(pair))


@reader_side.get("/pair/at/<secret>")
def watch(secret: str) -> BaseResponse:
    """The code, or that a phone is paired; after an earlier look, what the phone has asked since."""
    pair = pair_at(secret)
    if pair is None:
        page = _page("unpaired.html")
        page.status_code = 404
        return page
    is_news = request.args.get("after", mark_of(pair)) != mark_of(pair)
    if is_news and pair.reply:
        return let_in(lead_to(asked_address(pair)), pair)
    return let_in(_joined(pair, is_news=is_news) if pair.joined else _offered(pair), pair)


@reader_side.get("/pair/at/<secret>/news")
def news(secret: str) -> Response:
    """For scripts: a word where there is news since an earlier look, or nothing; 404 after the pair's end."""
    pair = pair_at(secret)
    if pair is None:
        raise Refusal(404, "not_found")
    told = "" if request.args.get("after") == mark_of(pair) else "news"
    return Response(told, mimetype="text/plain", headers=NOT_STORED)


@reader_side.get("/pair/at/<secret>/qr.png")
def picture(secret: str) -> Response:
    """The QR code of a reader who waits for a phone."""
    pair = pair_at(secret)
    if pair is None or pair.joined:
        raise Refusal(404, "not_found")
    png, _ = qr_png(_phone_address(pair))
    return Response(png, mimetype="image/png", headers=NOT_STORED)


@reader_side.post("/pair/at/<secret>/end")
def end(secret: str) -> BaseResponse:
    """End the pair. The secret in the address is what allows it."""
    pair = pair_at(secret)
    if pair is not None:
        services().store.end_pair(pair)
    return lead_to(reader_address(pair) if pair else request.script_root + "/")


def _offered(pair: Pair) -> Response:
    address = _phone_address(pair)
    text_alone = shows_text_alone(request.headers.get("User-Agent", ""))
    return _page(
        "offered.html",
        site=f"{site_address()}/pair",
        code=shown_code(services().pair_keys.code(pair)),
        qr=Markup(qr_text(address)) if text_alone else "",  # noqa: S704 (half blocks alone)
        qr_side=0 if text_alone else qr_png(address)[1],
        **_watching(pair),
    )


def _joined(pair: Pair, *, is_news: bool) -> Response:
    return _page(
        "paired_reader.html",
        conversation=name_to_write(pair.conversation) if pair.conversation else "",
        let_in=was_let_in(pair),
        is_news=is_news,
        **_watching(pair),
    )


def _watching(pair: Pair) -> dict[str, object]:
    """What a page needs that looks for news by itself."""
    return {
        "page": reader_address(pair),
        "look": reader_address(pair, {"after": mark_of(pair)}),
        "refresh_s": refresh_s(current_reading()),
    }


def _phone_address(pair: Pair) -> str:
    """What the QR code leads to."""
    return f"{site_address()}/pair/{services().pair_keys.secret(pair)}"


def _page(template: str, **values: object) -> Response:
    """A page whose address no other page is to learn."""
    return unlisted_page(current_templates().render(template, **values))
