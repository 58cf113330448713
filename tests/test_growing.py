"""An answer that grows: finished blocks stay, little is sent, and the page ends as it should."""

import random
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.growing import apply
from kindlechat.rendering.answer.growing import Growing, released_chars
from kindlechat.rendering.answer.tree import changes, to_html, to_open_html
from kindlechat.rendering.safety.checkpoint import at_checkpoints
from tests.cases import cases

SAMPLE = (Path(__file__).parent / "fixtures/answer.md").read_text()

MARKS = ["*", "**", "_", "`", "```", "```\n", "[", "](", "http://a.b/)", ")", "<", ">", "> ", "\n"]
MARKS += ["\n\n", "- ", "* ", "1. ", "2) ", "|", "|-|", "|a|b|\n|-|-|\n|c|d|\n", "#", "# ", "    "]
MARKS += ["word", "words and ", "a ", "$x$", "[^1]", "[^1]: ", "~~~\n", "---\n", "&amp;", "\\", "!"]
MARKS += ["$$", "$$\n", "\\[", "\\]", "|a|b|\n", "|-|-|\n", "|c|$x|\n", "|:-|-:|\n", "\n|"]
ANY_TEXT = st.lists(st.sampled_from(MARKS), max_size=40).map("".join)


def in_pieces(text, seed=1, most=60):
    """The lengths at which a growing text is looked at."""
    chance, length = random.Random(seed), 0
    while length < len(text):
        length = min(len(text), length + chance.randint(1, most))
        yield length


def shown_by(text, lengths):
    """What a page shows at each look: (length, tree, whether it has ended)."""
    growing, shown = Growing(), 0
    for length in lengths:
        ended = length == len(text)
        shown = length if ended else max(shown, released_chars(text[:length]))
        yield shown, growing.nodes(text[:shown], ended=ended), ended


# What begins like a formula ends at a blank line only where a later line says that it is none.
@example("***\n$$*\n\n*~~~\n```**", [17, 14])
@example("- a\n$$\n**\n\n|a|b|\n~~~\n", [24, 20])
@given(ANY_TEXT, st.lists(st.integers(0, 120), max_size=8))
def test_how_often_it_is_looked_at_changes_nothing(text, lengths):
    """Back and forth: readers have different cursors on the same rendering."""
    growing = Growing()
    for length in lengths:
        piece = text[:length]
        assert growing.nodes(piece, ended=False) == Growing().nodes(piece, ended=False)
    assert growing.nodes(text, ended=True) == Growing().nodes(text, ended=True)


@given(ANY_TEXT, st.lists(st.integers(0, 120), min_size=1, max_size=8), st.integers(0, 200))
def test_looks_that_come_while_another_is_at_a_checkpoint_change_nothing(text, lengths, skipped):
    """Greenlets take turns there: each look finds what the others left behind."""
    growing, waiting = Growing(), [*lengths]

    def look_again():
        nonlocal skipped
        skipped -= 1
        if skipped < 0 and waiting:
            piece = text[: waiting.pop()]
            assert growing.nodes(piece, ended=False) == Growing().nodes(piece, ended=False)

    try:
        at_checkpoints(look_again)
        nodes = growing.nodes(text, ended=True)
    finally:
        at_checkpoints(lambda: None)
    assert nodes == Growing().nodes(text, ended=True)
    assert growing.nodes(text, ended=False) == Growing().nodes(text, ended=False)


@given(ANY_TEXT, st.integers(0, 100), st.integers(0, 100))
def test_the_changes_turn_the_page_into_the_new_one(text, before, after):
    before, after = sorted((before, after))
    growing = Growing()
    page = growing.nodes(text[:before], ended=False)
    for change in growing.changes(text[:before], text[:after], ended=False):
        page = apply(page, change)
    assert page == growing.nodes(text[:after], ended=False)


