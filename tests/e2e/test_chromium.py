"""What only some engines must show: formatting, a lost connection, trouble, the self-test, all buttons."""

import re

import pytest

from harness.browsers.devtools import Chromium
from harness.browsers.phantom import Phantom
from harness.browsers.programs import PHANTOMJS_1, until
from harness.line import CONVERSATION, Line
from harness.servers import ROOT, AppServer
from harness.words import count, counted
from kindlechat.rendering.device.reading import Order, Reading

SCREEN = (758, 1024)
READ = "document.getElementById({!r}).textContent.trim()"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with Chromium("chromium", tmp_path_factory.mktemp("chromium"), SCREEN) as browser:
        yield browser


@pytest.fixture
def page(browser):
    with browser.page() as page:
        yield page
        assert page.complaints() == []


@pytest.fixture(scope="module", params=["chromium", "old WebKit"])
def either(request, tmp_path_factory):
    if request.param == "chromium":
        yield request.getfixturevalue("browser")
    else:
        with Phantom(PHANTOMJS_1, tmp_path_factory.mktemp("phantomjs"), SCREEN) as browser:
            yield browser


@pytest.fixture
def line(app_server):
    with Line(app_server.port) as line:
        yield line


def ask(page, url, question):
    page.open(url)
    page.fill("message", question)
    page.press("send")


def read(page, element):
    return page.run(READ.format(element))


def state(page):
    return page.run("document.getElementById('answer').getAttribute('data-state')")


def until_ended(page):
    until(lambda: state(page) not in (None, "waiting", "streaming"), "end")
    return state(page)


def test_the_finished_answer_has_its_formatting(page, app_server):
    ask(page, f"{app_server.url}/", "Why is the sky blue?")
    assert until_ended(page) == "done"
    assert page.run("document.querySelector('#answer strong').textContent") == "all"
    items = "[].map.call(document.querySelectorAll('#answer li'), e => e.textContent)"
    assert page.run(items) == ["noon: blue", "evening: red"]
    assert "Небо синее потому же." in read(page, "answer")


@pytest.mark.parametrize("path", ["/", "/poll/"])
def test_a_lost_connection_keeps_the_text_and_goes_on(browser, line, path):
    with browser.page() as page:
        ask(page, line.url + path, count(120, 50))
        until(lambda: "word10 " in read(page, "answer") + " ", "beginning")
        line.cut()
        until(lambda: read(page, "status") == "Connection lost. Trying again.", "word of the break")
        kept = read(page, "answer")
        assert counted(10) in kept
        assert state(page) == "streaming"
        assert read(page, "refresh") == "Reload"
        line.mend()
        assert until_ended(page) == "done"
        assert read(page, "answer") == counted(120)
        assert counted(120).startswith(kept)
        assert read(page, "status") == ""


def test_an_example_is_asked_by_its_link(page, app_server):
    page.open(f"{app_server.url}/")
    page.run("document.querySelector('#examples a').click()")
    until(lambda: "You asked: Why is the sky blue?" in page.text(), "question")
    assert page.run("document.title").startswith("Why is the sky blue? – ")
    for word in ("Which browsers work", "Deutsch"):
        assert word not in page.text(), "the introduction and the languages make room"


def test_an_empty_question_is_told_beside_the_button(page, app_server):
    page.open(f"{app_server.url}/")
    page.press("send")
    until(lambda: read(page, "notice") == "Please write a question first.", "word of it")


def test_the_newest_question_stands_last_while_it_is_answered_and_after_a_reload(
    browser, app_server
):
    order = Reading(order=Order.LAST).code
    with browser.page() as page:
        ask(page, f"{app_server.url}/poll/?r={order}", count(200, 0))
        until(lambda: until_ended(page) == "done", "first answer")
        page.press("follow-up-above")
        page.fill("message", count(3, 0))
        page.press("send")
        until(lambda: read(page, "answer") == counted(3), "second answer")
        until(lambda: page.run("window.pageYOffset") > 0, "the newest turn in sight")
        turns = rf"{count(200, 0)} {counted(200)} .*You asked: {count(3, 0)} {counted(3)}"
        assert re.search(turns, page.text())
        page.open(page.run("location.href"))
        assert re.search(turns, page.text())


CHANGES = """
    window.changes = 0;
    new MutationObserver(function (list) { window.changes += list.length; }).observe(
        document, {attributes: true, characterData: true, childList: true, subtree: true});
    window.polls = performance.getEntriesByType('resource').length;
"""
POLLS = "performance.getEntriesByType('resource').length - window.polls"


def test_nothing_is_touched_while_polls_bring_nothing(page, app_server):
    """A panel that is touched flickers."""
    ask(page, f"{app_server.url}/poll/", "fault:stall")
    until(lambda: read(page, "answer") == "Half an ans", "half an answer")
    page.run(CHANGES)
    until(lambda: page.run(POLLS) >= 4, "some polls")
    assert page.run("window.changes") == 0
    page.press("stop")
    until(lambda: read(page, "status") == "Stopped.", "stopped answer")
    assert page.run("window.changes") > 0


