"""Chromium with scripts off: a page that refreshes itself, and one that grows."""

from urllib.parse import urlsplit

import pytest

from tests.e2e.chromium import ask, chromium, find, open_page, press, send, text, until
from tests.e2e.words import count, counted


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("profile"), scripts=False) as driver:
        yield driver


def path(browser):
    return urlsplit(browser.current_url).path


def ended(browser):
    """Whether the page says that the answer is at its end: by the button that asks again."""
    return find(browser, "again")


def test_the_page_refreshes_itself_until_the_end(browser, app_server):
    ask(browser, f"{app_server.url}/", count(60, 100))
    until(lambda: text(browser, "status") == "Still writing.", "unfinished page")
    assert path(browser).startswith("/c/")
    assert text(browser, "answer").startswith(counted(20))
    assert text(browser, "answer") != counted(60)
    until(lambda: ended(browser), "finished page")
    assert text(browser, "answer") == counted(60)
    assert not browser.find_elements("css selector", "meta[http-equiv=refresh]")


def test_the_live_page_grows(browser, app_server):
    open_page(browser, f"{app_server.url}/plain/")
    browser.find_element("css selector", "input[value=live]").click()
    send(browser, count(40, 60))
    seen = [""]

    def finished():
        if (shown := text(browser, "answer")) != seen[-1]:
            seen.append(shown)
        return ended(browser)

    until(finished, "end of the page")
    assert path(browser).endswith("/live")
    assert text(browser, "answer") == counted(40)
    assert len(seen) >= 5
    assert all(counted(40).startswith(shown) for shown in seen)


def test_the_buttons_work(browser, app_server):
    """Stop, then an edited question in the place of the stopped one, then the same once more."""
    ask(browser, f"{app_server.url}/", count(100, 100))
    press(browser, "stop")
    until(lambda: text(browser, "status") == "Stopped.", "stopped answer")
    assert counted(100).startswith(text(browser, "answer"))
    press(browser, "edit")
    until(lambda: path(browser).endswith("/edit") and find(browser, "send"), "form")
    assert text(browser, "message") == count(100, 100)
    send(browser, count(5, 10))
    until(lambda: text(browser, "answer") == counted(5), "answer to the edited question")
    first = until(lambda: reply(browser), "button that asks again")
    press(browser, "again")
    until(lambda: reply(browser) != first, "another answer")
    assert text(browser, "answer") == counted(5)


def reply(browser):
    """The reply that the page shows."""
    return browser.find_element("name", "reply").get_attribute("value")
