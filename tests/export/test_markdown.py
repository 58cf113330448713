"""Books as Markdown: read again, they say what was written."""

from markdown_it import MarkdownIt

from kindlechat.export.markdown import fence_end, literal
from tests.cases import cases
from tests.export.books import saved


def shown(markdown):
    """What a reader of Markdown shows of it, as HTML."""
    return MarkdownIt().render(markdown)


@cases(
    "text",
    [
        "<script>alert(1)</script>",
        "a * b * c and _d_ and `e` and snake_case",
        "[a](b) ![c](d) &amp; \\ back",
        "# no heading",
        "> no quote",
        "- no list",
        "1. no list",
        "2) no list",
        "~~kept~~ | $x$",
    ],
)
def test_a_question_is_shown_as_it_was_written(text):
    html = shown(literal(text))
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert html == f"<p>{escaped}</p>\n"


def test_the_answer_is_the_models_own_markdown():
    text = "# A **title**\n\n| a | b |\n|---|---|\n| 1 | $x$ |"
    assert saved([("Why?", text)], "md").decode() == f"# Why?\n\n{text}\n"


def test_a_long_question_stands_below_its_title():
    html = shown(saved([("One *two*\nthree", "So.")], "md").decode())
    assert html.startswith("<h1>One *two*</h1>\n<blockquote>\n<p>One *two*<br />\nthree</p>")


@cases(
    ("text", "end"),
    [
        ("", ""),
        ("```\ncode", "\n```"),
        ("~~~~ py\n```\ncode", "\n~~~~"),
        ("```\ncode\n```\nmore", ""),
        ("`` ```no fence`", ""),
        ("````\n```\n", "\n````"),
    ],
)
def test_an_answer_that_ends_in_code_swallows_no_turn_after_it(text, end):
    assert fence_end(text) == end
    html = shown(saved([("Why?", text), ("Second?", "So.")], "md").decode())
    assert "<h1>Second?</h1>" in html
