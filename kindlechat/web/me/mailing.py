"""The pages that send answers by mail, to a mailbox that the reader has confirmed once."""

import re

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from kindlechat.conversation import Outline
from kindlechat.mail.addresses import is_kindle
from kindlechat.mail.attachment import Attachment
from kindlechat.web.access import access_to
from kindlechat.web.me.keys import wanted_reader_id
from kindlechat.web.me.mailbox import (
    checked_mailbox,
    confirm,
    count_sent,
    post,
    send_code,
    wanted_mailer,
)
from kindlechat.web.reader.identity import owner_hash
from kindlechat.web.refusal import Refusal
from kindlechat.web.request.form_token import check_form_token, form_token
from kindlechat.web.responses import html_page
from kindlechat.web.saved_files import SavedFile, saved_file
from kindlechat.web.services import current_templates, services

MOST_BYTES = 8 * 1024 * 1024
"""A mail with such a file has 11 MiB, which mail servers take as a rule."""

FORMATS_SENT = {"epub": "EPUB", "mobi": "MOBI", "html": "HTML"}

PAGE_OF_ANSWER = re.compile(r"(/[\w-]+){0,4}/c/[\w-]+/[0-9]+/send")
"""Where a reader is led back to who had no mailbox yet."""

mailing = Blueprint("mailing", __name__)


@mailing.get("/c/<name>/<int:number>/send")
def offer(name: str, number: int) -> BaseResponse:
    """What can be sent of a conversation, and as what."""
    wanted_mailer()
    mailbox = _mailbox(wanted_reader_id())
    outline = _outline(name, number)
    if not mailbox:
        return redirect(url_for("mailing.ask_mailbox", back=request.script_root + request.path))
    return _page(
        "send.html",
        address=request.path,
        back=f"/c/{name}",
        mailbox=mailbox,
        whole=len(outline.replies) > 1,
        formats=_formats(mailbox),
    )


@mailing.post("/c/<name>/<int:number>/send")
def send(name: str, number: int) -> Response:
    """Send an answer, or the whole conversation."""
    wanted_mailer()
    check_form_token()
    reader_id = wanted_reader_id()
    mailbox = _mailbox(reader_id)
    if not mailbox:
        raise Refusal(403, "no_mailbox")
    ending = request.form.get("format", "")
    if ending not in _formats(mailbox):
        raise Refusal(400, "bad_request")
    outline = _outline(name, number)
    count_sent(reader_id)
    file = saved_file(outline, None if request.form.get("what") == "all" else number, ending)
    attachment = Attachment(file.name, file.mimetype, _data(file))
    post(mailbox, file.title, current_templates().sentence("mail.text"), [attachment])
    return _page("sent.html", mailbox=mailbox, back=f"/c/{name}")


@mailing.get("/me/mailbox")
def ask_mailbox() -> Response:
    """The form for the reader's mailbox."""
    mailer = wanted_mailer()
    wanted_reader_id()
    return _page("mailbox.html", sender=mailer.sender, mailbox="", coded=False, wrong=False)


@mailing.post("/me/mailbox")
def code() -> Response:
    """Send a code to the mailbox, and ask for it."""
    mailer = wanted_mailer()
    check_form_token()
    reader_id = wanted_reader_id()
    mailbox = checked_mailbox(request.form.get("mailbox", ""))
    send_code(reader_id, mailbox)
    return _page("mailbox.html", sender=mailer.sender, mailbox=mailbox, coded=True, wrong=False)


@mailing.post("/me/mailbox/confirm")
def confirmed() -> BaseResponse:
    """Take the mailbox as the reader's where the code is right."""
    mailer = wanted_mailer()
    check_form_token()
    mailbox = checked_mailbox(request.form.get("mailbox", ""))
    if confirm(wanted_reader_id(), mailbox, request.form.get("code", "")):
        return redirect(_back() or url_for("me.show", _anchor="mailbox"), 303)
    page = _page("mailbox.html", sender=mailer.sender, mailbox=mailbox, coded=True, wrong=True)
    page.status_code = 403
    return page


@mailing.post("/me/mailbox/forget")
def forget_mailbox() -> BaseResponse:
    """Forget the reader's mailbox."""
    check_form_token()
    services().store.set_mailbox(owner_hash(wanted_reader_id()), "")
    return redirect(url_for("me.show", _anchor="mailbox"), 303)


def _mailbox(reader_id: str) -> str:
    return services().store.reader_record(owner_hash(reader_id)).mailbox


def _formats(mailbox: str) -> dict[str, str]:
    """What a mailbox takes: Amazon's brings no MOBI to a Kindle any more."""
    left_out = "mobi" if is_kindle(mailbox) else ""
    return {ending: name for ending, name in FORMATS_SENT.items() if ending != left_out}


def _outline(name: str, number: int) -> Outline:
    outline = access_to(name).to_save
    if not 1 <= number <= len(outline.replies):
        raise Refusal(404, "not_found")
    return outline


def _data(file: SavedFile) -> bytes:
    """All of a file. Raises Refusal where it is too large for a mail."""
    parts: list[bytes] = []
    size = 0
    for part in file.parts:
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            raise Refusal(413, "mail_large")
    return b"".join(parts)


def _back() -> str:
    back = request.values.get("back", "")
    return back if PAGE_OF_ANSWER.fullmatch(back) else ""


def _page(template: str, **values: object) -> Response:
    values = {"back": _back(), "token": form_token(), **values}
    return html_page(current_templates().render(template, **values))
