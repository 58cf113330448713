"""Subscribing, confirming and leaving, as readers, mail programs and scanners do it."""

import html
import re

import pytest

from harness.quick_start import start_app
from kindlechat.stores.contract import Standing
from kindlechat.web.newsletter import MAILBOX_LETTERS, NETWORK_LETTERS
from tests.cases import cases
from tests.newsletter.conftest import BASE_URL, IMPRINT, SENDER

ADDRESSES = iter(f"192.0.2.{number}" for number in range(1, 255))


@pytest.fixture
def open_app(site, mail_server, tmp_path):
    apps = []

    def open_one(**changes):
        environment = {
            "KINDLECHAT_DATA": str(tmp_path / "app"),
            "KINDLECHAT_SMTP_URL": f"smtp://127.0.0.1:{mail_server.port}",
            "KINDLECHAT_MAIL_FROM": SENDER,
            "KINDLECHAT_MAIL_ADDRESS": IMPRINT,
            "KINDLECHAT_BASE_URL": BASE_URL,
        }
        apps.append(start_app(environment | changes))
        return apps[-1]

    yield open_one
    for app in apps:
        app.close()


@pytest.fixture
def app(open_app, mailbox):
    return open_app()


@pytest.fixture
def client(app):
    return client_of(app)


def client_of(app):
    """A browser in a network of its own."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = next(ADDRESSES)
    return client


def subscribe(client, mailbox="ann@example.org", root="", **more):
    return client.post(f"{root}/newsletter", data={"mailbox": mailbox, **more})


def link_in(mail, purpose):
    text = mail.get_body(("plain",)).get_content()
    return re.search(rf"{BASE_URL}(\S*/newsletter/{purpose}/\S+)", text)[1]


def only_subscriber(app):
    (found,) = app.store.subscribers()
    return found


def test_a_reader_subscribes_confirms_and_leaves(app, client, mailbox):
    told = subscribe(client, " Ann@Example.org ", "/ru")
    assert told.status_code == 200
    assert "Ann@example.org" in told.text
    (mail,) = mailbox.mails
    assert only_subscriber(app).standing is Standing.PENDING
    assert only_subscriber(app).language == "ru"
    link = link_in(mail, "confirm")
    assert link.startswith("/ru/")
    asked = client.get(link)
    action, name, value = re.search(
        r'<form class="inline" method="post" action="([^"]+)"><input type="hidden" name="([^"]+)"'
        r' value="([^"]+)"',
        asked.text,
    ).groups()
    for _ in range(2):
        assert client.post(html.unescape(action), data={name: value}).status_code == 200
        assert only_subscriber(app).standing is Standing.ACTIVE
    subscribe(client)
    leave = link_in(mailbox.mails[-1], "leave")
    for _ in range(2):
        assert client.post(leave).status_code == 200
        assert only_subscriber(app).standing is Standing.LEFT
    assert client.post(link).status_code == 410, "a link from before does not subscribe again"


def test_links_that_are_only_opened_change_nothing(app, client, mailbox):
    subscribe(client)
    link = link_in(mailbox.mails[0], "confirm")
    for _ in range(100):
        assert client.get(link).status_code == 200
    assert only_subscriber(app).standing is Standing.PENDING
    client.post(link)
    subscribe(client)
    for _ in range(100):
        assert client.get(link_in(mailbox.mails[1], "leave")).status_code == 200
    assert only_subscriber(app).standing is Standing.ACTIVE


def test_a_mail_program_leaves_at_one_click(open_app, mailbox):
    app = open_app(KINDLECHAT_PASSCODE="open sesame")
    client = client_of(app)
    subscribe(client)
    client.post(link_in(mailbox.mails[0], "confirm"))
    subscribe(client)
    leave = link_in(mailbox.mails[1], "leave")
    elsewhere = {"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}
    for _ in range(20):
        told = client_of(app).post(leave, data={"List-Unsubscribe": "One-Click"}, headers=elsewhere)
        assert told.status_code == 200
        assert "Set-Cookie" not in told.headers
    assert only_subscriber(app).standing is Standing.LEFT


def test_whoever_was_forgotten_can_still_leave_at_one_click(app, client, mailbox):
    subscribe(client)
    confirm = link_in(mailbox.mails[0], "confirm")
    client.post(confirm)
    subscribe(client)
    leave = link_in(mailbox.mails[1], "leave")
    app.store.forget_subscriber(only_subscriber(app).mailbox_hash)
    done = client.post(leave, data={"List-Unsubscribe": "One-Click"})
    assert done.status_code == 200
    assert app.store.subscribers() == []
    assert client.post(confirm).status_code == 410, "there is nobody to send letters to"


def test_the_form_says_the_same_whoever_is_known(app, client, mailbox):
    first = subscribe(client).text
    client.post(link_in(mailbox.mails[0], "confirm"))
    assert subscribe(client).text == first
    assert len(mailbox.mails) == 2, "each time a letter is sent, which takes as long"


def test_other_sites_cannot_subscribe_anybody(app, client, mailbox):
    told = client.post(
        "/newsletter",
        data={"mailbox": "ann@example.org"},
        headers={"Origin": "https://evil.example"},
    )
    assert told.status_code == 403
    assert mailbox.mails == []


@cases(
    "bad", ["", "ann", "ann@", "@example.org", "a@b", "ann@example.org\r\nBcc: eve@example.org",
            "ann@example.org,eve@example.org", "<ann@example.org>", "ann@exämple.org", "a" * 300]
)  # fmt: skip
def test_what_is_no_address_is_refused_and_kept(app, client, mailbox, bad):
    told = subscribe(client, bad)
    assert told.status_code == 400
    assert html.escape(bad.replace("\r\n", "")) in told.text.replace("\n", "").replace("\r", "")
    assert mailbox.mails == []
    assert app.store.subscribers() == []


def test_a_program_that_fills_in_every_field_gets_the_same_answer_and_no_letter(
    app, client, mailbox
):
    trapped = subscribe(client, website="https://spam.example")
    assert trapped.status_code == 200
    assert mailbox.mails == []
    assert trapped.text == subscribe(client).text


def test_a_network_has_so_many_letters_sent(app, mailbox):
    client = client_of(app)
    for number in range(NETWORK_LETTERS):
        assert subscribe(client, f"n{number}@example.org").status_code == 200
    told = subscribe(client, "late@example.org")
    assert told.status_code == 429
    assert 'value="late@example.org"' in told.text
    assert len(mailbox.mails) == NETWORK_LETTERS
    assert subscribe(client_of(app), "late@example.org").status_code == 200


def test_a_mailbox_gets_so_many_letters(app, mailbox):
    answers = {subscribe(client_of(app)).text for _ in range(MAILBOX_LETTERS + 2)}
    assert len(mailbox.mails) == MAILBOX_LETTERS
    assert len(answers) == 1


def test_a_mail_server_that_refuses_is_told(app, client, mailbox):
    assert subscribe(client, "rcpt-550@example.org").status_code == 400
    assert subscribe(client, "rcpt-451@example.org").status_code == 503


@cases("purpose", ["confirm", "leave"])
@cases("token", ["x", "x.y", "%00", "A" * 22 + "." + "B" * 27])
def test_a_link_that_nobody_made_is_unknown(client, purpose, token):
    for send in (client.get, client.post):
        assert send(f"/newsletter/{purpose}/{token}").status_code == 404


@pytest.mark.parametrize(
    "missing",
    ["KINDLECHAT_SMTP_URL", "KINDLECHAT_MAIL_ADDRESS", "KINDLECHAT_BASE_URL"],
)
def test_without_all_settings_there_is_no_newsletter(open_app, missing):
    client = client_of(open_app(**{missing: ""}))
    assert client.get("/newsletter").status_code == 404
    assert subscribe(client).status_code == 404


def test_without_https_there_is_no_newsletter(open_app):
    assert (
        client_of(open_app(KINDLECHAT_BASE_URL="http://chat.lan")).get("/newsletter").status_code
        == 404
    )
