"""Page view in a browser: each screen fits the height that the device's own browser leaves."""

import re
from itertools import product

import pytest

from harness.browsers.devtools import Chromium
from harness.conversations import excerpt_of
from harness.servers import ROOT
from kindlechat.rendering.device.dressing import dress
from kindlechat.rendering.device.reading import LINE_HEIGHTS, SCREENS, Reading, View
from kindlechat.rendering.ui.templates import Templates
from kindlechat.reply import Reply, State
from kindlechat.web.conversation.live_answers import LiveAnswers
from kindlechat.web.conversation.outside_links import OutsideLinks
from kindlechat.web.conversation.reader import Reader
from kindlechat.web.conversation.screens import ConversationScreens, furniture_lines

SITE = ROOT / "site"
STYLE = re.sub(
    r"@media[^{]*\{([^{}]*\{[^{}]*\})*[^{}]*\}", "", (SITE / "assets/style.css").read_text()
)
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
HEIGHTS = """{}.map(function (html) {{
    document.body.innerHTML = html;
    return [document.body.offsetHeight, document.getElementById("answer").offsetHeight];
}})"""


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
    screens = view.cut(reply)
    found = excerpt_of(reply)
    for shown in range(1, len(screens) + 1):
        html = dress(view.render(found, 1, screens, shown), reading)
        yield re.search(r"<body>(.*)</body>", html, re.DOTALL)[1]


@pytest.mark.parametrize(("screen", "size"), [*product(SCREENS, (1, 3, 5))])
def test_each_screen_fits(browser, templates, screen, size):
    """The answer on each, and what stands around it; after the last the buttons may stand below."""
    reading = Reading(view=View.PAGES, screen=screen, size=size)
    measures = SCREENS[screen]
    browser.resize(measures.width, measures.height)
    style = f"<style>{STYLE} html {{ font-size: {measures.type_size}px }}</style>"
    browser.run(SHOW.format(f'<!DOCTYPE html><html class="{reading.classes}">{style}<body></body>'))
    line = reading.type_size * LINE_HEIGHTS[reading.leading]
    for name, text in TEXTS.items():
        pages, answers = zip(
            *browser.run(HEIGHTS.format([*bodies(templates, reading, text)])), strict=True
        )
        assert max(answers) <= (reading.lines - furniture_lines(reading) + 1) * line, name
        assert max(pages[:-1]) <= measures.height, name