@cases("seed", range(20))
def test_an_answer_only_ever_grows(seed):
    """So a page whose bytes cannot be taken back shows what any other page shows."""
    sent = ""
    for _, nodes, _ in shown_by(SAMPLE, in_pieces(SAMPLE, seed)):
        html = to_open_html(nodes)
        assert html.startswith(sent)
        sent = html
    assert to_html(nodes).startswith(sent)
    assert nodes == Growing().nodes(SAMPLE, ended=True)


def test_what_is_sent_is_the_answer_once():
    sent, page = 0, ()
    for _, nodes, _ in shown_by(SAMPLE, in_pieces(SAMPLE)):
        sent += sum(len(html) for _, _, html in changes(page, nodes))
        page = nodes
    assert sent <= 1.1 * len(to_html(page))


@pytest.fixture
def rendered(monkeypatch):
    """How long each text was that the parser got."""
    lengths = []
    parse = Growing._render.__globals__["parse_blocks"]

    def parse_and_count(text, *more):
        lengths.append(len(text))
        return parse(text, *more)

    monkeypatch.setattr("kindlechat.rendering.answer.growing.parse_blocks", parse_and_count)
    return lengths


def test_finished_blocks_are_rendered_once(rendered):
    text = SAMPLE * 20
    looks = sum(1 for _ in shown_by(text, in_pieces(text)))
    assert sum(rendered) / looks < 400, "at each look, the last block"


def test_an_empty_line_finishes_a_paragraph_however_long_the_next_line_is(rendered):
    growing, first, second = Growing(), "**Some** words. " * 50 + "\n\n", "And more. " * 50
    for begun in (0, 1, 30, 300):
        growing.nodes(first + second[:begun], ended=False)
    assert rendered == [len(first), len(first) + 1, 30, 300]


LONG_BLOCKS = {
    "table": "|Name|Value|\n|-|-|\n" + "|some name|a value|\n" * 1000,
    "nested list": "- first\n" + "  - an item\n" * 2000,
    "loose list": "- first\n\n" + "  more of it\n\n" * 2000,
    "lines": "A line of text here,\n" * 1000,
    "quote": "> A line of text here,\n" * 1000,
    "code": "```\n" + "a line = 5\n\n" * 2000,
    "open marks": "**a [" * 4000,
    "open formula": "so $$x and " + "much more " * 2000,
    "long rows": "|a|b|\n|-|-|\n" + ("|" + "word " * 70 + "|b|\n") * 50,
    "one word": "x" * 20_000,
    "details": "<details>\n<summary>More</summary>\n\n" + "Some words.\n\n" * 1500,
}


def test_how_much_is_parsed_depends_on_no_earlier_look():
    """Marks are counted once a text is long, block by block."""
    text = "*a* <b>&\n\n" * 1800
    growing = Growing()
    for length in (9990, 11_000, 9995, 16_000, 14_400):
        begun = text[:length]
        assert growing.nodes(begun, ended=False) == Growing().nodes(begun, ended=False)
    shown = to_html(growing.nodes(text, ended=False))
    assert "<em>a</em>" in shown
    assert "*a*" in shown
    assert growing.settled_chars(text[:9990], still=False) > 9900
    soon = Growing(only_grows=True)
    soon.nodes(text[:9990], ended=False)
    assert soon.settled_chars(text, still=False) < 9990, "nobody knows how the rest will look"


