"""Accessibility in a real browser: keyboard alone, contrast and screen readers' rules, checked by axe."""

import re
from collections import Counter
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from gevent.pywsgi import WSGIServer
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from harness.browsers.chromium import chromium, find, text, until
from harness.servers import AppServer
from harness.words import count, counted
from kindlechat.rendering.device.reading import View
from tests.cases import cases
from tests.lint.pages import ALIKE, HASTE
from tests.lint.programs import MODULES, assert_none
from tests.lint.reader import READINGS, Elements

AXE = """
    var done = arguments[arguments.length - 1], settings = arguments[0];
    axe.run(document, settings).then(function (result) {
        done(result.violations.map(function (found) {
            return [found.id, found.help, found.nodes[0].html];
        }));
    }, function (error) { done([["axe", String(error), ""]]); });
"""

RULES = {
    "color-contrast-enhanced": {"enabled": True},  # 7:1, as in the style sheet's own test
    # With no script a page can only be reloaded; it says so, and Stop ends it.
    "meta-refresh": {"enabled": False},
}
"""Where the checks are other than axe's own choice, which has its best practices in it."""

EXCUSED = {"done-bare": {"page-has-heading-one"}}
"""Its reader has asked for nothing around the text."""

SHARES = 6
"""So many tests have the pages among them: one alone would take as long as all the rest here."""

FOCUSABLE = """
    return [].filter.call(document.querySelectorAll(
        "a[href], button, input, textarea, summary"), function (e) {
        var off = e.type === "hidden" || (e.type === "radio" && !e.checked);
        off = off || (e.closest("details:not([open])") && e.tagName !== "SUMMARY");
        return !off && e.getClientRects().length;
    });
"""
SHOWN = """
    return arguments[0].filter(function (selector) {
        return [].some.call(document.querySelectorAll(selector), function (element) {
            return element.getClientRects().length;
        });
    });
"""
SETTINGS = 'a[href^="/settings"]'

FOCUSED = """
    var e = document.activeElement, style = getComputedStyle(e);
    return e === document.body ? null : [e, style.outlineStyle !== "none" && style.outlineWidth !== "0px"];
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """Chromium on a device of 600 × 800 dots, which has the style of one."""
    with chromium(tmp_path_factory.mktemp("profile")) as driver:
        device = {"width": 600, "height": 800, "deviceScaleFactor": 1, "mobile": False}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", device)
        source = (MODULES / "axe-core/axe.min.js").read_text()
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": source})
        yield driver


@pytest.fixture(scope="module")
def server(site, upstream_process, tmp_path_factory):
    """The application, with pages that do not wait long for an answer."""
    folder = tmp_path_factory.mktemp("app")
    with AppServer(folder, haste=HASTE, GEMINI_BASE_URL=upstream_process.url) as server:
        yield server


@contextmanager
def serving(pages, site):
    """The address where each page is served again as it was, below its name, with what it loads."""
    bodies = {f"/{page.name}": page.html.encode() for page in pages}
    types = {".css": "text/css", ".js": "text/javascript"}

    def serve(environ, start_response):
        path = environ["PATH_INFO"]
        asset = site / path.lstrip("/")
        if path in bodies:
            start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
            return [bodies[path]]
        if path.startswith("/assets/") and asset.is_file():
            start_response("200 OK", [("Content-Type", types[asset.suffix])])
            return [asset.read_bytes()]
        start_response("204 No Content", [])  # a page that refreshes itself stays as it is
        return []

    server = WSGIServer(("127.0.0.1", 0), serve, log=None)
    server.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.stop(timeout=0.1)


def axe(browser):
    """What axe finds on the present page: (rule, what it says, the first element)."""
    settings = {"resultTypes": ["violations"], "rules": RULES, "preload": False}
    return [tuple(found) for found in browser.execute_async_script(AXE, settings)]


def different(pages):
    """The pages without those that are others in another language."""
    return [page for page in pages if not re.match(rf"({'|'.join(ALIKE)})(-|$)", page.name)]


@pytest.mark.parametrize("share", range(SHARES))
def test_axe_finds_nothing_on_any_page(browser, pages, site, share):
    where = {}
    with serving(pages, site) as url:
        for page in different(pages)[share::SHARES]:
            browser.get(f"{url}/{page.name}")
            for rule, what, element in axe(browser):
                if rule not in EXCUSED.get(page.name, ()):
                    where.setdefault((rule, what), []).append((page.name, element))
    assert_none(
        f"{rule}: {what}; first {found[0][1][:100]} on {' '.join(name for name, _ in found)}"
        for (rule, what), found in where.items()
    )


def test_axe_finds_what_it_should(browser):
    browser.get(
        "data:text/html,<html lang=en><title>Title</title><h1>Heading</h1><h3>Skipped</h3>"
        "<input name=a><p style='color:%23666'>grey</p><button></button>"
    )
    found = {rule for rule, _, _ in axe(browser)}
    assert found >= {"heading-order", "label", "color-contrast-enhanced", "button-name", "region"}


def test_axe_finds_nothing_while_a_script_writes(browser, server):
    """What the script makes is on no page that is served."""
    for question, state in ((count(600, 50), "streaming"), (count(3, 0), "done")):
        browser.get(f"{server.url}/")
        find(browser, "message").send_keys(question)
        find(browser, "send").click()
        until(lambda: find(browser, "answer").get_attribute("data-state") == state, state)  # noqa: B023
        assert_none(f"{state}: {finding}" for finding in axe(browser))


# Keys


def press(browser, keys, held=None):
    """Press keys, with another one held down meanwhile."""
    chain = ActionChains(browser)
    if held:
        chain.key_down(held)
    chain.send_keys(keys)
    if held:
        chain.key_up(held)
    chain.perform()


def tab_to(browser, element, most=40):
    """Press Tab until the element with this id has the focus, and can be seen to have it."""
    for _ in range(most):
        press(browser, Keys.TAB)
        focused, outlined = browser.execute_script(FOCUSED) or (None, False)
        if focused and focused.get_attribute("id") == element:
            assert outlined, f"the focus on #{element} cannot be seen"
            return
    raise AssertionError(f"no way to #{element} by Tab")


def tabbed(browser):
    """The elements that Tab goes through, from the page's beginning to its end."""
    found = []
    while len(found) < 100:
        press(browser, Keys.TAB)
        focused = browser.execute_script(FOCUSED)
        if focused is None or focused[0] in found:
            return found
        found.append(focused[0])
    raise AssertionError("no end")


