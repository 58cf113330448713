"""How full the screens of page view are in a real browser: few have a blank, none overflows.

    python -m bench.page_view CASES [--screen 600x800] [--font "Noto Serif"] [--no-script] [--show]

CASES has a JSON object with a "text" on each line: the answers. The browser measures its screen and its
typeface by the page's own script, answers are cut by what it has found, and it shows every screen. Without
script they are cut for the device that a reader chooses by its name.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import requests

from harness.behaviours import answer
from harness.browsers.devtools import Chromium, ChromiumPage
from harness.browsers.programs import until
from harness.conversations import excerpt_of
from harness.servers import ROOT, AppServer
from harness.upstream import Upstream
from kindlechat.actions.action import ActionPlace, Actions
from kindlechat.rendering.device.devices import SCREENS, measured_screen
from kindlechat.rendering.device.dressing import dress
from kindlechat.rendering.device.reading import Reading, View
from kindlechat.rendering.ui.templates import LocalizedTemplates, Templates
from kindlechat.reply import Reply, State
from kindlechat.site.building import build
from kindlechat.site.options import Options
from kindlechat.web.conversation.live_answers import LiveAnswers
from kindlechat.web.conversation.outside_links import OutsideLinks
from kindlechat.web.conversation.reader import Reader
from kindlechat.web.conversation.screens import ConversationScreens

FONTS = ("DejaVu Serif", "Noto Serif", "Liberation Serif")
DEVICES = ("600x800", "1072x1448")

MOST_BLANK = 0.08
"""Of a screen's height, below its last line: on all but the last screen of an answer."""

LEAST_FULL = 0.98
"""The bar: this share of the screens is no more blank than that."""

SHOWN_AT_ONCE = 40

ACTIONS = Actions().at(ActionPlace.ANSWER)
"""What an answer's last screen has buttons for, where it has room."""

ALIASES = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<include>/etc/fonts/fonts.conf</include>{}</fontconfig>"""
ALIAS = """<match target="pattern"><test name="family" compare="eq"><string>{}</string></test>
<edit name="family" mode="assign" binding="strong"><string>{}</string></edit></match>"""
NAMES = ("Bookerly", "Caecilia", "Georgia", "serif")
"""What the style sheet asks for."""

SCRIPT = (ROOT / "site/assets/screen.js").read_text()

MEASURE = """HTML.map(function (html) {
    document.body.innerHTML = html;
    SCRIPT;
    var answer = document.getElementById("answer").getBoundingClientRect();
    return [answer.bottom, document.documentElement.scrollHeight];
})"""


@dataclass
class Result:
    """What was measured of all screens: how blank each is, and which overflow."""

    blanks: list[float]
    overflows: list[tuple[int, int, float]]
    screens: int = 0

    @property
    def full(self) -> float:
        """The share of screens that are no more blank than the bar; the last ones do not count."""
        return sum(blank <= MOST_BLANK for blank in self.blanks) / max(1, len(self.blanks))

    @property
    def overflowing(self) -> float:
        """The share of screens that have to be scrolled."""
        return len(self.overflows) / max(1, self.screens)


def main() -> int:
    """Print a row for each screen and typeface. Return 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description="How full the screens of page view are.")
    parser.add_argument("cases", type=Path)
    parser.add_argument("--screen", action="append")
    parser.add_argument("--font", action="append")
    parser.add_argument(
        "--no-script", action="store_true", help="as a browser without it shows them"
    )
    parser.add_argument("--show", action="store_true", help="name the screens that miss the bar")
    given = parser.parse_args()
    texts = [json.loads(line)["text"] for line in given.cases.read_text().splitlines()]
    options = Options("http://localhost:8000", date.today())
    build(ROOT / "site", ROOT / "public", options)
    met = True
    print("screen     typeface          screens  blank p50/p90/max  at most 8 %  overflow")
    with tempfile.TemporaryDirectory() as folder, Upstream() as upstream:
        with AppServer(Path(folder), GEMINI_BASE_URL=upstream.base_url) as app:
            upstream.script(answer("Yes."))
            page = _conversation(app)
            for number, font in enumerate(given.font or FONTS):
                home = Path(folder) / str(number)
                _alias(home, font)
                for name in given.screen or DEVICES:
                    size = (SCREENS[name].width, SCREENS[name].height)
                    with Chromium("chromium", home, size) as browser, browser.page() as tab:
                        width, height = map(int, name.split("x"))
                        tab.resize(*size, (width, height))
                        reading = _reading(tab, page, name if given.no_script else "")
                        result = _measure(tab, reading, texts, size[1], given.show)
                    met &= result.full >= LEAST_FULL and not result.overflows
                    _print(name, font, result)
    print("PASS" if met else "FAIL")
    return not met


