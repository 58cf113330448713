"""What an owner does with a conversation as a whole: title, star, share, delete, ask differently."""

from contextlib import suppress

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from kindlechat.conversation import MAX_TITLE_CHARS, Outline, checked_title
from kindlechat.errors import UnknownConversation
from kindlechat.relay import new_id
from kindlechat.rendering.answer.direction import is_rtl
from kindlechat.web import gate, intake
from kindlechat.web.access import (
    Access,
    access_to,
    access_to_change,
    discarded_to_restore,
    name_to_write,
    outline_to_write,
)
from kindlechat.web.middleware.mount import own_address
from kindlechat.web.reader.settings import current_depth, keep_depth
from kindlechat.web.refusal import Refusal
from kindlechat.web.request.validation import check_message, check_number
from kindlechat.web.responses import html_page, see_conversation
from kindlechat.web.services import current_templates, services

manage = Blueprint("manage", __name__)


@manage.get("/c/<name>/about")
def about(name: str) -> Response:
    """The page with all that an owner can do with the conversation."""
    return _about(access_to_change(name))


@manage.post("/c/<name>/title")
def retitle(name: str) -> BaseResponse:
    """Give the conversation the title that was typed; none gives it that of its first question."""
    gate.check_allowed()
    typed = request.form.get("title", "")
    title = checked_title(typed)
    if title is None:  # told before the conversation becomes this reader's, if nobody has it yet
        notice = current_templates().sentence("error.title_long", limit=MAX_TITLE_CHARS)
        response = _about(access_to_change(name), typed, notice)
        response.status_code = 400
        return response
    outline = outline_to_write(name)
    services().store.retitle(outline.id, title)
    return _see_about(outline)


@manage.post("/c/<name>/star")
def star(name: str) -> BaseResponse:
    """Star the conversation, or take its star away."""
    outline = _to_write(name)
    services().store.star(outline.id, starred=request.form.get("starred") == "1")
    return _see_about(outline)


@manage.post("/c/<name>/share")
def make_link(name: str) -> BaseResponse:
    """Make a link by which others read."""
    outline = _to_write(name)
    services().store.share(outline.id, new_id())
    return _see_about(outline)


@manage.post("/c/<name>/withdraw")
def withdraw(name: str) -> BaseResponse:
    """Have that link lead nowhere."""
    outline = _to_write(name)
    services().store.withdraw(outline.id)
    return _see_about(outline)


@manage.get("/c/<name>/delete")
def confirm_delete(name: str) -> Response:
    """The page that asks whether the conversation is to be deleted."""
    access = access_to_change(name)
    return html_page(
        current_templates().render(
            "delete.html",
            title=current_templates().sentence("ui.delete_title"),
            what=access.outline.name,
            rtl=is_rtl(access.outline.name),
            action=f"/c/{access.name}/delete",
            back=f"/c/{access.name}/about",
            token="",
        )
    )


@manage.post("/c/<name>/delete")
def delete(name: str) -> BaseResponse:
    """Delete the conversation, and lead to where that can be undone, also who presses twice."""
    gate.check_allowed()
    try:
        outline = outline_to_write(name)
    except UnknownConversation:
        with suppress(Refusal):
            return _see_deleted(discarded_to_restore(name))
        raise
    stop_all(outline)
    services().store.discard(outline.id)
    return _see_deleted(outline.id)


@manage.get("/c/<name>/deleted")
def deleted(name: str) -> BaseResponse:
    """The page on which deleting can be undone; the conversation, where it has been."""
    try:
        conversation_id = discarded_to_restore(name)
    except UnknownConversation:
        return see_conversation(access_to_change(name).name)
    return html_page(
        current_templates().render("deleted.html", page=f"/c/{name_to_write(conversation_id)}")
    )


@manage.post("/c/<name>/restore")
def undelete(name: str) -> BaseResponse:
    """Undo it, and lead to the conversation, also who presses twice."""
    gate.check_allowed()
    try:
        conversation_id = discarded_to_restore(name)
    except UnknownConversation:
        return see_conversation(access_to_change(name).name)
    services().store.restore(conversation_id)
    return see_conversation(name_to_write(conversation_id))


@manage.get("/c/<name>/branch")
def branch_page(name: str) -> Response:
    """The form in which a question is asked differently."""
    access = access_to(name)
    number = _turn_number(access.outline, request.args.get("turn", ""))
    question = access.outline.replies[number - 1].question
    return _branch_form(access, number, question)


@manage.post("/c/<name>/branch")
def branch(name: str) -> BaseResponse:
    """Ask it in a copy of what was before."""
    gate.check_allowed()
    access, depth = access_to(name), current_depth()
    number = _turn_number(access.outline, request.form.get("turn", ""))
    message, key = request.form.get("message", ""), request.form.get("idempotency_key", "")
    try:
        message = check_message(message)
    except Refusal as refusal:
        notice = current_templates().sentence(refusal.sentence_key, **refusal.values)
        response = _branch_form(access, number, message, notice)
        response.status_code = refusal.status
        return response
    accepted = intake.branch(access.outline, number, message, key, depth)
    led = see_conversation(name_to_write(accepted.conversation))
    keep_depth(led, depth)
    return led


def stop_all(outline: Outline) -> None:
    """End what is still being written in a conversation: it costs, and nobody will read it."""
    for reply in outline.replies:
        if not reply.state.ended:
            services().relay.stop(reply.id)


def _to_write(name: str) -> Outline:
    """The conversation that this request changes. Raises Refusal."""
    gate.check_allowed()
    return outline_to_write(name)


def _about(access: Access, typed: str | None = None, notice: str = "") -> Response:
    outline = access.outline
    link = services().share_names.name_of(outline.share) if outline.share else None
    return html_page(
        current_templates().render(
            "about.html",
            page=f"/c/{access.name}",
            outline=outline,
            rtl=is_rtl(outline.name),
            title=outline.title if typed is None else typed,
            notice=notice,
            link=link and f"{current_templates().language.root}/s/{link}",
            site=own_address(request),
            limit=MAX_TITLE_CHARS,
        )
    )


def _see_deleted(conversation_id: str) -> BaseResponse:
    return redirect(url_for("manage.deleted", name=name_to_write(conversation_id)), 303)


def _see_about(outline: Outline) -> BaseResponse:
    return redirect(url_for("manage.about", name=name_to_write(outline.id)), 303)


def _branch_form(access: Access, number: int, message: str, notice: str = "") -> Response:
    return html_page(
        current_templates().render(
            "branch.html",
            page=f"/c/{access.name}",
            number=number,
            message=message,
            notice=notice,
        )
    )


def _turn_number(outline: Outline, value: str) -> int:
    """The number of a turn that there is; of the last one where none is named. Raises Refusal."""
    total = len(outline.replies)
    return check_number(value, total) if value else total
