"""Puts a mail together: plain text and files, for one address (pure)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy

from kindlechat.mail.addresses import host_in
from kindlechat.mail.attachment import Attachment

ENCODED = "=?"
"""Begins a word of a header that stands for signs which are not in ASCII."""


class MailPolicy(EmailPolicy):
    """Folds the headers that Python itself would spoil.

    Those of mailing lists (RFC 2369) stay on one line each: Python folds a long address in them into an
    encoded word, which mail programs do not read as an address. Of a subject Python loses some of the blanks
    between words that are not in ASCII.
    """

    def fold(self, name: str, value: str) -> str:
        """The header's lines, as they are printed."""
        return self._folded(name, value) or super().fold(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        """The header's lines, as they are sent."""
        return self._folded(name, value).encode("ascii") or super().fold_binary(name, value)

    def _folded(self, name: str, value: str) -> str:
        """The header's lines, or "" for one that Python folds well."""
        if name.startswith("List-"):
            return f"{name}: {value}{self.linesep}"
        if name == "Subject":
            charset = "us-ascii" if value.isascii() and ENCODED not in value else "utf-8"
            folded = Header(str(value), charset, header_name=name).encode(linesep=self.linesep)
            return f"{name}: {folded}{self.linesep}"
        return ""


POLICY = MailPolicy(linesep="\r\n", cte_type="7bit")
"""Lines of 78 characters, and no byte above 127: any server takes it.

The policy folds a header that is longer. It would tear the name of a file apart that does not fit on a line
(`filename*0*=`), which devices do not put together again: see MOST_NAME_CHARS.
"""

MOST_NAME_CHARS = 65
"""A name of a file up to this length is whole on its line."""

MOST_SUBJECT_CHARS = 150

AUTOMATIC = {"Auto-Submitted": "auto-generated"}
"""Tells mail programs not to answer by themselves (RFC 3834)."""


def compose(
    *,
    sender: str,
    sender_name: str,
    recipient: str,
    subject: str,
    text: str,
    written: datetime,
    message_id: str,
    html: str = "",
    headers: Mapping[str, str] = AUTOMATIC,
    attachments: Sequence[Attachment] = (),
) -> EmailMessage:
    """A mail. The subject may hold anything: it becomes one line. `message_id` has no spaces, `written` has
    a time zone. `html` says the same as `text`. `headers` are added as they are, in ASCII.

    Raises ValueError where an address or a file's name is none that a header can hold.
    """
    message = EmailMessage(POLICY)
    message["From"] = Address(_one_line(sender_name), addr_spec=sender)
    message["To"] = Address(addr_spec=recipient)
    message["Subject"] = _one_line(subject)[:MOST_SUBJECT_CHARS]
    message["Date"] = written
    message["Message-ID"] = f"<{message_id}@{host_in(sender)}>"
    for name, value in headers.items():
        message[name] = value
    message.set_content(text, cte="quoted-printable")
    if html:
        message.add_alternative(html, subtype="html", cte="quoted-printable")
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
