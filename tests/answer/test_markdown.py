"""The model's Markdown as HTML: what is kept, and what no text can do."""

import re
import string

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from harness.hostile import PATTERNS
from kindlechat.rendering.answer.markdown import count_marks
from tests.answer.rendered import Seen, assert_safe, render_markdown
from tests.cases import cases


@cases(
    ("markdown", "html"),
    [
        ("Plain words.", "<p>Plain words.</p>"),
        ("One\ntwo", "<p>One<br>two</p>"),
        ("**bold** *em* `code`", "<p><strong>bold</strong> <em>em</em> <code>code</code></p>"),
        (
            "# One\n### Two\n#### Three",
            '<h2>One</h2><h2 class="minor">Two</h2><p><strong>Three</strong></p>',
        ),
        ("3. three\n4. four", '<ol start="3"><li>three</li><li>four</li></ol>'),
        ("- a\n\n- b\n\n  c", "<ul><li>a</li><li>b\n<p>c</p></li></ul>"),
        ("- a\n* b", "<ul><li>a</li></ul><ul><li>b</li></ul>"),
        ("> said", "<blockquote><p>said</p></blockquote>"),
        ("words\n---\nmore", "<p>words</p><hr><p>more</p>"),
        ("```text\na < b\n```", "<pre><code>a &lt; b\n</code></pre>"),
        ("One<br>two<BR />three", "<p>One<br>two<br>three</p>"),
        ("~~no~~ yes", "<p><s>no</s> yes</p>"),
        (
            "<https://a.example>",
            '<p><a href="https://a.example" rel="nofollow noreferrer">https://a.example</a></p>',
        ),
    ],
)
def test_markdown_becomes_a_books_html(markdown, html):
    assert render_markdown(markdown) == html


def test_a_list_keeps_the_numbers_that_the_model_gave_it():
    html = render_markdown("3. a\n4. b\n\n6. c\n   1. d\n   5. e\n\n1999. f\n1. g\n1. h")
    assert html == (
        '<ol start="3"><li>a</li><li>b</li><li value="6">c\n<ol><li>d</li><li value="5">e</li></ol></li>'
        '<li value="1999">f</li><li value="1">g</li><li>h</li></ol>'
    )


def test_the_result_is_markup_so_that_a_template_does_not_escape_it_again():
    assert isinstance(render_markdown("a"), Markup)


@cases(
    ("unfinished", "shown"),
    [
        ("Some **bold", "Some **bold"),
        ("A `bit", "A `bit"),
        ("```\ncode", "code"),
        ("[a link](https://a.exam", "[a link](https://a.exam"),
        ("|a|b|\n|-", "|a|b||-"),
        ("- one\n- ", "one"),
    ],
)
def test_an_answer_cut_in_the_middle_of_a_mark_shows_its_words(unfinished, shown):
    assert assert_safe(render_markdown(unfinished)).text.strip() == shown


@cases(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">a</a>',
        "</div><!--/answer--><p onclick=a()>",
        "<!-- hidden -->",
        "<style>*{display:none}</style>",
    ],
)
def test_raw_html_is_shown_as_the_text_that_it_is(hostile):
    seen = assert_safe(render_markdown(hostile))
    assert seen.text.strip() == hostile
    assert seen.tags == {"p"}


def test_quotes_nested_too_deep_keep_their_words():
    seen = assert_safe(render_markdown("> " * 500 + "deep"))
    assert seen.text.strip().endswith("deep")
    assert seen.tags == {"blockquote", "p"}


@cases("name", [*PATTERNS][::12])
def test_hostile_text_is_rendered_and_safe(name, hostile_chars):
    """Without the bounds on marks and nesting some of these would take minutes, or raise."""
    assert_safe(render_markdown(PATTERNS[name](hostile_chars)))


@cases(
    "text",
    [
        "[a](http://a.example/" + "b" * 3000 + ")",
        "<http://a.example/" + "b" * 3000 + ">",
        "[a][b]\n\n[b]: http://a.example/" + "b" * 3000,
    ],
)
def test_an_address_that_is_very_long_is_no_link(text):
    html = render_markdown(text)
    assert "b" * 2001 not in re.sub(">[^<]*<", "><", html), "no address of a link is as long"
    assert assert_safe(html).text.count("b") >= 3000


def test_a_table_ends_before_a_line_that_is_very_long():
    table = "|a|b|\n|-|-|\n|c|d|\n"
    html = render_markdown(f"{table}|{'word ' * 5000}|\n\nmore")
    assert html.startswith(render_markdown(table))
    assert html.count("<tr>") == 2
    assert html.count("word") == 5000
    assert html.endswith("<p>more</p>")


def test_a_row_with_more_cells_keeps_all_of_them():
    html = render_markdown("|a|b|\n|-|-|\n|(c|d)|e|f|\n")
    assert "<td>(c | d)</td><td>e | f</td>" in html


def test_blanks_before_lines_are_marks_too():
    """The parser looks at each of them, and at control characters, which become blanks."""
    assert count_marks(" " * 40_000) == count_marks("\0" * 40_000) == 10_000
    assert "**a**" in render_markdown(f"{' ' * 100_000}\n**a**"), "it is not parsed any more"


def test_beyond_the_marks_that_are_parsed_the_text_is_shown_as_written():
    html = render_markdown("**a**\n" * 6000 + "<b>**last**")
    assert html.startswith("<p><strong>a</strong><br>")
    assert html.endswith("<br>&lt;b&gt;**last**</p>")
    assert Seen(html).text.count("a") >= 6000


@given(st.text())
def test_no_text_raises_or_leaves_the_allow_list(text):
    assert_safe(render_markdown(text))


MARKS = [
    "*",
    "_",
    "`",
    "```",
    "[",
    "](",
    ")",
    "<",
    ">",
    "\n",
    "\n\n",
    "- ",
    "1. ",
    "|",
    "|-|",
    "#",
    "    ",
]
MARKS += [
    "&lt;",
    "<a href=",
    "javascript:",
    "https://a.b",
    " onclick=",
    '"',
    "'",
    "\\",
    "!",
    "\0",
    "word",
]


@given(st.lists(st.sampled_from(MARKS), max_size=40).map("".join))
def test_no_mix_of_marks_raises_or_leaves_the_allow_list(text):
    assert_safe(render_markdown(text))


@given(st.text(alphabet=string.ascii_letters + string.digits + "éя中 ,;", min_size=1))
def test_words_without_marks_come_through_unchanged(text):
    shown = assert_safe(render_markdown("a" + text)).text
    assert shown.split() == ("a" + text).split()


# Signs that are no text


@cases(
    ("text", "html"),
    [
        ("one\x0btwo", "<p>one<br>two</p>"),
        ("one\x0ctwo", "<p>one<br>two</p>"),
        ("one\x85two", "<p>one<br>two</p>"),
        ("one\u2028two", "<p>one<br>two</p>"),
        ("one\u2029two", "<p>one<br>two</p>"),
        ("one\x00two\x1fthree\x7ffour\x9bfive", "<p>one two three four five</p>"),
        ("`one\x07two`", "<p><code>one two</code></p>"),
        ("- one\x0b- two", "<ul><li>one</li><li>two</li></ul>"),
        ("one\r\ntwo\rthree", "<p>one<br>two<br>three</p>"),
    ],
)
def test_control_characters_part_words(text, html):
    assert render_markdown(text) == html


def test_control_characters_part_words_beyond_the_marks_that_are_parsed():
    html = render_markdown("**a**\n" * 6000 + "one\x0btwo\x01three")
    assert html.endswith("<br>one<br>two three</p>")
