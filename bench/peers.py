"""How many cases of hard answers our pages show right, and how many other renderers do.

    python -m bench.peers CASES [--install] [--show] [--write FILE]

CASES is a JSON list of objects. `text` is the answer, and `shows`, `never` and `html` say what its page
must show, must not show, and must match as HTML (`a|b` is one of two). `mode` is "final" for a finished
page, "glyphs:ascii" or "glyphs:latin1" for a device with fewer signs, and "live" for a page that only
grows, which must end with the finished page's words wherever the answer is cut.

The others are markdown-it-py with its defaults; react-markdown with remark-gfm, remark-math and
rehype-katex, which LibreChat builds on; and streamdown with its plugins for formulas and for Chinese.
`--install` puts the npm packages below .tools/. Needs Node. `--write` puts the table into a document,
between the two marks that the document has for it.
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser

from harness.growing import changed, finished, growing, polled, reader, streamed, words
from harness.servers import ROOT
from kindlechat.rendering.answer.growing import Growing
from kindlechat.rendering.device.glyphs import Glyphs, fit_html
from kindlechat.rendering.ui.templates import Templates
from kindlechat.web.conversation.reader import Reader

TOOLS = ROOT / ".tools/peers-bench"
SCRIPT = Path(__file__).with_name("peers.mjs")
PACKAGES = (
    *("react", "react-dom", "react-markdown", "remark-gfm", "remark-math", "rehype-katex"),
    *("streamdown", "@streamdown/math", "@streamdown/cjk"),
)
MARKS = re.compile(r"(?<=<!-- peers -->\n).*?(?=<!-- /peers -->)", re.DOTALL)

OURS = "Kindlechat"
PIPELINE = {"react-markdown": ("react-markdown", "remark-gfm", "remark-math", "rehype-katex")}
"""What stands in the table for a system of several packages."""

Case = dict[str, Any]


def install() -> None:
    """Install the other renderers from npm below .tools/."""
    TOOLS.mkdir(parents=True, exist_ok=True)
    (TOOLS / "package.json").write_text("{}")
    subprocess.run(["npm", "install", "--silent", "--no-audit", *PACKAGES], cwd=TOOLS, check=True)


def render_with_npm(texts: list[str]) -> dict[str, list[str]]:
    """The HTML of each text by each renderer from npm; none where they are not installed."""
    if not (TOOLS / "node_modules").exists():
        print("react-markdown and streamdown are not installed (--install)")
        return {}
    command = ["node", str(SCRIPT), str(TOOLS)]
    ran = subprocess.run(
        command, input=json.dumps(texts).encode(), stdout=subprocess.PIPE, check=True
    )
    return dict(json.loads(ran.stdout))


def render(case: Case) -> str:
    """The HTML of a finished answer on our page, in the signs that the case's device has."""
    glyphs = Glyphs(case["mode"].partition(":")[2] or "unicode")
    return fit_html(str(Growing().html(case["text"], ended=True)), glyphs)


def faults(case: Case, html: str, exact: bool) -> list[str]:
    """What is wrong with a page. A page's blanks count only if `exact`: in KaTeX's text they say nothing."""
    html = re.sub(
        r'<span[^>]*data-streamdown="strong"[^>]*>(.*?)</span>', r"<strong>\1</strong>", html
    )
    text = shown(html)
    return [
        *(f"not shown: {part}" for part in case.get("shows", ()) if not _shows(text, part, exact)),
        *(f"shown: {part}" for part in case.get("never", ()) if part in text),
        *(f"no match: {part}" for part in case.get("html", ()) if not re.search(part, html)),
    ]


def _shows(text: str, part: str, exact: bool) -> bool:
    if not exact:
        text, part = (re.sub(r"[ \n]", "", one) for one in (text, part))
    return part in text or any(one in text for one in part.split("|") if one)


