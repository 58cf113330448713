"""Answers are sent to a mailbox that its reader has confirmed, and to no other, a few a day."""

import io
import re
import zipfile

import pytest

from kindlechat.rate_limit import parse_rate_limits
from kindlechat.web.me import mailbox as mailbox_module
from kindlechat.web.me import mailing
from tests.cases import cases
from tests.readers.browsers import NUMBERS, Browser

SENDER = "chat@site.example"


@pytest.fixture(scope="module")
def app(open_app, mail_server):
    url = f"smtp://127.0.0.1:{mail_server.port}"
    return open_app(KINDLECHAT_SMTP_URL=url, KINDLECHAT_MAIL_FROM=SENDER)


@pytest.fixture
def mine():
    """A mailbox that no other test has."""
    return f"me{next(NUMBERS)}@mail.example"


@pytest.fixture
def address(reader):
    """The page that sends the reader's answer."""
    return re.search(r'id="mail" href="([^"]+)"', reader.page(reader.ask("And red?")))[1]


def code_in(mailbox):
    (mail,) = mailbox.mails
    return re.search(r"\d{4} \d{4}", mail.get_body().get_content())[0]


def set_mailbox(reader, mailbox, address, back="/me/mailbox"):
    """Confirm a mailbox by the code that comes; returns the response to it."""
    coded = reader.press(back, "/me/mailbox", mailbox=address)
    assert coded.status_code == 200, coded.text
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', coded.text))
    told = reader.client.post("/me/mailbox/confirm", data={**fields, "code": code_in(mailbox)})
    mailbox.clear()
    return told


def test_an_answer_is_sent_after_the_mailbox_was_confirmed_once(reader, mailbox, address, mine):
    led = set_mailbox(reader, mailbox, mine, back=address)
    assert (led.status_code, led.headers["Location"]) == (303, address)
    for ending, mimetype in (("epub", "application/epub+zip"), ("html", "text/html")):
        told = reader.press(address, "/send", format=ending)
        assert mine in told.text
        mail = mailbox.mails[-1]
        assert (mail["X-From"], mail["X-To"]) == (SENDER, f'["{mine}"]')
        assert mail["Subject"] == "And red?"
        (file,) = mail.iter_attachments()
        assert (file.get_filename(), file.get_content_type()) == (f"and-red.{ending}", mimetype)
    epub = next(mailbox.mails[0].iter_attachments()).get_content()
    with zipfile.ZipFile(io.BytesIO(epub)) as book:
        assert book.testzip() is None
    assert 'id="forget-mailbox"' in reader.page("/me")


def test_a_whole_conversation_is_sent(reader, mailbox, mine):
    two = reader.ask("And red?")
    reader.ask("And blue?", conversation=two.removeprefix("/c/"))
    address = f"{two}/2/send"
    set_mailbox(reader, mailbox, mine)
    reader.press(address, "/send", what="all", format="html")
    text = next(mailbox.mails[0].iter_attachments()).get_content()
    assert "And red?" in text
    assert "And blue?" in text


def test_what_an_owner_calls_a_conversation_is_sent_to_nobody_else(app, reader, mailbox, mine):
    own = reader.ask("And red?")
    reader.client.post(f"{own}/title", data={"title": "My secret"})
    read_only = re.search(r'href="(/c/[\w-]+)/1\.txt"', reader.page(own))[1]
    other = Browser(app)
    other.ask()
    set_mailbox(other, mailbox, mine)
    assert other.press(f"{read_only}/1/send", "/send", what="all", format="html").status_code == 200
    (mail,) = mailbox.mails
    assert mail["Subject"] == "And red?"
    assert "My secret" not in mail.as_string()


def test_a_kindle_gets_the_code_as_a_document_and_no_mobi(reader, mailbox, address):
    coded = reader.press(address, "/me/mailbox", mailbox="me@kindle.com")
    (file,) = mailbox.mails[0].iter_attachments()
    assert file.get_filename() == "code.txt"
    assert code_in(mailbox) in file.get_content()
    assert SENDER in reader.page("/me/mailbox"), "to be allowed at Amazon"
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', coded.text))
    reader.client.post("/me/mailbox/confirm", data={**fields, "code": code_in(mailbox)})
    assert 'value="mobi"' not in reader.page(address)
    assert reader.press(address, "/send", format="mobi").status_code == 400


def test_nothing_is_sent_to_a_mailbox_that_was_not_confirmed(reader, mailbox, address):
    assert reader.get(address).status_code == 302
    coded = reader.press(address, "/me/mailbox", mailbox="victim@mail.example")
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', coded.text))
    wrong = reader.client.post("/me/mailbox/confirm", data={**fields, "code": "0000 0000"})
    assert wrong.status_code == 403
    token = {"token": fields["token"], "format": "epub"}
    assert reader.client.post(address, data=token).status_code == 403
    assert len(mailbox.mails) == 1, "the code alone"


