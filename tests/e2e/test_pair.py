"""A phone as the keyboard of a reader: each at a server of its own, with one Redis between them."""

import re
from functools import partial

import pytest
from selenium.webdriver.common.by import By

from harness import behaviours as up
from harness.browsers.chromium import chromium, find, press, until
from harness.browsers.phantom import Phantom
from harness.browsers.programs import PHANTOMJS_1
from harness.browsers.programs import until as until_shown
from harness.browsers.terminal import W3M, TextBrowser
from harness.servers import AppServer, RedisServer
from tests.pictures.made import quarters, saved

CODE = re.compile(r"type this code: ([0-9A-Z]{3} [0-9A-Z]{3}) ")


@pytest.fixture(scope="module")
def servers(site, upstream, tmp_path_factory):
    """The reader's and the phone's."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as redis:
        settings = {
            "GEMINI_BASE_URL": upstream.base_url,
            "REDIS_URL": redis.url,
            "SECRET_KEY": "secret" * 8,
        }
        with (
            AppServer(tmp_path_factory.mktemp("reader"), settings) as reader,
            AppServer(tmp_path_factory.mktemp("phone"), settings) as phone,
        ):
            yield reader, phone


@pytest.fixture(scope="module")
def phone(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("chromium")) as driver:
        yield driver


@pytest.fixture
def photograph(tmp_path):
    path = tmp_path / "page.png"
    path.write_bytes(saved(quarters(size=(600, 800)), "PNG"))
    return path


@pytest.mark.parametrize(
    ("engine", "screen", "mark"),
    [
        (partial(Phantom, PHANTOMJS_1), (600, 800), "Sent from the phone"),
        (partial(TextBrowser, W3M), (100, 60), "[picture]"),
    ],
    ids=["phantomjs", "w3m"],
)
def test_what_is_typed_on_the_phone_is_answered_on_the_reader(
    engine, screen, mark, servers, phone, photograph, upstream, tmp_path
):
    upstream.script(up.answer("Air scatters light."))
    at_reader, at_phone = servers
    phone.delete_all_cookies()
    with engine(folder=tmp_path, screen=screen) as reader, reader.page() as page:

        def shown(words):
            """Look for words. A browser without refresh follows the link, but not past what has come."""
            if not (page.refreshes or words in page.text()):
                page.press("look")
            return words in page.text()

        page.open(f"{at_reader.url}/")
        until_shown(lambda: "Ask anything" in page.text(), "the first page")
        page.press("use-phone")
        code = until_shown(lambda: CODE.search(page.text()), "the code")[1]
        phone.get(f"{at_phone.url}/pair")
        until(lambda: find(phone, "code"), "the form").send_keys(code.lower())
        press(phone, "pair")
        box = until(lambda: find(phone, "message"), "the box")
        until_shown(lambda: shown("Paired"), "the pair on the reader")
        box.send_keys("Why is the sky blue?")
        press(phone, "send")
        until(lambda: find(phone, "sent"), "the word that it was sent")
        until_shown(lambda: shown("Air scatters light."), "the answer on the reader")
        until(lambda: find(phone, "picture"), "the box again").send_keys(str(photograph))
        find(phone, "message").send_keys("What does this page say?")
        press(phone, "send")
        until_shown(lambda: shown("What does this page say?"), "the second question")
        assert mark in page.text()
        *_, picture, _ = upstream.requests[-1].body["contents"][-1]["parts"]
        assert picture["inlineData"]["mimeType"] == "image/jpeg"
        press(phone, "unpair")
        until(lambda: phone.find_elements(By.ID, "code"), "the end on the phone")
