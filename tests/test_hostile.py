"""The hostile corpus in all ways and settings: nothing raises, and nothing is kept from its reader."""

import itertools
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.hostile import PATTERNS
from kindlechat.rendering.answer.growing import Growing, released_chars
from kindlechat.rendering.answer.tree import to_html
from kindlechat.rendering.device.reading import CHOICES, TABLE_COLUMNS, Reading
from kindlechat.rendering.device.screens import Page, cut_into_screens
from tests.answer.rendered import assert_safe
from tests.cases import cases

SCREENS = ("600x800", "1860x2480", "732x972", "240x320", "320x240", "1280x800")
"""Some of every shape."""

PAGES = sorted(
    {
        (reading.columns, reading.width_em, max(4, reading.height_em - 3), reading.line_em)
        for screen, size, margins, leading in itertools.product(
            SCREENS, *(CHOICES[name] for name in ("size", "margins", "leading"))
        )
        for reading in (Reading(screen=screen, size=size, margins=margins, leading=leading),)
    }
)
"""The measures of pages that settings can make: letters in a line, and then those in em."""


@pytest.fixture(autouse=True)
def unguarded(monkeypatch):
    """With the guard a fault would be a text without its looks."""
    for module in ("answer.growing", "device.screens.filling"):
        monkeypatch.setattr(f"kindlechat.rendering.{module}.guarded", lambda make, instead: make())


@pytest.fixture
def chars(quick):
    """How long a text is."""
    return 120 if quick else 400


@pytest.fixture
def stride(quick):
    """Each pattern tries one page in so many, and each another part of them: so all pages are tried."""
    return 120 if quick else 40


@pytest.fixture
def step(quick):
    """How many characters come at a time where a pattern grows."""
    return 40 if quick else 80


def test_there_are_many_patterns_of_any_length():
    assert len(PATTERNS) >= 150
    for chars in (1, 50, 1000):
        assert {len(pattern(chars)) for pattern in PATTERNS.values()} == {chars}
    assert len({pattern(1000) for pattern in PATTERNS.values()}) == len(PATTERNS)


@cases("name", PATTERNS, quick_stride=4)
def test_it_is_rendered_and_cut_in_all_settings(name, chars, stride, quick):
    text = PATTERNS[name](chars)
    assert_safe(to_html(Growing(drawn=False).nodes(text, ended=True)))
    pages = defaultdict(list)
    for columns, *page in PAGES[list(PATTERNS).index(name) % stride :: stride]:
        fitting = (width for width in TABLE_COLUMNS if width <= columns)
        pages[max(fitting, default=TABLE_COLUMNS[0])].append(Page(*page))
    for columns in pages if quick else TABLE_COLUMNS:
        nodes = Growing(columns).nodes(text, ended=True)
        assert_safe(to_html(nodes))
        for page in pages[columns]:
            assert cut_into_screens(nodes, page)


@cases("name", PATTERNS, quick_stride=4)
def test_it_grows_in_all_ways(name, chars, step):
    text = PATTERNS[name](chars)
    polled, grown, shown, settled = Growing(), Growing(only_grows=True), 0, 0
    for length in range(step, chars, step):
        end = max(shown, released_chars(text[:length]))
        polled.changes(text[:shown], text[:end], ended=False)
        shown = end
        settled = max(settled, grown.settled_chars(text[:length], still=length % (2 * step) == 0))
        grown.nodes(text[:settled], ended=False)
    assert polled.nodes(text, ended=True) == Growing().nodes(text, ended=True)
    assert_safe(to_html(grown.nodes(text, ended=True)))


@given(
    st.lists(st.tuples(st.sampled_from(sorted(PATTERNS)), st.integers(1, 60)), max_size=8),
    st.sampled_from(PAGES),
    st.sampled_from(("", "\n", "\n\n", " ")),
)
def test_mixed_patterns_are_rendered_and_cut(parts, page, joint):
    text = joint.join(PATTERNS[name](chars) for name, chars in parts)
    nodes = Growing(min(page[0], TABLE_COLUMNS[-1])).nodes(text, ended=True)
    assert_safe(to_html(nodes))
    assert cut_into_screens(nodes, Page(*page[1:]))


DEEP = {
    "emphasis": "*a " * 1200 + "b* " * 1200,
    "strong": "**a " * 1200 + "b** " * 1200,
    "struck": "~~a " * 1200 + "b~~ " * 1200,
    "tags": "<b><i>" * 1200 + "a" + "</i></b>" * 1200,
    "brackets": "[" * 400 + "a" + "](http://a.example/)" * 400,
    "pictures": "![" * 400 + "a" + "](http://a.example/)" * 400,
    "quotes": "> " * 1200 + "a",
    "items": "- " * 1200 + "a",
    "ever deeper items": "".join("  " * depth + "- a\n" for depth in range(200)),
    "details": "<details>\n" * 600 + "a\n" + "</details>\n" * 600,
    "braces": "$" + "\\frac{" * 400 + "a" + "}" * 400 + "$",
    "roots": "$$" + "\\sqrt{" * 300 + "a" + "}" * 300 + "$$",
    "environments": "$$" + "\\begin{cases}" * 100 + "a" + "\\end{cases}" * 100 + "$$",
    "links in links": "[a " * 400 + "](http://a.example/)" * 400,
}


WAYS = [*itertools.product((TABLE_COLUMNS[0], TABLE_COLUMNS[-1]), (False, True))]
"""How wide tables are, and whether the text only grows."""


@cases("name", DEEP, quick_stride=3)
def test_what_is_nested_deep_is_parsed_without_calling_too_deep(name, quick):
    """The limits of nesting hold before and while a text is parsed: the guard has nothing to do."""
    text, number = DEEP[name], list(DEEP).index(name)
    for columns, only_grows in [WAYS[number % len(WAYS)]] if quick else WAYS:
        growing = Growing(columns, only_grows=only_grows)
        growing.settled_chars(text, still=True)
        nodes = growing.nodes(text, ended=True)
        assert_safe(to_html(nodes))
        assert cut_into_screens(nodes, Page(columns / 2, 12))


def test_quotes_and_items_that_raised_once_are_cut_for_all_pages(quick):
    text = ("> - > - > - > - " + "word " * 200 + "\n") * 2
    nodes = {columns: Growing(columns).nodes(text, ended=True) for columns in TABLE_COLUMNS}
    for columns, *page in PAGES[:: 10 if quick else 1]:
        fitting = max((width for width in TABLE_COLUMNS if width <= columns), default=0)
        assert cut_into_screens(nodes[fitting or TABLE_COLUMNS[0]], Page(*page))
