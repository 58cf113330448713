"""Words of the site's own pages: what a page names is called so on the screen, in every language."""

import re

from kindlechat.rendering.ui.languages import SOURCE, load_sentences, parse_source
from kindlechat.rendering.ui.sources import find_sources
from tests.cases import cases
from tests.site.conftest import SITE

SENTENCES = load_sentences(SITE / "translations")
ENGLISH = {path.stem: path.read_text() for path in find_sources(SITE / "content/en", "*.md")}
SENTENCES_OF_ENGLISH = parse_source((SITE / "translations" / SOURCE).read_bytes())
NAMES = [name for name, (one, _) in SENTENCES_OF_ENGLISH.items() if "{" not in one]

STOPS = ".。।"
OTHER_THINGS = {"More", "Open"}
"""What help means is in a device's own menu, or a step."""


def pages(code):
    return {path.stem: path.read_text() for path in find_sources(SITE / f"content/{code}", "*.md")}


def emphasised(text):
    """What a Markdown text sets off, without the full stop of a sentence."""
    spans = re.findall(r"\*\*(.+?)\*\*|(?<!\*)\*([^*]+)\*(?!\*)", text, re.DOTALL)
    return {" ".join((strong or weak).split()).rstrip(STOPS) for strong, weak in spans}


def titles(texts):
    return {
        name: re.search(r"^title: (.*)$", text, re.MULTILINE)[1] for name, text in texts.items()
    }


def labels(code):
    """What the screen says, by name: buttons, settings and states, and the titles of pages."""
    said = {name: " ".join(SENTENCES[code](name).split()).rstrip(STOPS) for name in NAMES}
    return said | {f"title of {name}": title for name, title in titles(pages(code)).items()}


@cases("code", sorted(SENTENCES.keys() - {"en"}))
def test_a_page_calls_things_as_the_screen_does(code):
    english, own, texts = labels("en"), labels(code), pages(code)
    for page in texts.keys() & ENGLISH.keys():
        found = emphasised(texts[page])
        for label in emphasised(ENGLISH[page]) & set(english.values()) - OTHER_THINGS:
            meant = {own[name] for name in english if english[name] == label and name in own}
            assert meant & found, (page, label, meant)


def test_no_french_line_begins_with_a_sign_that_a_blank_stands_before():
    """The blank before such a sign may not break."""
    files = [*find_sources(SITE / "content/fr", "**/*.md"), SITE / "translations/fr.po"]
    alone = [
        f"{file.name}: {found[0]}"
        for file in files
        for found in re.finditer(r".{0,20} [:;?!»](?!\S).{0,9}|« .{0,9}", french(file.read_text()))
    ]
    assert alone == []


def french(text):
    """A text, or the translations of a catalog, without code."""
    if "\nmsgid" in text:
        text = "\n".join(re.findall(r'^msgstr\S* "(.*)"$', text, re.MULTILINE))
    return re.sub(r"^```.*?^```|`[^`\n]*`", "", text, flags=re.DOTALL | re.MULTILINE)
