"""The project's own site: what is there, that it is whole in every language, and how it reads in w3m."""

import re
import subprocess
import unicodedata
from datetime import date
from html import unescape

import pytest
from selectolax.lexbor import LexborHTMLParser

from harness.browsers.programs import installed
from kindlechat.rendering.ui.assets import load_assets
from kindlechat.rendering.ui.languages import load_sentences
from kindlechat.rendering.ui.markers import DEMO_PLACE
from kindlechat.rendering.ui.sources import find_sources
from kindlechat.site.building import compare, started
from kindlechat.site.cache import Cache
from kindlechat.site.plan import plan
from kindlechat.upstream import sse
from tests.cases import cases
from tests.conftest import BUILT_FOR
from tests.site.conftest import SITE, tree

URL = BUILT_FOR.base_url
SENTENCES = load_sentences(SITE / "translations")
ASSETS = load_assets(SITE / "assets")

EVERYWHERE = {
    "index.html": 'data-mode="auto"',
    "stream/index.html": 'data-mode="stream"',
    "poll/index.html": 'data-mode="poll"',
    "plain/index.html": 'type="radio"',
    "answers/index.html": 'id="selftest"',
    "help/index.html": '<h2 id="old-kindle">',
    "privacy/index.html": "Gemini",
    "404.html": "<h1>",
    "500.html": "<h1>",
    "offline.html": 'content="60"',
}
"""What every language has, and what is on it."""

IN_FULL = {
    "how/index.html": "<img ",
    "self-hosting/index.html": "make run",
    "compatibility/index.html": "<table>",
    "blog/index.html": "<h2>",
    "blog/why-sse/index.html": "SSE",
    "blog/decoding-sse/index.html": "U+2028",
    "blog/e-ink-500-ms/index.html": "500",
    "blog/resuming-by-cursor/index.html": "<pre ",
    "blog/growing-pages/index.html": "Markdown",
    "blog/archive/index.html": "2026",
    "blog/archive/2026/index.html": "<li>",
    "blog/tags/index.html": "<li>",
    "blog/feed.atom": "<entry>",
}
"""What there is besides in the languages that have everything."""

FULL = ("en", "ru", "es", "de", "fr", "it", "nl")

ADDED = {"how/index.html": "<img "}
SINCE = ("ar", "hi", "zh-Hans", "pt-BR")
"""What the languages have besides that were added later."""

ONCE = {
    "favicon.ico": "",
    "card.png": "",
    "robots.txt": "Sitemap:",
    "sitemap.xml": "hreflang",
    ASSETS["style.css"].address[1:]: "font-family",
    ASSETS["rtl.css"].address[1:]: "direction",
    ASSETS["screen.css"].address[1:]: "#answer",
    ASSETS["reader.js"].address[1:]: "XMLHttpRequest",
    ASSETS["pair.js"].address[1:]: "news",
    ASSETS["screen.js"].address[1:]: "keyCode",
    ASSETS["settings.js"].address[1:]: "className",
    ASSETS["selftest.js"].address[1:]: "localStorage",
}

MARKS = re.compile(r".{0,30}(\*\*|\]\(|__|~~|\[\^|`).{0,30}")
"""Of Markdown: a reader sees them where they mark nothing, such as ** between a letter and a bracket."""

DEVICES = (
    "old-kindle new-kindle kobo pocketbook boox text-browsers old-phones trouble".split()
)  # fmt: skip


@pytest.fixture
def built(site):
    return site


def root_of(code):
    return "" if code == "en" else f"{code}/"


def expected():
    marks = dict(ONCE)
    for code in SENTENCES:
        pages = EVERYWHERE | (IN_FULL if code in FULL else ADDED if code in SINCE else {})
        marks |= {root_of(code) + path: mark for path, mark in pages.items()}
    return marks


DIAGRAMS = {"flow": tuple(SENTENCES), "cursors": FULL, "pieces": FULL, "settled": FULL}
"""The languages in which there is each diagram, with words of its own."""


def diagram(name, code):
    return f"assets/{name}" if code == "en" else f"assets/{name}-{code.lower()}"


