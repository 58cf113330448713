"""Rendering: what a model's text may become, and pages made of templates and translations."""

import re
import string
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import UndefinedError
from markupsafe import Markup

from kindlechat.errors import Reason
from kindlechat.rendering.answer.code import LANGUAGES, mark_code
from kindlechat.rendering.answer.growing import Growing
from kindlechat.rendering.ui.languages import parse_source
from kindlechat.rendering.ui.templates import Templates
from kindlechat.reply import State

SITE = Path(__file__).parents[1] / "site"
SOURCE = parse_source((SITE / "translations/messages.pot").read_bytes())

ALLOWED = {"p", "br", "strong", "em", "code", "pre", "ul", "ol", "li", "blockquote", "h2"}
ALLOWED |= {"table", "thead", "tbody", "tr", "th", "td", "hr", "a", "sup", "u", "s"}


def render_markdown(text):
    return Growing().html(text, ended=True)


class Seen(HTMLParser):
    """The tags, attributes and text of a piece of HTML."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.text = set(), [], ""
        self.open = []
        self.feed(str(html))
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in ("br", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")


def assert_safe(html):
    seen = Seen(html)
    assert seen.open == [], "every tag is closed, or the page around the answer would break"
    assert seen.tags <= ALLOWED
    for tag, name, value in seen.attributes:
        if (tag, name) == ("a", "href"):
            assert re.match(r"https?://", value, re.IGNORECASE)
        elif (tag, name) == ("a", "rel"):
            assert value == "nofollow noreferrer"
        else:
            assert (tag, name) == ("ol", "start")
            assert value.isdigit()
    return seen


# Markdown


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


# Code


def test_code_is_marked_by_weight():
    html = render_markdown("```python\ndef less(a, b):  # a < b\n    return a < b\n```")
    assert html == (
        "<pre><code><strong>def</strong> <u>less</u>(a, b):  <em># a &lt; b</em>\n"
        "    <strong>return</strong> a &lt; b\n</code></pre>"
    )


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@given(st.text("ab \n\"'/*<>#{}();=0", max_size=200))
@settings(max_examples=20)
def test_marks_change_no_letter(language, code):
    assert Seen(mark_code(code, language)).text == code


def test_what_is_no_code_is_not_marked():
    assert mark_code("if x", "nonsense") == "if x"
    long = "if x:\n" * 1000
    marked = mark_code(long, "python")
    assert Seen(marked).text == long
    assert 300 <= marked.count("<strong>") < 400, "up to a bound"
    assert mark_code("if x\n" + "if " * 200, "python").count("<strong>") == 1


# Pages


@dataclass
class Turn:
    id: str = "r1"
    number: int = 2
    question: str = "Is a < b?"
    answer: Markup = Markup("<p>Yes.</p>")  # noqa: RUF009 (immutable)
    state: str = "done"
    status: str = ""
    under_way: bool = False
    can_continue: bool = False
    seen: int = 4


@pytest.fixture(scope="module")
def pages():
    return Templates.load(SITE, demo=False).localized()


def conversation(pages, turn, **changes):
    values = {"earlier": [], "older": [], "total": 2, "newest": True, "live": False}
    values |= {"newest_last": False, "refresh_s": 5, "asking": False} | changes
    return pages.render(
        "conversation.html", conversation="abc", turn=turn, idempotency_key="o", **values
    )


WRITING = Turn(state="streaming", status="Still writing.", under_way=True)


def test_a_page_under_way_refreshes_itself_and_can_be_stopped_and_refreshed_by_hand(pages):
    html = conversation(pages, WRITING)
    assert '<meta http-equiv="refresh" content="5; url=/c/abc">' in html
    assert '<a id="refresh" href="/c/abc?seen=4"' in html
    assert 'action="/c/abc/stop"' in html
    assert 'action="/c/abc/again"' not in html


def test_a_growing_page_never_refreshes(pages):
    html = conversation(pages, WRITING, live=True)
    assert "http-equiv" not in html
    assert 'name="mode" value="live"' in html
    assert html.index('id="stop"') < html.index('id="answer"'), "below it would come too late"


def test_an_ended_page_rests_and_offers_what_can_be_done(pages):
    html = conversation(pages, Turn(state="cut", status="Cut.", can_continue=True))
    assert "http-equiv" not in html
    assert '<p id="status">Cut.</p>' in html
    for way in ("continue", "again"):
        assert f'action="/c/abc/{way}"' in html
    assert 'href="/c/abc/edit"' in html
    assert 'action="/c/abc/continue"' not in conversation(pages, Turn())


def test_an_older_turn_alone_leads_back_to_the_latest(pages):
    html = conversation(pages, Turn(number=1), newest=False)
    assert 'action="/c/abc/again"' not in html
    assert '<a id="latest" href="/c/abc">' in html
    assert "Question 1 of 2" in html


def test_the_answer_stands_between_its_markers_and_nothing_else_does(pages):
    html = conversation(pages, Turn())
    assert '<div id="answer"><!--answer--><p>Yes.</p><!--/answer--></div>' in html
    assert html.count("<!--") == 2


def test_earlier_turns_are_told_in_full_and_older_ones_linked(pages):
    html = conversation(pages, Turn(), earlier=[Turn(status="Stopped.")], older=[(1, "<first>")])
    assert '<a href="/c/abc?turn=1">&lt;first&gt;</a>' in html
    assert html.count("<p>Yes.</p>") == 2
    assert "Stopped." in html


def test_a_question_is_escaped(pages):
    html = conversation(pages, Turn(question="<script>"))
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 2, "in the title and above the answer"


def test_a_message_gives_the_readers_text_back_in_the_box(pages):
    html = pages.render(
        "message.html", title="T", sentence="S", message="a <b>", conversation="abc", mode="live"
    )
    assert ">a &lt;b&gt;</textarea>" in html
    assert 'name="conversation" value="abc"' in html
    assert 'name="mode" value="live"' in html


@pytest.mark.parametrize("nothing", [{}, {"message": "", "conversation": "", "back": None}])
def test_a_message_needs_only_a_title_and_a_sentence(pages, nothing):
    html = pages.render("message.html", title="T", sentence="S", **nothing)
    assert '<p id="notice">S</p>' in html
    assert "<form" not in html


def test_the_passcode_page_carries_the_question_along(pages):
    values = {"message": 'why "so"?', "conversation": "abc", "mode": "live"}
    html = pages.render("passcode.html", wrong=True, **values)
    assert 'name="message" value="why &#34;so&#34;?"' in html
    assert pages.sentence("error.passcode_wrong") in html
    assert pages.sentence("error.passcode_wrong") not in pages.render(
        "passcode.html", wrong=False, **values
    )


def test_the_edit_page_holds_the_last_question(pages):
    html = pages.render("edit.html", conversation="abc", reply="r", message="Why <?")
    assert 'action="/c/abc/edit"' in html
    assert ">Why &lt;?</textarea>" in html


def test_in_a_demonstration_every_page_says_so():
    pages = Templates.load(SITE, demo=True).localized()
    sentence = pages.sentence("ui.demo")
    assert sentence in pages.render("message.html", title="T", sentence="S")
    assert sentence in conversation(pages, Turn())
    assert sentence not in conversation(Templates.load(SITE, demo=False).localized(), Turn())


def test_a_value_that_was_not_given_is_an_error(pages):
    with pytest.raises(UndefinedError):
        pages.render("edit.html", conversation="abc")


# Translations


@pytest.mark.parametrize("key", [f"reason.{reason}" for reason in Reason])
def test_every_reason_has_a_sentence_of_its_own(pages, key):
    sentences = [pages.sentence(f"reason.{reason}") for reason in Reason]
    assert sentences.count(pages.sentence(key)) == 1


@pytest.mark.parametrize("state", set(State) - {State.DONE})
def test_every_state_but_the_usual_end_has_a_sentence(pages, state):
    assert pages.sentence(f"state.{state}")


def test_sentences_are_filled_in(pages):
    sentence = pages.sentence("error.message_long", limit=4000, got=4001)
    assert "4,000 characters" in sentence
    assert "4,001" in sentence


@pytest.mark.parametrize("key", ["reason.nonsense", "ui"])
def test_an_unknown_sentence_is_an_error(pages, key):
    with pytest.raises(KeyError):
        pages.sentence(key)


def test_a_sentence_that_lacks_its_value_is_an_error(pages):
    with pytest.raises(KeyError):
        pages.sentence("error.rate_limited")


def test_the_readers_words_are_plain(pages):
    sentences = [one for one, _ in SOURCE.values()]
    assert len(sentences) > 100
    for sentence in sentences:
        assert "!" not in sentence
        assert not re.search(r"\b(token|stream|upstream|API|server error)\b", sentence)


def test_every_sentence_of_the_pages_is_used_somewhere():
    templates = "".join(path.read_text() for path in (SITE / "templates").iterdir())
    keys = {key for key in SOURCE if key.startswith(("ui.", "blog."))}
    unused = {key for key in keys if f'"{key}"' not in templates}
    assert unused == {"ui.not_done", "blog.tagged"}, "titles that the program asks for"
