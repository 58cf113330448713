"""Page view in a browser: each screen fits the height that the device's own browser leaves."""

import json
import re
from dataclasses import replace
from itertools import product

import pytest

from harness.browsers.devtools import Chromium
from harness.browsers.programs import until
from harness.conversations import excerpt_of
from harness.servers import ROOT
from harness.words import count
from kindlechat.actions.action import ActionPlace, Actions
from kindlechat.errors import Reason
from kindlechat.rendering.device.devices import SCREENS, Screen
from kindlechat.rendering.device.dressing import dress
from kindlechat.rendering.device.reading import Reading, View
from kindlechat.rendering.ui.templates import Templates
from kindlechat.reply import Reply, State
from kindlechat.web.conversation.furniture import Furniture
from kindlechat.web.conversation.live_answers import LiveAnswers
from kindlechat.web.conversation.outside_links import OutsideLinks
from kindlechat.web.conversation.page import ConversationPage
from kindlechat.web.conversation.reader import Reader
from kindlechat.web.conversation.screens import ConversationScreens

SITE = ROOT / "site"
SHEETS = "".join((SITE / "assets" / name).read_text() for name in ("style.css", "screen.css"))
STYLE = re.sub(r"@media[^{]*\{([^{}]*\{[^{}]*\})*[^{}]*\}", "", SHEETS)
"""Without the sizes by device: the test sets them."""

ENGLISH = (
    "The sky is blue because the air scatters the short waves of sunlight more than the long. "
)
RUSSIAN = "Небо голубое потому, что воздух рассеивает короткие волны солнечного света сильнее. "
TEXTS = {
    "English": (ENGLISH * 3 + "\n\n") * 20,
    "Russian": (RUSSIAN * 3 + "\n\n") * 20,
    "capitals": ((ENGLISH * 2).upper() + "\n\n") * 20,
    "a list": f"- **{ENGLISH.strip()}**\n- {RUSSIAN}\n" * 30,
    "a table": "|Name|Meaning|\n|-|-|\n" + "|a word|what it means here|\n" * 90,
    "code": "```python\n"
    + "def waves(sunlight):  # of the air\n    return 'scattered ' * 12\n" * 60
    + "```",
}
SHOW = "document.open(); document.write({!r}); document.close()"
MEASURE = """{}.map(function (html) {{
    document.body.innerHTML = html;
    var places = [].slice.call(document.getElementById("turning").children, 0, 2).map(function (link) {{
        var box = link.getBoundingClientRect();
        return [box.left, box.width, box.top + box.bottom].join(" ");
    }});
    var answer = document.getElementById("answer").getBoundingClientRect(), root = document.documentElement;
    return [document.getElementById("next") ? answer.bottom : root.scrollHeight, places.join()];
}})"""

DEVICES = ("600x800", "758x1024", "732x972", "1264x1680", "320x568", "375x812")
"""The smallest, the largest and those with other shapes."""

ACTIONS = Actions().at(ActionPlace.ANSWER)
LINKS = OutsideLinks("/out", lambda address: "s" * 16)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with (
        Chromium("chromium", tmp_path_factory.mktemp("chromium"), (758, 1024)) as browser,
        browser.page() as page,
    ):
        yield page


@pytest.fixture(scope="module")
def templates():
    return Templates.load(SITE, demo=False).localized()


@pytest.fixture(scope="module")
def every_language():
    loaded = Templates.load(SITE, demo=False)
    return [loaded.localized(language.code) for language in loaded.languages]


def bodies(templates, reading, text):
    """What each screen has in its body."""
    reply = Reply("r1", "abc", "Why is the sky blue?", text, State.DONE, None)
    view = ConversationScreens(
        LiveAnswers(), Reader(templates, reading, "", LINKS, "abc", "shared", True)
    )
    found = excerpt_of(reply)
    screens = view.cut(found, 1)
    for shown in range(1, len(screens) + 1):
        html = dress(view.render(found, 1, screens, shown), reading)
        yield re.search(r"<body>(.*)</body>", html, re.DOTALL)[1]