def test_a_code_is_no_use_for_another_mailbox_or_reader(app, reader, mailbox, address, mine):
    coded = reader.press(address, "/me/mailbox", mailbox=mine)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', coded.text))
    other = {**fields, "mailbox": "you@mail.example", "code": code_in(mailbox)}
    assert reader.client.post("/me/mailbox/confirm", data=other).status_code == 403
    thief = Browser(app)
    thief.ask()
    form = {"mailbox": mine, "code": code_in(mailbox)}
    here = {"Origin": "http://localhost"}
    assert thief.client.post("/me/mailbox/confirm", data=form, headers=here).status_code == 403


@cases("given", ["", "reader", "a@b.de\r\nBcc: c@d.de", "a@b.de,c@d.de", '"a"@b.de', "<a@b.de>"])
def test_what_is_no_address_gets_no_mail(reader, mailbox, given):
    assert reader.press("/me/mailbox", "/me/mailbox", mailbox=given).status_code == 400
    assert mailbox.mails == []


def test_any_title_is_harmless(reader, mailbox, mine):
    question = 'x\r\nBcc: evil@mail.example\r\n\r\n<b>"y"'
    address = re.search(r'id="mail" href="([^"]+)"', reader.page(reader.ask(question)))[1]
    set_mailbox(reader, mailbox, mine)
    reader.press(address, "/send")
    (mail,) = mailbox.mails
    assert mail["Bcc"] is None
    assert mail["X-To"] == f'["{mine}"]'


def test_how_much_is_sent_a_day_is_limited(reader, mailbox, address, monkeypatch, mine):
    monkeypatch.setattr(mailbox_module, "SENT", parse_rate_limits("2/day"))
    set_mailbox(reader, mailbox, mine)
    told = [reader.press(address, "/send").status_code for _ in range(3)]
    assert told == [200, 200, 429]
    assert len(mailbox.mails) == 2


def test_nobodys_mailbox_is_filled_with_codes(app, mailbox):
    told = []
    for _ in range(4):
        reader = Browser(app)
        reader.ask()
        told.append(reader.press("/me/mailbox", "/me/mailbox", mailbox="full@mail.example"))
    assert [each.status_code for each in told] == [200, 200, 200, 429]
    assert len(mailbox.mails) == 3


def test_codes_are_not_guessed(reader, mailbox):
    coded = reader.press("/me/mailbox", "/me/mailbox", mailbox="guessed@mail.example")
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', coded.text))
    tries = [
        reader.client.post("/me/mailbox/confirm", data={**fields, "code": code}).status_code
        for code in ["1" * 8] * 10 + [code_in(mailbox)]
    ]
    assert tries == [403] * 10 + [429]


def test_what_the_mail_server_refuses_is_told_and_the_log_has_no_address(reader, mailbox, caplog):
    told = reader.press("/me/mailbox", "/me/mailbox", mailbox="rcpt-550@mail.example")
    assert told.status_code == 502
    told = reader.press("/me/mailbox", "/me/mailbox", mailbox="data-451@mail.example")
    assert told.status_code == 503
    assert "a mail was not sent: " in caplog.text
    assert "mail.example" not in caplog.text


def test_a_file_that_is_too_large_is_not_sent(reader, mailbox, address, monkeypatch, mine):
    set_mailbox(reader, mailbox, mine)
    monkeypatch.setattr(mailing, "MOST_BYTES", 100)
    assert reader.press(address, "/send").status_code == 413
    assert mailbox.mails == []


def test_a_reader_can_have_the_mailbox_forgotten(reader, mailbox, address, mine):
    set_mailbox(reader, mailbox, mine)
    reader.press("/me", "/me/mailbox/forget")
    assert mine not in reader.page("/me")
    assert reader.get(address).status_code == 302


def test_no_other_sites_form_sends_mail(reader, mailbox, address, mine):
    set_mailbox(reader, mailbox, mine)
    for post in (address, "/me/mailbox", "/me/mailbox/confirm", "/me/mailbox/forget"):
        told = reader.client.post(post, data={"mailbox": "a@b.de", "format": "epub"})
        assert told.status_code == 403
    assert mailbox.mails == []


def test_without_a_mail_server_there_is_no_such_page(open_app):
    reader = Browser(open_app())
    address = reader.ask()
    assert 'id="mail"' not in reader.page(address)
    for gone in (f"{address}/1/send", "/me/mailbox"):
        assert reader.get(gone).status_code == 404