@pytest.mark.parametrize("text", LONG_BLOCKS.values(), ids=LONG_BLOCKS)
def test_a_block_that_never_ends_is_rendered_a_few_times(text, rendered, hostile_chars):
    text = text[: hostile_chars // 4]
    *_, (_, nodes, _) = shown_by(text, in_pieces(text, most=200))
    assert sum(rendered) < 20 * len(text)
    assert nodes == Growing().nodes(text, ended=True)


@cases("text", LONG_BLOCKS.values(), ids=LONG_BLOCKS)
def test_of_a_long_block_a_quarter_waits_at_most(text):
    for length in range(3000, len(text), 997):
        assert released_chars(text[:length]) >= length * 3 // 4


@cases("block", LONG_BLOCKS.values(), ids=LONG_BLOCKS)
def test_words_after_a_long_block_come_one_by_one_again(block):
    ends = {"```": "\n```", "<de": "</details>"}
    end = ends.get(block[:3], "") + "\n\nAnd so"
    assert released_chars(block + end) == len(block + end) - len("so")


@cases("text", LONG_BLOCKS.values(), ids=LONG_BLOCKS)
def test_what_is_released_is_never_taken_back(text, quick):
    step = 29 if quick else 7
    released = [released_chars(text[:length]) for length in range(1000, len(text), step)]
    assert released == sorted(released)


@cases(
    ("text", "released"),
    [
        ("", ""),
        ("Hel", ""),
        ("Hello wor", "Hello "),
        ("Hello\nwor", "Hello\n"),
        ("今日は良", "今日は良"),
        ("x" * 100, "x" * 40),
        ("some **bold wor", "some "),
        ("some **bold** wor", "some **bold** "),
        ("some *soft wor", "some "),
        ("some ~~struck wor", "some "),
        ("some ~~struck~~ wor", "some ~~struck~~ "),
        ("2 * 3 = 6", "2 * 3 = "),
        ("a `code wor", "a "),
        ("a [link text](http://exa", "a "),
        ("a [link](http://a.b/) mor", "a [link](http://a.b/) "),
        ("a [note] mor", "a [note] "),
        ("costs $5 and mor", "costs $5 and "),
        ("so $x + y", "so "),
        ("so $2^n / 2 and", "so "),
        ("words\n- ", "words\n"),
        ("words\n12. ", "words\n"),
        ("words\n## Hea", "words\n"),
        ("words\n## Heading on", "words\n## Heading "),
        ("words\n|a|b|\n", "words\n"),
        ("words\n|a|b|\n|-|-|\n", "words\n|a|b|\n|-|-|\n"),
        ("words\n|a|b|\n|-|-|\n|c |d", "words\n|a|b|\n|-|-|\n"),
        ("many **words " + "and " * 40, "many **words " + "and " * 40),
    ],
)
def test_whole_words_are_released_and_what_was_opened_waits(text, released):
    assert text[: released_chars(text)] == released


@given(ANY_TEXT)
def test_whatever_waits_comes_with_the_next_lines(text):
    assert released_chars(text + "\n\nwords\n\nword ") == len(text + "\n\nwords\n\nword ")


def test_a_table_waits_for_its_first_row():
    growing = Growing()
    head = "|a|b|\n|-|-|\n"
    assert growing.nodes(head, ended=False) == ()
    assert "<table>" in to_html(growing.nodes(head + "|c|d|\n", ended=False))
    assert "<th>a</th>" in to_html(growing.nodes(head, ended=True))


def test_a_list_goes_on_in_its_element():
    growing = Growing()
    first, second = "1. one\n2. two\n", "1. one\n2. two\n3. three\n4. four"
    assert growing.changes(first, second, ended=False) == [(1, 2, "<li>three</li><li>four</li>")]


@cases(("begun", "end"), [("$$\nx = ", "y$$"), ("\\[\nx = ", "y\\]"), ("$x = ", "y$")])
def test_a_formula_waits_for_its_end(begun, end):
    assert released_chars("Words.\n\nSo " + begun) == len("Words.\n\nSo ")
    whole = "Words.\n\nSo " + begun + end + " and "
    assert released_chars(whole) == len(whole)


def test_a_word_that_goes_on_is_sent_whole_where_a_device_may_lack_its_signs():
    """A silence brought out its first half. Fitted by itself, the second would read as 11/2."""
    growing = Growing()
    assert growing.changes("Take 1", "Take 1½ cups", ended=False) == [(1, 0, "Take 1½ cups")]
    assert growing.changes("Half an ans", "Half an answer", ended=False) == [(1, 1, "wer")]
    assert growing.changes("今日", "今日は", ended=False) == [(1, 1, "は")]
