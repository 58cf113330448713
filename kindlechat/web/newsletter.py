"""The newsletter's pages: the form, and the pages that links in letters open.

A GET changes nothing, as programs that look for viruses open each link of a letter; a press of the button
does. Who holds a token may do what it is for, so these posts need neither cookie nor passcode.
"""

from datetime import UTC, datetime
from http import HTTPStatus

from flask import Blueprint, Response, abort, request

from kindlechat.errors import MailNotTaken, MailUnavailable
from kindlechat.mail.addresses import mail_address
from kindlechat.newsletter.keys import NewsletterKeys, Purpose
from kindlechat.relay import new_id
from kindlechat.site_settings import NewsletterSettings
from kindlechat.stores.contract import Quota, Standing
from kindlechat.web.me.mailbox import wanted_mailer
from kindlechat.web.middleware.language import current_language
from kindlechat.web.request.client import client_hash
from kindlechat.web.responses import html_page
from kindlechat.web.services import current_templates, services

TRAP = "website"
"""A field that readers leave empty, and programs that fill in every form do not."""

HOUR_S, DAY_S = 3600, 86_400

NETWORK_LETTERS, MAILBOX_LETTERS = 5, 3
"""Letters that one network may have sent in an hour, and that one mailbox may get in a day."""

DONE = {Purpose.CONFIRM: Standing.ACTIVE, Purpose.LEAVE: Standing.LEFT}
"""What a press of the button makes of the subscriber."""

newsletter = Blueprint("newsletter", __name__)


@newsletter.get("/newsletter")
def form() -> Response:
    """The form to subscribe by."""
    _settings()
    return _form()


@newsletter.post("/newsletter")
def subscribe() -> Response:
    """Send a letter with a link to confirm. Nothing tells whether the mailbox is known."""
    about = _settings()
    given = request.form.get("mailbox", "").strip()
    if request.form.get(TRAP):
        return _sent(given)
    try:
        mailbox = mail_address(given)
    except ValueError:
        return _form("error.bad_mailbox", given, HTTPStatus.BAD_REQUEST)
    network = Quota(f"letters:network:{client_hash()}", NETWORK_LETTERS, HOUR_S)
    if services().store.count([network]) is not None:
        return _form("error.too_many_letters", given, HTTPStatus.TOO_MANY_REQUESTS)
    return _send_confirmation(about, mailbox)


def _send_confirmation(about: NewsletterSettings, mailbox: str) -> Response:
    from kindlechat.newsletter.letters import LetterWriter  # with the library of mails: see app.py

    keys, store = _keys(), services().store
    mailbox_hash = keys.mailbox_hash(mailbox)
    if store.count([Quota(f"letters:{mailbox_hash}", MAILBOX_LETTERS, DAY_S)]) is not None:
        return _sent(mailbox)  # it has got letters enough today
    subscriber = store.subscribe(new_id(), mailbox, mailbox_hash, current_language().code)
    letters = LetterWriter(about.base_url, about.sender, about.imprint, services().templates, keys)
    try:
        wanted_mailer().send(letters.confirmation(subscriber, datetime.now(UTC), new_id()))
    except MailNotTaken:
        return _form("error.mailbox_refused", mailbox, HTTPStatus.BAD_REQUEST)
    except MailUnavailable:
        return _form("error.letter_down", mailbox, HTTPStatus.SERVICE_UNAVAILABLE)
    return _sent(mailbox)


@newsletter.get("/newsletter/<any(confirm, leave):purpose>/<token>")
def look(purpose: str, token: str) -> Response:
    """A page with the button that does what the link is for."""
    _subscriber_id(Purpose(purpose), token)
    return _page("asked", purpose=purpose, token=token)


@newsletter.post("/newsletter/<any(confirm, leave):purpose>/<token>")
def press(purpose: str, token: str) -> Response:
    """Confirm or leave; pressed again it says the same. Mail programs send this by themselves where their
    user leaves (RFC 8058), so it is answered at once. Whom the operator has forgotten has left, too."""
    subscriber_id = _subscriber_id(Purpose(purpose), token)
    changed = services().store.change_standing(subscriber_id, DONE[Purpose(purpose)])
    if changed or Purpose(purpose) is Purpose.LEAVE:
        return _page("done", purpose=purpose)
    return _form("error.old_link", "", HTTPStatus.GONE)


def _settings() -> NewsletterSettings:
    return services().settings.newsletter or abort(HTTPStatus.NOT_FOUND)


def _keys() -> NewsletterKeys:
    return services().newsletter_keys


def _subscriber_id(purpose: Purpose, token: str) -> str:
    return _keys().subscriber_id(purpose, token) or abort(HTTPStatus.NOT_FOUND)


def _sent(mailbox: str) -> Response:
    return _page("sent", mailbox=mailbox)


def _form(trouble: str = "", mailbox: str = "", status: HTTPStatus = HTTPStatus.OK) -> Response:
    response = _page("form", mailbox=mailbox, trouble=trouble)
    response.status_code = status
    return response


def _page(step: str, **values: object) -> Response:
    """The newsletter's page at one of its steps: form, sent, asked, done."""
    return html_page(current_templates().render("newsletter.html", step=step, **values))
