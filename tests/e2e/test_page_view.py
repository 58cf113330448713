"""Page view in a browser: each screen fits the height that the device's own browser leaves."""

import re
from itertools import product

import pytest

from harness.browsers.devtools import Chromium
from harness.browsers.programs import until
from harness.conversations import excerpt_of
from harness.servers import ROOT
from harness.words import count
from kindlechat.rendering.device.devices import SCREENS, Screen
from kindlechat.rendering.device.dressing import dress
from kindlechat.rendering.device.reading import Reading, View
from kindlechat.rendering.ui.templates import Templates
from kindlechat.reply import Reply, State
from kindlechat.web.conversation.live_answers import LiveAnswers
from kindlechat.web.conversation.outside_links import OutsideLinks
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


def test_a_measured_screen_is_cut_anew_and_keys_turn_its_pages(app_server, tmp_path):
    with Chromium("chromium", tmp_path, (600, 700)) as browser, browser.page() as page:
        page.open(f"{app_server.url}/settings")
        page.press("view=pages")
        page.press("save")
        until(lambda: page.run("location.pathname") == "/" and page.loaded(), "first page")
        page.open(f"{app_server.url}/plain/")
        page.fill("message", count(300, 1))
        page.press("send")
        title = "document.querySelector('.quiet').textContent"
        until(
            lambda: page.loaded() and "100%" not in page.run(title) and "%" in page.run(title),
            "page 1",
        )
        until(lambda: "screen=600.700.24." in page.run("document.cookie"), "measures")
        until(lambda: page.run("performance.navigation.type") == 1 and page.loaded(), "new cut")
        height = page.run("document.documentElement.scrollHeight")
        assert height <= 700, "nothing is to be scrolled"
        for key, number in (("PageDown", 2), ("ArrowRight", 3), ("PageUp", 2), ("ArrowLeft", 1)):
            page.key(key)
            until(
                lambda wanted=f"Page {number} of": wanted in page.run(title) and page.loaded(), key
            )
        assert page.complaints() == []
