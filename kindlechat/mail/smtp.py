"""Hands mail over to a mail server, by SMTP."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage

from kindlechat.errors import MailNotTaken, MailUnavailable, RecipientRefused
from kindlechat.mail.addresses import host_in
from kindlechat.mail.message import POLICY
from kindlechat.mail.server import Security, SmtpServer

FOR_GOOD = 500
"""From this code on a server says that trying again would not help (RFC 5321, 4.2.1)."""


class Mailer:
    """Sends mail by one server, from one address."""

    def __init__(self, server: SmtpServer, sender: str, *, timeout_s: float) -> None:
        """Each step may take `timeout_s` seconds."""
        self.sender = sender
        self._server = server
        self._timeout_s = timeout_s
        # Now: to read all certificates that are trusted takes long.
        self._tls = None if server.security is Security.NONE else ssl.create_default_context()

    def send(self, message: EmailMessage) -> None:
        """Send one mail; returns when the server has taken it. Raises MailNotTaken and MailUnavailable."""
        with self.connected() as connection:
            connection.send(message)

    @contextmanager
    def connected(self) -> Iterator["Connection"]:
        """Within, a connection is open, for any number of mails. Raises MailUnavailable."""
        with _as_ours():
            smtp = self._open()
        try:
            yield Connection(smtp, self.sender)
        finally:
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()

    def _open(self) -> smtplib.SMTP:
        server, context, timeout_s = self._server, self._tls, self._timeout_s
        us = host_in(self.sender)  # given, as smtplib would look our name up in the DNS
        smtp: smtplib.SMTP
        if server.security is Security.TLS:
            smtp = smtplib.SMTP_SSL(
                server.host, server.port, us, timeout=timeout_s, context=context
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, us, timeout=timeout_s)
        try:
            if server.security is Security.STARTTLS:
                smtp.starttls(context=context)
            if server.user:
                smtp.login(server.user, server.password)
        except BaseException:
            smtp.close()
            raise
        return smtp


class Connection:
    """An open connection to the server."""

    def __init__(self, smtp: smtplib.SMTP, sender: str) -> None:
        self._smtp = smtp
        self._sender = sender

    def send(self, message: EmailMessage) -> None:
        """Send a mail to the address in its `To`.

        Raises MailNotTaken (RecipientRefused where it is the address) and MailUnavailable.
        """
        (recipient,) = (each.addr_spec for each in message["To"].addresses)
        data = message.as_bytes(policy=POLICY)
        with _as_ours():
            self._smtp.sendmail(self._sender, [recipient], data)


@contextmanager
def _as_ours() -> Iterator[None]:
    """Turns what goes wrong into our own errors.

    The server's words are left out, as they may quote an address.
    """
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        raise _trouble(error, code, RecipientRefused) from None
    except smtplib.SMTPDataError as error:
        raise _trouble(error, error.smtp_code, MailNotTaken) from None
    except smtplib.SMTPResponseException as error:
        raise _trouble(error, error.smtp_code, MailUnavailable) from None
    except (smtplib.SMTPException, OSError) as error:
        raise MailUnavailable(_kind(error)) from None


def _trouble(error: Exception, code: int, for_good: type[Exception]) -> Exception:
    kind = for_good if code >= FOR_GOOD else MailUnavailable
    return kind(f"{_kind(error)} {code}")


def _kind(error: Exception) -> str:
    """What went wrong, with what the network said of it."""
    said = getattr(error, "strerror", None) or getattr(error, "verify_message", None)
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
