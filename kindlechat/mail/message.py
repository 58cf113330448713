"""Puts a mail together: plain text and files, for one address (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from kindlechat.mail.addresses import host_in

POLICY = SMTP.clone(cte_type="7bit")
"""Lines of 78 characters, and no byte above 127: any server takes it.

The policy folds a header that is longer. It would tear the name of a file apart that does not fit on a line
(`filename*0*=`), which devices do not put together again: see MOST_NAME_CHARS.
"""

MOST_NAME_CHARS = 65
"""A name of a file up to this length is whole on its line."""

MOST_SUBJECT_CHARS = 150


@dataclass(frozen=True)
class Attachment:
    """A file; its `name` is in ASCII, with its ending."""

    name: str
    mimetype: str
    data: bytes


def compose(
    *,
    sender: str,
    sender_name: str,
    recipient: str,
    subject: str,
    text: str,
    written: datetime,
    message_id: str,
    attachments: Sequence[Attachment] = (),
) -> EmailMessage:
    """A mail. The subject may hold anything: it becomes one line. `message_id` has no spaces, `written` has
    a time zone.

    Raises ValueError where an address or a file's name is none that a header can hold.
    """
    message = EmailMessage(POLICY)
    message["From"] = Address(_one_line(sender_name), addr_spec=sender)
    message["To"] = Address(addr_spec=recipient)
    message["Subject"] = _one_line(subject)[:MOST_SUBJECT_CHARS]
    message["Date"] = written
    message["Message-ID"] = f"<{message_id}@{host_in(sender)}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text, cte="quoted-printable")
    for each in attachments:
        _attach(message, each)
    return message


def _attach(message: EmailMessage, file: Attachment) -> None:
    if not file.name.isascii() or not file.name.isprintable() or len(file.name) > MOST_NAME_CHARS:
        raise ValueError("expected a short name in ASCII for a file")
    main, _, kind = file.mimetype.partition("/")
    message.add_attachment(file.data, maintype=main, subtype=kind, filename=file.name)


def _one_line(value: str) -> str:
    """The text without anything that could end a header or cannot be seen."""
    return "".join(sign for sign in " ".join(value.split()) if sign.isprintable())
