"""Mail arrives whole at a real mail server, over each kind of connection, and what goes wrong is told."""

import os
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from shutil import copy

import pytest

from harness.mail_server import PASSWORD
from harness.mailbox import Mailbox, make_certificate
from harness.servers import free_port
from kindlechat.errors import MailNotTaken, MailUnavailable
from kindlechat.mail.message import Attachment, compose
from kindlechat.mail.server import Security, SmtpServer
from kindlechat.mail.smtp import Mailer

SENDER = "chat@kindlechat.example"
READER = "reader@mail.example"


def mail(**about):
    values = {
        "sender": SENDER,
        "sender_name": "Kindlechat",
        "recipient": READER,
        "subject": "Why?",
        "text": "So.\n.\nAnd so on.\n",
        "written": datetime(2026, 11, 26, tzinfo=UTC),
        "message_id": "one",
    }
    return compose(**values | about)


def mailer(mailbox, security=Security.NONE, **about):
    server = replace(SmtpServer("127.0.0.1", mailbox.port, security), **about)
    return Mailer(server, SENDER, timeout_s=5)


def of(folder, security):
    """A mailbox's own folder, with the certificate."""
    own = folder / security
    own.mkdir()
    for name in ("cert.pem", "key.pem"):
        copy(folder / name, own)
    return own


def test_a_mail_arrives_whole(mailbox):
    data = bytes(range(256)) * 300
    book = Attachment("why.epub", "application/epub+zip", data)
    mailer(mailbox).send(mail(subject="Почему небо голубое?", attachments=[book]))
    (got,) = mailbox.mails
    assert (got["X-From"], got["X-To"]) == (SENDER, f'["{READER}"]')
    assert got["From"] == f"Kindlechat <{SENDER}>"
    assert got["Subject"] == "Почему небо голубое?"
    assert got["Message-ID"] == "<one@kindlechat.example>"
    assert got.get_body().get_content().splitlines() == ["So.", ".", "And so on."]
    (file,) = got.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == ("why.epub", "application/epub+zip")
    assert file.get_content() == data


def test_several_mails_go_over_one_connection(mailbox):
    with mailer(mailbox).connected() as connection:
        for number in range(3):
            connection.send(mail(subject=str(number)))
    assert [each["Subject"] for each in mailbox.mails] == ["0", "1", "2"]


class TestWithALogin:
    @pytest.fixture(scope="class")
    @staticmethod
    def servers(tmp_path_factory):
        folder = tmp_path_factory.mktemp("tls")
        make_certificate(folder)
        with ExitStack() as stack:
            yield {
                security: stack.enter_context(
                    Mailbox(of(folder, security), security=security, login=True)
                )
                for security in Security
            }

    @pytest.fixture
    def certificate(self, servers, monkeypatch):
        (folder,) = {server.folder.parent for server in servers.values()}
        monkeypatch.setitem(os.environ, "SSL_CERT_FILE", str(folder / "cert.pem"))

    @pytest.mark.parametrize("security", Security)
    def test_it_logs_in_and_sends(self, servers, certificate, security):
        mailer(servers[security], security, user="us", password=PASSWORD).send(mail())
        assert servers[security].logins[-1] == "us"
        assert servers[security].mails[-1]["Subject"] == "Why?"

    @pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
    def test_nothing_is_sent_to_a_server_that_cannot_prove_its_name(self, servers, security):
        with pytest.raises(MailUnavailable, match="certificate"):
            mailer(servers[security], security, user="unproved", password=PASSWORD).send(mail())
        assert "unproved" not in servers[security].logins

    def test_a_wrong_password_is_told_without_it(self, servers):
        with pytest.raises(MailUnavailable, match="SMTPAuthenticationError 535") as caught:
            mailer(servers[Security.NONE], user="us", password="hush").send(mail())
        assert "hush" not in str(caught.value)


def test_without_starttls_no_password_goes_over_the_line(mailbox):
    with pytest.raises(MailUnavailable, match="SMTPNotSupportedError"):
        mailer(mailbox, Security.STARTTLS, user="us", password="hush").send(mail())
    assert mailbox.logins == []
    assert mailbox.mails == []


@pytest.mark.parametrize("command", ["rcpt", "data"])
@pytest.mark.parametrize(("code", "error"), [("550", MailNotTaken), ("451", MailUnavailable)])
def test_what_the_server_refuses_is_told_without_the_address(mailbox, command, code, error):
    address = f"{command}-{code}@mail.example"
    with pytest.raises(error, match=code) as caught:
        mailer(mailbox).send(mail(recipient=address))
    assert address not in str(caught.value)
    assert mailbox.mails == []


def test_a_server_that_is_not_there_is_told():
    server = SmtpServer("127.0.0.1", free_port(), Security.NONE)
    with pytest.raises(MailUnavailable, match="refused"):
        Mailer(server, SENDER, timeout_s=5).send(mail())