def test_the_site_has_these_files(built):
    files = tree(built)
    for path, mark in expected().items():
        assert mark.encode() in files[path], path
    unpacked = {path.removesuffix(".gz") for path in files}
    spare = {path for path in unpacked - expected().keys() if "/tags/" not in path}
    drawn = {diagram(name, code) for name, codes in DIAGRAMS.items() for code in codes}
    assert {path.partition(".")[0] for path in spare} == drawn


def test_every_language_shows_its_own_diagrams(built):
    for code in SENTENCES:
        shown = set()
        for page in (built / root_of(code)).rglob("*.html"):
            if code == "en" and page.relative_to(built).parts[0] in SENTENCES:
                continue
            shown |= set(re.findall(r'<img src="/(assets/[\w-]+)\.', page.read_text()))
        assert shown == {diagram(name, code) for name, codes in DIAGRAMS.items() if code in codes}


def test_no_page_shows_the_marks_of_its_source(built):
    shown = []
    for page in built.rglob("*.html"):
        tree = LexborHTMLParser(page.read_text())
        for code in tree.css("pre,code,script"):
            code.decompose()
        text = tree.body.text(separator="") if tree.body else ""
        shown += [f"{page.relative_to(built)}: {found[0]}" for found in MARKS.finditer(text)]
    assert shown == []


def test_translations_have_all_parts_of_the_english_text_and_no_more():
    english = {path.name: path for path in find_sources(SITE / "content/en", "**/*.md")}
    for path in find_sources(SITE / "content", "**/*.md"):
        code = path.relative_to(SITE / "content").parts[0]
        expected = parts_of(english[path.name].read_text(), "en")
        if code not in FULL:
            expected["links"] -= {"/blog/feed.atom"}  # there is none
        assert parts_of(path.read_text(), code) == expected, path


def parts_of(text, code):
    """How many headings, blocks of code, rows, items and pictures there are, and where links lead."""
    links = re.findall(r"(?<!!)\[[^\]]*\]\(([^)\s]*)", text)
    return {
        "headings": re.findall(r"(?m)^#+", text),
        "fences": text.count("\n```"),
        "rows": text.count("\n|"),
        "items": len(re.findall(r"(?m)^ *(?:[-*]|[0-9]+\.) ", text)),
        "pictures": text.count("!["),
        "links": {link.removeprefix(SENTENCES[code].language.root) for link in links},
    }


@pytest.mark.long
def test_a_build_of_it_is_what_its_sources_give(built):
    result = compare(SITE, built, BUILT_FOR)
    assert (result.written, result.removed) == ((), ())


def test_every_page_has_a_place_to_say_that_it_is_a_demonstration(built):
    """Whether it is one, the server that serves the page knows."""
    for page in built.rglob("*.html"):
        if page.name != "offline.html":
            html = page.read_text()
            assert (html.count(DEMO_PLACE), 'id="demo"' in html) == (1, False), page


@cases("code", SENTENCES)
def test_pages_say_their_language_and_where_their_translations_are(built, code):
    home = (built / root_of(code) / "index.html").read_text()
    direction = "rtl" if code == "ar" else "ltr"
    assert f'<html lang="{code}" dir="{direction}">' in home
    assert (ASSETS["rtl.css"].address in home) == (direction == "rtl")
    sitemap = (built / "sitemap.xml").read_text()
    (place,) = re.findall(rf"<loc>{URL}/{root_of(code)}</loc>.*?</url>", sitemap, re.DOTALL)
    others = dict(re.findall(r'hreflang="([\w-]+)" href="([^"]+)"', place))
    urls = {each: f"{URL}/{root_of(each)}" for each in SENTENCES}
    assert others == urls


def test_text_browsers_have_no_links_to_list_before_a_page(built):
    """links2 shows the links of a head as lines above the page, and Enter would follow the first."""
    for page in built.rglob("*.html"):
        head = page.read_text().partition("</head>")[0]
        rels = re.findall(r'<link rel="([^"]+)"(?! type="application/atom)', head)
        assert set(rels) <= {"stylesheet"}, page


