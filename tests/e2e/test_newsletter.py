"""Subscribing in browsers that run no scripts."""

import re
from functools import partial

import pytest

from harness.browsers.dillo import DilloPage
from harness.browsers.display import DisplayBrowser
from harness.browsers.programs import until
from harness.browsers.terminal import LYNX, W3M, TextBrowser
from harness.servers import AppServer

SITE = "https://chat.example"
SCREEN, WINDOW = (100, 60), (600, 800)


@pytest.fixture(scope="module")
def server(site, mail_server, tmp_path_factory):
    with AppServer(
        tmp_path_factory.mktemp("letters"),
        KINDLECHAT_SMTP_URL=f"smtp://127.0.0.1:{mail_server.port}",
        KINDLECHAT_MAIL_FROM="letters@chat.example",
        KINDLECHAT_MAIL_ADDRESS="Kindlechat, Bookham",
        KINDLECHAT_BASE_URL=SITE,
    ) as opened:
        yield opened


@pytest.mark.parametrize(
    ("name", "engine", "screen"),
    [
        ("lynx", partial(TextBrowser, LYNX), SCREEN),
        ("w3m", partial(TextBrowser, W3M), SCREEN),
        ("dillo", partial(DisplayBrowser, DilloPage), WINDOW),
    ],
    ids=["lynx", "w3m", "dillo"],
)
def test_a_reader_subscribes(name, engine, screen, server, mailbox, tmp_path):
    address = f"{name}@mail.example"

    def letters():
        return [mail for mail in mailbox.mails if mail["To"] == address]

    with engine(tmp_path, screen) as browser:
        with browser.page() as page:
            page.open(f"{server.url}/newsletter")
            until(lambda: "Your e-mail address" in page.text(), "the form")
            page.fill_line("mailbox", address)
            page.press("subscribe")
            (letter,) = until(letters, "a letter")
        text = letter.get_body(("plain",)).get_content()
        link = re.search(rf"{SITE}(/newsletter/confirm/\S+)", text)[1]
        with browser.page() as page:
            page.open(f"{server.url}{link}")
            until(lambda: "Do you want new posts" in page.text(), "the question")
            page.press("press")
            until(lambda: "You will get new posts by e-mail" in page.text(), "the end")