def shown(html: str) -> str:
    """The words of a page; of a formula by KaTeX those that a listener hears, fractions with a slash."""
    tree = LexborHTMLParser(html)
    for node in tree.css(".katex-html, annotation"):
        node.decompose()
    for numerator in tree.css("mfrac > :first-child"):
        numerator.insert_before(" ")
        numerator.insert_after("/")
    for end in tree.css("br, p, li, h2, td, th, tr, pre, blockquote"):
        end.insert_after("\n")
    return (tree.body.text() if tree.body else "").replace("\u2223", "|")


def grows_well(text: str, someone: Reader) -> bool:
    """Whether all three ways end as the finished page reads, for an answer that comes by single letters."""
    expected = words(finished(text, someone))
    ends = (
        b"".join(growing(text, someone)).decode(),
        changed(polled(text, someone)),
        changed(streamed(text, someone)),
    )
    return all(words(end) == expected for end in ends)


def judge(cases: list[Case], render_all: Callable[[Case], str], name: str, show: bool) -> str:
    """How many of the cases are right."""
    right = 0
    for case in cases:
        found = faults(case, render_all(case), exact=name == OURS)
        right += not found
        if found and show:
            print(f"  {name}: {case.get('name', case['text'][:40])!r}", *found, sep="\n    ")
    return f"{right} of {len(cases)}"


def compare(cases: list[Case], show: bool) -> list[tuple[str, ...]]:
    """The rows of the table: the system, then finished pages, fewer signs, and pages that only grow."""
    final = [case for case in cases if case["mode"] == "final"]
    fewer = [case for case in cases if case["mode"].startswith("glyphs:")]
    live = [case for case in cases if case["mode"] == "live"]
    someone = reader(Templates.load(ROOT / "site", demo=True).localized())
    grown = sum(grows_well(case["text"], someone) for case in live)
    ours = [judge(part, render, OURS, show) for part in (final, fewer)]
    rows = [(OURS, *ours, f"{grown} of {len(live)}")]
    plain = MarkdownIt()
    by_peer = {"markdown-it-py": [plain.render(case["text"]) for case in final]}
    by_peer |= render_with_npm([case["text"] for case in final])
    for name, pages in by_peer.items():
        page_of = {id(case): html for case, html in zip(final, pages, strict=True)}
        right = judge(final, lambda case, pages=page_of: pages[id(case)], name, show)  # type: ignore[misc]
        rows.append((_versions(name), right, "–", "–"))
    return rows


def _versions(name: str) -> str:
    if name == "markdown-it-py":
        return f"{name} {version(name)}"
    packages = PIPELINE.get(name) or [one for one in PACKAGES if name in one]
    return ", ".join(f"{package} {_npm_version(package)}" for package in packages)


def _npm_version(package: str) -> str:
    about = TOOLS / "node_modules" / package / "package.json"
    return str(json.loads(about.read_text())["version"])


def table(rows: list[tuple[str, ...]]) -> str:
    """The rows in Markdown, with the date."""
    head = ("", "finished pages", "fewer signs", "pages that only grow")
    lines = [head, ("---",) * len(head), *rows]
    return (
        "".join(f"| {' | '.join(line)} |\n" for line in lines) + f"\n{datetime.now(UTC):%d %B %Y}\n"
    )


def main() -> int:
    """Print the table; 1 where one of our own pages is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", type=Path)
    parser.add_argument("--install", action="store_true", help="install the others from npm first")
    parser.add_argument("--show", action="store_true", help="print what is wrong")
    parser.add_argument("--write", type=Path, help="a document with marks for the table")
    arguments = parser.parse_args()
    if arguments.install:
        install()
    rows = compare(json.loads(arguments.cases.read_text()), arguments.show)
    print(table(rows), end="")
    if arguments.write:
        document = arguments.write.read_text()
        arguments.write.write_text(MARKS.sub(lambda _: table(rows), document))
    good = all(part.split(" of ")[0] == part.split(" of ")[1] for part in rows[0][1:])
    return not good


if __name__ == "__main__":
    sys.exit(main())
