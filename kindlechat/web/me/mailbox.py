"""The current reader's mailbox: asked for, confirmed by a code, and written to."""

import logging
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kindlechat.errors import MailNotTaken, MailUnavailable
from kindlechat.mail.addresses import is_kindle, mail_address
from kindlechat.mail.attachment import Attachment
from kindlechat.rate_limit import RateLimit, parse_rate_limits
from kindlechat.relay import new_id
from kindlechat.rendering.safety.checkpoint import aside
from kindlechat.stores.contract import quotas_for
from kindlechat.web.reader.identity import owner_hash
from kindlechat.web.refusal import Refusal
from kindlechat.web.request.client import client_hash
from kindlechat.web.services import current_templates, services

if TYPE_CHECKING:
    from kindlechat.mail.smtp import Mailer

logger = logging.getLogger(__name__)

CODES = parse_rate_limits("5/day")
CODES_OF_MAILBOX = parse_rate_limits("3/day")
CODES_OF_ALL = parse_rate_limits("500/day")
"""Mails with a code that a reader or a network, a mailbox and everybody together get: whoever names somebody
else's mailbox cannot fill it."""

TRIES = parse_rate_limits("10/hour")
TRIES_OF_MAILBOX = parse_rate_limits("20/day")
"""Codes that a network may try, and that may be tried for a mailbox, of a hundred million."""

SENT = parse_rate_limits("20/day")
SENT_OF_NETWORK = parse_rate_limits("60/day")
"""Mails with answers that a reader and a network get sent."""


def wanted_mailer() -> "Mailer":
    """What sends mail. Raises Refusal where no mail server is set."""
    mailer = services().mailer
    if mailer is None:
        raise Refusal(404, "not_found")
    return mailer


def checked_mailbox(given: str) -> str:
    """The address in what was typed. Raises Refusal."""
    try:
        return mail_address(given)
    except ValueError:
        raise Refusal(400, "bad_mailbox") from None


def send_code(reader_id: str, mailbox: str) -> None:
    """Send the reader's code to a mailbox. Raises Refusal, MailNotTaken and MailUnavailable.

    To a Kindle only what is attached gets through, so the code is attached there, too.
    """
    _count(
        "mail_limit",
        (CODES, f"{owner_hash(reader_id)}:code"),
        (CODES, f"{client_hash()}:code"),
        (CODES_OF_MAILBOX, f"{_hash(mailbox)}:code"),
        (CODES_OF_ALL, "everybody:code"),
    )
    sentence = current_templates().sentence
    code = services().mailbox_codes.code(reader_id, mailbox, time.time())
    text = sentence("mail.code_text", code=code)
    files = [Attachment("code.txt", "text/plain", text.encode())] if is_kindle(mailbox) else []
    post(mailbox, sentence("mail.code_subject", code=code), text, files)


def confirm(reader_id: str, mailbox: str, code: str) -> bool:
    """Whether the code is right: then the mailbox is the reader's. Raises Refusal after too many tries."""
    _count(
        "too_many_tries",
        (TRIES, f"{client_hash()}:code-try"),
        (TRIES_OF_MAILBOX, f"{_hash(mailbox)}:code-try"),
    )
    right = services().mailbox_codes.accepts(code, reader_id, mailbox, time.time())
    if right:
        services().store.set_mailbox(owner_hash(reader_id), mailbox)
    return right


def count_sent(reader_id: str) -> None:
    """Count a mail with an answer. Raises Refusal where the reader has had enough for today."""
    _count(
        "mail_limit",
        (SENT, f"{owner_hash(reader_id)}:mail"),
        (SENT_OF_NETWORK, f"{client_hash()}:mail"),
    )


def post(mailbox: str, subject: str, text: str, files: Sequence[Attachment]) -> None:
    """Send a mail. Raises MailNotTaken and MailUnavailable; the log hears of it without the mailbox."""
    from kindlechat.mail.message import compose  # it came with the mailer; see `_open_mailer`

    mailer = wanted_mailer()
    name = current_templates().sentence("ui.name")
    message = aside(
        lambda: compose(
            sender=mailer.sender,
            sender_name=name,
            recipient=mailbox,
            subject=subject,
            text=text,
            written=datetime.now(UTC),
            message_id=new_id(),
            attachments=files,
        )
    )
    try:
        mailer.send(message)
    except (MailNotTaken, MailUnavailable) as error:
        logger.warning("a mail was not sent: %s", error)
        raise


def _hash(mailbox: str) -> str:
    return services().hasher.digest("mailbox", mailbox.lower())


def _count(refused: str, *limits: tuple[Sequence[RateLimit], str]) -> None:
    quotas = [quota for items, subject in limits for quota in quotas_for(items, subject)]
    wait_s = services().store.count(quotas)
    if wait_s is not None:
        raise Refusal(429, refused, retry_after_s=int(wait_s))
