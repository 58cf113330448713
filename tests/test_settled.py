"""A page that only grows: it shows what no continuation can change, and ends as the finished page."""

import random
import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from harness.growing import changed, finished, growing, polled, reader, streamed, words
from harness.servers import ROOT
from kindlechat.rendering.answer.growing import Growing
from kindlechat.rendering.answer.settled import settled_chars
from kindlechat.rendering.answer.tree import to_html, to_open_html
from kindlechat.rendering.ui.templates import Templates
from kindlechat.web.conversation.streams import LIVE_HEARTBEAT
from tests.cases import cases

ANSWERS = {
    path.stem: path.read_text()
    for path in sorted((Path(__file__).parent / "fixtures/answers").glob("*.md"))
}

PIECES = """
* ** *** _ __ ` `` ~~ [ ]( ) < > \\ ! # $ $$ \\( \\) \\[ \\] & &amp; | 5 2**3 a**b **b**c __init__ habl**o**
word words。 你好 中 “确定” **注意：** שלום é ½ ² 🎉 👍 $x$ $5 $x|y$ x^2 a[i][j] [^1] [a][b] [b]: ![ https://a.example/b_c
www.a.example <b> </b> <sub> </sub> <br> <u> (`c`) `a|b` : ( . , 1 %
""".split()
PIECES += ["\n", "\n\n", " ", "  ", "\t", "    ", "\n\n    ", "- ", "* ", "1. ", "2) ", "> ", "# "]
PIECES += [
    "\n- ",
    "\n1. ",
    "\n> ",
    "\n> 25",
    "- a\n  ",
    "[x] ",
    "|a|b|\n|-|-|\n|c|d|\n",
    "\n|",
    "a | b",
]
PIECES += ["|-|-|\n", "```\n", "```py\n", "```math\n", "~~~\n", "---\n", "$$\n", "\n$$\n", "\\[\n"]
PIECES += [
    "\\]\n",
    "\\begin{align}\n",
    "\\end{align}\n",
    "$ x $ ",
    "\\( x \\)",
    "\\frac{1}{2}",
    "a = b",
]
PIECES += [
    "<details>\n",
    "<summary>",
    "</summary>\n",
    "</details>\n",
    "[^1]: ",
    "[b]: http://x.y\n",
]
PIECES += ["words and words ", "three words here ", "a "]


def in_pieces(text, most, seed=1):
    chance, start = random.Random(seed), 0
    while start < len(text):
        end = start + chance.randint(1, most)
        yield text[start:end]
        start = end


@pytest.fixture(scope="module")
def someone():
    return reader(Templates.load(ROOT / "site", demo=True).localized())


def assert_it_only_grows(text, pieces):
    """Whatever is shown is a beginning of all that is shown later, and of what is shown at the end."""
    rendering, so_far, shown, cursor = Growing(only_grows=True), "", "", 0
    for number, piece in enumerate(pieces):
        so_far += piece
        cursor = max(cursor, rendering.settled_chars(so_far, still=number % 7 == 0))
        html = to_open_html(rendering.nodes(so_far[:cursor], ended=False))
        assert html.startswith(shown), (so_far, shown, html)
        shown = html
    html = to_html(rendering.nodes(text, ended=True))
    assert html.startswith(shown), (text, shown, html)