@pytest.mark.parametrize(("screen", "size"), [*product(DEVICES, (1, 3, 5))])
def test_each_screen_fits_and_its_links_keep_their_places(browser, templates, screen, size):
    """In DejaVu Serif, which a browser shows where nothing else is installed; no script fits the rest."""
    device = SCREENS[screen]
    measured = Screen(device.width, device.height, device.type_size)
    reading = Reading(view=View.PAGES, size=size, measured=measured)
    browser.resize(device.width, device.height)
    style = f"<style>{STYLE} html {{ font-size: {device.type_size}px; font-family: 'DejaVu Serif' }}</style>"
    browser.run(SHOW.format(f'<!DOCTYPE html><html class="{reading.classes}">{style}<body></body>'))
    for name, text in TEXTS.items():
        shown = [*bodies(templates, reading, text)]
        bottoms, places = zip(*browser.run(MEASURE.format(shown)), strict=True)
        *bottoms, last = bottoms
        assert max(bottoms) <= max(device.height, 12.7 * reading.type_size), name
        assert last <= max(device.height, 25 * reading.type_size), name
        assert len(set(places)) == 1, name


@pytest.mark.parametrize(("screen", "has_all"), [("320x240", False), ("1860x2480", True)])
def test_only_a_last_screen_with_room_has_all_buttons(templates, screen, has_all):
    """Below one line of text; what does not fit is behind More."""
    *_, last = bodies(templates, Reading(view=View.PAGES, screen=screen), "Yes.")
    assert ('id="taps"' in last) == has_all
    assert 'id="more"' in last


def test_as_one_long_page_nothing_is_wider_than_a_screen_that_the_server_does_not_know(
    browser, templates
):
    browser.resize(320, 240)
    reader = Reader(templates, Reading(), "", LINKS, "abc", "shared", True, actions=ACTIONS)
    style = f"<style>{(SITE / 'assets/style.css').read_text()}</style>"
    for name, text in TEXTS.items():
        found = excerpt_of(Reply("r1", "abc", "Why is the sky blue?", text, State.DONE, None))
        page = ConversationPage(LiveAnswers(), reader).render(found, 1)
        body = re.search(r"<body[^>]*>(.*)</body>", page, re.DOTALL)[1]
        browser.run(SHOW.format(f"<!DOCTYPE html>{style}<body>{body}</body>"))
        assert browser.run("document.documentElement.scrollWidth") <= 320, name


ASKED = "Why is the sky blue, and why is it red in the evening?"
NEXT = ("What colour is the sky on Mars?", "Is the sea blue for the same reason as the sky is?")
WHOLE = Reply("r1", "abc", ASKED, "Yes.", State.DONE, None, follow_ups=NEXT)
ENDS = {
    "whole": [WHOLE],
    "with nothing proposed": [replace(WHOLE, follow_ups=())],
    "cut": [replace(WHOLE, state=State.CUT, reason=None)],
    "broken off": [replace(WHOLE, state=State.INTERRUPTED, reason=Reason.BROKEN)],
    "under way": [replace(WHOLE, state=State.STREAMING, follow_ups=())],
    "in two versions": [WHOLE],
    "earlier": [WHOLE, replace(WHOLE, id="r2")],
    "another's": [WHOLE],
}
"""States of a turn, and what its conversation has then."""

BELOW = """(function () {
    var end = document.getElementById("answer").getBoundingClientRect().bottom;
    return document.body.getBoundingClientRect().bottom - end;
}())"""


