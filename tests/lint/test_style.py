"""The style sheet: old engines must understand it, and a panel of 16 greys must show its text."""

import json
import re
from itertools import product

import pytest

from harness.servers import ASSETS, ROOT
from tests.cases import cases
from tests.lint.programs import assert_none, run

STYLE_BYTES = 4_096

LEAST_CONTRAST = 7.0
"""WCAG 2.2, 1.4.6: what worn eyes need in poor light, which an unlit grey panel is."""

PROPERTIES = """
    color background background-color font font-family font-size font-style font-weight line-height
    text-align text-decoration text-indent text-transform vertical-align white-space word-wrap
    display width height min-width min-height max-width max-height clear visibility
    margin margin-top margin-right margin-bottom margin-left
    padding padding-top padding-right padding-bottom padding-left
    border border-top border-right border-bottom border-left
    border-color border-style border-width border-collapse border-spacing table-layout
    list-style list-style-type list-style-position page-break-inside page-break-after
    border-radius -webkit-border-radius box-sizing -webkit-box-sizing -moz-box-sizing
    -webkit-appearance -webkit-text-size-adjust
"""

KNOWN = {
    "at-rule": {"media"},
    # By the exact size of a device, so that a window of that width is not blown up.
    "feature": {"device-width", "device-height"},
    "combinator": {" ", ">"},
    "pseudo-class": {"link", "visited", "focus", "first-child"},
    "pseudo-element": set(),
    "attribute": {"="},
    "unit": {"px", "pt", "em", "rem"},
    "function": set(),
    "important": set(),
    "unread": set(),
    "display": {"block", "inline", "inline-block", "none"},
    "property": frozenset(PROPERTIES.split()),
}
"""All that WebKit 528 understands and e-readers do not break. What is missing is meant to be: flex,
grid, float, position, overflow, z-index, shadows, transforms and transitions, outline (it shows where
the focus is), hover, siblings, generated content, calc(), var(), url(), vw and vh."""

NEEDS_PREFIX = ("box-sizing", "border-radius")
"""In WebKit before 533 and 534."""


def read(file):
    """What tests/lint/style.cjs says of a style sheet."""
    ran = run(["node", ROOT / "tests/lint/style.cjs", file])
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def unknown(sheet):
    """What is used and not in KNOWN: (kind, name, line)."""
    return [
        (kind, name, line)
        for kind, names in sheet["used"].items()
        for name, line in names.items()
        if name not in KNOWN[kind]
    ]


@pytest.fixture(scope="module")
def style():
    return read(ROOT / "site/assets/style.css")


def test_the_style_sheet_is_small(site):
    assert len(ASSETS["style.css"].data) < STYLE_BYTES


def test_the_style_sheet_has_no_mistake(style):
    assert style["mistakes"] == []
    text = (ROOT / "site/assets/style.css").read_text()
    assert text.count("{") == text.count("}") > 30


def test_the_style_sheet_uses_nothing_that_e_readers_lack_or_break(style):
    assert unknown(style) == []


def test_what_old_webkit_knows_by_another_name_has_that_too(style):
    for rule in style["rules"]:
        properties = {name for name, _ in rule["declarations"]}
        for name in NEEDS_PREFIX:
            assert name not in properties or f"-webkit-{name}" in properties, rule


FAULTS = """
    display:flex display:grid width:calc(1px+2px) width:10vw height:10vh color:var(--a) --a:1
    position:fixed z-index:1 float:left overflow-x:scroll gap:1px outline:0
    text-shadow:none box-shadow:none transform:none opacity:.5 color:red!important
    background:url(/a.png) background:linear-gradient(red,blue)
    a:hover{} a~b{} a+b{} a::before{} a:not(b){} @font-face{} @import'a'; @media(min-width:1px){}
    @supports(width:1px){}
"""