BEATS = """
    window.beats = 0;
    TextDecoder.prototype.decode = (function (decode) {
        return function (part, how) { window.beats += 1; return decode.call(this, part, how); };
    }(TextDecoder.prototype.decode));
"""


@pytest.fixture(scope="module")
def hasty_server(site, upstream_process, tmp_path_factory):
    """One that sends a heartbeat each second."""
    folder = tmp_path_factory.mktemp("hasty")
    with AppServer(folder, haste=10, GEMINI_BASE_URL=upstream_process.url) as server:
        yield server


def test_nothing_is_touched_while_a_stream_brings_only_heartbeats(page, hasty_server):
    page.open(f"{hasty_server.url}/")
    page.run(BEATS)
    page.fill("message", "ponder")
    page.press("send")
    until(lambda: read(page, "answer") == "Half an ans", "half an answer")
    page.run(f"{CHANGES} window.beats = 0")
    until(lambda: page.run("window.beats") >= 3, "some heartbeats")
    assert page.run("window.changes") == 0
    page.press("stop")
    until(lambda: read(page, "status") == "Stopped.", "stopped answer")
    assert page.run("window.changes") > 0


def test_a_page_that_grows_is_not_touched_by_heartbeats(browser, hasty_server):
    with browser.page() as page, Line(hasty_server.port) as line:
        page.open(f"{line.url}/plain/")
        page.fill("message", "ponder")
        page.press("mode=live")
        page.press("send")
        until(lambda: read(page, "answer") == "Half an ans", "half an answer")
        page.run(CHANGES)
        before = line.parts
        until(lambda: line.parts >= before + 3, "some heartbeats")
        assert page.run("window.changes") == 0


WAYS = {
    "streamed": ("/stream/", ""),
    "polled": ("/poll/", ""),
    "growing": ("/plain/", "mode=live"),
    "refreshing": ("/plain/", "mode=refresh"),
}
SIZES = ((320, 240), (600, 800), (375, 812), (1072, 1448))
EDGES = """(function () {
    var bar = document.querySelector('.bar').getBoundingClientRect();
    var stop = document.getElementById('stop').getBoundingClientRect();
    var answer = document.getElementById('answer').getBoundingClientRect();
    return [bar.bottom, stop.top, stop.left, stop.bottom, answer.top];
}())"""


def test_stop_stands_at_the_same_place_in_every_way(page, hasty_server):
    """Below the bar, which it does not touch; the answer is in sight, and the box makes room for it."""
    places = {}
    for way, (path, mode) in WAYS.items():
        page.resize(*SIZES[0])
        page.open(hasty_server.url + path)
        page.fill("message", f"{count(300, 100)} {way}")
        if mode:
            page.press(mode)
        page.press("send")
        until(lambda: "word3 " in read(page, "answer"), "beginning")
        for size in SIZES:
            page.resize(*size)
            places.setdefault(size, {})[way] = page.run(EDGES)
        assert page.run("document.getElementById('message')?.offsetHeight || 0") == 0
        page.run("document.getElementById('stop').click()")  # a page that grows is not loaded yet
        until(lambda: page.loaded() and read(page, "status") == "Stopped.", "stopped answer")
    for size, by_way in places.items():
        first, *others = by_way.values()
        assert all(other == first for other in others), (size, by_way)
        bar, top, _, bottom, answer = first
        assert bar < top < bottom < answer < size[1] * 0.75, (size, first)


TOP = "document.getElementById('answer').getBoundingClientRect().top"
BOX = "document.getElementById('message').offsetHeight"


def test_what_is_read_stays_where_it_is_when_the_answer_ends(page, hasty_server):
    """Above it a link stands for the box, as before; a Kindle's script cannot scroll the page."""
    page.resize(600, 800)
    page.open(f"{hasty_server.url}/stream/")
    page.fill("message", count(100, 10))
    page.press("send")
    until(lambda: "word3 " in read(page, "answer"), "beginning")
    top = page.run(TOP)
    until(lambda: "Try again" in read(page, "actions"), "end")
    assert abs(page.run(TOP) - top) < 1  # a part of a dot
    assert page.run(BOX) == 0
    page.press("follow-up")
    assert page.run(BOX) > 0


LANGUAGE_ROOTS = [
    "",
    *sorted(f"/{each.name}" for each in (ROOT / "site/content").iterdir() if each.name != "en"),
]


def test_on_the_smallest_screen_one_asks_without_scrolling(page, app_server):
    """In every language, on the first page and where a trouble is the title."""
    page.resize(320, 240)
    for root in LANGUAGE_ROOTS:
        for path in ("/", "/c/unknown"):
            page.open(app_server.url + root + path)
            ends = "document.getElementById('send').getBoundingClientRect().bottom"
            assert page.run(ends) <= 240, root + path
    page.complaints()  # that there is no such conversation