@cases("code", SENTENCES)
def test_help_is_there_for_every_device(built, code):
    html = (built / root_of(code) / "help/index.html").read_text()
    assert re.findall(r'<h2 id="([\w-]+)">', html) == DEVICES
    assert re.findall(r'<li><a href="#([\w-]+)">', html) == DEVICES


@cases("code", SENTENCES)
def test_help_says_of_each_device_how_to_open_keep_size_and_read(built, code):
    html = (built / root_of(code) / "help/index.html").read_text()
    parts = re.split(r'<h2 id="', html)[1:-1]
    said = [re.findall(r"<p><strong>([^<]+)[.।。]</strong>", part)[:4] for part in parts]
    whole = said[0]
    assert len(set(whole)) == 4
    for device, steps in zip(DEVICES, said, strict=False):
        assert steps == whole[: 3 if device == "old-phones" else 4], device


def test_pages_for_errors_are_shown_to_nobody_who_searches(built):
    sitemap = (built / "sitemap.xml").read_text()
    for page in built.rglob("*.html"):
        if page.name != "index.html":
            html = page.read_text()
            assert 'content="noindex"' in html
            assert "canonical" not in html
            assert page.name not in sitemap


def test_the_page_for_a_proxy_needs_no_other_file(built):
    for page in built.rglob("offline.html"):
        assert not re.search(r"<(link|script|img)\b", page.read_text())


@cases("code", FULL[1:])
def test_translations_say_the_same_things(built, code):
    """As many headings, pictures, rows, items, notes and blocks of code on each page."""
    for path in IN_FULL:
        if path.endswith(".html"):
            english, other = ((built / root / path).read_text() for root in ("", code))
            for tag in ("<h2", "<h3", "<pre", "<tr", "<li", "<img", "<sup", "<code"):
                assert english.count(tag) == other.count(tag), (path, tag)
            anchors = [re.findall(r'<h2 id="([^"]+)"', page) for page in (english, other)]
            assert path.endswith("compatibility/index.html") or anchors[0] == anchors[1], path


@cases("code", FULL)
def test_a_post_has_all_its_parts(built, code):
    """Back to the blog at the top, title, date, reading time, sections, code, a diagram with its caption, a
    table, the way to other posts; and the page weighs at most 30 kB with its style and picture."""
    post = built / root_of(code) / "blog/resuming-by-cursor/index.html"
    html = post.read_text()
    t, language = SENTENCES[code], SENTENCES[code].language
    head, _, rest = html.partition("<h1>")
    assert f'<a href="{language.root}/blog/">{t("blog.back")}</a>' in head
    byline, _, text = rest.partition('<div id="contents"')
    assert language.date(date(2026, 11, 16)) in byline
    assert re.search(r"· \D*\d+\D* ·", byline)
    assert len(re.findall(r'<h2 id="[\w-]+">', text)) >= 5
    assert '<pre dir="ltr"><code>' in text
    assert re.search(
        r'<img src="[^"]+" width="\d+" height="\d+" alt="[^"]{40,}"><br>\n<span cl', text
    )
    assert "<table>" in text
    assert f'<a href="{language.root}/blog/growing-pages/">' in text
    loaded = [built / path for path in re.findall(r'(?:src|stylesheet" href)="/([^"]+)"', html)]
    assert sum(len(file.read_bytes()) for file in (post, *loaded)) <= 30_000


@cases("code", FULL)
def test_the_first_page_leads_to_the_feed(built, code):
    home = (built / root_of(code) / "index.html").read_text()
    assert f'href="{SENTENCES[code].language.root}/blog/feed.atom"' in home


def test_shared_addresses_have_a_title_a_description_and_a_picture(built):
    for path, title in (("how/index.html", "How it works"), ("blog/index.html", "Blog")):
        head = (built / path).read_text().partition("</head>")[0]
        assert f'<meta property="og:title" content="{title}">' in head
        assert re.search(
            r'<meta name="description" property="og:description" content="[^"]+">', head
        )
        picture = re.search(rf'"og:image" content="{URL}/([^"]+)"', head)[1]
        assert (built / picture).is_file()


