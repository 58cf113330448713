"""What a page loads: old engines must parse it, small memories hold it, old style sheets show it."""

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markupsafe import Markup

from kindlechat.rendering import Pages
from kindlechat.site import build

ROOT = Path(__file__).parents[1]
SITE = ROOT / "site"
ASSETS = SITE / "assets"
ACORN = ROOT / ".tools/node_modules/acorn"
SCRIPTS = ["reader.js", "selftest.js"]

PAGE_BYTES = 30_000
STYLE_BYTES = 4_000
SCRIPT_BYTES = 6_000


class Elements(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def public(tmp_path_factory):
    folder = tmp_path_factory.mktemp("public")
    build(SITE, folder, demo=True)
    return folder


def dynamic_pages():
    """The pages that the server renders, each with something in every place."""
    pages = Pages(SITE, demo=True)
    turn = {
        "id": "r",
        "number": 2,
        "question": "Why?",
        "answer": Markup("<p>So.</p>"),
        "state": "cut",
    }
    turn |= {"status": "Cut.", "under_way": False, "can_continue": True}
    shown = {
        "conversation": "abc",
        "earlier": [turn],
        "older": [(1, "What?")],
        "total": 3,
        "once": "o",
    }
    kept = {"message": "Why?", "conversation": "abc", "mode": "refresh"}
    for newest in (True, False):
        yield pages.render("conversation.html", turn=turn, newest=newest, live=False, **shown)
    writing = turn | {"under_way": True, "can_continue": False}
    for live in (True, False):
        yield pages.render("conversation.html", turn=writing, newest=True, live=live, **shown)
    yield pages.render("edit.html", conversation="abc", reply="r", message="Why?")
    yield pages.render("message.html", title="T", sentence="S", back="/c/abc", **kept)
    yield pages.render("passcode.html", wrong=True, **kept)


@pytest.fixture(scope="module")
def every_page(public):
    return [page.read_text() for page in public.rglob("*.html")] + list(dynamic_pages())


# Scripts


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_are_es3(script, public):
    """`class`, getters, arrow functions, `a.catch`: an old engine drops the whole file for one."""
    node = shutil.which("node")
    assert node, "needs node: run tests/tools.sh"
    assert ACORN.is_dir(), "needs acorn: run tests/tools.sh"
    program = (
        "const fs = require('fs'), acorn = require(process.argv[1]);"
        "acorn.parse(fs.readFileSync(process.argv[2], 'utf8'), {ecmaVersion: 3});"
    )
    ran = subprocess.run(
        [node, "-e", program, ACORN, public / "assets" / script],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_use_nothing_that_e_readers_lack_or_break(script):
    code = re.sub(r"/\*.*?\*/", "", (ASSETS / script).read_text(), flags=re.DOTALL)
    banned = r"""
        \.bind\( requestAnimationFrame classList matchMedia document\.hidden querySelector
        textContent innerText addEventListener \.key\b alert\( confirm\( prompt\( scrollTo
        userAgent document\.write \beval\b \.forEach \.map\( \.trim\( Object\.keys \bDate\b
        Promise\. \.catch \.finally
    """
    assert [name for name in banned.split() if re.search(name, code)] == []


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_are_small(script, public):
    assert (public / "assets" / script).stat().st_size < SCRIPT_BYTES


def test_the_script_finds_its_words_in_the_page(public):
    """A word that the page lacks would be shown as "null"."""
    code = (ASSETS / "reader.js").read_text()
    wanted = set(re.findall(r'words\((\w+|document\.body), "(\w+)"\)', code))
    wanted |= {("actions", word) for word in re.findall(r'\? "(\w+)" : "(\w+)"\)', code)[0]}
    assert len(wanted) >= 7
    elements = Elements((public / "index.html").read_text()).found
    attributes = {attrs.get("id") or tag: attrs for tag, attrs in elements}
    for element, word in wanted:
        assert attributes[element.removeprefix("document.")].get(f"data-{word}") is not None, word


# Style


@pytest.fixture(scope="module")
def style():
    return re.sub(r"/\*.*?\*/", "", (ASSETS / "style.css").read_text(), flags=re.DOTALL)


def test_the_style_sheet_is_small():
    assert (ASSETS / "style.css").stat().st_size < STYLE_BYTES


def test_the_style_sheet_uses_nothing_that_e_readers_lack_or_break(style):
    banned = r"""
        \bflex \bgrid calc\( var\( --\w \dvw \dvh \drem fixed sticky :hover :empty z-index shadow
        @font-face url\( @import animation transition transform opacity gradient \bfloat
        \boverflow ! \+\s*\w+\s*{ ~
    """
    assert [name for name in banned.split() if re.search(name, style)] == []


def test_the_braces_of_the_style_sheet_match(style):
    assert style.count("{") == style.count("}") > 30


def test_nothing_is_lighter_than_dark_grey(style):
    assert set(re.findall(r"#[0-9a-f]{3,8}\b(?!\s*[{,])", style)) == {"#000", "#444", "#fff"}


@pytest.mark.parametrize(
    ("width", "height", "dots_per_inch"),
    [
        (600, 800, 167),
        (758, 1024, 212),
        (824, 1200, 150),
        (1072, 1448, 300),
        (1236, 1648, 300),
        (1264, 1680, 300),
        (1404, 1872, 264),
        (1860, 2480, 300),
    ],
)
def test_each_screen_gets_letters_of_9_to_12_points_and_controls_of_9_mm(
    style, width, height, dots_per_inch
):
    blocks = re.findall(r"@media([^{]+){\s*body { font-size: (\d+)px }", style)
    for query in (
        f"(device-width: {width}px)",
        f"(device-width: {height}px) and (device-height: {width}px)",
    ):
        sizes = [
            int(size) for queries, size in blocks if query in re.split(r",\s*", queries.strip())
        ]
        assert len(sizes) == 1, query
        assert 9 <= sizes[0] * 72 / dots_per_inch <= 12
        assert 2.5 * sizes[0] * 25.4 / dots_per_inch >= 9 - 0.1
    assert re.search(r"^button, #passcode {[^}]*min-height: 2\.5em", style, re.MULTILINE)


# Pages


def test_every_page_weighs_at_most_30_kb_with_all_it_loads(public, every_page):
    for html in every_page:
        weight = len(html.encode())
        for tag, attrs in Elements(html).found:
            if tag in ("script", "link"):
                weight += (public / (attrs.get("src") or attrs["href"]).lstrip("/")).stat().st_size
        assert weight <= PAGE_BYTES


def test_no_page_has_script_or_style_of_its_own(every_page):
    for html in every_page:
        for tag, attrs in Elements(html).found:
            assert tag != "style"
            assert tag != "script" or attrs == {"src": attrs["src"]}
            assert not any(name == "style" or name.startswith("on") for name in attrs)
            assert "target" not in attrs, "one window is all that some have"
        assert not re.search(r"<script[^>]*>\s*\S[^<]*</script>", html)


def test_only_the_pages_that_say_so_load_a_script(public):
    loading = {
        page.relative_to(public).as_posix(): re.findall(r'<script src="([^"]+)"', page.read_text())
        for page in public.rglob("*.html")
    }
    reader = ["/assets/reader.js"]
    assert {page: scripts for page, scripts in loading.items() if scripts} == {
        "index.html": reader,
        "stream/index.html": reader,
        "poll/index.html": reader,
        "answers/index.html": ["/assets/selftest.js"],
    }
    assert not any("<script" in html for html in dynamic_pages())


def test_every_link_leads_to_a_page_or_to_a_route_of_the_servers(public, every_page):
    routes = re.compile(r"/ask|/passcode|/c/abc(/(stop|continue|again|edit))?(\?turn=\d+)?")
    for html in every_page:
        for _, attrs in Elements(html).found:
            link = attrs.get("href") or attrs.get("src") or attrs.get("action")
            if link and not routes.fullmatch(link):
                assert (public / link.lstrip("/")).exists(), link


def test_ids_are_used_once_and_labels_name_a_field(every_page):
    for html in every_page:
        elements = Elements(html).found
        ids = [attrs["id"] for _, attrs in elements if "id" in attrs]
        assert len(ids) == len(set(ids))
        assert {
            attrs["for"] for tag, attrs in elements if tag == "label" and "for" in attrs
        } <= set(ids)


def test_every_page_names_its_language_charset_and_title(every_page):
    for html in every_page:
        assert html.startswith(
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>'
        )
        assert not re.search(r"<title>\s*</title>", html)


@pytest.mark.parametrize("page", ["index.html", "stream/index.html", "poll/index.html"])
def test_the_question_box_works_without_a_script(public, page):
    elements = Elements((public / page).read_text()).found
    form = next(attrs for tag, attrs in elements if attrs.get("id") == "ask")
    assert (form["method"], form["action"]) == ("post", "/ask")
    fields = {attrs["name"]: attrs.get("value") for _, attrs in elements if "name" in attrs}
    assert {"message", "conversation", "mode"} <= set(fields)
    assert (fields["conversation"], fields["mode"]) == ("", "refresh")