def test_the_check_refuses_what_it_should(tmp_path):
    """All at once; each has to be found on the line where it stands."""
    faults = FAULTS.split()
    style = tmp_path / "faults.css"
    rules = [fault if re.search("[{@]", fault) else f"a{{{fault}}}" for fault in faults]
    style.write_text("\n".join(rules))
    found = {line for _, _, line in unknown(read(style))}
    assert [fault for line, fault in enumerate(faults, 1) if line not in found] == []


def test_the_check_finds_mistakes(tmp_path):
    style = tmp_path / "faults.css"
    style.write_text("a{colour:red}\na{color:1px}\na{color red}")
    assert [mistake.split(":")[0] for mistake in read(style)["mistakes"]] == [
        "line 3",
        "line 1",
        "line 2",
    ]


# Contrast


def luminance(colour):
    """The relative luminance of #rgb or #rrggbb, from 0 to 1, by WCAG's definition."""
    digits = colour.removeprefix("#")
    assert re.fullmatch(r"[0-9a-f]{3}|[0-9a-f]{6}", digits), f"expected #rgb, got {colour}"
    parts = re.findall("..", digits if len(digits) == 6 else "".join(2 * d for d in digits))
    shares = [int(part, 16) / 255 for part in parts]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """From 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


NO_COLOURS = {"none", "solid", "dotted", "dashed", "inherit", "transparent", "collapse", "separate"}


def colours(style):
    """Selector to {"color": …, "background": …, "border": …}, of all rules for screens that have any.

    Names of colours are among them, and `luminance` refuses these.
    """
    found = {}
    on_screens = [rule for rule in style["rules"] if "print" not in rule["media"]]
    for rule in on_screens:
        for selector, (name, value) in product(rule["selectors"], rule["declarations"]):
            kind = name.split("-")[0]
            if kind in ("color", "background", "border"):
                for colour in set(re.findall(r"#\w+|[a-z]{3,}", value)) - NO_COLOURS:
                    found.setdefault(selector, {})[kind] = colour
    return found


def themes(style):
    """The colours of the light theme and, where there is one, of the dark one."""
    light, dark = {}, {}
    for selector, pair in colours(style).items():
        below = re.fullmatch(r"\.dark(?: (.+))?", selector)
        if below:
            dark[below[1] or "html"] = pair
        else:
            light[selector] = pair
    both = {selector: pair | dark.get(selector, {}) for selector, pair in (dark | light).items()}
    return {"light": light} | ({"dark": both} if dark else {})


def test_contrast_is_what_the_standard_says():
    assert contrast("#000", "#ffffff") == 21
    assert round(contrast("#777", "#fff"), 2) == 4.48  # the standard's own example


def test_text_and_rules_stand_out_from_every_background_of_their_theme(style):
    """Whatever may stand on whatever: fewer colours than pairs that could be told apart."""
    for name, theme in themes(style).items():
        papers = {pair["background"] for pair in theme.values() if "background" in pair}
        assert papers, name
        assert_none(
            f"{name}: {selector} has {pair[kind]} on {paper}"
            for selector, pair in theme.items()
            for kind, paper in product(("color", "border"), papers)
            if kind in pair and contrast(pair[kind], paper) < LEAST_CONTRAST
        )


# Sizes


@cases(
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
    for query in (
        f"(device-width:{width}px)",
        f"(device-width:{height}px) and (device-height:{width}px)",
    ):
        sizes = [
            float(value.removesuffix("px"))
            for rule in style["rules"]
            for name, value in rule["declarations"]
            if query in rule["media"] and rule["selectors"] == ["html"] and name == "font-size"
        ]
        assert len(sizes) == 1, query
        assert 9 <= sizes[0] * 72 / dots_per_inch <= 12
        assert 2.5 * sizes[0] * 25.4 / dots_per_inch >= 9 - 0.1
    heights = [
        value
        for rule in style["rules"]
        for name, value in rule["declarations"]
        if name == "min-height" and "button" in rule["selectors"]
    ]
    assert heights == ["2.5em"]