def test_tab_goes_through_every_control_in_the_order_of_the_page(browser, pages, site):
    with serving(pages, site) as url:
        for name in (
            "home",
            "plain",
            "settings",
            "done",
            "streaming",
            "first-turn-screens",
            "edit",
        ):
            browser.get(f"{url}/{name}")
            expected = browser.execute_script(FOCUSABLE)
            assert len(expected) >= 4
            assert tabbed(browser) == expected, name


def test_no_setting_hides_the_way_to_ask_or_to_the_settings(browser, pages, site):
    """Whoever has hidden everything around the text has to get it back."""
    wanted = {"more": [SETTINGS], "last-screen": ["#more"]}
    for name, reading in READINGS.items():
        wanted[f"home-{name}"] = ["#message", SETTINGS]
        # On a screen of page view, the way to ask leads to a page with both.
        wanted[f"done-{name}"] = [SETTINGS] if reading.view is View.SCROLL else ["#ask"]
    missing = []
    with serving(pages, site) as url:
        for name, ways in wanted.items():
            browser.get(f"{url}/{name}")
            shown = browser.execute_script(SHOWN, ways)
            missing += [f"{name}: no {way}" for way in ways if way not in shown]
    assert_none(missing)


def test_a_question_is_asked_and_stopped_with_keys_alone(browser, server):
    browser.get(f"{server.url}/")
    tab_to(browser, "message")
    press(browser, count(600, 50))
    tab_to(browser, "send")
    press(browser, Keys.ENTER)
    until(lambda: text(browser, "answer").startswith(counted(5)), "beginning")
    tab_to(browser, "refresh")
    press(browser, Keys.TAB, held=Keys.SHIFT)
    assert browser.switch_to.active_element.get_attribute("id") == "stop"
    press(browser, Keys.SPACE)
    until(lambda: text(browser, "status") == "Stopped.", "word that it has stopped")


def test_a_page_without_a_script_is_used_with_keys_alone(browser, server):
    """The pages of a conversation load none, so this browser's scripts do not matter."""
    browser.get(f"{server.url}/plain/")
    tab_to(browser, "message")
    press(browser, count(601, 50))
    tab_to(browser, "send")
    press(browser, Keys.ENTER)
    until(lambda: text(browser, "status") == "Still writing.", "unfinished page")
    tab_to(browser, "stop")
    press(browser, Keys.ENTER)
    until(lambda: text(browser, "status") == "Stopped.", "stopped answer")
    tab_to(browser, "edit")
    press(browser, Keys.ENTER)
    until(lambda: urlsplit(browser.current_url).path.endswith("/edit"), "form")
    tab_to(browser, "message")
    press(browser, "a", held=Keys.CONTROL)
    press(browser, count(3, 0))
    tab_to(browser, "send")
    press(browser, Keys.ENTER)
    until(lambda: text(browser, "answer") == counted(3), "answer to the edited question")


def test_an_access_key_presses_its_button(browser, server):
    browser.get(f"{server.url}/plain/")
    find(browser, "message").send_keys(count(602, 50))
    find(browser, "send").click()
    stop = until(lambda: find(browser, "stop"), "button that stops")
    press(browser, stop.get_attribute("accesskey"), held=Keys.ALT)
    until(lambda: text(browser, "status") == "Stopped.", "stopped answer")


@cases("page", ["index.html", "ru/index.html"])
def test_the_first_stop_after_the_first_pages_title_is_the_question_box(site, page):
    stops = [
        element
        for element in Elements((site / page).read_text()).found
        if element.tag in ("a", "button", "input", "textarea")
    ]
    assert [stop.attrs.get("id", stop.text) for stop in stops][:2] == ["Kindlechat", "message"]


def test_access_keys_differ(elements_with_keys):
    """On one page; and one key does the same thing on all of them."""
    meanings = {}
    for name, keys in elements_with_keys.items():
        counts = Counter(key for key, _ in keys)
        assert [key for key, times in counts.items() if times > 1] == [], name
        for key, element in keys:
            meanings.setdefault(key, set()).add(element)
    assert meanings
    assert {key: ids for key, ids in meanings.items() if len(ids) > 1} == {}


@pytest.fixture(scope="module")
def elements_with_keys(pages):
    return {
        page.name: [
            (element.attrs["accesskey"], element.attrs["id"])
            for element in Elements(page.html).found
            if "accesskey" in element.attrs
        ]
        for page in pages
    }
