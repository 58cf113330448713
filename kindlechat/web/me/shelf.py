"""A reader's shelf: the newest answers as an OPDS catalogue and as a feed, by one secret address."""

from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from kindlechat.conversation import Outline, title_of
from kindlechat.export.formats import FORMATS
from kindlechat.export.language import language_of
from kindlechat.export.shelf import ATOM, OPDS, Shelf, Volume, answers_feed, opds_feed
from kindlechat.rendering.safety.checkpoint import checkpoint
from kindlechat.reply import Reply
from kindlechat.stores.contract import Answered, KeyKind
from kindlechat.web.conversation.books import BookMaker
from kindlechat.web.exports import download
from kindlechat.web.me.keys import owner_of
from kindlechat.web.me.seen import note_seen
from kindlechat.web.middleware.mount import own_address
from kindlechat.web.reader.identity import current_reader_id, owner_hash
from kindlechat.web.refusal import Refusal
from kindlechat.web.saved_files import book_maker, saved_file
from kindlechat.web.services import current_templates, services

ON_A_PAGE = 25
MOST_PAGES = 8

SUMMARY_CHARS = 300

BOOKS = ("epub", "mobi")
FILES = (*BOOKS, "html")
"""What answers on a shelf can be had as."""

shelf = Blueprint("shelf", __name__)


@shelf.get("/opds/<token>")
def catalogue(token: str) -> BaseResponse:
    """The catalogue of books."""
    return _feed(token, "shelf.catalogue", OPDS)


@shelf.get("/opds/<token>/feed")
def feed(token: str) -> BaseResponse:
    """The feed of answers."""
    return _feed(token, "shelf.feed", ATOM)


@shelf.get(f"/opds/<token>/<name>.<any({', '.join(FILES)}):ending>")
def book(token: str, name: str, ending: str) -> BaseResponse:
    """An answer as a file."""
    outline, number = _place(token, name)
    return download(saved_file(outline, number, ending))


@shelf.get("/opds/<token>/<name>")
def page(token: str, name: str) -> BaseResponse:
    """Lead whose shelf it is to the answer's page, and others to the answer as a file: a shelf shows no
    more of a conversation than its answers."""
    outline, number = _place(token, name)
    reader_id = current_reader_id()
    if reader_id is not None and owner_hash(reader_id) == outline.rights.owner_hash:
        return redirect(url_for("conversations.show", name=outline.id, turn=number), 303)
    return redirect(url_for("shelf.book", token=token, name=name, ending="html"), 303)


def _feed(token: str, endpoint: str, kind: str) -> BaseResponse:
    """A page of the shelf. A program that has it already, as its ETag says, is not sent it again."""
    owner = owner_of(KeyKind.SHELF, token).owner_hash
    note_seen(owner)
    number = request.args.get("page", 1, type=int)
    if not 1 <= number <= MOST_PAGES:
        raise Refusal(404, "not_found")
    first = (number - 1) * ON_A_PAGE
    answers = services().store.newest_answers(owner, ON_A_PAGE + 1, first)
    volumes = _volumes(token, answers[:ON_A_PAGE], in_full=kind == ATOM)
    beside = {"next": number + 1} if len(answers) > ON_A_PAGE and number < MOST_PAGES else {}
    beside |= {"previous": number - 1} if number > 1 else {}
    about = Shelf(
        identifier=UUID(services().hasher.digest("shelf", owner)),
        title=f"{current_templates().sentence('shelf.title')} – {_program()}",
        program=_program(),
        language=current_templates().language.code,
        updated=_newest(owner),
        address=_address(endpoint, token, number),
        first=_address(endpoint, token, 1),
        beside={way: _address(endpoint, token, other) for way, other in beside.items()},
    )
    xml = (answers_feed if kind == ATOM else opds_feed)(about, volumes)
    response = Response(xml, content_type=f"{kind};charset=utf-8")
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    response.add_etag()
    return response.make_conditional(request)


def _newest(owner: str) -> datetime:
    """When the newest answer was written; of an empty shelf always the same."""
    newest = services().store.newest_answers(owner, 1)
    return datetime.fromtimestamp(newest[0].written if newest else 0, UTC)


def _address(endpoint: str, token: str, number: int) -> str:
    page = None if number == 1 else number
    return _own(endpoint, token=token, page=page)


def _own(endpoint: str, **values: object) -> str:
    """The whole address of a page of the shelf, also where the site lies below a path."""
    return own_address(request) + url_for(endpoint, **values)  # type: ignore[arg-type]


def _program() -> str:
    return current_templates().sentence("ui.name")


def _volumes(token: str, answers: list[Answered], *, in_full: bool) -> list[Volume]:
    found = services().store.replies([each.id for each in answers])
    maker = book_maker()
    return [
        _volume(token, found[each.id], each.written, maker, in_full=in_full)
        for each in answers
        if each.id in found
    ]


def _volume(token: str, reply: Reply, written: float, maker: BookMaker, *, in_full: bool) -> Volume:
    checkpoint()
    name = services().shelf_names.name_of(reply.id)
    return Volume(
        identifier=maker.identifier(reply.conversation, reply.id),
        title=title_of(reply.question) or _program(),
        language=language_of(reply.question, current_templates().language.code),
        written=datetime.fromtimestamp(written, UTC),
        summary="" if in_full else _summary(maker.answer(reply, FORMATS["txt"])[0]),
        files={
            ending: _own("shelf.book", token=token, name=name, ending=ending) for ending in BOOKS
        },
        page=_own("shelf.page", token=token, name=name),
        answer=maker.answer(reply, FORMATS["epub"])[0] if in_full else "",
    )


def _summary(text: str) -> str:
    """The beginning of a text in one line."""
    words = text[: 2 * SUMMARY_CHARS].split()
    line = " ".join(words)
    return line if len(line) <= SUMMARY_CHARS else f"{line[:SUMMARY_CHARS].rpartition(' ')[0]}…"


def _place(token: str, name: str) -> tuple[Outline, int]:
    """The conversation with an answer on this shelf, and the answer's number in it. Raises Refusal.

    What is not there, not any more, or on another shelf is looked for in the same way.
    """
    owner = owner_of(KeyKind.SHELF, token).owner_hash
    reply_id = services().shelf_names.id_of(name) or ""
    outline = services().store.outline(services().store.conversation_of(reply_id) or "")
    if outline is not None and outline.rights.owner_hash == owner:
        for number, reply in enumerate(outline.replies, 1):
            if reply.id == reply_id:
                return outline, number
    raise Refusal(404, "not_found")
