"""w3m and lynx: no script, no meta refresh, HTTP/1.0. The form, the Refresh link, and no word lost."""

import subprocess

import pytest
import requests

from tests.e2e.terminal import Terminal
from tests.e2e.tools import installed
from tests.e2e.words import count, counted

BROWSERS = ["w3m", "lynx"]

TYPE_AND_SEND = {"lynx": "\t{question}\t\r", "w3m": "\t\r\t\r"}
"""From the top of a page into the question box, on to the button; w3m has an editor type."""

TO_THE_LINK_AFTER_STOP = "/Stop\r\t\r"
"""Found by its neighbour: the browsers write a "Refresh" of their own on top of the page."""


@pytest.fixture
def browse(tmp_path):
    """Open an address in a browser in a terminal; `typed` is what w3m's editor types."""

    def browse(browser, url, typed=""):
        editor = tmp_path / "editor"
        editor.write_text(f'#!/bin/sh\nprintf %s "{typed}" >"$1"\n')
        editor.chmod(0o755)
        options = {"w3m": ["-o", f"editor={editor}"], "lynx": ["-nopause"]}
        return Terminal([installed(browser), *options[browser], url], {"HOME": str(tmp_path)})

    return browse


def dump(browser, url, form=None):
    """The page as the browser prints it, all on one line, after sending the form if there is one."""
    options, stdin = [], ""
    if form and browser == "w3m":
        options, stdin = ["-post", "-"], form
    elif form:
        options, stdin = ["-post_data"], f"{form}\n---\n"
    command = [installed(browser), "-dump", *options, url]
    ran = subprocess.run(
        command, input=stdin, capture_output=True, text=True, timeout=30, check=True
    )
    return " ".join(ran.stdout.split())


def ask(url, question):
    """Start a reply as a program would; returns its page's address."""
    response = requests.post(f"{url}/api/replies", json={"message": question}, timeout=10)
    response.raise_for_status()
    return url + response.json()["page"]


@pytest.mark.parametrize("browser", BROWSERS)
def test_the_form_and_the_refresh_link_lead_to_the_whole_answer(browse, app_server, browser):
    """The answer takes longer than a page waits for it, so the link is needed."""
    question = count(70, 90)
    with browse(browser, app_server.url, typed=question) as terminal:
        terminal.until("Ask anything")
        terminal.press(TYPE_AND_SEND[browser].format(question=question))
        terminal.until("Still writing.")
        assert f"{question} {counted(20)}" in terminal.shown
        terminal.press(TO_THE_LINK_AFTER_STOP)
        terminal.until("Ask again")
        terminal.until(f"{question} {counted(70)}")


@pytest.mark.parametrize("browser", BROWSERS)
@pytest.mark.parametrize("mode", ["refresh", "live"])
def test_a_posted_form_gets_the_answer(app_server, browser, mode):
    form = f"message={count(20, 40)}&conversation=&mode={mode}"
    shown = dump(browser, f"{app_server.url}/ask", form)
    assert f"{count(20, 40)} {counted(20)} " in shown


@pytest.mark.parametrize("browser", BROWSERS)
def test_a_page_that_grew_shows_what_the_finished_page_shows(app_server, browser):
    """With chunked coding in the way there would be sizes between the words."""
    page = ask(app_server.url, count(40, 30))
    grown = dump(browser, f"{page}/live")
    assert counted(40) in grown
    # Above, the page that grows has its Stop button and Refresh link, which lynx numbers.
    assert question_and_answer(grown) == question_and_answer(dump(browser, page))


def question_and_answer(shown):
    return shown[shown.index("You asked") : shown.index("Ask again")]
