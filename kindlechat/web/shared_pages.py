"""What others see by a link that an owner can withdraw: the conversation, and a button that copies it."""

from flask import Blueprint, request
from werkzeug.wrappers import Response as BaseResponse

from kindlechat.web import gate, intake
from kindlechat.web.access import access_by_link, name_to_write
from kindlechat.web.conversation_pages import conversation_page
from kindlechat.web.responses import see_conversation

shares = Blueprint("shares", __name__)


@shares.get("/s/<link>")
def show(link: str) -> BaseResponse:
    """The conversation as it is now; nothing on the page leads to another name of it."""
    response = conversation_page(lambda: access_by_link(link))
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@shares.post("/s/<link>/copy")
def save_copy(link: str) -> BaseResponse:
    """Make a copy that belongs to this reader, and lead there."""
    gate.check_allowed()
    key = request.form.get("idempotency_key", "")
    return see_conversation(name_to_write(intake.copy(access_by_link(link).outline, key)))
