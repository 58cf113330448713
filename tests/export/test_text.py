"""Answers as plain text."""

from tests.cases import cases
from tests.export.books import saved, saved_answer


@cases(
    ("markdown", "text"),
    [
        ("One **bold** and `code`.", "One bold and code."),
        ("# Title\n\nText\nmore", "Title\n\nText\nmore"),
        ("- a\n- b\n  - c\n", "- a\n- b\n  - c"),
        ("3. a\n4. b\n\n   more\n", "3. a\n4. b\n   more"),
        ("1. a\n3. c\n", "1. a\n3. c"),
        ("> said\n> twice", "> said\n> twice"),
        ("```python\nif x:\n    y < z\n```", "    if x:\n        y < z"),
        ("| A | B |\n|---|---|\n| long | b |", "A    | B\n-----+--\nlong | b"),
        ("x<sup>2</sup> and H<sub>2</sub>O, x<sup>ab</sup>", "x² and H₂O, x^ab"),
        ("~~gone~~", "~~gone~~"),
        ("AT&T &lt;b&gt; <script>", "AT&T <b> <script>"),
        ("A fact.[^1]\n\n[^1]: Its source.", "A fact.[1]\n\n[1] Its source."),
        (r"Energy: $E = mc^2$", "Energy: E = mc²"),
        (
            "See [the page](https://a.example/x).",
            "See the page [1].\n\n--------------------\n\n[1] https://a.example/x",
        ),
        ("<details><summary>More</summary>\n\nHidden\n\n</details>", "More\n\nHidden"),
    ],
)
def test_an_answer_reads_well_as_plain_text(markdown, text):
    assert saved_answer(markdown, "txt") == text


def test_a_table_that_is_too_wide_is_a_list():
    cell = "a cell of many words " * 3
    text = saved_answer(
        f"| Name | Meaning | More |\n|---|---|---|\n| One | {cell} | {cell} |", "txt"
    )
    assert text.startswith("Name | Meaning | More\n\nOne\nMeaning: a cell")
    assert saved_answer(f"| {cell} | {cell} |\n|---|---|", "txt").startswith("a cell")


def test_turns_follow_each_other_with_a_rule_between_them():
    text = saved([("Why?", "Because."), ("And\nthen?", "Later.")], "txt", note="Stopped.").decode()
    rule = "-" * 20
    assert text == (
        "Question: Why?\n\nBecause.\n\nStopped.\n"
        f"\n{rule}\n\nQuestion: And\nthen?\n\nLater.\n\nStopped.\n"
    )


def test_what_was_left_out_is_said_first():
    assert saved([("Why?", "So.")], "txt", preface="Not all.").startswith(b"Not all.\n\nQuestion:")