def test_paper_has_no_controls_and_right_to_left_pages_are_mirrored(built):
    style = ASSETS["style.css"].data.decode()
    printed = style.partition("@media print{")[2]
    assert re.search(r"\.bar,form,[^{}]*#intro,\[role=navigation\]{display:none}", printed)
    assert "th,td{padding:.25em .5em .25em 0;border-bottom:1px solid;text-align:inherit" in style
    for mirrored in ("[dir=rtl] ul", "[dir=rtl] ol", "[dir=rtl] blockquote", "[dir=rtl] pre"):
        assert mirrored in style


@pytest.mark.parametrize("newsletter", [True, False])
def test_of_a_post_paper_has_what_was_written_and_nothing_that_leads_away(tmp_path, newsletter):
    cache = Cache("")
    options = BUILT_FOR._replace(newsletter=newsletter)
    with started(SITE, options, cache) as begun:
        outputs = plan(SITE, options, cache, begun).outputs
    page = next(each for each in outputs if each.path == "blog/why-sse/index.html")
    post = LexborHTMLParser(page.make().decode())
    assert bool(post.css("form h2")) is newsletter
    for hidden in post.css(".bar, form, [role=navigation]"):
        hidden.decompose()
    printed, english = post.body.text(), SENTENCES["en"]
    assert post.css_first("h1").text() in printed
    for name in ("blog.back", "blog.previous", "blog.feed", "letter.form", "ui.privacy"):
        assert english(name) not in printed, name


@cases("code", FULL)
def test_the_decoder_of_a_post_does_what_ours_does(code):
    post = (SITE / f"content/{code}/blog/decoding-sse.md").read_text()
    _, decoder, check = re.findall(r"```python\n(.*?)```", post, re.DOTALL)
    names = {}
    exec(decoder + check, names)
    lines = sum(1 for line in decoder.splitlines() if line)
    assert re.search(
        rf"^summary: .* {lines} (lines|строк|líneas|Zeilen|lignes|righe|regels)", post, re.MULTILINE
    )
    text = "\ufeffdata: é{0}data:b{0}{0}: c{0}data: d{0}{0}{0}data: e{0}{0}data: f{0}"
    for stream in (text.format(end).encode() for end in ("\n", "\r", "\r\n")):
        expected = [event.data for event in sse.Decoder().feed(stream)]
        for cut in range(len(stream)):
            assert list(names["events"]([stream[:cut], b"", stream[cut:]])) == expected
        assert list(names["events"]([bytes([byte]) for byte in stream])) == expected


@pytest.fixture
def w3m():
    return installed("w3m")


def composed(text):
    """The text with one of the two ways in which Unicode writes a letter with a mark; w3m has the other."""
    return unicodedata.normalize("NFC", text)


def columns(line):
    """How many columns of a terminal a line takes: Chinese letters take two, marks on letters none."""
    return sum(
        0
        if unicodedata.category(sign) in ("Mn", "Mc", "Me", "Cf")
        else 1 + (unicodedata.east_asian_width(sign) in "WF")
        for sign in line
    )


PARTING = "between two pages"


def dumps(w3m, pages, parting):
    """What w3m shows of each page. It shows all of them in one go, with a page between two."""
    parting.write_text(f"<p>{PARTING}</p>")
    files = [str(file) for page in pages for file in (page, parting)]
    dump = subprocess.run(
        [w3m, "-dump", "-cols", "80", "-O", "utf-8", "-T", "text/html", *files],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    *shown, rest = dump.split(f"{PARTING}\n")
    assert (len(shown), rest.strip()) == (len(pages), "")
    return shown


def test_every_page_can_be_read_in_w3m(built, w3m, tmp_path):
    pages = sorted(built.rglob("*.html"))
    for page, dump in zip(pages, dumps(w3m, pages, tmp_path / "parting.html"), strict=True):
        title = re.search(r"<h1>(?:<[^>]+>)*([^<]+)", page.read_text())[1]
        shown, wanted = (" ".join(composed(text).split()) for text in (dump, unescape(title)))
        assert wanted in shown, page
        assert not re.search(r"</?[a-z]+[ >]|\{\{|\{%", dump), page
        assert max(map(columns, dump.splitlines())) <= 100, page
