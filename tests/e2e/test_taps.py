"""A whole conversation by taps, and the meaning of a word, where typing is hardest: with no script needed."""

import re
from functools import partial

import pytest

from harness import behaviours as up
from harness.browsers.phantom import Phantom
from harness.browsers.programs import PHANTOMJS_1, until
from harness.browsers.terminal import LYNX, W3M, TextBrowser
from harness.servers import AppServer

SCREEN = (100, 60)
ANSWER = "Air scatters light.\n\n<follow-ups>\nWhy red at night?\n</follow-ups>"


@pytest.fixture(scope="module")
def server(site, upstream, tmp_path_factory):
    with AppServer(
        tmp_path_factory.mktemp("taps"),
        GEMINI_BASE_URL=upstream.base_url,
        KINDLECHAT_RATE_LIMIT="off",
    ) as opened:
        yield opened


@pytest.mark.parametrize(
    ("engine", "screen"),
    [
        (partial(TextBrowser, LYNX), SCREEN),
        (partial(TextBrowser, W3M), SCREEN),
        (partial(Phantom, PHANTOMJS_1), (600, 800)),
    ],
    ids=["lynx", "w3m", "phantomjs"],
)
def test_a_conversation_needs_no_typing(engine, screen, server, upstream, tmp_path):
    upstream.script(up.answer(ANSWER))
    with engine(folder=tmp_path, screen=screen) as browser, browser.page() as page:
        page.open(f"{server.url}/")
        until(lambda: "Ask anything" in page.text(), "the first page")
        page.press("example-1")  # asks, or leads to a box where no script does
        at_once = until(lambda: re.search("You asked|Thorough answer (?!Why)", page.text()), "it")
        if "You asked" not in at_once[0]:
            page.press("send")
        for button, told in (
            ("do-more", "You asked: More"),
            ("next-1", "You asked: Why red at night?"),
        ):
            until(lambda: "Why red at night?" in page.text(), "the buttons")
            page.press(button)
            until(lambda told=told: told in page.text(), told)
        until(lambda: "Translate…" in page.text(), "the buttons")
        page.press("translate")
        until(lambda: "Translate the answer" in page.text(), "the languages")
        page.press("into-de")
        until(lambda: "You asked: Translate: Deutsch" in page.text(), "the translation")


@pytest.mark.parametrize("program", [LYNX, W3M], ids=["lynx", "w3m"])
def test_a_word_is_looked_up_in_a_text_browser(program, server, upstream, tmp_path):
    upstream.script(up.answer(ANSWER))
    with TextBrowser(program, tmp_path, SCREEN) as browser, browser.page() as page:
        page.open(f"{server.url}/")
        until(lambda: "Ask anything" in page.text(), "the first page")
        assert re.search(r"Define *\| .*Translate *\| .*Explain", page.text()), "buttons are parted"
        page.fill("message", "Why?")
        page.press("send")
        until(lambda: "Look up words" in page.text(), "the answer's end")
        assert re.search(r"Shorter *\| .*Simpler *\| .*More", page.text())
        page.press("words")
        until(lambda: "Every word leads" in page.text(), "the words")
        upstream.script(up.answer("spreads in all directions"))
        page.press("a word")
        until(lambda: "spreads in all directions" in page.text(), "the meaning")
        page.press("back")
        until(lambda: "Every word leads" in page.text(), "the words again")
