"""Every page as it is served: valid, light, and with nothing in it that an e-reader lacks or breaks."""

import json
import re
from pathlib import Path
from string import Template
from urllib.parse import unquote, urlsplit

import pytest

from harness.servers import ASSETS, ROOT
from kindlechat.picture import PREVIEW_BYTES
from kindlechat.rendering.device.reading import View
from tests.cases import cases
from tests.lint.programs import MODULES, assert_none, run
from tests.lint.reader import HEARTBEAT_TAG, READINGS, Element, Elements

PAGE_BYTES = 30_000

QR_BYTES = 2_000
"""More than the picture of a code has, which is no file of the built site. A picture that a reader sent has
PREVIEW_BYTES at most."""

JAVA = ("java", "-Xss4m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""A JVM that compiles quickly, not thoroughly: it runs for a few seconds only."""

TAGS = """
    html head meta title link body script div p span b strong em u s sub sup small kbd q code pre br hr
    blockquote h1 h2 h3 h4 ul ol li table thead tbody tr th td a img noscript
    form label textarea input button fieldset legend details summary
"""
"""HTML 4's, less frames and plug-ins: WebKit 528 knows no main, nav, section, svg or dialog. Nor does it
know details and summary; it shows what is in them, which is all that an answer needs."""

KNOWN_INPUTS = {"text", "password", "hidden", "radio", "checkbox", "submit", "file"}

WITH_FILES = {"typing", "phone-sent"}
"""The phone's pages: some e-readers hang on a file dialog."""

BANNED_ATTRIBUTES = {
    "target": "one window is all that some have",
    "style": "the style sheet is cached, this is not",
    "autofocus": "a keyboard that comes up by itself covers the page",
    "required": "old engines ignore it, and the server has to say it anyway",
    "pattern": "old engines ignore it, and the server has to say it anyway",
    "tabindex": "the order of the page is the order of its keys",
}

NO_GLYPH = re.compile("[\u2190-\u2bff\u3012-\u303f\ue000-\uf8ff\ufe0f\U0001f000-\U0010ffff]")
"""Arrows, symbols and emoji: e-readers' fonts show boxes for most of them. Chinese stops come with Chinese
letters."""

IDS = """
    ask message send answer question status actions stop refresh continue again edit latest notice
    back out host passcode settings save reset turning previous next before selftest verdict
    manage branch library rows search find pages all shared deleted delete-all delete confirm undo
    title save-title star make-link link withdraw read-only copy more
    use-phone code qr look unpair paired join pair sent
"""
"""Of everything that only some pages have."""

ROUTE = re.compile(
    r"(/[a-z]{2}(-[A-Z][A-Za-z]+)?)?"
    r"(/ask|/out|/passcode|/settings|/conversations(/(shared|deleted|delete|restore|words|words\.tsv))?|/me(/[\w-]+)*|/pair(/[\w-]+)*(/qr\.png)?|/opds/[\w-]+(/feed)?"
    r"|/c/[\w-]+(/(live|stop|continue|again|edit|about|title|star|share|withdraw|delete|restore|branch|phone|tap|translate|words|word|forget-word|vocabulary|vocabulary\.tsv|\d+/send))?"
    r"|/s/[\w-]+(/copy)?|/[cs]/[\w-]+/picture/[\w-]+\.jpg|/[cs]/[\w-]+(/\d+(\.\d+)?)?\.(txt|md|html|epub|mobi))",
    re.ASCII,
)

OTHERS = sorted(path.stem for path in (ROOT / "site/translations").glob("*.po"))
"""The languages whose pages have a folder of their own."""

HEAD = re.compile(
    r'<!DOCTYPE html>\n<html(?: class="[\w ]+")?(?: data-carried="r=\d+")? lang="[\w-]+" dir="(ltr|rtl)">\n'
    r"<head>\n"
    r'<meta charset="utf-8">\n<title>[^<]*\S[^<]*</title>\n'
)


TOLERATED = ("The “align” attribute", f"Stray end tag “{HEARTBEAT_TAG}”.")
"""The only way in which text browsers align the cells of a table; a style sheet does it for the others. And
what a page that grows can send in a silence without changing: HTML says what becomes of it."""

VALID = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Title</title>
</head>
<body>
<h1>Heading</h1>
$fault
</body>
</html>"""

INVALID = {
    "id": '<p id="a"></p><p id="a"></p>',
    "label": '<p><label for="a">Label</label></p>',
    "nesting": "<p><b>bold</p>",
    "image": '<p><img src="/a.png"></p>',
}


@pytest.fixture(scope="module")
def elements(pages):
    return {page.name: Elements(page.html).found for page in pages}


def test_the_statuses_are_what_the_names_say(pages):
    """So that a page which is collected by mistake is noticed: most of them are no errors."""
    statuses = {page.name: page.status for page in pages if page.status != 200}
    assert statuses == {
        "not-found": 404,
        "unknown-conversation": 404,
        "empty": 400,
        "too-long": 400,
        "too-large": 413,
        "forgotten": 404,
        "cross-site": 403,
        "wrong-method": 405,
        "passcode-wanted": 401,
        "passcode-wrong": 401,
        "rate-limited": 429,
        "store-down": 503,
        "title-too-long": 400,
        "withdrawn": 404,
        "code-unknown": 404,
        "unpaired": 404,
    }


def test_every_kind_of_page_was_collected(pages):
    """Each state and button is on some page, or the checks would look at nothing."""
    every = "".join(page.html for page in pages)
    ids = set(re.findall(r'\bid="([\w-]+)"', every))
    assert set(IDS.split()) - ids == set()
    assert "Half an ans" in every
    assert "word1 " in every
    assert '<meta http-equiv="refresh"' in every


@pytest.mark.long
def test_every_page_is_valid(pages, tmp_path):
    """The Nu checker, which the standard's authors use, has neither an error nor a warning.

    One run, as it takes long to start, so each of INVALID is among the pages and has to be found.
    """
    for page in pages:
        (tmp_path / f"{page.name}.html").write_text(page.html)
    for name, fault in INVALID.items():
        html = Template(VALID).substitute(fault=fault)
        (tmp_path / f"invalid {name}.html").write_text(html)
    jar = MODULES / "vnu-jar/build/dist/vnu.jar"
    ran = run([*JAVA, "-jar", jar, "--format", "json", "--no-langdetect", tmp_path])
    found = [
        (Path(unquote(urlsplit(told["url"]).path)).stem, told["message"], told.get("extract"))
        for told in json.loads(ran.stderr)["messages"]
    ]
    assert {name for name, *_ in found} >= {f"invalid {name}" for name in INVALID}
    assert_none(
        f"{name}: {message} {extract!r}"
        for name, message, extract in found
        if not name.startswith("invalid ") and not message.startswith(TOLERATED)
    )


def size_of(path, site):
    """How much a page loads with this address."""
    if path.endswith("/qr.png"):
        return QR_BYTES
    return PREVIEW_BYTES if "/picture/" in path else (site / path.lstrip("/")).stat().st_size


def test_every_page_weighs_at_most_30_kb_with_all_it_loads(pages, elements, site):
    weights = {}
    for page in pages:
        loaded = {
            element.attrs.get("src") or element.attrs["href"]
            for element in elements[page.name]
            if element.tag in ("script", "img") or element.attrs.get("rel") == "stylesheet"
        }
        weights[page.name] = len(page.html.encode()) + sum(size_of(path, site) for path in loaded)
    assert_none(
        f"{name}: {weight} bytes" for name, weight in weights.items() if weight > PAGE_BYTES
    )


def test_no_page_of_a_readers_has_a_file_dialog(elements):
    having = {
        name
        for name, found in elements.items()
        if any(element.attrs.get("type") == "file" for element in found)
    }
    assert having == WITH_FILES


def test_a_page_shows_a_picture(elements):
    (shown,) = (element for element in elements["pictured"] if element.tag == "img")
    assert (shown.attrs["width"], shown.attrs["height"]) == ("120", "160")


def problems(element: Element):
    """What an e-reader lacks or breaks of one element."""
    attrs = element.attrs
    if element.tag not in TAGS.split():
        yield "unknown"
    yield from (f"{name}: {why}" for name, why in BANNED_ATTRIBUTES.items() if name in attrs)
    if any(name.startswith("on") for name in attrs):
        yield "a handler of its own"
    if element.tag == "input" and attrs.get("type", "text") not in KNOWN_INPUTS:
        yield "a kind of field that is not known"
    if element.tag == "img" and not {"width", "height", "alt"} <= attrs.keys():
        yield "an image without a size or text: the page would jump"
    if element.tag == "style" or (element.tag == "script" and set(attrs) != {"src"}):
        yield "a script or style in the page"
    if element.tag == "script" and element.text.strip():
        yield "a script in the page"
    if element.tag in ("a", "button") and not re.search(r"\w", element.text):
        yield "a control without words"
    if element.tag == "form" and attrs.get("accept-charset") != "utf-8" and attrs.get("id"):
        yield "text may be sent in another charset"


def test_every_page_has_only_what_e_readers_have(elements):
    assert_none(
        f"{name}: {element.tag} {element.attrs}: {problem}"
        for name, found in elements.items()
        for element in found
        for problem in problems(element)
    )


@cases(
    "html",
    [
        "<main></main>",
        '<svg width="1"></svg>',
        '<a href="/" target="_blank">words</a>',
        '<p style="color: red">words</p>',
        '<input type="text" name="a" autofocus>',
        '<input type="email" name="a">',
        '<button onclick="go()">words</button>',
        '<img src="/a.png" alt="words">',
        "<script>go()</script>",
        '<script src="/a.js" async></script>',
        '<a href="/"><img src="/a.png" alt="words" width="1" height="1"></a>',
        "<button>\u2190</button>",
        '<form id="a" method="post"></form>',
    ],
)
def test_the_check_refuses(html):
    assert [problem for element in Elements(html).found for problem in problems(element)]


def test_no_page_has_glyphs_that_e_readers_lack(pages):
    assert_none(
        f"{page.name}: {glyph}"
        for page in pages
        if page.name != "chinese"  # what a reader asks for is the reader's own
        for glyph in NO_GLYPH.findall(page.html)
    )


def test_every_page_names_its_language_charset_and_title(pages):
    assert [page.name for page in pages if not HEAD.match(page.html)] == []


def test_only_the_pages_that_say_so_load_a_script(pages, elements):
    loading = {
        page.name: element.attrs["src"]
        for page in pages
        for element in elements[page.name]
        if element.tag == "script"
    }
    scrolled = [name for name, reading in READINGS.items() if reading.view is View.SCROLL]
    reader = ["home", "paired-home", "stream", "poll", *(f"home-{name}" for name in scrolled)]
    others = [code for code in OTHERS if code in elements]
    for code in others:
        reader += [code, f"{code}-stream", f"{code}-poll"]
    expected = dict.fromkeys(reader, ASSETS["reader.js"].address)
    answers = ["answers", *(f"{code}-answers" for code in others)]
    expected |= dict.fromkeys(answers, ASSETS["selftest.js"].address)
    settings = [page.name for page in pages if re.fullmatch("settings(-.*)?", page.name)]
    in_pages = [page.name for page in pages if re.search("^(?!home).*-screens?$", page.name)]
    expected |= dict.fromkeys(settings, ASSETS["settings.js"].address)
    assert len(in_pages) > 5
    expected |= dict.fromkeys(in_pages, ASSETS["screen.js"].address)
    following = ["joined", "paired", "pictured", "paired-screens", "paired-last-screen"]
    expected |= dict.fromkeys(following, ASSETS["pair.js"].address)
    assert loading == expected


def addresses(elements):
    """Where the elements lead."""
    for element in elements:
        for name in ("href", "src", "action"):
            if name in element.attrs:
                yield element.attrs[name]
        if element.attrs.get("http-equiv") == "refresh":
            yield element.attrs["content"].partition("url=")[2]


def test_every_link_leads_to_a_page_or_to_a_route_of_the_servers(elements, site):
    for name, found in elements.items():
        for address in addresses(found):
            if urlsplit(address).scheme or address.startswith("#") or not address:
                continue  # the build itself looks for places on a page
            path = urlsplit(address).path
            assert path.startswith("/"), (name, address)
            assert ROUTE.fullmatch(path) or (site / path.lstrip("/")).exists(), (name, address)


def test_links_of_answers_say_nothing_of_the_reader(elements):
    links = [
        element
        for found in elements.values()
        for element in found
        if element.tag == "a" and urlsplit(element.attrs["href"]).scheme
    ]
    assert links
    assert all(set(link.attrs["rel"].split()) >= {"nofollow", "noreferrer"} for link in links)


def test_every_page_that_carries_settings_passes_them_on(pages, elements):
    """Where no cookie keeps them, one address without them would lose them."""
    dressed = [page for page in pages if 'data-carried="' in page.html]
    assert dressed
    for page in dressed:
        code = re.search(r'data-carried="(r=\d+)"', page.html)[1]
        for address in addresses(elements[page.name]):
            if not urlsplit(address).scheme and not address.startswith(("/assets/", "#")):
                assert code in urlsplit(address).query.split("&"), (page.name, address)


@cases("name", ["home", "stream", "poll", "plain", "done", "too-long"])
def test_the_question_box_works_without_a_script(elements, name):
    found = elements[name]
    form = next(element.attrs for element in found if element.attrs.get("id") == "ask")
    assert form["method"] == "post"
    assert urlsplit(form["action"]).path == "/ask"
    fields = {element.attrs["name"] for element in found if "name" in element.attrs}
    assert {"message", "conversation", "mode"} <= fields
    assert any(element.tag == "button" and element.attrs.get("id") == "send" for element in found)
