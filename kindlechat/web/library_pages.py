"""A reader's own conversations: the list with its search, what is shared, what was deleted."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from kindlechat.conversation import Owned
from kindlechat.errors import UnknownConversation
from kindlechat.rendering.answer.direction import is_rtl
from kindlechat.web import gate
from kindlechat.web.access import access_to, is_owner, name_to_write
from kindlechat.web.manage_pages import stop_all
from kindlechat.web.reader.identity import current_owner_hash
from kindlechat.web.reader.settings import carried_code, newest_place
from kindlechat.web.refusal import Refusal
from kindlechat.web.request.form_token import check_form_token, form_token
from kindlechat.web.request.validation import MAX_MESSAGE_CHARS, number_asked
from kindlechat.web.responses import html_page
from kindlechat.web.services import current_templates, services

PAGE = 20
"""Conversations on a page: three screens of a small e-reader."""

MAX_PAGE = 9999

MOST_SHOWN = 200
"""Of what is shared, and of what was deleted in the last hour."""

MOST_UNDER_WAY = 20
"""So many of the last written conversations may have an answer under way."""

library = Blueprint("library", __name__)


@dataclass(frozen=True)
class ListedConversation:
    """A conversation in a list: its name to write, its title, and when it was last written in words.

    `rtl` says that the title runs from right to left.
    """

    name: str
    title: str
    rtl: bool
    day: str
    turns: int
    starred: bool
    link: str


@library.get("/conversations")
def listed() -> Response:
    """A page of the reader's conversations, the starred ones first, or of those that a search finds."""
    owner, number = current_owner_hash(), number_asked("page", MAX_PAGE)
    query = request.args.get("q", "").strip()[:MAX_MESSAGE_CHARS]
    offset, whole = (number - 1) * PAGE, True
    if query:
        found = services().store.search_owned(owner, query, PAGE + 1, offset)
        owned, whole = found.owned, found.whole
    else:
        owned = services().store.list_owned(owner, PAGE + 1, offset, starred_first=True)
    return html_page(
        current_templates().render(
            "conversations.html",
            rows=[_row(each) for each in owned[:PAGE]],
            query=query,
            whole=whole,
            number=number,
            more=len(owned) > PAGE,
            carried=carried_code(),
            newest_place=newest_place(),
            discarded=bool(services().store.list_discarded(owner, 1)),
            shared=bool(services().store.list_shared(owner, 1)),
        )
    )


@library.get("/conversations/shared")
def shared() -> Response:
    """The links that the reader has made, each with the button that withdraws it."""
    owned = services().store.list_shared(current_owner_hash(), MOST_SHOWN)
    return html_page(current_templates().render("shared.html", rows=[_row(each) for each in owned]))


@library.get("/conversations/delete")
def confirm_delete_all() -> Response:
    """The page that asks whether all conversations are to be deleted."""
    sentence, count = (
        current_templates().sentence,
        services().store.count_owned(current_owner_hash()),
    )
    return html_page(
        current_templates().render(
            "delete.html",
            title=sentence("ui.delete_all_title"),
            what=sentence("ui.conversations_of", n=count),
            rtl=current_templates().language.direction == "rtl",
            action="/conversations/delete",
            back="/conversations",
            token=form_token(),
        )
    )


@library.post("/conversations/delete")
def delete_all() -> BaseResponse:
    """Delete all conversations, and lead to where that can be undone."""
    owner = _owner_who_changes()
    for each in services().store.list_owned(owner, MOST_UNDER_WAY):
        outline = services().store.outline(each.id)
        if outline:
            stop_all(outline)
    services().store.discard_owned(owner)
    return redirect(url_for("library.discarded"), 303)


@library.get("/conversations/deleted")
def discarded() -> Response:
    """What was deleted less than an hour ago, each with the button that undoes it."""
    owned = services().store.list_discarded(current_owner_hash(), MOST_SHOWN)
    return html_page(
        current_templates().render(
            "discarded.html",
            rows=[_row(each) for each in owned],
            ids=[each.id for each in owned],
            token=form_token(),
        )
    )


@library.post("/conversations/restore")
def undelete_some() -> BaseResponse:
    """Undo the deletion of one conversation, or of all of this reader's."""
    owner, chosen = _owner_who_changes(), request.form.get("id", "")
    if chosen and not _is_there(chosen):
        if not is_owner(services().store.discarded_rights(chosen)):
            raise UnknownConversation
        services().store.restore(chosen)
    while not chosen:
        owned = services().store.list_discarded(owner, MOST_SHOWN)
        for each in owned:
            services().store.restore(each.id)
        if not owned:
            break
    return redirect(url_for("library.listed"), 303)


def _is_there(conversation_id: str) -> bool:
    """Whether a conversation of the current reader's is not deleted: its button was pressed twice."""
    with suppress(UnknownConversation):
        return access_to(conversation_id).owned
    return False


def _owner_who_changes() -> str:
    """The current owner, of a request that may change what is theirs. Raises Refusal."""
    gate.check_allowed()
    check_form_token()
    owner = current_owner_hash()
    if not owner:
        raise Refusal(403, "no_reader")
    return owner


def _row(owned: Owned) -> ListedConversation:
    language = current_templates().language
    link = services().share_names.name_of(owned.share) if owned.share else None
    return ListedConversation(
        name=name_to_write(owned.id),
        title=owned.name,
        rtl=is_rtl(owned.name),
        day=language.date(datetime.fromtimestamp(owned.written, UTC).date()),
        turns=owned.turns,
        starred=owned.starred,
        link=f"{language.root}/s/{link}" if link else "",
    )