def endings(templates, reading):
    """What the last screen of each state has in its body, and how high it was taken for below the answer."""
    for name, replies in ENDS.items():
        reader = Reader(
            templates, reading, "", LINKS, "abc", "shared", name != "another's", actions=ACTIONS
        )
        found = excerpt_of(*replies)
        if name == "in two versions":
            turn = replace(found.outline.replies[0], versions=("r0", "r1"))
            found = replace(found, outline=replace(found.outline, replies=(turn,)))
        view = ConversationScreens(LiveAnswers(), reader)
        screens = view.cut(found, 1)
        page = view.render(found, 1, screens, len(screens))
        body = re.search(r"<body>(.*)</body>", page, re.DOTALL)[1]
        end = re.search(r'<p id="status">.*', body, re.DOTALL)[0].rpartition("</div>")[0]
        yield name, body, Furniture(templates, reading).end(end) * reading.type_size


@pytest.mark.parametrize("screen", ["320x240", "375x812", "1072x1448"])
def test_what_stands_below_an_answer_is_as_high_as_it_was_taken_for(
    browser, every_language, screen
):
    """Or a little less: a last screen that is full must not be scrolled."""
    device = SCREENS[screen]
    measured = Screen(device.width, device.height, device.type_size)
    reading = Reading(view=View.PAGES, measured=measured)
    browser.resize(device.width, device.height)
    style = f"<style>{STYLE} html {{ font-size: {device.type_size}px; font-family: 'DejaVu Serif' }}</style>"
    for templates in every_language:
        browser.run(SHOW.format(f"<!DOCTYPE html>{style}<body></body>"))
        for name, body, taken in endings(templates, reading):
            browser.run(f"document.body.innerHTML = {json.dumps(body)}")
            assert browser.run(BELOW) <= taken, (templates.language.code, name)


TITLE = "document.querySelector('.quiet').textContent"
FIRST = "document.getElementById('answer').textContent.split(' ')[0]"
FITS = "document.documentElement.scrollHeight <= innerHeight"
CUT_FOR = "/screen=(\\d+\\.\\d+)/.exec(document.cookie)[1] === innerWidth + '.' + innerHeight"


@pytest.fixture
def reader(app_server, tmp_path):
    """A reader of an answer in pages, whose browser has measured its screen."""
    with Chromium("chromium", tmp_path, (600, 700)) as browser, browser.page() as page:
        page.open(f"{app_server.url}/settings")
        page.press("view=pages")
        page.press("save")
        until(lambda: page.run("location.pathname") == "/" and page.loaded(), "first page")
        page.open(f"{app_server.url}/plain/")
        page.fill("message", count(300, 1))
        page.press("send")
        until(
            lambda: page.loaded() and "100%" not in page.run(TITLE) and "%" in page.run(TITLE),
            "page 1",
        )
        until(lambda: "screen=600.700.24." in page.run("document.cookie"), "measures")
        until(lambda: page.run("performance.navigation.type") == 1 and page.loaded(), "new cut")
        yield page


def test_a_measured_screen_is_cut_anew_and_its_pages_turn(reader):
    """By keys; and when the screen itself is turned, the text stays where it was, however quickly."""
    assert reader.run(FITS), "nothing is to be scrolled"
    for key, number in (("PageDown", 2), ("ArrowRight", 3), ("PageUp", 2), ("ArrowLeft", 1)):
        reader.key(key)
        until(
            lambda wanted=f"Page {number} of": wanted in reader.run(TITLE) and reader.loaded(), key
        )
    reader.key("PageDown")
    until(lambda: "Page 2 of" in reader.run(TITLE) and reader.loaded(), "page 2")
    first = reader.run(FIRST)
    assert first.startswith("word")
    for sides in [(900, 500), *[(600, 700), (900, 500)] * 2]:
        reader.resize(*sides)
    for sides in [(900, 500), (600, 700)]:
        reader.resize(*sides)
        until(lambda: reader.loaded() and reader.run(CUT_FOR) and reader.run(FITS), "new cut")
        until(lambda: f" {first} " in f" {reader.text()} ", "the same text")
    assert "at=" in reader.run("location.search")
    assert reader.complaints() == []