def _conversation(app: AppServer) -> str:
    asked = requests.post(f"{app.url}/api/replies", json={"message": "Sky?"}, timeout=10).json()
    requests.get(app.url + asked["stream"], timeout=10)
    return f"{app.url}{asked['page']}?r={Reading(view=View.PAGES).code}"


def _alias(home: Path, font: str) -> None:
    """Have a browser with this home show one typeface in place of all serif ones."""
    config = home / ".config/fontconfig/fonts.conf"
    config.parent.mkdir(parents=True)
    config.write_text(ALIASES.format("".join(ALIAS.format(name, font) for name in NAMES)))


def _reading(tab: ChromiumPage, page: str, named: str) -> Reading:
    """The settings of a reader who has named a device, or else whose browser has measured its screen."""
    tab.open(page)
    if named:
        return Reading(view=View.PAGES, screen=named)
    found = until(
        lambda: measured_screen(tab.run("(/screen=([^;]*)/.exec(document.cookie) || ['', ''])[1]")),
        "measured screen",
    )
    return Reading(view=View.PAGES, measured=found)


def _measure(
    tab: ChromiumPage, reading: Reading, texts: Iterable[str], height: int, show: bool
) -> Result:
    result = Result([], [])
    templates = Templates.load(ROOT / "site", demo=False).localized()
    measure = MEASURE.replace("SCRIPT", SCRIPT if reading.measured else "")
    for case, text in enumerate(texts):
        bodies = [*_bodies(templates, reading, text)]
        sizes = []
        for first in range(0, len(bodies), SHOWN_AT_ONCE):
            shown = json.dumps(bodies[first : first + SHOWN_AT_ONCE])
            sizes += tab.run(measure.replace("HTML", shown, 1))
        result.screens += len(sizes)
        for number, (end, whole) in enumerate(sizes, start=1):
            is_last = number == len(sizes)
            blank, over = (height - end) / height, (whole - height) / height
            if not is_last:
                result.blanks.append(blank)
            if over > 0:
                result.overflows.append((case, number, over))
            if show and (over > 0 or (blank > MOST_BLANK and not is_last)):
                print(
                    f"answer {case} screen {number} of {len(sizes)}: {blank:.1%} blank, {over:.1%} over"
                )
    return result


def _bodies(templates: LocalizedTemplates, reading: Reading, text: str) -> Iterator[str]:
    """What each screen of an answer has in its body."""
    reply = Reply("r1", "abc", "Why is the sky blue?", text, State.DONE, None)
    links = OutsideLinks("/out", lambda address: "s" * 16)
    view = ConversationScreens(
        LiveAnswers(), Reader(templates, reading, "", links, "abc", "shared", True, actions=ACTIONS)
    )
    screens = view.cut(excerpt_of(reply), 1)
    for shown in range(1, len(screens) + 1):
        html = dress(view.render(excerpt_of(reply), 1, screens, shown), reading)
        yield html.partition("<body")[2].partition(">")[2].rpartition("<script")[0]


def _print(screen: str, font: str, result: Result) -> None:
    blanks = sorted(result.blanks)
    half, most = blanks[len(blanks) // 2], blanks[len(blanks) * 9 // 10]
    print(
        f"{screen:<10} {font:<17} {result.screens:>7}  {half:>5.1%} {most:>5.1%} {blanks[-1]:>5.1%}"
        f"  {result.full:>11.1%}  {result.overflowing:.1%}"
        f" (by {max((by for *_, by in result.overflows), default=0):.1%})",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
