"""Chromium with scripts: the answer appears as it is written, and a lost connection loses no word."""

from itertools import pairwise

import pytest

from tests.e2e.chromium import ask, chromium, find, open_page, press, send, text, until
from tests.e2e.line import Line
from tests.e2e.words import count, counted

WATCH = """
    var answer = document.getElementById("answer");
    window.seen = [];
    new MutationObserver(function () {
        window.seen.push([answer.getAttribute("data-state"), answer.textContent]);
    }).observe(answer, {attributes: true, attributeFilter: ["data-repaints"]});
"""
FETCHED = "return performance.getEntriesByType('resource').map(function (r) { return r.name; });"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture
def line(app_server):
    with Line(app_server.port) as line:
        yield line


def ask_watching(browser, page, question):
    """Ask, noting from then on what each repaint shows."""
    open_page(browser, page)
    browser.execute_script(WATCH)
    send(browser, question)


def complaints(browser):
    """What the console says since it was last asked: errors of scripts, refused loads.

    Chromium asks every site for an icon of its own accord.
    """
    return [
        entry["message"]
        for entry in browser.get_log("browser")
        if entry["level"] == "SEVERE" and "/favicon.ico" not in entry["message"]
    ]


def state(browser):
    return find(browser, "answer").get_attribute("data-state")


def until_ended(browser):
    until(lambda: state(browser) not in (None, "waiting", "streaming"), "end")
    return state(browser)


def partial_texts(browser):
    """The different texts that were shown while the answer was being written, oldest first."""
    seen = [shown for state, shown in browser.execute_script("return window.seen") if shown]
    assert all(later.startswith(sooner.rstrip()) for sooner, later in pairwise(seen))
    return [shown for shown in dict.fromkeys(seen) if shown.strip() != seen[-1].strip()]


def fetched(browser, ending):
    return [url for url in browser.execute_script(FETCHED) if url.split("?")[0].endswith(ending)]


@pytest.mark.parametrize(("page", "streams"), [("/", True), ("/stream/", True), ("/poll/", False)])
def test_the_answer_appears_as_it_is_written(browser, app_server, page, streams):
    complaints(browser)
    ask_watching(browser, app_server.url + page, count(40, 60))
    assert until_ended(browser) == "done"
    assert text(browser, "answer") == counted(40)
    assert len(partial_texts(browser)) >= 3
    assert bool(fetched(browser, "/stream")) is streams
    assert text(browser, "question").endswith(count(40, 60))
    assert text(browser, "status") == ""
    assert complaints(browser) == []


def test_the_finished_answer_has_its_formatting(browser, app_server):
    ask(browser, f"{app_server.url}/", "Why is the sky blue?")
    assert until_ended(browser) == "done"
    assert browser.find_element("css selector", "#answer strong").text == "all"
    assert [item.text for item in browser.find_elements("css selector", "#answer li")] == [
        "noon: blue",
        "evening: red",
    ]
    assert "Небо синее потому же." in text(browser, "answer")


def test_a_follow_up_stays_in_the_conversation(browser, app_server):
    ask(browser, f"{app_server.url}/", count(3, 10))
    assert until_ended(browser) == "done"
    page = browser.current_url
    send(browser, count(5, 10))
    until(lambda: text(browser, "answer") == counted(5), "second answer")
    assert browser.current_url == page
    browser.get(page)
    assert text(browser, "answer") == counted(5)
    assert counted(3) in browser.find_element("css selector", ".turn").text


@pytest.mark.parametrize("page", ["/", "/poll/"])
def test_a_lost_connection_keeps_the_text_and_goes_on(browser, line, page):
    ask(browser, line.url + page, count(60, 50))
    until(lambda: "word10 " in text(browser, "answer") + " ", "beginning")
    line.cut()
    until(lambda: text(browser, "status") == "[Connection interrupted]", "word of the interruption")
    kept = text(browser, "answer")
    assert counted(10) in kept
    assert state(browser) == "streaming"
    assert text(browser, "refresh") == "Go on"
    line.mend()
    assert until_ended(browser) == "done"
    assert text(browser, "answer") == counted(60)
    assert counted(60).startswith(kept)
    assert text(browser, "status") == ""


@pytest.mark.parametrize("page", ["/", "/poll/"])
def test_stop_keeps_what_came(browser, app_server, page):
    ask(browser, app_server.url + page, count(200, 50))
    until(lambda: "word5 " in text(browser, "answer") + " ", "beginning")
    press(browser, "stop")
    assert until_ended(browser) == "stopped"
    kept = text(browser, "answer")
    assert counted(5) in kept
    assert counted(200).startswith(kept)
    assert len(kept) < len(counted(200))
    assert text(browser, "status") == "Stopped."


@pytest.mark.parametrize(
    ("fault", "ending", "kept", "said"),
    [
        ("cut", "interrupted", "Half an ans", "[Connection interrupted]"),
        ("length", "cut", "Half an ans", "Cut at the length limit."),
        ("bad_key", "failed", "", "GEMINI_API_KEY"),
    ],
)
def test_trouble_is_told_in_a_sentence(browser, app_server, fault, ending, kept, said):
    ask(browser, f"{app_server.url}/", f"fault:{fault}")
    assert until_ended(browser) == ending
    assert text(browser, "answer") == kept
    assert said in text(browser, "status")


@pytest.mark.parametrize(("page", "verdict"), [("/answers/", "as it is written")])
def test_the_self_test_says_what_fits(browser, app_server, page, verdict):
    browser.get(app_server.url + page)
    until(lambda: text(browser, "test-progressive") == "yes", "end of the self-test")
    assert verdict in text(browser, "verdict")