def test_on_the_smallest_screen_the_button_of_a_short_page_is_seen_without_scrolling(
    page, app_server
):
    """Where one searches, names, deletes, and comes back by five words."""
    page.resize(320, 240)
    ask(page, f"{app_server.url}/", "What is seen first?")
    assert until_ended(page) == "done"
    about = page.run("document.getElementById('manage').getAttribute('href')")
    delete = about.replace("/about", "/delete")
    for path in ("/conversations", about, delete, "/conversations/delete", "/me/find"):
        page.open(app_server.url + path)
        ends = "document.querySelector('button').getBoundingClientRect().bottom"
        assert page.run(ends) <= 240, path


CTRL_ENTER = """document.getElementById('message').dispatchEvent(
    new KeyboardEvent('keydown', {keyCode: 13, ctrlKey: true, bubbles: true}))"""


def test_a_question_on_its_way_says_so_and_is_sent_once(page, line):
    """By Ctrl+Enter; neither the keys nor the button send it again meanwhile."""
    page.open(f"{line.url}/poll/")
    page.fill("message", count(5, 10))
    line.hold()
    page.run(CTRL_ENTER)
    assert read(page, "notice") == "Sending."
    page.run(CTRL_ENTER)
    page.press("send")
    assert read(page, "notice") == "Sending."
    line.release()
    assert until_ended(page) == "done"
    assert read(page, "notice") == ""
    assert line.asked.count("POST /api/replies") == 1


def test_a_question_whose_answer_was_lost_on_the_way_is_asked_once(browser, line):
    with browser.page() as page:
        page.open(f"{line.url}/poll/")
        line.swallow()
        page.fill("message", count(5, 10))
        page.press("send")
        until(lambda: "could not be sent" in read(page, "notice"), "word of the failure")
        line.cut()
        line.mend()
        page.press("send")
        assert until_ended(page) == "done"
    (first,) = set(CONVERSATION.findall(line.swallowed))
    assert line.conversations == {first.decode()}


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("cut", "Half an ans [Connection interrupted]"),
        ("length", "Half an ans Cut at the length limit."),
        ("safety", "Half an ans The model stopped for safety reasons. Please ask in other words."),
        (
            "bad_key",
            "The key of this site was refused. Its operator must set a valid GEMINI_API_KEY.",
        ),
    ],
)
def test_trouble_is_told_in_a_sentence(either, app_server, fault, told):
    with either.page() as page:
        ask(page, f"{app_server.url}/", f"fault:{fault}")
        until(lambda: f"You asked: fault:{fault} {told}" in page.text(), told)
        assert page.complaints() == []


def test_a_follow_up_leaves_the_turns_before_it_on_the_page(either, app_server):
    """Newest first; one that is still written when the next is asked leads to where it goes on."""
    first, long, last = "fault:length", count(400, 50), count(3, 1)
    earlier = f"Earlier in this conversation You asked: {long}"
    with either.page() as page:
        ask(page, f"{app_server.url}/poll/", first)
        end = r"Cut at the length limit\. .*Continue"
        until(lambda: re.search(end, page.text()), "first answer")
        assert "Ask a follow-up" in page.text()
        for question, shown in ((long, "word1 word2"), (last, counted(3))):
            page.press("follow-up-above")
            page.fill("message", question)
            page.press("send")
            until(lambda told=f"{question} {shown} ": told in page.text(), question)
        end = rf"{last} {counted(3)} .*Try again .* {earlier} (.+) Reload (.*)"
        told = until(lambda: re.search(end, page.text()), "end")
        assert counted(400).startswith(told[1])
        assert told[2].startswith(f"You asked: {first} Half an ans Cut at the length limit.")
        assert page.complaints() == []


@pytest.mark.parametrize("path", ["/ru/", "/ru/poll/"])
def test_the_script_speaks_the_language_of_its_page(either, app_server, path):
    with either.page() as page:
        ask(page, app_server.url + path, "fault:length")
        told = "Вы спросили: fault:length Half an ans Ответ обрезан: достигнут предел длины."
        until(lambda: told in page.text(), told)
        assert page.complaints() == []


def test_the_self_test_says_what_fits(page, app_server):
    page.open(f"{app_server.url}/answers/")
    until(lambda: read(page, "test-progressive") == "yes", "end of the self-test")
    assert "as it is written" in read(page, "verdict")


def test_the_buttons_work_without_a_script(app_server, tmp_path):
    """Stop, then an edited question in the place of the stopped one, then the same once more."""
    with Chromium("chromium", tmp_path, SCREEN, scripts=False) as browser, browser.page() as page:
        ask(page, f"{app_server.url}/", count(300, 100))
        page.press("stop")
        until(lambda: read(page, "status") == "Stopped.", "stopped answer")
        assert counted(300).startswith(read(page, "answer"))
        page.press("edit")
        until(lambda: page.run("location.pathname").endswith("/edit") and page.loaded(), "form")
        assert page.run("document.getElementById('message').value") == count(300, 100)
        page.fill("message", count(5, 10))
        page.press("send")
        until(lambda: page.loaded() and read(page, "answer") == counted(5), "answer")
        first = reply(page)
        page.press("again")
        until(lambda: page.loaded() and reply(page) != first, "another answer")
        assert read(page, "answer") == counted(5)


def reply(page):
    """The reply that the page shows."""
    return page.run("document.querySelector('#actions input[name=reply]').value")
