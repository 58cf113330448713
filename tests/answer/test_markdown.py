"""The model's Markdown as HTML: what is kept, and what no text can do."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from kindlechat.rendering.answer.growing import Growing
from tests.answer.tools import Seen, assert_safe, render_markdown


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("Plain words.", "<p>Plain words.</p>"),
        ("One\ntwo", "<p>One<br>two</p>"),
        ("**bold** *em* `code`", "<p><strong>bold</strong> <em>em</em> <code>code</code></p>"),
        ("# One\n### Two\n#### Three", "<h2>One</h2><h2>Two</h2><p><strong>Three</strong></p>"),
        ("3. three\n4. four", '<ol start="3"><li>three</li><li>four</li></ol>'),
        ("- a\n\n- b\n\n  c", "<ul><li>a</li><li>b\n<p>c</p></li></ul>"),
        ("- a\n* b", "<ul><li>a</li></ul><ul><li>b</li></ul>"),
        ("> said", "<blockquote><p>said</p></blockquote>"),
        ("words\n---\nmore", "<p>words</p><hr><p>more</p>"),
        ("```text\na < b\n```", "<pre><code>a &lt; b\n</code></pre>"),
        ("[1]: https://a.example", "<p>[1]: https://a.example</p>"),
        ("One<br>two<BR />three", "<p>One<br>two<br>three</p>"),
        ("~~no~~ yes", "<p><s>no</s> yes</p>"),
        ("[^1]: One\n[^2]: two", "<p><sup>1</sup> One<br><sup>2</sup> two</p>"),
        ("So[^1].\n\n[^1]: Why.", "<p>So<sup>1</sup>.</p><p><sup>1</sup> Why.</p>"),
        (
            "<https://a.example>",
            '<p><a href="https://a.example" rel="nofollow noreferrer">https://a.example</a></p>',
        ),
    ],
)
def test_markdown_becomes_a_books_html(markdown, html):
    assert render_markdown(markdown) == html


def test_links_are_numbered_and_their_addresses_listed():
    html = render_markdown(
        "[a](https://a.example/?b&c), [d](https://d.example), *[e](https://a.example/?b&c)*"
    )
    link = '<a href="https://a.example/?b&amp;c" rel="nofollow noreferrer">'
    other = '<a href="https://d.example" rel="nofollow noreferrer">'
    assert html == (
        f"<p>{link}a</a> [1], {other}d</a> [2], <em>{link}e</a> [1]</em></p><hr>"
        f"<p>[1] {link}https://a.example/?b&amp;c</a><br>[2] {other}https://d.example</a></p>"
    )


def test_a_table_too_wide_becomes_a_list_of_headings_and_values():
    wide = "|Name|Meaning|\n|-|-|\n|a < b|*less*|\n||more|"
    assert "<table>" in render_markdown(wide)
    assert Growing(columns=12).html(wide, ended=True) == (
        "<p><strong>Name:</strong> a &lt; b<br><strong>Meaning:</strong> <em>less</em></p>"
        "<p><strong>Meaning:</strong> more</p>"
    )
    many = "|" + "a long heading|" * 5 + "\n|" + "-|" * 5 + "\n|" + "x|" * 5
    assert render_markdown(many).count("<strong>a long heading:</strong> x") == 5


def test_cells_beyond_the_heads_are_kept():
    html = render_markdown("|a|b|\n|-|-|\n|1|2|*3*||4\\|5|\n|6|\n7|8|9")
    assert html == (
        "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody>"
        "<tr><td>1</td><td>2 | <em>3</em> | 4|5</td></tr>"
        "<tr><td>6</td><td></td></tr><tr><td>7</td><td>8 | 9</td></tr></tbody></table>"
    )
    quoted = render_markdown("> |a|b|\n> |-|-|\n> |1|2|3|")
    assert "<td>2 | 3</td>" in quoted


def test_a_row_of_nothing_is_no_line_of_a_list():
    html = Growing(columns=3).html("|aaaa|b|\n|-|-|\n|1|2|\n||\n|3|4|", ended=True)
    assert html.count("<p>") == 2


def test_a_link_with_no_text_shows_its_address():
    html = render_markdown("See [](https://a.example/?b&c).")
    assert re.sub("<[^>]+>", "", html) == "See https://a.example/?b&amp;c."


def test_a_cell_may_have_lines():
    assert "<td>1<br>2</td>" in render_markdown("|a|b|\n|-|-|\n|1<br>2|3|")


def test_a_table_keeps_its_cells_and_loses_its_alignment():
    html = render_markdown("|a|b|\n|:-:|--:|\n|1|2|")
    assert {"table", "thead", "tbody", "tr", "th", "td"} == assert_safe(html).tags


def test_the_result_is_markup_so_that_a_template_does_not_escape_it_again():
    assert isinstance(render_markdown("a"), Markup)


@pytest.mark.parametrize(
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


@pytest.mark.parametrize(
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


@pytest.mark.parametrize(
    "hostile",
    [
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1))",
        "[a](java&#115;cript:alert(1))",
        "[a](data:text/html;base64,PHNjcmlwdD4=)",
        "[a](vbscript:a)",
        "[a](file:///etc/passwd)",
        "[a](//other.example)",
        "[a](/ask)",
        "[a](mailto:a@b.example)",
        "<javascript:alert(1)>",
        '[a](https://a.example" onclick="a)',
        "[a](https:// onclick=a)",
        "[a]()",
        "[a](<>)",
    ],
)
def test_links_lead_to_http_and_https_only(hostile):
    assert "href" not in render_markdown(hostile)
    assert_safe(render_markdown(hostile))


@pytest.mark.parametrize("text", ["[ok](<https://a b.c/d>)", "[ok](https://a:b/c)"])
def test_an_address_that_leads_nowhere_stays_in_sight(text):
    seen = assert_safe(render_markdown(text))
    assert seen.tags == {"p"}
    assert seen.text == text


def test_a_picture_becomes_a_link_and_is_not_fetched():
    seen = assert_safe(render_markdown("![a cat](https://a.example/cat.png)"))
    assert seen.tags == {"p", "a", "hr"}, "its address is listed at the end"


def test_quotes_nested_too_deep_keep_their_words():
    seen = assert_safe(render_markdown("> " * 500 + "deep"))
    assert seen.text.strip().endswith("deep")
    assert seen.tags == {"blockquote", "p"}


@pytest.mark.parametrize(
    "pattern",
    [
        *("[", "![", "[](", "[a](", "[a][", ">", "> ", "*", "**a _b ", "`", "`a``", "<", "&", "|"),
        "a|b\n-|-\n",
        "- a\n",
        "- - ",
        "> a\n\n",
        "\\",
        "\n",
        "\t",
        "~~~\n",
        "x\n=\n",
        "a\n\n",
        "\0",
    ],
)
def test_hostile_text_is_rendered_and_safe(pattern):
    """Without the bounds on marks and nesting some of these would take minutes, or raise."""
    assert_safe(render_markdown((pattern * 200_000)[:200_000]))


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


@pytest.mark.parametrize(
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
