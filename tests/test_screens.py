"""Page view: every screen holds what fits, nothing is lost, and nothing is cut where it hurts."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindlechat.rendering.answer.growing import Growing
from kindlechat.rendering.answer.tree import Element, element, text_of, to_html
from kindlechat.rendering.device.screens import Page, cut_into_screens, texts
from kindlechat.rendering.device.screens.blocks import Blocks
from kindlechat.rendering.device.screens.tables import CELL_GAP, DOT, table_lines
from kindlechat.rendering.device.screens.texts import Paragraph
from tests.cases import cases

PAGE = Page(width=20, height=15)


def nodes(markdown):
    return Growing(columns=40).nodes(markdown, ended=True)


def height(nodes, page):
    """How high the nodes are on a screen, in em."""
    first, *others = Blocks(page).lines(Element("", "", tuple(nodes)))
    return first.height + sum(line.gap + line.height for line in others)


def lines_of(screen, page=PAGE):
    """How many lines each block of a screen has."""
    return [sum(1 for _ in Blocks(page).lines(Element("", "", (node,)))) for node in screen]


def screens(markdown, page=PAGE):
    return [to_html(screen) for screen in cut_into_screens(nodes(markdown), page)]


def letters(trees):
    return "".join("".join(text_of(node) for tree in trees for node in tree).split())


SENTENCES = " ".join(f"This is the sentence number {number}." for number in range(40))

BLOCKS = st.sampled_from(
    (
        *(SENTENCES, "Short.", "# A heading", "- one\n- two\n- three", "word " * 90, "x" * 900),
        *("1. " + SENTENCES + "\n2. two", "> " + SENTENCES, "```\n" + "code\n" * 30 + "```"),
        *("|a|b|\n|-|-|\n" + "|one|two|\n" * 30, "---", "**bold** and *soft*, a `word`. " * 12),
        *(
            f"- **{SENTENCES}**\n- two",
            f"1. one\n   - {SENTENCES}\n\n   more\n\n   and more\n2. two",
        ),
        "- one\n" + "  - a line of two\n" * 40,
        *(f"[{'word ' * 90}](https://a.example/)", f"> ## {'word ' * 9}\n> *{SENTENCES}*"),
    )
)


PROSE = st.integers(1, 12).map(lambda count: " ".join(SENTENCES.split(". ")[:count]) + ".")

ROUNDING = 0.01


@given(st.lists(BLOCKS, min_size=1, max_size=8), st.integers(20, 80), st.integers(5, 40))
def test_no_word_is_lost_or_doubled(blocks, columns, lines):
    tree = nodes("\n\n".join(blocks))
    cut = cut_into_screens(tree, Page(columns / 2, 1.5 * lines))
    heads = sum(to_html(screen).count("<thead>") for screen in cut) - to_html(tree).count("<thead>")
    assert len(letters(cut)) == len(letters([tree])) + heads * len("ab")
    assert all(screen for screen in cut)


@given(st.lists(BLOCKS, min_size=1, max_size=8))
def test_no_screen_needs_scrolling(blocks):
    page = Page(20, 29)
    for screen in cut_into_screens(nodes("\n\n".join(blocks)), page):
        assert height(screen, page) <= page.height + ROUNDING


@given(st.lists(PROSE, min_size=1, max_size=12), st.integers(10, 30))
def test_no_line_of_a_paragraph_stands_alone(blocks, lines):
    """Two lines at least begin it and end it on a screen, where it has as many."""
    tree = nodes("\n\n".join(blocks))
    page = Page(20, lines * 1.45)
    whole = {text_of(node) for node in tree}
    for screen in cut_into_screens(tree, page):
        for node, count in zip(screen, lines_of(screen, page), strict=True):
            assert count >= 2 or text_of(node) in whole


@given(st.lists(PROSE, min_size=1, max_size=12), st.integers(4, 30))
def test_a_screen_of_prose_is_full_but_for_what_must_stay_together(blocks, lines):
    """On a screen of few lines one may stand alone."""
    page = Page(20, lines * 1.45)
    *full, _ = cut_into_screens(nodes("\n\n".join(blocks)), page)
    kept = 3 if lines >= 10 else 1
    for screen in full:
        assert height(screen, page) > page.height - kept * page.line - 0.7


def test_on_a_screen_of_few_lines_one_stands_alone_where_much_would_be_blank():
    """Also below a heading, which itself is never the last."""
    text = "One word. " * 7

    def cut(above, below, lines):
        page = Page(12, lines * 1.45)
        screens = cut_into_screens(nodes(f"{above}\n\n{below}"), page)
        return [lines_of(screen, page) for screen in screens]

    assert cut(text, text, 6) == [[4, 1], [3]]
    assert cut("One word. " * 16, text, 9) == [[8], [4]]
    assert cut(text, f"# Title\n\n{text}", 8) == [[4, 1, 1], [3]]
    assert cut(text, f"# Title\n\n{text}", 7) == [[4], [1, 4]]


@pytest.mark.parametrize(
    "text",
    [
        *("1. an item\n" * 1000, "> A line that is quoted,\n" * 400, "A sentence. " * 800),
        *("word " * 2000, "A line,\n" * 1000, "|a|b|\n|-|-|\n" + "|one|two|\n" * 1000),
        "# A heading\n" * 1000,
    ],
    ids=lambda text: text[:12],
)
def test_each_part_is_measured_a_few_times(text, monkeypatch):
    """Not once for each screen, or a long answer would take seconds."""
    measured = []
    measure = texts.Paragraph._width

    def count(paragraph, piece, style):
        measured.append(len(piece))
        return measure(paragraph, piece, style)

    monkeypatch.setattr(texts.Paragraph, "_width", count)
    assert len(cut_into_screens(nodes(text), Page(20, 18))) > 10
    assert sum(measured) < 10 * len(text)


def test_wide_letters_fill_a_screen_sooner():
    words = "words of a text and more of them. " * 100
    english = len(screens(words))
    assert len(screens(words.upper())) > english
    assert len(screens("слова некоего текста и ещё слова. " * 100)) >= english
    assert len(screens("字。" * (len(words) // 2))) > english


WIDER = Page(20, 15, wider=(1.53, 1.61, 1.7), most_blank=0.9)


@cases(
    ("room", "lines", "spacing"), [(12, 8, 0), (12.6, 8, 1), (11.2, 7, 1), (12, 7, 2), (12.5, 7, 3)]
)
def test_a_screen_that_would_have_a_blank_has_its_lines_apart(room, lines, spacing):
    """Nothing parts the three lines at the end, for which the first screen has no room."""
    text = "<br>".join(["A line."] * lines) + "\n\n" + "<br>".join(["A line."] * 3)
    page = replace(WIDER, height=room)
    first, last = screens(text, page)
    assert first.startswith(f'<div class="wide{spacing}"><p>' if spacing else "<p>A line.")
    assert last == "<p>A line.<br>A line.<br>A line.</p>", "it may have a blank"
    assert screens(text, replace(page, wider=()))[0].startswith("<p>A line.")


@given(st.lists(BLOCKS, min_size=1, max_size=6))
def test_no_screen_with_its_lines_apart_needs_scrolling(blocks):
    for screen in cut_into_screens(nodes("\n\n".join(blocks)), WIDER):
        (first, *_) = screen
        spacing = re.match(r'<div class="wide(\d)"', getattr(first, "start", ""))
        if spacing:
            page = replace(WIDER, line=WIDER.wider[int(spacing[1]) - 1])
            assert height(first.children, page) <= page.height + ROUNDING


@cases("count", range(1, 20))
def test_what_stands_below_the_end_has_room_or_a_screen_alone(count):
    """It is alone where the screen before would have too large a blank if it gave a line away."""
    *full, last = cut_into_screens(nodes("A line.\n\n" * count), WIDER, tail=6)
    assert not last or height(last, WIDER) + 6 <= WIDER.height
    if full and not last:
        shown = full[-1][0].children if "wide" in full[-1][0].start else full[-1]
        assert height(shown, WIDER) + 6 > WIDER.height


def test_a_table_with_a_high_row_is_a_list():
    cut = screens("|a|b|\n|-|-|\n|one|" + "words " * 60 + "|")
    assert cut[0].startswith("<p>a | b</p><p><strong>one</strong><br>b: words")
    assert len(cut) > 1


def test_a_column_may_be_a_dot_narrower_than_its_share_and_not_than_its_words():
    """Browsers give columns whole dots."""
    (table,) = nodes("|" + "ab " * 10 + "|" + "ab " * 10 + "|\n|-|-|")
    word, space = (Paragraph(element("th", text), PAGE).extent()[1] for text in ("ab", "ab ab"))
    four_words = 2 * space + (space - 2 * word)
    exact = Page(2 * (four_words + CELL_GAP), 15)
    assert [round(line.height / exact.line) for line in table_lines(table, (), exact)] == [4]
    roomier = replace(exact, width=exact.width + 2 * DOT)
    assert [round(line.height / exact.line) for line in table_lines(table, (), roomier)] == [3]
    one_word = replace(exact, width=2 * (word + CELL_GAP))
    assert [round(line.height / exact.line) for line in table_lines(table, (), one_word)] == [10]


def test_a_small_heading_takes_less_than_a_large_one():
    large, small = (Element("h2", start, ("Words",)) for start in ("<h2>", '<h2 class="minor">'))
    assert height([small], PAGE) == pytest.approx(1.1 * 1.25)
    assert height([large], PAGE) == pytest.approx(1.25 * 1.25)


def test_spaces_are_as_wide_as_their_names_say():
    wide = Paragraph(element("p", "a\u2003b"), PAGE).extent()[1]
    assert wide - Paragraph(element("p", "ab"), PAGE).extent()[1] == pytest.approx(1.0)


def test_a_short_answer_is_one_screen():
    assert screens("Yes.") == ["<p>Yes.</p>"]
    assert screens("") == [""]


def test_a_paragraph_is_cut_after_a_word():
    cut = screens("word " * 200)
    assert len(cut) > 2
    assert all(screen.endswith("word</p>") for screen in cut)


def test_what_is_marked_is_cut_and_stays_marked():
    first, *_, last = screens(f"- **{SENTENCES} *And the end.***")
    assert first.startswith("<ul><li><strong>This is the sentence number 0.")
    assert first.endswith("</strong></li></ul>")
    assert last.startswith('<ul><li class="on"><strong>'), "it has no sign of its own"
    assert last.endswith("<em>And the end.</em></strong></li></ul>")


def test_what_cannot_be_cut_has_a_screen_alone():
    tall = "one<br>" * 5
    before, alone, after = screens(f"|a|\n|-|\n|x|\n|{tall}|\n|x|", Page(20, 7))
    assert "x" in before
    assert "x" not in alone
    assert "x" in after


def test_a_word_that_no_screen_holds_is_cut():
    word = "x" * 3000 + "&" * 500
    cut = cut_into_screens(nodes(f"Before it. {word} And after it."), PAGE)
    assert len(cut) > 5
    assert letters(cut) == f"Before it. {word} And after it.".replace(" ", "").replace("&", "&amp;")
    assert all(height(screen, PAGE) <= PAGE.height + ROUNDING for screen in cut)


@cases("columns", range(20, 95, 5))
def test_what_is_nested_deep_is_cut_on_any_screen(columns, quick):
    """Each level takes some of a screen: there may be less than nothing left."""
    tree = nodes(("> - > - > - > - " + "word " * 200 + "\n") * 2)
    for lines in range(5, 20, 4 if quick else 1):
        cut = cut_into_screens(tree, Page(columns / 2, 1.5 * lines))
        assert letters(cut) == letters([tree])
        assert len(cut) >= 2


def test_a_quote_with_nothing_in_it_takes_its_place():
    assert screens(">\n\nWords.") == ["<blockquote></blockquote><p>Words.</p>"]


@cases("heading", ["# Heading", "**Heading**"])
@cases("follows", [SENTENCES, "One.\n\nTwo.", "- one\n- two", "```\na\nb\n```"])
def test_a_heading_has_two_lines_of_what_follows(heading, follows):
    for fill in range(1, 12):
        text = "\n\n".join([*["Line."] * fill, heading, follows])
        for screen in cut_into_screens(nodes(text), PAGE):
            shown = [text_of(node) for node in screen]
            if "Heading" in shown:
                assert sum(lines_of(screen[shown.index("Heading") + 1 :])) >= 2


def test_long_code_is_cut_between_lines_and_a_long_table_keeps_its_head():
    code = screens("```\n" + "a long line of code\n" * 40 + "```")
    assert len(code) > 2
    assert all(screen.endswith("code\n</code></pre>") for screen in code)
    table = screens("|head|b|\n|-|-|\n" + "|c|d|\n" * 40)
    assert len(table) > 2
    assert all(screen.startswith("<table><thead><tr><th>head</th>") for screen in table)


def test_code_that_is_cut_keeps_its_indentation_and_no_empty_line_at_its_end():
    """Also where it is cut within a comment, which is marked."""
    comment = "/*\n" + "    what it does\n\n" * 40 + "*/"
    cut = screens(f"```java\n{comment}\n```")
    assert len(cut) > 2
    for screen in cut[1:-1]:
        assert screen.startswith("<pre><code><em>    what it does\n")
        assert screen.endswith("    what it does\n</em></code></pre>")
    (first, *_) = screens("```java\n" + "f(); // a call\n\n" * 60 + "```")
    assert first.endswith("a call\n</em></code></pre>")


def test_a_numbered_list_goes_on_with_its_number():
    cut = screens("\n".join(f"{n}. {'words ' * 12}" for n in range(1, 12)))
    assert cut[1].startswith('<ol start="')
    first = cut[0].count("<li>")
    assert cut[1].startswith(f'<ol start="{first + 1}">')


def test_what_comes_later_moves_no_screen():
    whole = screens(SENTENCES + "\n\nThe end.")
    for count in range(1, 40):
        sentences = SENTENCES.split(". ")
        cut = screens(". ".join(sentences[:count]) + ". And so")
        assert cut[:-2] == whole[: max(0, len(cut) - 2)]


@cases(
    "text",
    [
        "这是一段没有标点也没有空白的中文文字" * 40,
        "これは区切りのない長い日本語の文で「かぎ括弧」もある" * 30,
        "ภาษาไทยเขียนติดกันโดยไม่มีช่องว่างระหว่างคำและประโยค" * 30,
    ],
    ids=["Chinese", "Japanese", "Thai"],
)
def test_a_text_without_blanks_is_cut_between_its_letters(text):
    page = Page(20, 18)
    cut = cut_into_screens(nodes(text), page)
    assert len(cut) > 2
    assert letters(cut) == text
    assert all(height(screen, page) <= page.height + ROUNDING for screen in cut)
    for screen in cut[1:]:
        assert text_of(screen[0])[0] not in "」ーาำิีุู่้"
    for screen in cut[:-1]:
        assert text_of(screen[0])[-1] not in "「เแโใไ"


def test_details_are_cut_between_their_blocks_and_stay_open():
    text = "<details>\n<summary>More</summary>\n\n" + "Some words.\n\n" * 30 + "</details>"
    first, *others = screens(text)
    assert first.startswith("<details><summary>More</summary><p>")
    assert all(screen.startswith("<div><p>") for screen in others)


def test_a_list_keeps_its_direction_when_it_is_cut():
    cut = screens("\n".join(f"{n}. {'מילים ' * 12}" for n in range(1, 12)))
    assert all(screen.startswith('<ol dir="rtl"') for screen in cut)
    assert 'start="' in cut[1]