@settings(max_examples=settings.default.max_examples * 3 // 2)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@example("three words\n$$words and words $$")  # a formula of its own until it ends
@example("three words\n\\[three words \\] words")
def test_whatever_comes_what_is_shown_stays(text):
    assert_it_only_grows(text, text)


@cases("text", ANSWERS.values(), ids=ANSWERS)
def test_what_is_shown_of_an_answer_stays(text, quick):
    assert_it_only_grows(text, in_pieces(text, 30 if quick else 9))


@cases("text", ANSWERS.values(), ids=ANSWERS)
def test_in_every_way_an_answer_ends_as_the_finished_page(someone, text):
    expected = words(finished(text, someone))
    pieces = [*in_pieces(text, 40)]
    assert words(b"".join(growing(pieces, someone)).decode()) == expected
    assert words(changed(polled(pieces, someone))) == expected
    assert words(changed(streamed(pieces, someone))) == expected


@cases("text", ANSWERS.values(), ids=ANSWERS)
def test_what_is_sent_is_the_answer_once(someone, text):
    sent = b"".join(growing([*in_pieces(text, 20)], someone))
    sent = re.sub(b"<!-- *-->", b"", sent).replace(LIVE_HEARTBEAT, b"")
    assert len(sent) <= 1.1 * len(finished(text, someone).encode())


@cases(
    ("text", "settled"),
    [
        ("", ""),
        ("Hel", ""),
        ("One two thr", "One two "),
        ("One two thr\n", "One two thr\n"),
        ("今日は良い天気", ""),
        (
            "今日は良い天気ですから公園まで歩いて行きます",
            "今日は良い天気ですから公園まで歩いて行きます",
        ),
        ("so it is **bold and wor", "so it is "),
        ("so it is **bold** wor", "so it is **bold** "),
        ("so it is **bold**", "so it is "),
        ("so 2 * 3 = 6", "so 2 * 3 = "),
        ("it is *soft ~~or* not~~ wor", "it is *soft ~~or* not~~ "),
        ("this is a `code* wor", "this is a "),
        ("this *is `code* wor", "this "),
        ("this is [a `link](x) wor", "this is "),
        ("this is [a link](http://exa", "this is "),
        ("this is [a note] mor", "this is [a note] "),
        ("a picture: ![of it", "a picture: "),
        ("it costs $5 and mor", "it costs $5 and "),
        ("so it is $x + y", "so it is "),
        ("so it is $x + y$ and mor", "so it is $x + y$ and "),
        ("so it is \\(x + y\\) and mor", "so it is \\(x + y\\) and "),
        ("CO<sub>2 is a", ""),
        ("it is CO<sub>2 or wor", "it is "),
        ("it is CO<sub>2</sub> or wor", "it is CO<sub>2</sub> or "),
        ("three words here\n- ", "three words here\n"),
        ("three words here\n12. ", "three words here\n"),
        ("three words here\n## Hea", "three words here\n"),
        ("- one two three **four", "- one two three "),
        ("# Only a heading\n", "# Only a heading\n"),
        ("Text.\n\n| a | b |\n", "Text.\n\n"),
        ("Text.\n\n| a | b |\n|---|--", "Text.\n\n"),
        ("Text.\n\n| a | b |\n|---|---|\n| c | d", "Text.\n\n| a | b |\n|---|---|\n"),
        ("Name | Age\n", ""),
        ("Name | Age\n--- | ---\n", ""),
        ("Name | Age\n--- | ---\nBob | 3\nA", "Name | Age\n--- | ---\nBob | 3\n"),
        ("Four words before | a bar", "Four words before | a "),
        ("```py\nx = 1\ny =", "```py\nx = 1\n"),
        ("Text.\n\n```math\nx = 1\n", "Text.\n\n"),
        ("Text.\n\n$$\nx = 1\n", "Text.\n\n"),
        ("Text.\n\n$$\nx = 1\n$$\n", "Text.\n\n$$\nx = 1\n$$\n"),
        ("> 25 people in the hall", ""),
        ("[label]: https://a.example and", ""),
        ("see https://a.example/b", "see "),
        ("见https://a.example/文档", "见"),
        ("见https://a.example/文。档", "见https://a.example/文。档"),
    ],
)
def test_plain_words_are_settled_and_what_may_change_is_not(text, settled):
    assert text[: settled_chars(text)].rstrip("\n") == settled.rstrip("\n")


def test_in_a_silence_half_a_word_is_settled_that_is_plain():
    assert settled_chars("So this is half a te", still=True) == len("So this is half a te")
    assert settled_chars("So this is half a **te", still=True) == len("So this is half a ")
    assert settled_chars("So this is at htt", still=True) == len("So this is at ")


def test_plain_words_flow_one_by_one():
    text = ANSWERS["plain"].partition("\n\n")[0]
    lags = [length - settled_chars(text[:length]) for length in range(20, len(text))]
    assert max(lags) <= 24, "two words, as a line begins, or a long one"


def test_indented_code_is_sent_once(someone):
    text = "So:\n\n" + "    one = two(three, four)\n    if one:\n        more()\n" * 20
    looks = [*polled(in_pieces(text, 10), someone)]
    sent = sum(len(html) for changes in looks for _, _, html in changes)
    assert sent < 1.2 * len(finished(text, someone))


def test_a_list_that_counts_in_its_own_way_ends_so_in_every_way(someone):
    text = "2. one\n3. two\n\n7. seven\n   1. a\n   4. b\n\n1. again\n1. and again\n"
    expected = words(finished(text, someone))
    assert [word for word in expected if word[0].isdigit()] == [
        "2.",
        "3.",
        "7.",
        "1.",
        "4.",
        "1.",
        "2.",
    ]
    pieces = [*in_pieces(text, 3)]
    assert words(b"".join(growing(pieces, someone)).decode()) == expected
    assert words(changed(polled(pieces, someone))) == expected


def test_backslashes_that_break_lines_end_so_in_every_way(someone):
    text = "one\\\ntwo \\\\\nthree\\\n\nC:\\\nfour\n"
    expected = words(finished(text, someone))
    assert expected == ["one", "two", "\\", "three\\", "C:\\", "four"]
    for pieces in ([*text], [*in_pieces(text, 5)]):
        assert words(b"".join(growing(pieces, someone)).decode()) == expected
        assert words(changed(polled(pieces, someone))) == expected


def test_a_formula_that_begins_with_a_number_is_sent_once(someone):
    text = "There are $2^n / 2 = 2^{n-1}$ of them, each at $5, so $10 \\cdot 2^{n-2}$ in all. " * 8
    looks = [*polled(in_pieces(text, 10), someone)]
    sent = sum(len(html.encode()) for changes in looks for _, _, html in changes)
    assert sent < 1.2 * len(finished(text, someone).encode())
